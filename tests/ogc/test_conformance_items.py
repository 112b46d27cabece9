"""What the official suite asks of the items: GeoJSON, boxes, times, pages and links, by its ids."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.queries.features import MOST
from tests.archives import TestArchive
from tests.ogc.grounds import ITEMS, fill
from tests.ogc.maps import CRS84, HOME, leads, read, rels
from tests.ogc.requirements import meets
from tests.shelves import only

pytestmark = [pytest.mark.one_archive, only("sqlite")]
MANY = 24
Opener = Callable[..., TestClient]


@pytest.fixture(scope="module")
def filled(shared: TestArchive) -> TestArchive:
    fill(shared, MANY)
    return shared


@pytest.fixture
def maps(door: Opener, filled: TestArchive) -> TestClient:
    """Somebody with a program for maps."""
    return door(filled, "viewer")


@meets("/req/core/fc-op", "/req/core/fc-response", "/req/geojson/definition", "/req/geojson/content")
def test_items_are_geojson(maps: TestClient) -> None:
    answer = maps.get(ITEMS)
    assert answer.headers["Content-Type"] == "application/geo+json"
    told = answer.json()
    assert told["type"] == "FeatureCollection"
    assert len({one["id"] for one in told["features"]}) == MANY
    for one in told["features"]:
        assert one["type"] == "Feature"
        assert one["properties"]["alleged"] is True
        assert one["geometry"] is None or one["geometry"]["type"] == "Point"


def parameter(client: TestClient, name: str) -> dict[str, Any]:
    told = read(client, f"{HOME}/api")
    asked = told["paths"]["/collections/incidents/items"]["get"]["parameters"]
    assert {"$ref": f"#/components/parameters/{name}"} in asked
    return dict(told["components"]["parameters"][name])


@meets("/req/core/fc-bbox-definition")
def test_a_box_is_described(maps: TestClient) -> None:
    told = parameter(maps, "bbox")
    assert (told["in"], told["required"], told["style"], told["explode"]) == ("query", False, "form", False)
    schema = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    assert told["schema"] == schema


@meets("/req/core/fc-bbox-response")
@pytest.mark.parametrize("box", [(60, 20, 70, 30), (60, 20, 0, 70, 30, 100), (170, -90, 66, 90), (-180, -90, 180, 90)])
def test_a_box_holds_just_the_points_in_it(maps: TestClient, box: tuple[float, ...]) -> None:
    west, south, east, north = box if len(box) == 4 else (box[0], box[1], box[3], box[4])
    every = read(maps, ITEMS, located="true")["features"]
    points = {one["id"]: one["geometry"]["coordinates"] for one in every}
    inside = {
        ref
        for ref, (lon, lat) in points.items()
        if south <= lat <= north and (west <= lon <= east if west <= east else lon >= west or lon <= east)
    }
    told = read(maps, ITEMS, bbox=",".join(map(str, box)), **{"bbox-crs": CRS84})
    assert {one["id"] for one in told["features"]} == inside
    assert 0 < len(inside) <= len(points)


@meets("/req/core/fc-limit-definition")
def test_the_limit_is_described_where_programs_look(maps: TestClient) -> None:
    told = parameter(maps, "limit")
    assert (told["in"], told["required"], told["style"], told["explode"]) == ("query", False, "form", False)
    assert told["schema"] == {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100}


@meets("/req/core/fc-limit-response-1")
def test_a_page_holds_no_more_than_was_asked_and_too_many_are_as_many_as_can_be(maps: TestClient) -> None:
    assert [len(read(maps, ITEMS, limit=n)["features"]) for n in (1, 5, MANY, MOST + 1, 10**12)] == [
        1,
        5,
        MANY,
        MANY,
        MANY,
    ]


@meets("/req/core/fc-time-definition")
def test_the_time_is_described(maps: TestClient) -> None:
    told = parameter(maps, "datetime")
    assert (told["in"], told["required"], told["schema"]["type"], told["explode"]) == ("query", False, "string", False)


@meets("/req/core/fc-time-response")
@pytest.mark.parametrize(
    ("time", "first", "last"),
    [
        ("2025-06-12", "2025-06-12", "2025-06-12"), ("2025-06-12T23:59:59Z", "2025-06-12", "2025-06-12"),
        ("2024-12-31T23:00:00-02:00", "2025-01-01", "2025-01-01"), ("2024-07-01/2025-06-01", "2024-07-01", "2025-06-01"),
        ("2025-06-11T08:00:00.5Z/..", "2025-06-11", "9999"), ("../2023-02-01", "0000", "2023-02-01"),
        ("/2023-02-01", "0000", "2023-02-01"), ("2025-06-12/", "2025-06-12", "9999"), ("1999-01-01", "1999-01-01", "1999-01-01"),
    ],
)  # fmt: skip
def test_a_time_finds_what_may_have_been_then(maps: TestClient, time: str, first: str, last: str) -> None:
    every = [one["properties"] for one in read(maps, ITEMS)["features"]]
    wanted = {
        one["ref"]
        for one in every
        if (one["date_earliest"] or one["date_latest"])
        and (one["date_earliest"] or "0000") <= last
        and (one["date_latest"] or "9999") >= first
    }
    assert {one["id"] for one in read(maps, ITEMS, datetime=time)["features"]} == wanted


@meets("/req/core/fc-links", "/req/core/fc-rel-type")
def test_a_page_leads_to_itself_its_other_form_and_the_next(maps: TestClient) -> None:
    found = rels(read(maps, ITEMS, limit=5, kind="killing"))
    assert {"self", "alternate", "next", "collection"} == set(found)
    assert "limit=5&kind=killing" in found["next"][0]["href"]
    for several in found.values():
        leads(maps, several[0])
    assert "next" not in rels(read(maps, ITEMS))


@meets("/req/core/fc-timeStamp", "/req/core/fc-numberMatched", "/req/core/fc-numberReturned")
def test_a_page_says_when_and_how_many(maps: TestClient) -> None:
    told = read(maps, ITEMS, limit=5)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["timeStamp"])
    assert (told["numberMatched"], told["numberReturned"]) == (MANY, 5)
    following = maps.get(rels(told)["next"][0]["href"]).json()
    assert "numberMatched" not in following  # to count them all again takes long, and they are the same
    assert following["numberReturned"] == 5


@meets("/req/core/f-op", "/req/core/f-success", "/req/core/f-links")
def test_one_incident_is_a_feature_by_its_ref(maps: TestClient) -> None:
    for one in read(maps, ITEMS, limit=3)["features"]:
        answer = maps.get(f"{ITEMS}/{one['id']}")
        assert answer.headers["Content-Type"] == "application/geo+json"
        told = answer.json()
        found = rels(told)
        assert {"self", "alternate", "collection"} == set(found)
        leads(maps, found["alternate"][0])
        del told["links"]
        assert told == one
    assert maps.get(f"{ITEMS}/IR-0000-000000").status_code == 404
