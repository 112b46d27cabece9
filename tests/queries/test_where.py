"""Where: boxes, circles, areas and countries."""

import pytest

from app.queries import grid
from app.queries.conditions import box_around
from app.queries.filter import IncidentFilter
from app.sphere import distance_km
from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, incident_in

pytestmark = pytest.mark.one_archive
FIJI_WEST, FIJI_EAST = (179.5, -17.0), (-179.5, -17.2)


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    shared.report_all([
        incident_in("Turbat", at=TURBAT),
        incident_in("Quetta", at=QUETTA),
        incident_in("Homs", at=HOMS),
        incident_in("West of 180", at=FIJI_WEST),
        incident_in("East of 180", at=FIJI_EAST),
        incident_in("South pole", at=(0.0, -90.0)),
        incident_in("A corner", at=(180.0, 90.0)),
        incident_in("Balochistan", country="PAK", area1_code="PK-BA"),
        incident_in("Pakistan", at=(70.0, 30.0), exactly="country"),
        incident_in("Nowhere"),
    ])  # fmt: skip
    return shared


@pytest.mark.parametrize(
    ("box", "found"),
    [
        ((60, 24, 70, 31), {"Turbat", "Quetta", "Pakistan"}),
        ((*TURBAT, *TURBAT), {"Turbat"}),
        ((63.0, 26.0, 63.1, 26.1), {"Turbat"}),
        ((179, -18, -179, -16), {"West of 180", "East of 180"}),
        ((179, -18, 180, -16), {"West of 180"}),
        ((-180, -18, -179, -16), {"East of 180"}),
        ((-180, -90, 180, -89), {"South pole"}),
        ((170, 89, 180, 90), {"A corner"}),
        ((10, 10, 11, 11), set()),
    ],
)
def test_a_box_holds_its_edges_and_may_cross_180(archive: TestArchive, box: tuple, found: set[str]) -> None:
    assert archive.titles(bbox=box) == found


def test_the_whole_world_holds_everything_with_a_point(archive: TestArchive) -> None:
    assert archive.titles(bbox=(-180, -90, 180, 90)) == archive.titles(located=True)


def test_a_large_box_finds_what_its_small_ones_find(archive: TestArchive) -> None:
    """Above sixty rows of the grid the question is answered in another way."""
    strips = [archive.titles(bbox=(-180, south, 180, south + 5)) for south in range(-90, 90, 5)]
    assert set().union(*strips) == archive.titles(bbox=(-180, -90, 180, 90))


@pytest.mark.parametrize("cells", [0, 100_000])
@pytest.mark.parametrize("box", [(62, 25, 68, 30.5), (179, -18, -179, -16), (63, 26, 63.1, 26.1), (175, 85, 180, 90)])
def test_cells_one_by_one_are_the_cells_of_the_rows(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, box: tuple, cells: int
) -> None:
    plainly = archive.titles(bbox=box)
    monkeypatch.setattr(grid, "FEW", cells)
    assert archive.titles(bbox=box) == plainly != set()


@pytest.mark.parametrize(
    ("circle", "found"),
    [
        ((*TURBAT, 1), {"Turbat"}),
        ((*QUETTA, 650), {"Turbat", "Quetta", "Pakistan"}),
        ((180, -17, 60), {"West of 180", "East of 180"}),
        ((-180, -17, 60), {"West of 180", "East of 180"}),
        ((120, -89.9, 50), {"South pole"}),
        ((10, 10, 1), set()),
    ],
)
def test_a_circle_is_measured_on_the_sphere(archive: TestArchive, circle: tuple, found: set[str]) -> None:
    assert archive.titles(near=circle) == found


def test_a_circle_ends_where_it_says(archive: TestArchive) -> None:
    apart = distance_km(*TURBAT, *QUETTA)
    assert apart is not None
    assert "Quetta" in archive.titles(near=(*TURBAT, apart + 0.01))
    assert "Quetta" not in archive.titles(near=(*TURBAT, apart - 0.01))


def test_a_circle_of_the_whole_world_finds_every_point(archive: TestArchive) -> None:
    assert archive.titles(near=(*TURBAT, 20_038)) == archive.titles(located=True)


@pytest.mark.parametrize("lat", [0, 26, 60, 84, 89.5, -89.9])
@pytest.mark.parametrize("km", [1, 50, 500])
def test_the_box_round_a_circle_holds_the_circle(lat: float, km: float) -> None:
    west, _, east, north = box_around(20, lat, km)
    assert distance_km(20, lat, 20, min(north, 90)) == pytest.approx(km, rel=1e-6) or north == 90
    for step in range(0, 361, 5):
        lon = (20 + step / 360 * 359 + 180) % 360 - 180
        if not (west <= lon <= east if west <= east else lon >= west or lon <= east):
            assert (distance_km(20, lat, lon, lat) or 0) > km


def test_a_province_finds_its_villages(archive: TestArchive) -> None:
    assert archive.titles(area="PK-BA") == {"Turbat", "Quetta", "Balochistan"}


def test_a_district_finds_its_own(archive: TestArchive) -> None:
    (row,) = archive.rows(bbox=(*TURBAT, *TURBAT))
    assert row["area2"] == "Kech"
    assert archive.titles(area=row["area2_code"]) == {"Turbat"}
    assert archive.titles(area=archive.see(row["ref"]).area3_code) == {"Turbat"}


def test_a_country_by_its_letters_and_as_an_area(archive: TestArchive) -> None:
    pakistan = {"Turbat", "Quetta", "Balochistan", "Pakistan"}
    assert archive.titles(country="PAK") == pakistan
    assert archive.titles(area="PAK") == pakistan
    assert archive.titles(country="SYR") == {"Homs"}


def test_what_is_known_to_the_country_only_is_in_no_province(archive: TestArchive) -> None:
    (row,) = [row for row in archive.rows(country="PAK") if row["title"] == "Pakistan"]
    assert (row["area1_code"], row["area2_code"]) == (None, None)


def test_an_area_that_is_not_there_finds_nothing(archive: TestArchive) -> None:
    assert archive.titles(area="XX-99") == set()


def test_with_and_without_a_point(archive: TestArchive) -> None:
    assert archive.titles(located=False) == {"Balochistan", "Nowhere"}
    assert archive.titles(located=True) | archive.titles(located=False) == archive.titles()


def test_within_a_smaller_map_the_question_is_the_same(archive: TestArchive) -> None:
    question = IncidentFilter(area="PK-BA", bbox=(60, 24, 70, 31))
    smaller = question.within((66, 29, 68, 32))
    assert (smaller.area, smaller.bbox) == ("PK-BA", (66, 29, 68, 31))
    assert archive.titles(**smaller.asked()) == {"Quetta"}
    assert IncidentFilter(area="PK-BA").within((66, 29, 68, 32)).bbox == (66, 29, 68, 32)


def test_two_maps_that_do_not_meet_hold_nothing(archive: TestArchive) -> None:
    """Also where the first lies wholly east of the second: that must not be taken for a box across 180."""
    for other in ((10, 10, 20, 20), (100, 24, 110, 31), (60, -40, 70, -30)):
        apart = IncidentFilter(bbox=(60, 24, 70, 31)).within(other)
        assert archive.ask(apart) == set()
