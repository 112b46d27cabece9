"""Amending: what follows from a value changes with it, and what is not named stays."""

from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from app.access.viewer import Viewer
from app.actions import incidents
from app.db import writing
from app.errors import Forbidden, MatchRequired, Stale
from app.records.incident import IncidentChange, IncidentOut
from app.records.incoming import Incoming
from tests.archives import REVIEWER, TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, carried_out_by, incident_in


def amend(archive: TestArchive, which: UUID, **change: Any) -> IncidentOut:
    with writing(archive.engine) as session:
        told = IncidentChange.model_validate({"reason": "A correction.", **change})
        incidents.amend(session, which, told, archive.seen(which), REVIEWER)
    return archive.see(which)


def test_a_point_that_moves_takes_its_areas_along(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT)).id
    assert archive.see(one).area2 == "Kech"
    moved = amend(archive, one, lon=QUETTA[0], lat=QUETTA[1])
    assert (moved.area1_code, moved.area2) == ("PK-BA", "Quetta")
    assert archive.titles(bbox=(66, 29, 68, 31)) == {moved.title}
    assert archive.titles(bbox=(63, 25, 64, 27)) == set()
    assert archive.titles(q="Kech") == set()
    assert archive.titles(q="Quetta") == {moved.title}


def test_a_point_that_moves_to_another_country_keeps_no_area_of_the_old(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT)).id
    moved = amend(archive, one, lon=HOMS[0], lat=HOMS[1], country=None)
    assert moved.country == "SYR"
    assert moved.area1_code.startswith("SY")
    assert "Kech" not in moved.model_dump_json()
    assert archive.titles(area="PK-BA") == set()


def test_a_country_that_was_only_derived_follows_the_point(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT)).id
    moved = amend(archive, one, lon=HOMS[0], lat=HOMS[1])
    assert moved.country == "SYR"


def test_a_coarser_point_names_fewer_areas(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT)).id
    coarse = amend(archive, one, geo_precision="area1")
    assert (coarse.area1_code, coarse.area2, coarse.area3) == ("PK-BA", None, None)
    assert coarse.uncertainty_m > 100_000


def test_a_point_taken_away_leaves_no_trace_on_the_map(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT)).id
    gone = amend(archive, one, lon=None, lat=None, geo_precision="unknown")
    assert (gone.lon, gone.area1, gone.area2_code, gone.uncertainty_m) == (None, None, None, None)
    assert archive.titles(bbox=(-180, -90, 180, 90)) == set()


def test_half_a_point_is_refused(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT)).id
    with pytest.raises(ValidationError):
        amend(archive, one, lon=None)
    with pytest.raises(ValidationError):
        amend(archive, one, geo_precision="unknown")
    assert archive.see(one).version == 1


def test_numbers_must_rise(archive: TestArchive) -> None:
    one = archive.report(incident_in(killed={"min": 1, "best": 2, "max": 3})).id
    with pytest.raises(ValidationError):
        amend(archive, one, killed={"min": 5, "best": 2})
    assert archive.see(one).killed.min == 1


def test_a_new_title_is_found_and_the_old_one_is_not(archive: TestArchive) -> None:
    one = archive.report(incident_in("Alleged whipping", involvements=[carried_out_by("armed men")])).id
    amend(archive, one, title="Alleged beating")
    assert archive.titles(q="beating") == {"Alleged beating"}
    assert archive.titles(q="whipping") == set()
    assert archive.titles(q="armed men") == {"Alleged beating"}


def test_every_field_that_can_be_stated_can_be_changed(archive: TestArchive) -> None:
    one = archive.report(incident_in()).id
    change = {
        "title": "Another", "summary": "At length", "kind": "injury", "nature": "pattern", "confidence": "high",
        "sensitivity": "sealed", "external_id": "ours-1", "licence": "CC0", "place_name": "a village", "lon": 66.99,
        "lat": 30.18, "geo_precision": "exact", "uncertainty_m": 25.0, "geocode_method": "gps", "country": "PAK",
        "area1": "A", "area1_code": "PK-BA", "area2": "B", "area2_code": "b", "area3": "C", "area3_code": "c",
        "place_kind": None, "date": "2025-07", "killed": {"best": 1}, "injured": {"best": 2}, "missing": {"best": 3},
        "detained": {"best": 4},
    }  # fmt: skip
    assert set(change) == set(IncidentChange.model_fields) - {"reason", "according_to"}
    now = amend(archive, one, **change).model_dump(mode="json")
    for name, value in change.items():
        if name == "date":
            assert now["date"]["edtf"] == value
        elif isinstance(value, dict):
            assert now[name]["best"] == value["best"]
        else:
            assert now[name] == value, name


def test_a_change_to_what_is_there_already_is_a_version_without_a_difference(archive: TestArchive) -> None:
    one = archive.report(incident_in("As it is")).id
    assert amend(archive, one, title="As it is").version == 2
    assert archive.broken() is None


@pytest.mark.parametrize(("seen", "error"), [(None, MatchRequired), ('"x.1"', Stale), ("*", Stale), ("", Stale)])
def test_only_the_version_that_stands_will_do(archive: TestArchive, seen: str | None, error: type) -> None:
    one = archive.report(incident_in()).id
    change = IncidentChange(reason="A correction.", title="Another")
    with pytest.raises(error), writing(archive.engine) as session:
        incidents.amend(session, one, change, seen, REVIEWER)
    with pytest.raises(error), writing(archive.engine) as session:
        incidents.withdraw(session, one, "Out of scope.", seen, REVIEWER)


@pytest.mark.parametrize(
    "who", [Viewer("v", "viewer", "write"), Viewer("c", "contributor", "read"), Viewer("a", "admin", "admin")]
)
def test_who_may_not_write_changes_nothing(archive: TestArchive, who: Viewer) -> None:
    one = archive.report(incident_in()).id
    change = IncidentChange(reason="A correction.", title="Another")
    for act in (
        lambda s: incidents.amend(s, one, change, archive.seen(one), who),
        lambda s: incidents.withdraw(s, one, "Out of scope.", archive.seen(one), who),
        lambda s: incidents.report(s, incident_in(), who),
    ):
        with pytest.raises(Forbidden), writing(archive.engine) as session:
            act(session)
    assert archive.see(one).version == 1


def test_what_comes_in_is_never_a_table() -> None:
    assert not any(hasattr(model, "__table__") for model in Incoming.__subclasses__())


def test_a_country_that_a_source_says_stays_what_it_says(archive: TestArchive) -> None:
    one = archive.report(incident_in(at=TURBAT, country="PAK")).id
    moved = amend(archive, one, lon=HOMS[0], lat=HOMS[1])
    assert (moved.country, moved.area1_code) == ("PAK", None)
