"""Converters: what people write in cells, read as exactly as it is written, or not at all."""

from app.imports.converters.codes import AREA, CODE, COUNTRY, VIOLATION, YES_NO
from app.imports.converters.counts import COUNT
from app.imports.converters.dates import ABOUT_DAY, DATE, SPAN
from app.imports.converters.points import NUMBER_OF, POINT, WHOLE
from app.imports.converters.reading import Converter as Converter
from app.imports.converters.reading import Read as Read
from app.imports.converters.reading import Unread as Unread
from app.imports.converters.reading import clean as clean
from app.imports.converters.reading import known as known
from app.imports.converters.texts import ADDRESS_OF, LINKS, SPLIT, TEXT

CONVERTERS: dict[str, Converter] = {
    "text": TEXT,
    "date": DATE,
    "span": SPAN,
    "about": ABOUT_DAY,
    "count": COUNT,
    "point": POINT,
    "number": NUMBER_OF,
    "whole": WHOLE,
    "code": CODE,
    "violation": VIOLATION,
    "country": COUNTRY,
    "area": AREA,
    "yes_no": YES_NO,
    "split": SPLIT,
    "links": LINKS,
    "address": ADDRESS_OF,
}
