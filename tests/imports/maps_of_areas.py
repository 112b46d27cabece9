"""Made-up sets of areas, as GeoJSON and as what GDAL writes of it."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas

Json = dict[str, Any]
# Around 29.9 N, 69.5 E, in the middle of Barkhan, and a made-up district beside it.
BARKHAN = [[69.4, 29.8], [69.6, 29.8], [69.6, 30.0], [69.4, 30.0], [69.4, 29.8]]
EXAMPLE = [[69.6, 29.8], [69.8, 29.8], [69.8, 30.0], [69.6, 30.0], [69.6, 29.8]]
CROSSED = [[69.4, 29.8], [69.6, 30.0], [69.6, 29.8], [69.4, 30.0], [69.4, 29.8]]


def district(code: str | None, name: str, ring: Any = None, *, kind: str = "Polygon", **more: Any) -> Json:
    told = {
        "adm2_pcode": code, "adm2_name": name, "adm1_iso": "PK-BA", "adm1_name": "Balochistan", "pop2023": 1000,
        "validOn": "2026-07-01", **more,
    }  # fmt: skip
    shape = None if ring is None else {"type": kind, "coordinates": [ring] if kind == "Polygon" else ring}
    return {"type": "Feature", "properties": told, "geometry": shape}


def collection(*features: Json) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


TWO = collection(district("PKX01", "Barkhan", BARKHAN), district("PKX99", "Example District", EXAMPLE))


def as_geopackage(geojson: bytes, folder: Path) -> Path:
    path = folder / "areas.gpkg"
    geopandas.read_file(io.BytesIO(geojson)).to_file(path, driver="GPKG")
    return path


def as_shapefile(geojson: bytes, folder: Path) -> Path:
    geopandas.read_file(io.BytesIO(geojson)).astype({"validOn": "str"}).to_file(folder / "areas.shp")
    path = folder / "areas.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for part in folder.glob("areas.*"):
            if part.suffix not in {".zip", ".gpkg"}:
                packed.write(part, part.name)
    return path
