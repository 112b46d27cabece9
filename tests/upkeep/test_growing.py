"""What docs/how-to/grow.md shows is run as it stands there, so that it cannot rot."""

import re
from pathlib import Path
from typing import Any

import dask
import duckdb
import pytest
from sqlalchemy import text

from app.settings import Settings
from tests.archives import TestArchive
from tests.builders import QUETTA, TURBAT, incident_in
from tests.cli.helping import Gawah
from tests.shelves import only

GUIDE = (Path(__file__).resolve().parents[2] / "docs/how-to/grow.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", GUIDE, re.DOTALL)


def blocks(language: str, first: str = "") -> list[str]:
    found = [words for name, words in BLOCKS if name == language and words.startswith(first)]
    assert found, language
    return found


def commands(word: str) -> list[list[str]]:
    lines = [line.split() for block in blocks("sh") for line in block.splitlines()]
    return [line[1:] for line in lines if line[:2] == ["gawah", word]]


@pytest.fixture
def lakes(archive: TestArchive, home: Path, gawah: Gawah) -> None:
    """Every `gawah export` of the guide, in the working folder."""
    archive.report_all([
        incident_in("In Kech", at=TURBAT, on="2025-06"),
        incident_in("In Quetta", at=QUETTA, on="2024-05"),
        incident_in("Somewhere, some day", on=None),
    ])  # fmt: skip
    assert len(commands("export")) == 3
    for line in commands("export"):
        said = gawah(*line)
        assert said.code == 0, said.err


@only("sqlite")
def test_duckdb_and_dask_answer_as_shown(lakes: None) -> None:
    (asked,) = blocks("sql", "-- DuckDB")
    assert duckdb.sql(asked).fetchall() == [("PAK", 2024, "killing", 1), ("PAK", 2025, "killing", 1)]
    (program,) = blocks("python")
    made: dict[str, Any] = {}
    with dask.config.set(scheduler="synchronous"), pytest.warns(DeprecationWarning, match="inplace"):  # Dask's own
        exec(program, made)
    assert made["located"].title.tolist() == ["In Kech"]
    assert (made["located"].geometry.iloc[0].x, made["located"].geometry.iloc[0].y) == TURBAT


@only("sqlite")
def test_the_service_starts_as_shown(home: Path, gawah: Gawah, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[int] = []
    monkeypatch.setattr("uvicorn.run", lambda *_, **options: served.append(options.get("workers", 1)))
    assert [gawah(*line).code for line in commands("serve")] == [0, 0, 0]
    assert served == [1, 4, 4]
    assert {name.lower() for name in re.findall(r"GAWAH_(\w+)", GUIDE)} <= Settings.model_fields.keys()


@only("postgresql")
def test_the_parts_that_a_question_asks_are_as_many_as_the_guide_says(archive: TestArchive) -> None:
    (shown,) = blocks("sql", "-- PostgreSQL")
    counted = []
    with archive.engine.connect() as connection:
        for statement in shown.split(";\n"):
            plan = connection.execute(text(statement)) if statement else None
            if plan is not None and plan.returns_rows:
                asked = len(set(re.findall(r"\bincident_\d\b", "\n".join(row[0] for row in plan))))
                counted.append((int(re.findall(r"-- (\d) of 4", statement)[0]), asked))
        connection.rollback()
    assert [told for told, _ in counted] == [found for _, found in counted] == [1, 4, 4, 4]
