"""Many at once: no number is given twice, no line of history gets lost, and nothing half-done stays."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.access.viewer import Viewer
from app.actions import incidents
from app.db import writing
from app.records import Incident, Revision
from tests.archives import REVIEWER, TestArchive
from tests.builders import a_source, carried_out_by, incident_in

EACH = 20


def numbers(archive: TestArchive) -> list[int]:
    return sorted(int(row["ref"].rsplit("-", 1)[1]) for row in archive.rows())


@pytest.mark.sockets
def test_two_writers_never_get_one_number(archive: TestArchive) -> None:
    before = archive.count(Revision)

    def write(name: str) -> list[str]:
        who = Viewer(name, "contributor", "write")
        told = [incident_in(f"{name} {n}", involvements=[carried_out_by("armed men")]) for n in range(EACH)]
        return [archive.report(one, who).ref for one in told]

    with ThreadPoolExecutor(2) as both:
        refs = [ref for part in both.map(write, ["first", "second"]) for ref in part]
    assert len(set(refs)) == 2 * EACH
    assert numbers(archive) == list(range(1, 2 * EACH + 1))
    assert archive.count(Revision) == before + 2 * EACH
    assert archive.broken() is None


def test_refs_have_no_gaps_even_when_a_report_fails(archive: TestArchive) -> None:
    archive.report(incident_in())
    for _ in range(3):
        with pytest.raises(RuntimeError), writing(archive.engine) as session:
            incidents.report(session, incident_in("lost"), REVIEWER)
            raise RuntimeError
    archive.report(incident_in())
    assert numbers(archive) == [1, 2]
    assert archive.titles(q="lost") == set()
    assert archive.broken() is None


def test_what_fails_leaves_nothing_behind(archive: TestArchive) -> None:
    with pytest.raises(RuntimeError), writing(archive.engine) as session:
        incidents.report(session, incident_in(source=a_source("Never")), REVIEWER)
        raise RuntimeError
    assert archive.counts(Incident) == {"Incident": 0}


def test_a_ref_says_the_year_and_six_digits(archive: TestArchive) -> None:
    assert re.fullmatch(r"IR-20\d\d-000001", archive.report(incident_in()).ref)


@pytest.mark.sockets
def test_of_two_changes_to_one_version_one_is_told(archive: TestArchive) -> None:
    one = archive.report(incident_in()).id
    seen = archive.seen(one)

    def withdraw(_: int) -> str:
        try:
            with writing(archive.engine) as session:
                incidents.withdraw(session, one, "Out of scope.", seen, REVIEWER)
        except Exception as refused:  # noqa: BLE001 - its name is what is tested
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(4) as four:
        assert sorted(four.map(withdraw, range(4))) == ["Stale", "Stale", "Stale", "done"]
    assert archive.see(one).version == 2
