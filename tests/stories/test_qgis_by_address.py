"""A partner who makes maps types one address into QGIS, sees what is published, asks by drawing, and nothing more."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.ogc.grounds import INCIDENTS, ITEMS, publish

pytestmark = pytest.mark.one_archive
MANY = 6
KECH = "POLYGON((61 25, 64.5 25, 64.5 27, 61 27, 61 25))"  # drawn by hand, round the district


@pytest.fixture(scope="module")
def opened(shared: TestArchive, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestArchive]:
    archive = publish(shared, tmp_path_factory.mktemp("published"), MANY)
    yield archive
    assert archive.published is not None
    archive.published.dispose()


@pytest.fixture
def partner(door: Callable[..., TestClient], opened: TestArchive) -> TestClient:
    """She has no key."""
    return door(opened)


def follow(client: TestClient, document: dict[str, Any], rel: str) -> Any:
    address = next(one["href"] for one in document["links"] if one["rel"] == rel)
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_one_address_leads_to_all_that_is_published(partner: TestClient) -> None:
    start = partner.get("/ogc").json()
    (collection,) = follow(partner, start, "data")["collections"]
    assert "alleged" in collection["title"].lower()
    found = follow(partner, collection, "items")
    assert found["numberMatched"] == partner.get(INCIDENTS).json()["total"] == MANY
    for one in found["features"]:
        told = one["properties"]
        assert told["alleged"] is True
        assert one["id"].startswith("PI-")
        # Nobody takes the point for the place: it says how exact it is, and that it stands for an area.
        assert told["lon"] is None or (told["location_generalised"] and told["uncertainty_m"] > 500)


def test_the_map_is_asked_by_what_is_drawn_and_when(partner: TestClient) -> None:
    drawn = partner.get(ITEMS, params={"filter": f"S_INTERSECTS(geometry, {KECH})"}).json()
    assert {one["properties"]["area2"] for one in drawn["features"]} <= {"Kech", None}
    assert 0 < drawn["numberMatched"] < MANY
    then = partner.get(ITEMS, params={"datetime": "2025-06-12"}).json()
    assert all(one["properties"]["date_earliest"] <= "2025-06-12" for one in then["features"])
    both = partner.get(ITEMS, params={"filter": f"kind = 'killing' AND S_INTERSECTS(geometry, {KECH})"}).json()
    assert both["numberMatched"] <= drawn["numberMatched"]


def test_what_a_member_sees_at_the_same_address_takes_a_key(
    partner: TestClient, door: Callable[..., TestClient], opened: TestArchive
) -> None:
    inside = {one["id"] for one in door(opened, "viewer").get(ITEMS).json()["features"]}
    outside = {one["id"] for one in door(opened).get(ITEMS).json()["features"]}
    assert len(inside) == len(outside) == MANY
    assert inside.isdisjoint(outside)
    for ref in inside:
        assert door(opened).get(f"{ITEMS}/{ref}").status_code == 404
    wrong = door(opened).get(ITEMS, headers={"Authorization": "Bearer gwh_0_0"})
    assert wrong.status_code == 401


def test_the_point_inside_cannot_be_found_by_asking_ever_smaller_boxes(
    partner: TestClient, door: Callable[..., TestClient], opened: TestArchive
) -> None:
    """What the public asks by is the public point: no box, shape or comparison knows another."""
    shown = {one["id"]: one for one in door(opened).get(ITEMS).json()["features"] if one["geometry"]}
    assert shown
    exact = [
        one["geometry"]["coordinates"]
        for one in door(opened, "viewer").get(ITEMS).json()["features"]
        if one["geometry"]
    ]
    public = door(opened)
    for lon, lat in exact:
        box = f"{lon - 0.0005},{lat - 0.0005},{lon + 0.0005},{lat + 0.0005}"
        ring = f"{lon - 1e-4} {lat - 1e-4}, {lon + 1e-4} {lat - 1e-4}, {lon} {lat + 1e-4}, {lon - 1e-4} {lat - 1e-4}"
        for asked in (
            {"bbox": box},
            {"filter": f"S_INTERSECTS(geometry, POLYGON(({ring})))"},
            {"filter": f"lon = {lon}"},
        ):
            assert public.get(ITEMS, params=asked).json()["numberMatched"] == 0, asked


def test_the_address_stands_in_the_guide() -> None:
    guide = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "open-in-qgis.md"
    assert "http://127.0.0.1:8000/ogc" in guide.read_text(encoding="utf-8")
