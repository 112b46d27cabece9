"""What the description says is what the service does: schemathesis asks every operation, as each role."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from app.queries import places
from tests.api.walking import something
from tests.archives import TestArchive


@schemathesis.serializer("application/toml")
def as_toml(_: Any, value: Any) -> bytes:
    """A mapping is sent as it was written."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


# So many requests of each kind for each operation and role; give more by hand: GAWAH_CONTRACT_EXAMPLES=100
EXAMPLES = int(os.environ.get("GAWAH_CONTRACT_EXAMPLES", "3"))
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
# As the description has it, and against it.
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ROLES = ("nobody", "viewer", "contributor", "reviewer", "admin", "auditor")
Opener = Callable[..., TestClient]
Known = dict[str, str]


@pytest.fixture(scope="module", params=["sqlite"])
def database() -> str:
    """One engine: the description is the same, and tests/api/test_nonsense.py sends its worst to both."""
    return "sqlite"


def asking(case: Any, ids: Iterator[Known], headers: dict[str, str]) -> str | None:
    """What is wrong with the answer to one request. Every other one is about a record that is there."""
    known = next(ids)
    if case.path_parameters:
        case.path_parameters |= {name: known[name] for name in case.path_parameters if name in known}
    try:
        case.call_and_validate(headers=headers, checks=CHECKS)
    except BaseExceptionGroup as failed:
        return str(failed)
    return None


def failures(app: FastAPI, key: str | None, known: Known, only: Collection[str] = ()) -> tuple[int, dict[str, str]]:
    """How many requests were made, and what is wrong by operation. `only`: the paths to ask."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    made, wrong, ids = 0, {}, cycle([{}, known])
    for found in schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations():
        operation = found.ok()
        if only and operation.path not in only:
            continue
        # An address alone can hardly be against its description: it is there or not.
        for mode in MODES if operation.body or operation.query else MODES[:1]:

            @given(case=operation.as_strategy(generation_mode=mode))
            @settings(
                max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            def hold(case: Any) -> None:
                nonlocal made
                made += 1
                if (what := asking(case, ids, headers)) is not None:
                    wrong[operation.label] = what  # noqa: B023 - it is called at once

            with suppress(Unsatisfiable):  # nothing can be against a description that takes anything
                hold()
    return made, wrong


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_as_described(service: FastAPI, door: Opener, published: TestArchive, role: str) -> None:
    known = something(door(published, "reviewer"))
    made, wrong = failures(service, published.tokens.get(role), known)
    assert wrong == {}, "\n\n".join(f"{name}: {what}" for name, what in wrong.items())
    assert made >= 130 * EXAMPLES


def test_a_server_error_is_noticed(
    service: FastAPI, door: Opener, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = something(door(archive, "reviewer"))
    only = {"/api/v1/areas/{code}"}
    assert failures(service, archive.tokens["viewer"], known, only)[1] == {}
    monkeypatch.setattr(places, "area", lambda *_: 1 / 0)
    (wrong,) = failures(service, archive.tokens["viewer"], known, only)[1].values()
    assert "Server error" in wrong


def test_an_undocumented_answer_is_noticed(
    service: FastAPI, door: Opener, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = something(door(archive, "reviewer"))
    only = {"/api/v1/areas/{code}"}
    monkeypatch.delitem(service.openapi()["paths"]["/api/v1/areas/{code}"]["get"]["responses"], "404")
    (wrong,) = failures(service, archive.tokens["viewer"], known, only)[1].values()
    assert "Undocumented" in wrong
