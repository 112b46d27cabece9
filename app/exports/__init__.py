"""Ways out: the file formats we hand out, a module and a name in FORMATS each."""

from app.exports import geojson, tables
from app.exports.format import Format as Format
from app.exports.format import Heading as Heading

FORMATS: dict[str, Format] = {f.name: f for f in (tables.CSV, geojson.GEOJSON, geojson.GEOJSONL)}
