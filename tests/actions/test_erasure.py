"""Erasing: who may, that nothing is left, that history still tells what was tampered with, and the way back of a backup."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.actions import erasure, forgetting, people
from app.db import reading, writing
from app.errors import Forbidden, Invalid, NotFound, Refusal, Untimely
from app.queries import erasures as ledger
from app.records import Account, Erasure, IdentityKey, Incident, Person, PersonName, PublicVersion, Revision
from app.records.erasure import ErasureIn
from app.records.keys import new_id
from app.upkeep import erasures
from tests.actions.erasing import ADMIN, AUDITOR, NAME, OTHER, ask, carry_out, change, erase, person, report, verdict
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import incident_in, somebody
from tests.dumps import traces


def test_one_asks_and_another_does_it(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive)
    refused: list[tuple[type[Refusal], Callable[[], object]]] = [
        *((Forbidden, lambda by=by: ask(archive, which, by)) for by in (READER, CONTRIBUTOR, ADMIN, AUDITOR)),
        (Forbidden, lambda: ask(archive, which, Viewer("a reviewer", "reviewer", "read"))),
        (NotFound, lambda: ask(archive, new_id())),
        (Invalid, lambda: ask(archive, which, told=ErasureIn(legal_basis=f"The request of {NAME.upper()}"))),
        (Invalid, lambda: ask(archive, which, told=ErasureIn(legal_basis="Zarmina asked"))),
    ]
    for refusal, doing in refused:
        with pytest.raises(refusal):
            doing()
    assert archive.count(Erasure) == 0
    asked = ask(archive, which)
    with pytest.raises(Untimely):
        ask(archive, which)
    for by in (READER, CONTRIBUTOR, AUDITOR, REVIEWER, Viewer("b", "admin", "read")):
        with pytest.raises(Forbidden):
            carry_out(archive, tmp_path / "ledger", asked, by)
    with pytest.raises(NotFound):
        carry_out(archive, tmp_path / "ledger", new_id(), ADMIN)
    assert traces(archive.engine, [NAME]) != []
    carry_out(archive, tmp_path / "ledger", asked, Viewer("another", "reviewer", "write"))
    with pytest.raises(Untimely):
        carry_out(archive, tmp_path / "ledger", asked, ADMIN)
    assert len(erasures.entries(tmp_path / "ledger")) == 1


def test_the_other_people_stay(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive)
    with writing(archive.engine) as session:
        namesake = people.enter(session, people.NewPerson.model_validate(somebody(NAME)), REVIEWER).id
    keys = archive.count(IdentityKey)
    erase(archive, which, tmp_path)
    assert archive.count(IdentityKey) == keys - 1
    with reading(archive.engine) as session:
        assert {OTHER, NAME} == set(session.exec(select(PersonName.full)).all())
        assert session.exec(select(Person.id).where(col(Person.id) == namesake)).one()
    assert archive.titles(q="musterkhel") == {"About [erased]", "A march for [erased]"}
    assert verdict(archive).holds


def test_what_is_told_holds_ids_and_fields_alone(archive: TestArchive, tmp_path: Path) -> None:
    done = erase(archive, report(archive), tmp_path)
    assert not any(word in done.model_dump_json().lower() for word in ("zarmina", "beispielzai"))
    assert {(record.noun, *record.fields) for record in done.records} == {
        ("incident", "summary", "title"), ("incident", "title"), ("account", "said"),
    }  # fmt: skip
    assert done.lines == 3  # two reports and an account; to whom the asking belongs is an id
    assert done.warnings == [erasure.SPELLINGS]
    with reading(archive.engine) as session:
        (entry,) = ledger.ledger(session)
    assert (entry.asked_by, entry.done_by, entry.done_at is not None) == ("a reviewer", "a admin", True)


def test_two_people_of_one_report_are_erased_one_after_the_other(archive: TestArchive, tmp_path: Path) -> None:
    first = report(archive)
    second = person(archive, OTHER)
    erase(archive, first, tmp_path)
    assert verdict(archive).holds
    assert traces(archive.engine, [OTHER]) != []
    erase(archive, second, tmp_path)
    found = verdict(archive)
    assert found.holds, (found.broken, found.differences)
    assert traces(archive.engine, [NAME, OTHER]) == []
    assert len(erasures.entries(tmp_path / erasures.LEDGER)) == 2


LEFT_OUT: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "the index": (lambda patch: patch.setattr(forgetting.indexing, "reindex", lambda *_: None), "the index"),
    "history": (lambda patch: patch.setattr(erasure, "unwrite", lambda *_: {}), "revision.what"),
    "a column": (
        lambda patch: patch.setattr(
            forgetting, "texts_of", lambda table: [c for c in TEXTS_OF(table) if c.name != "summary"]
        ),
        "incident.summary",
    ),
    "the names": (lambda patch: patch.setattr(forgetting, "delete", lambda _: NOTHING), "person_name.full"),
}  # fmt: skip
TEXTS_OF = forgetting.texts_of


class Nothing:
    """A statement that changes nothing."""

    def where(self, _: object) -> Any:
        return text("SELECT 1")


NOTHING = Nothing()


@pytest.mark.parametrize(("leave_out", "place"), LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_whatever_is_left_out_is_noticed(
    archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    leave_out: Callable[[pytest.MonkeyPatch], None], place: str,
) -> None:  # fmt: skip
    which = report(archive)
    leave_out(monkeypatch)
    if place == "person_name.full":
        monkeypatch.setattr(forgetting, "let_go", lambda *_: None)
    erase(archive, which, tmp_path)
    assert place in traces(archive.engine, [NAME])


HARMS: dict[str, tuple[str, str]] = {
    "what a line says that was written anew": (
        "UPDATE revision SET what = '{{\"report\": 1}}' WHERE seq = {first}",
        "changed since it was sealed",
    ),
    "why, in such a line": ("UPDATE revision SET why = 'x' WHERE seq = {first}", "changed since it was sealed"),
    "the salt of such a line": ("UPDATE revision SET salt = 'x' WHERE seq = {first}", "changed since it was sealed"),
    "the seal of such a line": ("UPDATE revision SET seal = 'x' WHERE seq = {first}", "does not fit the line before"),
    "its first commitment": ("UPDATE revision SET commitment = 'x' WHERE seq = {first}", "does not fit"),
    "who wrote it": ("UPDATE revision SET who = 'x' WHERE seq = {first}", "does not fit the line before"),
    "a line that was not touched": ("UPDATE revision SET what = '{{}}' WHERE seq = {other}", "changed since"),
    "the line of the erasure": (
        "UPDATE revision SET what = '{{\"lines\": {{}}}}' WHERE seq = {last}",
        "changed since it was sealed",
    ),
    "a line that is gone": ("DELETE FROM revision WHERE seq = {first}", "a line is missing"),
}


@pytest.mark.parametrize(("statement", "said"), HARMS.values(), ids=HARMS.keys())
def test_whoever_tampers_after_an_erasure_is_found(
    archive: TestArchive, tmp_path: Path, statement: str, said: str
) -> None:
    which = report(archive)
    archive.report(incident_in("Nothing to do with it"))
    erase(archive, which, tmp_path)
    assert verdict(archive).holds
    with reading(archive.engine) as session:
        lines = dict(session.execute(select(Revision.seq, Revision.what)).all())
    last = max(lines)
    anew = [int(seq) for seq in lines[last]["lines"]]
    first, other = min(anew), min(lines.keys() - anew)
    assert change(archive.engine, statement.format(first=first, other=other, last=last)) == 1
    found = verdict(archive)
    assert found.broken is not None
    assert said in found.broken.what
    if "{first}" in statement and "DELETE" not in statement:
        assert found.broken.seq == first


def test_an_account_that_was_rewritten_is_vouched_for_anew(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive)
    erase(archive, which, tmp_path)
    assert verdict(archive).rows["account"] == 3
    changed = 'UPDATE account SET said = \'{"title": {"value": "x", "operator": "equals"}}\' WHERE pk = 1'
    assert change(archive.engine, changed) == 1
    (difference,) = verdict(archive).differences
    assert (difference.noun, difference.what) == ("account", "it has been changed since it was entered")


def test_no_old_digest_lets_anybody_try_names(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive)
    with reading(archive.engine) as session:
        before = {
            mark
            for line in session.exec(select(Revision.what))
            for mark in line.get("seals", {}).get("account", {}).values()
        }
        changed = [row.id.hex for row in session.exec(select(Account)) if NAME in str(row.said)]
        old = {line["seals"]["account"][one] for line in session.exec(select(Revision.what)) for one in changed
               if one in line.get("seals", {}).get("account", {})}  # fmt: skip
    assert old
    assert old <= before
    erase(archive, which, tmp_path)
    with reading(archive.engine) as session:
        left = str(list(session.exec(select(Revision.what))))
    assert not any(digest in left for digest in old)


def test_what_was_public_is_taken_out(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive)
    with writing(archive.engine) as session:
        pks = session.exec(select(Incident.pk).order_by(col(Incident.pk))).all()
        for number, (pk, title, names) in enumerate(
            ((pks[0], "Somebody", [str(which)]), (pks[1], f"A march for {NAME}", [])), start=1
        ):
            session.add(PublicVersion(
                pk=number, id=new_id(), incident_pk=pk, incident_version=1, title=title, place="area2", names=names,
                cites=[], approved_by="b", approved_at=reported_at(session),
            ))  # fmt: skip
    done = erase(archive, which, tmp_path)
    with reading(archive.engine) as session:
        left = session.execute(select(PublicVersion.title, PublicVersion.withdrawn_by).order_by(col(PublicVersion.pk)))
        assert left.all() == [("Somebody", "a admin"), ("A march for [erased]", "a admin")]
    assert len(done.unpublished) == 2
    assert verdict(archive).holds


def reported_at(session: Session) -> Any:
    return session.exec(select(Incident.entered_at)).first()


def test_a_member_of_that_name_is_told_of(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive, name="Musterperson Beispielzai")
    change(archive.engine, "UPDATE member SET name = 'musterperson beispielzai' WHERE name = 'a viewer'")
    assert any("member" in warning for warning in erase(archive, which, tmp_path).warnings)
    change(archive.engine, "UPDATE member SET name = 'a viewer' WHERE name = 'musterperson beispielzai'")
