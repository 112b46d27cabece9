"""Real programs open the published incidents by their address alone, and count what the archive counts."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyogrio
import pytest
from owslib.ogcapi.features import Features

from app.queries.features import MOST
from tests.archives import TestArchive
from tests.ogc.grounds import INCIDENTS, ITEMS, publish, serving
from tests.shelves import only

pytestmark = [pytest.mark.sockets, pytest.mark.one_archive, only("sqlite")]
MANY = 12
BOX = (60, 20, 70, 31)
QGIS = Path("/usr/lib/python3/dist-packages/qgis")
# In a process of its own: GDAL holds the lock of Python while it waits for our server.
GEOPANDAS = """
import json, sys
import pandas, pyogrio
address, box = "OAPIF:" + sys.argv[1], tuple(json.loads(sys.argv[2]))
ask = lambda **how: pyogrio.read_dataframe(address, layer="incidents", **how)
whole = ask(PAGE_SIZE=3)
print(json.dumps({
    "layers": pyogrio.list_layers(address)[:, 0].tolist(), "all": len(whole), "refs": whole["ref"].nunique(),
    "crs": str(whole.crs), "without a place": int(whole.geometry.isna().sum()), "box": len(ask(bbox=box)),
    "country": len(ask(where="country = 'PAK'")), "kind": len(ask(where="kind = 'killing'")),
    "words": len(ask(where="title LIKE '%Kech%'")), "deaths": len(ask(where="killed_best > 3")),
    "days": str(whole["date_earliest"].dtype), "by kind": int(pandas.DataFrame(whole).groupby("kind").size().sum()),
}))
"""
PYQGIS = """
import json, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.core import Qgis, QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer, QgsWkbTypes
app = QgsApplication([], False)
app.initQgis()
source = f"pagingEnabled='true' restrictToRequestBBOX='1' typename='incidents' url='{sys.argv[1]}'"
layer = QgsVectorLayer(source, "Alleged incidents", "OAPIF")
inside = QgsFeatureRequest().setFilterRect(QgsRectangle(*json.loads(sys.argv[2])))
killings = QgsVectorLayer(source, "killings", "OAPIF")
killings.setSubsetString("\\"kind\\" = 'killing'")
print(json.dumps({
    "valid": layer.isValid(), "crs": layer.crs().authid(), "points": QgsWkbTypes.displayString(layer.wkbType()),
    "all": sum(1 for _ in layer.getFeatures()), "box": sum(1 for _ in layer.getFeatures(inside)),
    "kind": sum(1 for _ in killings.getFeatures()), "fields": [field.name() for field in layer.fields()],
}), flush=True)
os._exit(0)  # taken down in the order that Python likes, it can crash
"""


@dataclass
class Maps:
    """The service in the open, and what it was asked."""

    home: str
    asked: list[str]

    def ogc(self) -> str:
        return f"{self.home}/ogc"

    def total(self, **question: Any) -> int:
        """What the list of incidents counts for a question."""
        return int(httpx.get(self.home + INCIDENTS, params=question).json()["total"])

    def matched(self, filter: str) -> int:
        return int(httpx.get(self.home + ITEMS, params={"filter": filter}).json()["numberMatched"])

    def run(self, *line: str) -> str:
        ran = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def ask(self, python: str, program: str) -> dict[str, Any]:
        """What a program prints that is given the address and a box."""
        printed = self.run(python, "-c", program, self.ogc(), json.dumps(BOX))
        return dict(json.loads(printed.splitlines()[-1]))


@pytest.fixture(scope="module")
def maps(shared: TestArchive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maps]:
    archive = publish(shared, tmp_path_factory.mktemp("published"), MANY)
    asked: list[str] = []
    with serving(archive, asked) as home:
        yield Maps(home, asked)
    assert archive.published is not None
    archive.published.dispose()


@pytest.fixture(scope="module")
def counted(maps: Maps) -> dict[str, int]:
    """The numbers that every program must come to."""
    assert maps.total() == MANY
    told = {
        "all": MANY, "box": maps.total(bbox=",".join(map(str, BOX))), "without a place": maps.total(located="false"),
        "country": maps.total(country="PAK"), "kind": maps.matched("kind = 'killing'"),
        "words": maps.matched("title LIKE '%Kech%'"), "deaths": maps.matched("killed_best > 3"),
    }  # fmt: skip
    assert all(0 < number < MANY for name, number in told.items() if name != "all"), told
    return told


def test_geopandas_and_pandas(maps: Maps, counted: dict[str, int]) -> None:
    told = maps.ask(sys.executable, GEOPANDAS)
    assert {name: told[name] for name in counted} == counted
    assert (told["layers"], told["crs"], told["refs"], told["by kind"]) == (["incidents"], "EPSG:4326", MANY, MANY)
    assert told["days"].startswith("datetime64")
    pages = [parse_qs(urlsplit(one).query) for one in maps.asked if "limit=3" in one]
    assert sum("cursor" in one for one in pages) == (MANY - 1) // 3


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="ogr2ogr is not installed (apt-get install gdal-bin)")
def test_ogr2ogr_makes_a_geopackage(maps: Maps, counted: dict[str, int], tmp_path: Path) -> None:
    file = tmp_path / "incidents.gpkg"
    maps.run("ogr2ogr", "-f", "GPKG", str(file), f"OAPIF:{maps.ogc()}", "incidents", "-oo", "PAGE_SIZE=7")
    told = pyogrio.read_info(file)
    assert (told["features"], told["geometry_type"]) == (counted["all"], "Point")
    assert {"ref", "alleged", "geo_precision", "uncertainty_m", "disclaimer"} <= set(told["fields"])


def test_owslib(maps: Maps, counted: dict[str, int]) -> None:
    opened = Features(maps.ogc())
    assert opened.feature_collections() == ["incidents"]
    assert "geometry" in opened.collection_queryables("incidents")["properties"]
    page = opened.collection_items("incidents", bbox=list(BOX), limit=2)
    assert (page["numberMatched"], page["numberReturned"]) == (counted["box"], 2)
    ref = page["features"][0]["id"]
    assert opened.collection_item("incidents", ref)["id"] == ref


@pytest.mark.skipif(not QGIS.is_dir(), reason="QGIS is not installed (apt-get install python3-qgis)")
def test_qgis(maps: Maps, counted: dict[str, int]) -> None:
    maps.asked.clear()
    told = maps.ask("/usr/bin/python3", PYQGIS)
    assert (told["valid"], told["crs"], told["points"]) == (True, "EPSG:4326", "Point")
    assert {name: told[name] for name in ("all", "box", "kind")} == {
        name: counted[name] for name in ("all", "box", "kind")
    }
    assert {"ref", "title", "geo_precision", "alleged_responsible", "sources"} <= set(told["fields"])
    # It has read how long a page may be from our description.
    assert any(f"limit={MOST}" in one for one in maps.asked), maps.asked


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_browser_shows_the_page(maps: Maps, tmp_path: Path) -> None:
    line = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom")
    shown = maps.run(*line, f"{maps.home}{ITEMS}?limit=3")
    assert "<h1>Alleged incidents</h1>" in shown
    assert shown.count("<tr>") == 2 + 1 + 3  # how many, the heading, the incidents
    assert "The next page" in shown
    assert "/docs.css" in {urlsplit(one).path for one in maps.asked}
