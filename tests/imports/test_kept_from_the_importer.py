"""What a preview tells whom: a record that is kept from an importer is not told of, not doubled and not changed."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from app import imports
from app.access.viewer import Viewer
from app.actions import batches
from app.db import reading, writing
from app.errors import Forbidden, NotNoted
from app.imports import Outcome
from app.records import Incident, Person, Revision
from tests.access.sealing import CANARY
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive
from tests.builders import an_act, incident_in, somebody
from tests.imports.test_one_run import MAPPING, ROWS, take, written
from tests.imports.test_spreadsheet import BASIC

SEALED = BASIC | {"id": "our-7", "title": f"{CANARY} title", "sensitivity": "sealed", "date": "2025-06-12",
                  "lon": "63.0544", "lat": "26.0023", "geo_precision": "settlement", "killed_best": "2"}  # fmt: skip
PROBE = BASIC | {"id": "our-7", "title": "A guess"}
HELD = "it does not lead to one record that you may change"


def told(outcome: Outcome) -> str:
    return str(outcome.as_json())


def state(archive: TestArchive) -> list[Any]:
    with reading(archive.engine) as session:
        found = session.exec(select(Incident).order_by(col(Incident.pk))).all()
        return [(one.title, one.version, one.sensitivity) for one in found]


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("row", [PROBE, SEALED, SEALED | {"sensitivity": ""}])
def test_a_sealed_record_is_answered_alike_whatever_the_row_says(
    archive: TestArchive, tmp_path: Path, row: dict[str, str], dry_run: bool
) -> None:
    """Else its words could be tried out: changed, unchanged."""
    take(archive, written(tmp_path, [SEALED]))
    before = state(archive)
    outcome = take(archive, written(tmp_path, [row, PROBE | {"id": "our-8"}]), by=CONTRIBUTOR, dry_run=dry_run)
    (error,) = outcome.errors
    assert (error.line, error.column, error.why, error.suggestion) == (
        2,
        "id",
        HELD,
        "ask a reviewer to take this row in",
    )
    assert (outcome.new, outcome.changed, outcome.unchanged, outcome.refused, outcome.changes) == (1, 0, 0, 1, [])
    assert CANARY not in told(outcome).replace(row["title"], "")
    assert state(archive) == before


def test_the_others_are_taken_in_and_a_reviewer_takes_the_one(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, written(tmp_path, [SEALED]))
    file = written(tmp_path, [PROBE, PROBE | {"id": "our-8"}])
    assert take(archive, file, by=CONTRIBUTOR, keep_good=True).new == 1
    again = take(archive, file)
    assert (again.changed, again.unchanged, again.refused) == (1, 1, 0)
    assert [(title, sensitivity) for title, _, sensitivity in state(archive)] == [
        ("A guess", "sealed"),
        ("A guess", "restricted"),
    ]


def test_so_is_a_row_without_an_id(archive: TestArchive, tmp_path: Path) -> None:
    nameless = {name: value for name, value in SEALED.items() if name != "id"}
    take(archive, written(tmp_path, [nameless]))
    (error,) = take(archive, written(tmp_path, [nameless]), by=CONTRIBUTOR).errors
    assert (error.column, error.value, error.why) == ("(the row)", "", HELD)
    assert archive.count(Incident) == 1


def test_an_id_that_two_records_have_is_answered_in_the_same_words(archive: TestArchive, tmp_path: Path) -> None:
    for title in ("One", "Other"):
        archive.report(incident_in(title, external_id="our-7"))
    for by in (CONTRIBUTOR, REVIEWER):
        (error,) = take(archive, written(tmp_path, [PROBE]), by=by).errors
        assert error.why == HELD


def test_a_restricted_record_is_there_for_whoever_imports(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, written(tmp_path, [SEALED | {"sensitivity": "restricted"}]))
    outcome = take(archive, written(tmp_path, [PROBE]), by=CONTRIBUTOR, dry_run=True)
    assert (outcome.changed, outcome.refused) == (1, 0)


def test_likely_doubles_tell_of_nothing_that_is_kept(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, written(tmp_path, [SEALED]))
    near = SEALED | {"id": "our-9", "title": "Near", "sensitivity": "", "date": "2025-06-13"}
    assert take(archive, written(tmp_path, [near]), dry_run=True).notes
    outcome = take(archive, written(tmp_path, [near]), by=CONTRIBUTOR, dry_run=True)
    assert (outcome.new, outcome.notes) == (1, [])


def test_nobody_is_met_by_name_or_id_who_is_only_named_there(archive: TestArchive, tmp_path: Path) -> None:
    """A guessed id of a person would else bring the name into a record of the guesser's own."""
    hidden = somebody(f"{CANARY} Person", external_id="P-7")
    archive.report(incident_in("Sealed", sensitivity="sealed", acts=[an_act(person=hidden)]))
    mapping = MAPPING.replace('names = [{ full = "{Name}" }]', 'names = [{ full = "{Name}" }], external_id = "{No}"')
    file = written(tmp_path, [ROWS[0] | {"No": "P-7", "Name": f"{CANARY} Persn"}])
    (one,) = take(archive, file, mapping=mapping, by=CONTRIBUTOR, dry_run=True).names.found.values()
    assert (one.name, one.likely) == (f"{CANARY} Persn", [])
    take(archive, file, mapping=mapping, by=CONTRIBUTOR)
    mine = next(row["ref"] for row in archive.rows(CONTRIBUTOR))
    assert [name.full for name in archive.see(mine).acts[0].person.names] == [f"{CANARY} Persn"]
    assert archive.count(Person) == 2


