"""A measured archive that is to stay is found again by the next run, up to date; all others are gone."""

import os
from pathlib import Path

from sqlmodel import select

from app.access.viewer import console
from app.db import reading
from app.queries import incidents
from app.queries.filter import IncidentFilter
from app.records import ReadyFeature
from tests.benchmarks.grounds import Ground, Grounds

MANY = 30


def refs_of(ground: Ground) -> list[str]:
    with reading(ground.engine) as session:
        assert session.exec(select(ReadyFeature.ref)).first() is not None
        return [row["ref"] for row in incidents.stream(session, IncidentFilter(), console("benchmark"))]


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    url, kept = os.environ.get("GAWAH_TEST_DATABASE_URL"), tmp_path / "kept"
    first = Grounds(tmp_path / "first", url, kept)
    made = refs_of(first.filled(MANY))
    first.clear()
    assert not (tmp_path / "first").exists()
    second = Grounds(tmp_path / "second", url, kept)
    again = second.filled(MANY)
    assert refs_of(again) == made
    assert len(made) == MANY
    assert again.settings.data_dir.parent == kept
    assert not (tmp_path / "second").exists()  # nothing was made anew
    if url:
        second.databases.append(again.engine.url.database or "")
    second.clear()
