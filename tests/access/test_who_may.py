"""Who may do what: a table that is complete, asked both ways, and the fields that each role sees."""

import itertools

import pytest

from app.access.policy import PARTNER, THE_PUBLIC
from app.access.tokens import SHAPE, digest, fresh, holder
from app.access.viewer import SCOPES, Viewer, check_may_read, check_may_write, console, may_write
from app.access.visibility import READS, delicacy, may_read, redacted, visible
from app.db import reading
from app.errors import Forbidden
from app.records import METADATA, Incident, Source
from app.records.person import PersonFields
from app.records.source import SourceFields
from app.vocabulary.sensitivity import Delicacy
from app.vocabulary.word import vocabulary
from tests.archives import TestArchive

ROLES = list(vocabulary("member_roles"))
# role: may read, may write with a token that allows it
TABLE = {
    "viewer": (True, False),
    "contributor": (True, True),
    "reviewer": (True, True),
    "admin": (False, False),
    "auditor": (False, False),
}


def test_the_table_is_complete() -> None:
    assert set(TABLE) == set(ROLES)


@pytest.mark.parametrize(("role", "scope"), list(itertools.product([*ROLES, "stranger"], SCOPES)))
def test_the_answer_and_the_refusal_agree(role: str, scope: str) -> None:
    viewer = Viewer("somebody", role, scope)
    reads, writes = TABLE.get(role, (False, False))
    writes = writes and scope != "read"
    assert may_write(viewer) is writes
    for allowed, check in ((reads, check_may_read), (writes, check_may_write)):
        if allowed:
            check(viewer)
        else:
            with pytest.raises(Forbidden) as refused:
                check(viewer)
            assert refused.value.detail.endswith(".")


def test_whoever_sits_at_the_machine_may_do_everything() -> None:
    check_may_read(console("me"))
    check_may_write(console("me"))
    assert console("me").via == "cli"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", list(Delicacy))
def test_which_classes_a_role_reads(role: str, kind: Delicacy) -> None:
    reads = {
        "viewer": set(Delicacy) - {Delicacy.IDENTITY, Delicacy.SOURCE_IDENTITY, Delicacy.CUSTODY},
        "contributor": set(Delicacy) - {Delicacy.CUSTODY},
        "reviewer": set(Delicacy),
    }
    assert may_read(Viewer("somebody", role), kind) is (kind in reads.get(role, set()))


def test_a_stranger_reads_nothing() -> None:
    assert not any(may_read(Viewer("somebody", "stranger"), kind) for kind in Delicacy)


@pytest.mark.parametrize("role", ROLES)
def test_only_reviewers_see_the_sealed(role: str) -> None:
    assert (visible(Viewer("somebody", role)) == []) is (role == "reviewer")


def test_a_field_that_may_not_be_read_is_empty_and_the_rest_stays() -> None:
    row = {"author": "Example Author", "title": "A letter", "own": 1}
    assert redacted(SourceFields, row, Viewer("v", "viewer")) == {"author": None, "title": "A letter", "own": 1}
    assert redacted(SourceFields, row, Viewer("c", "contributor")) == row
    assert redacted(PersonFields, {"birth_year": 1990}, Viewer("v", "viewer")) == {"birth_year": None}


def test_a_field_says_its_class_or_there_is_an_error() -> None:
    assert delicacy(Source, "author") is Delicacy.SOURCE_IDENTITY
    assert delicacy(Incident, "title") is Delicacy.PUBLIC
    with pytest.raises(KeyError):
        delicacy(Incident, "nonsense")


def test_every_role_that_reads_is_a_role() -> None:
    assert set(READS) == set(ROLES) | {THE_PUBLIC, PARTNER}
    assert METADATA.tables


def test_a_fresh_key_has_a_shape_and_is_never_twice_the_same() -> None:
    public, kept, token = fresh()
    shape = SHAPE.fullmatch(token)
    assert shape is not None
    assert shape[1] == public
    assert kept == digest(shape[2])
    assert len({fresh()[2] for _ in range(50)}) == 50


@pytest.mark.parametrize("role", ROLES)
def test_a_key_leads_to_its_holder(archive: TestArchive, role: str) -> None:
    token = archive.tokens[role]
    with reading(archive.engine) as session:
        assert holder(session, token) == Viewer(f"a {role}", role, "admin", "api")
        wrong = token[:-1] + ("A" if token[-1] != "A" else "B")
        for other in (wrong, "", token + "x", token.replace("gwh", "gwx"), "gwh_%_%", "\0"):
            assert holder(session, other) is None
