"""KML for Google Earth: pins where a place is known, circles where it is known only roughly."""

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from app.exports.format import Answer, Format, Heading
from app.exports.places import circle, is_rough
from app.exports.zipped import PIECE
from app.queries.rows import COLUMNS, FlatRow
from app.queries.written import DISCLAIMER

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Colours are alpha, blue, green, red. A circle is see-through: the incident was somewhere in it, and not in its middle.
STYLES = """<Style id="known"><IconStyle><color>ff2a4bb5</color><scale>0.8</scale></IconStyle></Style>
<Style id="rough"><LineStyle><color>b02a4bb5</color><width>1.5</width></LineStyle>\
<PolyStyle><color>302a4bb5</color></PolyStyle></Style>
<Style id="unplaced"/>
"""
ROUGHLY = "The place is known only roughly: it was somewhere in the circle, not in its middle. "
NOWHERE = "The place is known only roughly, and no circle says how far: see the columns. "
UNPLACED = "No place is known. "


def _kml(answer: Answer) -> Iterator[bytes]:
    piece = bytearray(_head(answer.heading).encode())
    for row in answer.rows:
        piece += _placemark(row).encode()
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + b"</Document>\n</kml>\n"


def _head(heading: Heading) -> str:
    told = f"{heading.question}. Answered {heading.moment}. {DISCLAIMER}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
        f"<name>incidents</name>\n<description>{_text(told)}</description>\n{STYLES}"
    )


def _placemark(row: FlatRow) -> str:
    """One incident. A rough place around which no circle can be drawn is in the list alone, and not on the map."""
    ring = None
    style, said, shape = "known", "", ""
    if row["lon"] is None:
        style, said = "unplaced", UNPLACED
    elif is_rough(row):
        ring = circle(row)
        style, said = ("rough", ROUGHLY) if ring else ("unplaced", NOWHERE)
    else:
        shape = f"<Point><coordinates>{row['lon']!r},{row['lat']!r}</coordinates></Point>"
    if ring:
        corners = " ".join(f"{lon!r},{lat!r}" for lon, lat in ring)
        bound = f"<outerBoundaryIs><LinearRing><coordinates>{corners}</coordinates></LinearRing></outerBoundaryIs>"
        shape = f"<Polygon>{bound}</Polygon>"
    return (
        f'<Placemark id="{_text(row["ref"])}"><name>{_text(row["title"])}</name>'
        f"<description>{said}{_text(DISCLAIMER)}</description>{_when(row)}<styleUrl>#{style}</styleUrl>"
        f"<ExtendedData>{_columns(row)}</ExtendedData>{shape}</Placemark>\n"
    )


def _when(row: FlatRow) -> str:
    """The days between which it was, for the slider of time."""
    ends = (("begin", row["date_earliest"]), ("end", row["date_latest"]))
    told = "".join(f"<{end}>{day.isoformat()}</{end}>" for end, day in ends if day is not None)
    return f"<TimeSpan>{told}</TimeSpan>" if told else ""


def _columns(row: FlatRow) -> str:
    return "".join(
        f'<Data name="{name}"><value>{_value(row[name])}</value></Data>' for name in COLUMNS if row[name] is not None
    )


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(str(value))


def _text(text: str) -> str:
    """The text as XML holds it."""
    return escape(FORBIDDEN.sub("", text), {'"': "&quot;"})


KML = Format(
    "kml", "application/vnd.google-earth.kml+xml", "A map for Google Earth; rough places are circles, not pins", _kml
)
