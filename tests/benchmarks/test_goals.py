"""Every figure to reach is measured or said not to be, and the measures run through on archives of some hundred rows."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from app.vocabulary.word import vocabulary
from tests.benchmarks.__main__ import MEASURES, ROOT
from tests.benchmarks.figures import Figure, NotMeasured, missing
from tests.benchmarks.goals import GOALS, MILLION, POSTGRESQL, SQLITE, Goal
from tests.benchmarks.synthetic import KINDS

CHEAP = ("depth", "search", "names", "totals")
PAGE = ROOT / "docs" / "how-to" / "measure.md"
GOAL = GOALS["depth"]


def every_figure(at: int) -> list[Figure]:
    """A figure for each goal."""
    return [Figure(goal.line, "x", [1.0], goal=goal, at=at) for goal in GOALS.values()]


@pytest.mark.parametrize("key", GOALS)
def test_each_line_has_a_measure(key: str) -> None:
    goal = GOALS[key]
    assert goal.measure in MEASURES
    assert goal.engine in {"", SQLITE, POSTGRESQL}


def test_the_page_says_what_each_measure_compares() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in MEASURES if f"`{name}`" not in text] == []


@pytest.mark.parametrize("engine", [SQLITE, POSTGRESQL])
def test_nothing_is_passed_over_in_silence(engine: str) -> None:
    other = {goal.line for goal in GOALS.values() if goal.engine not in {"", engine}}
    full = missing(every_figure(MILLION), MEASURES, engine)
    assert {one.goal.line for one in full} == other
    assert all(one.why in str(one) for one in full)
    small = {one.goal.line for one in missing(every_figure(10), MEASURES, engine)}
    assert small - other == {goal.line for goal in GOALS.values() if goal.rows} - other
    assert len(missing([], [], engine)) == len(GOALS)
    with pytest.raises(ValueError, match="says nothing"):
        missing([], [GOAL.measure], engine)


def test_a_measure_may_say_why_it_could_not() -> None:
    why = NotMeasured(GOAL, "the moon was full")
    assert why in missing([why], [GOAL.measure], SQLITE)


def test_a_verdict_says_when_it_is_of_a_smaller_archive() -> None:
    goal = Goal("a line", 2, "depth", on_ratio=True, rows=1000)
    assert Figure("met", "ms", [3.0], [2.0], goal=goal, at=1000).verdict == "yes"
    assert Figure("missed", "ms", [5.0], [2.0], goal=goal, at=1000).verdict == "NO"
    assert Figure("missed", "ms", [5.0], [2.0], goal=goal, at=10).verdict == "NO, at 10"
    assert Figure("wrong", "ms", [1.0], [2.0], goal=goal, wrong="other rows", at=1000).verdict == "INVALID"


def test_synthetic_rows_use_words_that_there_are() -> None:
    assert set(KINDS) <= set(vocabulary("violations"))


def test_the_cheap_measures_run_through(tmp_path: Path) -> None:
    read, told = tmp_path / "found.md", tmp_path / "found.json"
    line = [sys.executable, "-m", "tests.benchmarks", "--rows", "200,400", "--only", *CHEAP]
    line += ["--markdown", str(read), "--json", str(told)]
    url = os.environ.get("GAWAH_TEST_DATABASE_URL")
    kept = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*line, *(["--database-url", url] if url else [])],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "filling an archive with 400 incidents" in done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {read.name, told.name}
    found = orjson.loads(told.read_bytes())
    assert {figure["wrong"] for figure in found["figures"]} == {None}
    assert {goal.line for goal in GOALS.values()} == {one["line"] for one in found["not_measured"]}
    text = read.read_text(encoding="utf-8")
    assert all(figure["name"] in text and figure["name"] in done.stdout for figure in found["figures"])
