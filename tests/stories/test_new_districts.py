"""The districts of a province are made anew: the officer lays the new map over the old one, and may take it away again."""

from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
import pytest
from starlette.testclient import TestClient

from app import geography
from app.records import Area, AreaLayer, AreaVersion, Incident
from tests.archives import TestArchive
from tests.builders import an_incident
from tests.imports.maps_of_areas import TWO

DOOR = "/api/v1/imports/areas"
MAP = {
    "layer": "A made-up map of 2026", "source": "© the mappers of Example", "licence": "ODbL 1.0",
    "as_of": "2026-07-01", "name": "districts.geojson",
}  # fmt: skip
# A made-up place in the middle of the made-up district.
THERE = {"lon": 69.7, "lat": 29.9, "geo_precision": "site"}


@pytest.fixture(autouse=True)
def _old_map() -> Iterator[None]:
    yield
    geography.lay_over("", ())


def send(client: TestClient, **how: Any) -> Any:
    return client.post(DOOR, params={**MAP, **how}, content=TWO).json()


def told(client: TestClient, **more: Any) -> Any:
    return client.post("/api/v1/incidents", json=an_incident(**more)).json()


def test_first_she_looks_what_it_would_do(editor: TestClient, published: TestArchive) -> None:
    said = send(editor, dry_run=True)
    assert (said["rows"], said["new"], said["changed"], said["recorded"]) == (2, 1, 1, False)
    changes = {one["field"]: (one["before"], one["after"]) for one in said["changes"]}
    assert changes["codes"] == ("", "PKX01")
    assert changes["outline"][0].endswith("geoboundaries-pak-adm3-2017-dissolved")
    assert changes["outline"][1].endswith("A made-up map of 2026")
    assert published.counts(AreaLayer, AreaVersion) == {"AreaLayer": 0, "AreaVersion": 0}
    assert editor.get("/api/v1/areas/PKX99").status_code == 404


def test_what_happens_there_from_now_on_is_found_in_the_new_district(editor: TestClient) -> None:
    before = told(editor, title="Alleged raid before", **THERE)
    assert send(editor)["recorded"]
    after = told(editor, title="Alleged raid after", **THERE)
    assert (before["area2_code"], after["area2"], after["area2_code"]) == (
        "geonames:6641912",
        "Example District",
        "PKX99",
    )
    assert after["area1_code"] == before["area1_code"] == "PK-BA"
    assert after["area3_code"] is None  # the tehsils that we ship lie in districts of the old map
    titles = {area: names(editor, area=area) for area in ("PKX99", "PK-BA", "PKX01")}
    assert titles["PKX99"] == {"Alleged raid after"}
    assert titles["PK-BA"] == {"Alleged raid before", "Alleged raid after"}
    assert titles["PKX01"] == names(editor, area="geonames:6641912") == {"Alleged raid before"}
    totals = editor.get("/api/v1/totals", params={"by": "area2"}).json()["groups"]
    assert {one["named"]["area2"]: one["incidents"] for one in totals} == {"Barkhan": 1, "Example District": 1}


def names(client: TestClient, **question: str) -> set[str]:
    return {one["title"] for one in client.get("/api/v1/incidents", params=question).json()["items"]}


def test_a_report_may_name_the_district_by_its_p_code(editor: TestClient) -> None:
    send(editor)
    place = {"geo_precision": "area2", "area2_code": "PKX01", "country": "PAK"}
    coarse = told(editor, title="Somewhere in the district", **place)
    assert (coarse["area2_code"], coarse["area2"], coarse["area1_code"]) == ("geonames:6641912", "Barkhan", "PK-BA")
    told(editor, title="Somewhere in the new one", **place | {"area2_code": "PKX99"})
    tile = mapbox_vector_tile.decode(editor.get("/tiles/incidents/6/44/26.mvt").content)
    drawn = {one["properties"]["code"]: one["geometry"] for one in tile["areas"]["features"]}
    assert set(drawn) == {"geonames:6641912", "PKX99"}
    assert drawn["PKX99"]["type"] == "Polygon"


def test_who_made_the_map_is_told_to_everybody(editor: TestClient, door: Any, published: TestArchive) -> None:
    send(editor)
    public = door(published)
    (layer,) = public.get("/api/v1/area-layers").json()
    assert {name: layer[name] for name in ("name", "source", "licence", "as_of")} == {
        "name": MAP["layer"], "source": MAP["source"], "licence": "ODbL 1.0", "as_of": "2026-07-01",
    }  # fmt: skip
    assert (layer["areas"], layer["outlines"]) == (2, 2)
    (area,) = public.get("/api/v1/areas", params={"q": "Example District"}).json()
    assert (area["code"], area["parent"], area["layer"]) == ("PKX99", "PK-BA", MAP["layer"])
    assert (area["population"], area["valid_from"]) == (1000, "2026-07-01")
    (here,) = public.get("/api/v1/areas", params={"lon": 69.7, "lat": 29.9, "level": 2}).json()
    assert here["code"] == "PKX99"
    assert public.get("/api/v1/areas/PKX01").json()["codes"] == ["PKX01"]


def test_the_same_map_again_changes_nothing(editor: TestClient, published: TestArchive) -> None:
    send(editor)
    before = published.counts(Area, AreaLayer, AreaVersion)
    again = send(editor, layer="Under another name")
    assert (again["unchanged"], again["recorded"]) == (2, False)
    assert published.counts(Area, AreaLayer, AreaVersion) == before


def test_she_takes_the_map_away_again(editor: TestClient, published: TestArchive) -> None:
    areas = published.count(Area)
    batch = send(editor)["batch"]
    told(editor, title="Alleged raid", **THERE)
    undo = f"/api/v1/imports/{batch}/undo"
    assert editor.post(undo).status_code == 409  # an incident lies where only this map knows the district
    assert editor.post(undo, params={"also_edited": True}).json() == {"incidents": 0}
    assert published.count(Area) == areas
    assert editor.get("/api/v1/areas/PKX01").status_code == 404
    assert editor.get("/api/v1/areas/geonames:6641912").json()["layer"] == "geoboundaries-pak-adm3-2017-dissolved"
    assert published.count(Incident) == 1
    assert told(editor, title="Alleged raid later", **THERE)["area2_code"] == "geonames:6641912"
    assert published.broken() is None


def test_not_everybody_redraws_the_map(officer: TestClient, editor: TestClient) -> None:
    batch = send(editor)["batch"]
    assert officer.post(DOOR, params=MAP, content=TWO).status_code == 403
    assert officer.post(f"/api/v1/imports/{batch}/undo").status_code == 403
