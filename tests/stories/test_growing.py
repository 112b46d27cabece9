"""An analyst gets the whole archive as files: what she counts is what the archive counts, and nothing more is in them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.testclient import TestClient

from app.records import Revision
from tests.archives import TestArchive
from tests.builders import HOMS, TURBAT, an_act, an_incident, somebody
from tests.cli.helping import Gawah

INCIDENTS = "/api/v1/incidents"
HIDDEN = "Zarmina Beispiel"


@pytest.fixture
def officer(client: TestClient) -> TestClient:
    """She has written down four incidents, one of them about somebody who must not be named."""
    for told in (
        an_incident("A raid in Kech", at=TURBAT, on="2025-06"),
        an_incident("A raid in Homs", at=HOMS, on="2024-02-03", kind="enforced_disappearance"),
        an_incident("A raid somewhere", on=None),
        an_incident(HIDDEN, at=TURBAT, on="2025-07", acts=[an_act(person=somebody(HIDDEN))], sensitivity="sealed"),
    ):
        assert client.post(INCIDENTS, json=told).status_code == 201
    return client


def counted(folder: Path, where: str = "true") -> int:
    """What she counts, without a server."""
    asked = f"SELECT count(*) FROM read_parquet('{folder}/*/*/*.parquet', hive_partitioning = true) WHERE {where}"
    found: tuple[int] = duckdb.sql(asked).fetchall()[0]
    return found[0]


def total(client: TestClient, question: str = "") -> int:
    told: dict[str, Any] = client.get(f"{INCIDENTS}?{question}").json()
    return int(told["total"])


def test_she_counts_what_the_archive_counts(officer: TestClient, home: Path, gawah: Gawah, tmp_path: Path) -> None:
    assert gawah("export", "dataset", "lake").code == 0
    lake = tmp_path / "lake"
    assert counted(lake) == total(officer) == json.loads((lake / "_manifest.json").read_text())["rows"] == 4
    for question, where in (
        ("country=PAK", "country = 'PAK'"),
        ("date_from=2025&date_match=within", "year >= 2025"),
        ("kind=enforced_disappearance", "kind = 'enforced_disappearance'"),
        ("bbox=60,24,71,32", "lon BETWEEN 60 AND 71 AND lat BETWEEN 24 AND 32"),
    ):
        assert counted(lake, where) == total(officer, question) > 0, where
    assert counted(lake, "alleged") == 4
    assert counted(lake, "year IS NULL AND country IS NULL") == 1


def test_a_new_one_takes_the_place_of_the_old(officer: TestClient, home: Path, gawah: Gawah, tmp_path: Path) -> None:
    assert gawah("export", "dataset", "lake").code == 0
    assert officer.post(INCIDENTS, json=an_incident("A later raid", at=HOMS, on="2026-01-02")).status_code == 201
    assert counted(tmp_path / "lake") == 4
    assert gawah("export", "dataset", "lake").code == 0
    assert counted(tmp_path / "lake") == total(officer) == 5
    notes = tmp_path / "lake" / "my notes.txt"
    notes.write_text("what I found")
    said = gawah("export", "dataset", "lake")  # her notes are hers
    assert (said.code, notes.read_text()) == (2, "what I found")
    assert "Traceback" not in said.err


def test_the_one_for_everybody_holds_what_is_published_and_nothing_else(
    officer: TestClient, door: Callable[..., TestClient], archive: TestArchive, home: Path, gawah: Gawah, tmp_path: Path
) -> None:
    before = archive.count(Revision)
    assert gawah("export", "dataset", "for-all", "--public").code == 0
    assert archive.count(Revision) == before + 1  # who took it away is history
    told = json.loads((tmp_path / "for-all" / "_manifest.json").read_text())
    assert (told["rows"], told["files"], told["public"]) == (0, [], True)  # nothing was approved yet
    for file in (tmp_path / "for-all").iterdir():
        assert HIDDEN not in file.read_text()
