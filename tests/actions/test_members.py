"""Members and their keys: let in, shut out, and what is refused."""

import pytest

from app.access.tokens import holder
from app.access.viewer import console
from app.actions import members
from app.db import reading, writing
from app.errors import Conflict, Invalid, NotFound
from app.queries.members import everyone
from tests.archives import TestArchive

ADMIN = console("tests")


def test_somebody_is_let_in_given_a_key_and_shut_out(archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        members.add(session, "Example Member", "contributor", ADMIN)
        token = members.create_token(session, "Example Member", "write", 30, ADMIN)
    with reading(archive.engine) as session:
        found = holder(session, token)
        assert found is not None
        assert (found.name, found.role, found.scope) == ("Example Member", "contributor", "write")
    with writing(archive.engine) as session:
        members.disable(session, "Example Member", ADMIN)
    with reading(archive.engine) as session:
        assert holder(session, token) is None
        (one,) = [m for m in everyone(session) if m.name == "Example Member"]
        assert one.disabled_at is not None
    assert archive.broken() is None


def test_two_members_never_have_one_name(archive: TestArchive) -> None:
    with pytest.raises(Conflict), writing(archive.engine) as session:
        members.add(session, "a reviewer", "viewer", ADMIN)


@pytest.mark.parametrize("role", ["", "owner", "Reviewer"])
def test_there_are_no_other_roles(archive: TestArchive, role: str) -> None:
    with pytest.raises(Invalid), writing(archive.engine) as session:
        members.add(session, "Example Member", role, ADMIN)


@pytest.mark.parametrize(("scope", "days"), [("all", 1), ("read", 0), ("read", -1), ("read", 367)])
def test_a_key_that_cannot_be_made(archive: TestArchive, scope: str, days: int) -> None:
    with pytest.raises(Invalid), writing(archive.engine) as session:
        members.create_token(session, "a viewer", scope, days, ADMIN)


def test_nobody_gets_a_key_who_is_not_in(archive: TestArchive) -> None:
    with pytest.raises(NotFound), writing(archive.engine) as session:
        members.create_token(session, "nobody", "read", 1, ADMIN)
    with pytest.raises(NotFound), writing(archive.engine) as session:
        members.disable(session, "nobody", ADMIN)
