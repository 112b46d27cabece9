"""A table for jobs, and a worker that does what waits when a test says so."""

from io import StringIO
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.imports.background import Worker
from app.queries.board import Board
from tests.archives import TestArchive

IMPORTS, JOBS = "/api/v1/imports", "/api/v1/jobs"
HEAD = "id,title,kind,source_kind,source_title,victim_group,killed_best,date"


def table(rows: int, mark: str = "made-up") -> bytes:
    """Rows of our template, each with an id and a source of its own."""
    text = StringIO()
    text.write(HEAD + "\n")
    for number in range(rows):
        told = f"Alleged killing {mark} {number},killing,press,Report {mark} {number},villagers,2,2025-06-12"
        text.write(f"{mark}-{number},{told}\n")
    return text.getvalue().encode()


def board_of(archive: TestArchive) -> Board:
    assert archive.vault is not None
    return Board(archive.engine, archive.vault)


def worker_of(archive: TestArchive, folder: Path | None = None) -> Worker:
    return Worker(board_of(archive), folder)


def leave(client: TestClient, body: bytes, **how: Any) -> dict[str, Any]:
    """Leave a file with the service: the job."""
    answer = client.post(IMPORTS, content=body, params={"background": "true", "name": "big.csv", **how})
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"{JOBS}/{job['id']}"
    return job


def look(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    """How it stands now."""
    answer = client.get(f"{JOBS}/{job['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
