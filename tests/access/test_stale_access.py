"""Nobody gets in by what is over: thousands of random steps over the real service, against a small model of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import event
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.access import second_factor, sessions, tokens
from app.access.viewer import Viewer
from app.actions import members, signing_in
from app.records import Member, MemberSession
from tests.access.coming_and_going import People
from tests.api.signing import HERE, Browser, Clock, browser, clock
from tests.archives import TestArchive

__all__ = ["browser", "clock"]
EXAMPLES, STEPS = 75, 30


@pytest.fixture
def people(archive: TestArchive, service: FastAPI, clock: Clock, browser: Browser) -> Iterator[type[People]]:
    """The machine over one archive; `browser` makes passwords cheap and sets the service up."""
    if archive.engine.dialect.name == "sqlite":  # a power cut is not what is tried here
        archive.engine.dispose()
        event.listen(archive.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
    with TestClient(service, base_url=HERE) as client:
        yield type("PeopleHere", (People,), {"archive": archive, "client": client, "clock": clock, "steps": 0})


def run(people: type[People], examples: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        people,
        settings=settings(
            max_examples=examples, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            report_multiple_bugs=False, suppress_health_check=list(HealthCheck), print_blob=False,
            phases=phases or tuple(Phase),
        ),
    )  # fmt: skip


def test_in_thousands_of_steps_nobody_comes_in_by_what_is_over(people: type[People]) -> None:
    run(people, EXAMPLES)
    assert people.steps >= 2000
    assert people.archive.broken() is None


def _ignores(*fields: str) -> Callable[[MemberSession, datetime], bool]:
    """`holds` that does not look at these."""

    def holds(sign_in: MemberSession, at: datetime) -> bool:
        asked = {
            "ended": sign_in.ended_at is None,
            "expires": at < sign_in.expires_at,
            "idle": at < sign_in.seen_at + sessions.IDLE,
        }
        return all(fine for name, fine in asked.items() if name not in fields)

    return holds


def _holder_that_knows_no_disabled(session: Session, token: str) -> Viewer | None:
    public = token.split("_")[1]
    asked = select(tokens.Token, Member).join(Member).where(col(tokens.Token.public) == public)
    key, member = session.execute(asked).one()
    return Viewer(member.name, member.role, key.scope) if key.revoked_at is None else None


def _step_without_memory(secret: str, code: str, at: datetime, last: int | None) -> int | None:
    return STEP_OF(secret, code, at, None)


STEP_OF = second_factor.step_of
FAULTS: dict[str, list[tuple[Any, str, Any]]] = {
    "an ended sign-in holds": [(sessions, "holds", _ignores("ended"))],
    "nobody is ever idle": [(sessions, "holds", _ignores("idle"))],
    "a sign-in has no end": [(sessions, "holds", _ignores("expires", "idle"))],
    "a code works twice": [(second_factor, "step_of", _step_without_memory)],
    "tokens never expire": [(tokens, "now", lambda: datetime(2000, 1, 1, tzinfo=UTC))],
    "who is out and in again finds the old keys": [(members, "end_everything", lambda *_: {})],
    "who is out keeps the keys": [
        (members, "end_everything", lambda *_: {}), (tokens, "holder", _holder_that_knows_no_disabled),
    ],
    "nobody is confined": [(sessions, "is_needed_of", lambda *_: False)],
    "a link works twice": [(signing_in, "end_links", lambda *_: None)],
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], scope="module")  # the faults are the same on both engines
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(people: type[People], monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    for module, name, faulty in FAULTS[fault]:
        monkeypatch.setattr(module, name, faulty)
    with pytest.raises(AssertionError):
        run(people, EXAMPLES, Phase.generate)
