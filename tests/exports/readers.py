"""A reader for every format we write, with the tools that people have; a new format adds its own here."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from app.exports.shapefile import LONGEST, NAMES

Rows = list[dict[str, Any]]
LONG = {short: long for long, short in NAMES.items()}
# What a format cannot hold of what the page holds: incidents without a place, and the ends of long texts.
LOCATED_ONLY = frozenset({"fgb"})
CUT_AT = {"shp.zip": LONGEST}


def csv(path: Path) -> Rows:
    return frame(pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False))


def xlsx(path: Path) -> Rows:
    return frame(pd.read_excel(path, sheet_name="incidents", engine="openpyxl"))


def csv_zip(path: Path) -> Rows:
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return csv(io.BytesIO(package.read("incidents.csv")))  # type: ignore[arg-type]


def layer(path: Path) -> Rows:
    return frame(gpd.read_file(path, engine="pyogrio", layer="incidents"))


def geojson(path: Path) -> Rows:
    return frame(gpd.read_file(path, engine="pyogrio"))


def geojsonl(path: Path) -> Rows:
    return frame(gpd.read_file(f"GeoJSONSeq:{path}"))


def shapefile(path: Path) -> Rows:
    return frame(gpd.read_file(path, engine="pyogrio").rename(columns=LONG))


def parquet(path: Path) -> Rows:
    return frame(gpd.read_parquet(path))


READERS: dict[str, Callable[[Path], Rows]] = {
    "csv": csv, "xlsx": xlsx, "csv.zip": csv_zip, "geojson": geojson, "geojsonl": geojsonl, "gpkg": layer, "fgb": layer,
    "shp.zip": shapefile, "kml": layer, "parquet": parquet,
}  # fmt: skip


def frame(table: Any) -> Rows:
    """The rows of a data frame, None where nothing is known."""
    kept = table.astype(object).where(table.notna(), None)
    return [{name: _plain(value) for name, value in row.items()} for row in kept.to_dict("records")]


def _plain(value: Any) -> Any:
    """The value as the page has it: days as text, and numbers as they are."""
    if isinstance(value, datetime) and not value.time().replace(tzinfo=None) > datetime.min.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else value
