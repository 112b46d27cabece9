"""Ways out: the file formats we hand out, a module and a name in FORMATS or CITATIONS each."""

from app.exports import (
    bibtex,
    columnar,
    csl_json,
    geojson,
    kml,
    layers,
    package,
    ris,
    shapefile,
    spreadsheet,
    tables,
)
from app.exports.asking import answer as answer
from app.exports.citations import CitationFormat as CitationFormat
from app.exports.format import Answer as Answer
from app.exports.format import Format as Format
from app.exports.format import Heading as Heading

FORMATS: dict[str, Format] = {f.name: f for f in (
    tables.CSV, spreadsheet.XLSX, package.CSV_ZIP, geojson.GEOJSON, geojson.GEOJSONL, layers.GPKG, layers.FGB,
    shapefile.SHP_ZIP, kml.KML, columnar.PARQUET,
)}  # fmt: skip
# Of the sources that the incidents cite, instead of the incidents.
CITATIONS: dict[str, CitationFormat] = {f.name: f for f in (csl_json.CSL_JSON, ris.RIS, bibtex.BIBTEX)}
