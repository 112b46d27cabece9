"""Tokens are kept as digests alone, and each role reads and writes what its line says and no more."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import event

from app.access import tokens, visibility
from app.access.viewer import SCOPES, Viewer, check_may_read, check_may_write, console, may_write
from app.db import reading, reading_once
from app.errors import Forbidden
from app.records import Account, Incident, Person, PersonName
from app.vocabulary.sensitivity import Delicacy
from app.vocabulary.word import vocabulary
from tests.archives import TestArchive

ROLES = list(vocabulary("member_roles"))
WRITES = {(role, scope) for role in ("contributor", "reviewer") for scope in ("write", "admin")}
READS = {"viewer", "contributor", "reviewer"}


def test_every_token_is_another_and_long_enough() -> None:
    made = [tokens.fresh() for _ in range(200)]
    assert len({token for _, _, token in made}) == len({public for public, _, _ in made}) == 200
    for public, digest, token in made:
        shape = tokens.SHAPE.fullmatch(token)
        assert shape is not None
        assert (shape[1], tokens.digest(shape[2])) == (public, digest)
        assert re.fullmatch("[0-9a-f]{64}", digest)
        assert shape[2] not in digest


def test_a_holder_is_known_by_name_role_and_scope(archive: TestArchive) -> None:
    with reading(archive.engine) as session:
        for role, token in archive.tokens.items():
            assert tokens.holder(session, token) == Viewer(f"a {role}", role, "admin", "api")


@pytest.mark.parametrize("database", ["sqlite"], scope="module")  # a server answers them side by side
def test_many_who_come_at_once_need_one_connection_to_sqlite(archive: TestArchive) -> None:
    opened: list[object] = []
    archive.engine.dispose()
    event.listen(archive.engine, "connect", lambda connection, _: opened.append(connection))
    together = Barrier(12)

    def come(token: str) -> Viewer | None:
        together.wait()
        with reading_once(archive.engine) as connection:
            return tokens.holder(connection, token)

    token = archive.tokens["viewer"]
    with ThreadPoolExecutor(12) as people:
        assert set(people.map(come, [token] * 12)) == {Viewer("a viewer", "viewer", "admin", "api")}
    assert len(opened) == 1


@pytest.mark.parametrize("change", [str.upper, lambda t: t[:-1], lambda t: t + "A", lambda t: f" {t}", lambda t: t + "\n",
                                    lambda t: t.replace("gwh_", ""), lambda t: t[:-2] + t[-2:].swapcase() + "", lambda _: ""])  # fmt: skip
def test_a_token_fits_whole_or_not_at_all(archive: TestArchive, change: object) -> None:
    token = archive.tokens["reviewer"]
    spoilt = change(token)  # type: ignore[operator]
    with reading(archive.engine) as session:
        assert (tokens.holder(session, spoilt) is None) is (spoilt != token)


@pytest.mark.parametrize("role", [*ROLES, "no such role"])
@pytest.mark.parametrize("scope", [*SCOPES, "no such scope"])
def test_who_writes_and_who_reads(role: str, scope: str) -> None:
    viewer = Viewer("somebody", role, scope)
    for allowed, check in (((role, scope) in WRITES, check_may_write), (role in READS, check_may_read)):
        if allowed:
            check(viewer)
        else:
            with pytest.raises(Forbidden):
                check(viewer)
    assert may_write(viewer) is ((role, scope) in WRITES)


def test_without_a_word_one_only_reads_as_a_viewer() -> None:
    assert (Viewer("x").role, Viewer("x").scope) == ("viewer", "read")
    assert console("x") == Viewer("x", "reviewer", "admin", "cli")


@pytest.mark.parametrize("role", ROLES)
def test_redacting_empties_what_may_not_be_read_and_nothing_else(role: str) -> None:
    viewer = replace(console("x"), role=role)
    for model in (Incident, Person, PersonName, Account):
        row = dict.fromkeys(model.model_fields, "something") | {"not a field": "kept"}
        shown = visibility.redacted(model, row, viewer)
        assert list(shown) == list(row)
        assert shown.pop("not a field") == "kept"
        for name, value in shown.items():
            kept = visibility.may_read(viewer, visibility.delicacy(model, name))
            assert value == ("something" if kept else None), name


def test_a_field_without_a_class_is_an_error_and_not_public() -> None:
    field = Person.model_fields["pseudonym"]
    marks, field.metadata = field.metadata, []
    try:
        with pytest.raises(KeyError, match=r"Person\.pseudonym"):
            visibility.delicacy(Person, "pseudonym")
    finally:
        field.metadata = marks


def test_names_are_read_from_contributors_up_and_custody_by_reviewers() -> None:
    reads = {kind: {r for r in ROLES if visibility.may_read(Viewer("x", r), kind)} for kind in Delicacy}
    assert reads[Delicacy.IDENTITY] == reads[Delicacy.SOURCE_IDENTITY] == {"contributor", "reviewer"}
    assert reads[Delicacy.CUSTODY] == {"reviewer"}
    assert reads[Delicacy.PUBLIC] == reads[Delicacy.INTERNAL] == READS
    assert [visibility.visible(Viewer("x", r)) == [] for r in ROLES] == [r == "reviewer" for r in ROLES]