@pytest.mark.parametrize("protection", ["named", "sealed"])
def test_a_sealed_name_is_offered_to_nobody(archive: TestArchive, tmp_path: Path, protection: str) -> None:
    person = somebody(f"{CANARY} Person", identity_protection=protection, pseudonym="A.")
    archive.report(incident_in("Open", acts=[an_act(person=person)]))
    file = written(tmp_path, [ROWS[0] | {"Name": f"{CANARY} Persn"}])
    for by in (CONTRIBUTOR, REVIEWER):
        (one,) = take(archive, file, mapping=MAPPING, by=by, dry_run=True).names.found.values()
        assert [likely.name for likely in one.likely] == ([f"{CANARY} Person"] if protection == "named" else [])


def searches(archive: TestArchive) -> list[tuple[str, str, Any]]:
    with reading(archive.engine) as session:
        found = session.exec(select(Revision).where(col(Revision.action) == "searched")).all()
        return [(line.who, line.noun, line.what) for line in found]


@pytest.mark.parametrize("dry_run", [True, False])
def test_looking_people_up_is_history(archive: TestArchive, tmp_path: Path, dry_run: bool) -> None:
    take(archive, written(tmp_path, [BASIC]), by=CONTRIBUTOR, dry_run=dry_run)
    assert searches(archive) == []
    take(archive, written(tmp_path, ROWS), mapping=MAPPING, by=CONTRIBUTOR, dry_run=dry_run)
    what = {"route": "/persons", "format": None, "asked": {"like": None}}
    assert searches(archive) == [("a contributor", "person", what)]
    assert archive.broken() is None


def test_without_the_line_nobody_is_told(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise NotNoted("This read could not be written into history.")

    monkeypatch.setattr("app.imports.running.reads.note", fail)
    with pytest.raises(NotNoted):
        take(archive, written(tmp_path, ROWS), mapping=MAPPING, dry_run=True)


def test_an_import_of_which_something_is_sealed_since_is_taken_back_by_a_reviewer(
    archive: TestArchive, tmp_path: Path
) -> None:
    outcome = take(archive, written(tmp_path, [SEALED, PROBE | {"id": "our-8"}]))
    assert outcome.batch is not None

    def undo(by: Viewer) -> int:
        assert outcome.batch is not None
        with writing(archive.engine) as session:
            return batches.undo(session, outcome.batch, by, also_edited=True)

    with pytest.raises(Forbidden) as refused:
        undo(CONTRIBUTOR)
    assert "IR-" not in refused.value.detail
    assert archive.count(Incident) == 2
    assert undo(REVIEWER) == 2


def test_an_export_of_ours_changes_nothing_that_was_sealed_since(archive: TestArchive, tmp_path: Path) -> None:
    """Whoever kept an export from before learns nothing by it, and brings nothing of it back into the open."""
    ref = archive.report(incident_in("Open once", sensitivity="sealed")).ref
    row = next(row for row in archive.rows() if row["ref"] == ref)
    at = archive.see(ref).updated_at.isoformat()[:19]
    own = dict.fromkeys(("alleged", "date_edtf", "date_earliest", "date_latest", "source_urls"), "") | {
        "ref": ref, "kind": row["kind"], "title": "Open once", "sources": "A report", "updated_at": at,
    }  # fmt: skip
    for title in ("Open once", "Another"):
        outcome = take(archive, written(tmp_path, [own | {"title": title}]), by=CONTRIBUTOR)
        assert [(error.column, error.why) for error in outcome.errors] == [("ref", HELD)]
    assert archive.count(Incident) == 1
    assert imports.IMPORTERS["export"].columns["external_id"] == "ref"
