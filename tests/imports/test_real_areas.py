"""The real files of areas: p-codes of the world, and the districts of Pakistan as they were at the census of 2023."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import geography
from app.imports import Outcome, areas
from tests.archives import REVIEWER, TestArchive
from tests.builders import incident_in
from tests.shelves import only

PAKISTAN = "areas_pakistan/"
P_CODES, DISTRICTS = f"{PAKISTAN}pak_pcodes_hdx_adm1_2.csv", f"{PAKISTAN}pak_adm2_osm2026_census2023set_s005.geojson"
# Made-up incidents in the middle of real towns: the district, and its p-code.
TOWNS = {
    "Barkhan": (69.525, 29.898, "Barkhan", "PK202"),
    "Turbat": (63.045, 26.003, "Kech", "PK211"),
    "Panjgur": (64.094, 26.964, "Panjgur", "PK224"),
    "Awaran": (65.231, 26.456, "Awaran", "PK201"),
    "Khuzdar": (66.611, 27.812, "Khuzdar", "PK213"),
    "Gwadar": (62.325, 25.126, "Gwadar", "PK205"),
    "Quetta": (66.996, 30.184, "Quetta", "PK226"),
    "Dera Bugti": (69.156, 29.031, "Dera Bugti", "PK204"),
    "Kohlu": (69.253, 29.897, "Kohlu", "PK216"),
    "Hub": (66.883, 25.033, "Lasbela", "PK217"),
}


@pytest.fixture(autouse=True)
def _old_map() -> Iterator[None]:
    yield
    geography.lay_over("", ())


def take(archive: TestArchive, path: Path, *, dry_run: bool = False, keep_good: bool = False) -> Outcome:
    layer = areas.Layer(path, path.name.split(".")[0], "OCHA; © OpenStreetMap contributors", "ODbL 1.0")
    layer = areas.Layer(**{**vars(layer), "dry_run": dry_run, "keep_good": keep_good})
    return areas.run(archive.engine, layer, REVIEWER)


def test_ten_towns_lie_in_the_districts_of_the_census(archive: TestArchive, real_data: Callable[[str], Path]) -> None:
    codes = take(archive, real_data(P_CODES))
    assert codes.counts() | {"new": 0, "changed": 0} == {
        "rows": 168, "new": 0, "changed": 0, "unchanged": 0, "refused": 0, "warnings": 0,
    }  # fmt: skip
    drawn = take(archive, real_data(DISTRICTS))
    assert (drawn.rows, drawn.new, drawn.changed, drawn.refused) == (156, 0, 156, 0)
    for name, (lon, lat, district, code) in TOWNS.items():
        told = incident_in(title=f"Made up, in {name}", lon=lon, lat=lat, geo_precision="settlement")
        seen = archive.see(archive.report(told).id)
        assert (seen.area2, seen.area2_code) == (district, geography.code_of(code)), name
        assert (seen.area1, seen.country) == ("Balochistan", "PAK")
        assert f"Made up, in {name}" in archive.titles(area=code)
    assert archive.titles(area="PK2") == {f"Made up, in {name}" for name in TOWNS}
    again = take(archive, real_data(DISTRICTS))
    assert (again.unchanged, again.recorded) == (156, False)


@only("sqlite")
def test_the_p_codes_of_the_world(archive: TestArchive, real_data: Callable[[str], Path]) -> None:
    outcome = take(archive, real_data("ocha_pcodes/global-pcodes-adm-1-2.csv.gz"), dry_run=True)
    assert (outcome.rows, outcome.refused) == (33_453, 2)
    assert {finding.value for finding in outcome.errors} == {"ECISLA", "ECNO APLICA"}
    assert outcome.new + outcome.changed == 33_451
