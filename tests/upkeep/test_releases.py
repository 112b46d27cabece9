"""Releases at the console, and after a restore: the same checksums, or somebody is told."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.access.viewer import Viewer
from app.actions import publishing
from app.db import reading, writing
from app.queries import releases as queries
from app.records import Incident
from app.records.public_version import PublicVersionIn
from app.settings import Settings
from app.upkeep import releases
from app.upkeep.published import open_store
from tests.archives import CONTRIBUTOR, TestArchive
from tests.builders import TURBAT, incident_in
from tests.cli.helping import Gawah
from tests.shelves import only
from tests.upkeep.backing_up import a_place, bring, clear, keys, take

EDITOR = Viewer("another reviewer", "reviewer", "write")
NAME = "all@2026-11"


@pytest.fixture
def ready(archive: TestArchive, home: Path) -> TestArchive:
    """An archive at the console, with three incidents that are approved to be public."""
    assert home.exists()
    ids = [archive.report(incident_in(f"Inside {n}", at=TURBAT), CONTRIBUTOR).id for n in range(3)]
    with writing(archive.engine) as session:
        mine = col(Incident.id).in_(ids)
        session.execute(update(Incident).where(mine).values(stage="approved", sensitivity="public"))
    for number, which in enumerate(ids):
        seen = archive.seen(which)
        words = PublicVersionIn.model_validate({"title": f"تربت, for all: {number}", "reason": "A made-up reason."})
        with writing(archive.engine) as session:
            publishing.approve(session, which, words, seen, EDITOR)
    return archive


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_at_the_console_and_out_of_a_backup(
    ready: TestArchive, gawah: Gawah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gawah("publish").code == 0
    made = gawah("release", "create", NAME, "--reason", "For a test.", "--kind", "killing")
    assert made.code == 0, made.err
    told = dict(line.split("  ")[::-1] for line in made.out.splitlines())
    assert f"{NAME}\tedition 1\t3 incidents" in gawah("release", "list").out
    assert gawah("release", "create", NAME, "--reason", "For a test.").code == 2
    assert gawah("release", "rebuild", NAME, "-o", str(tmp_path / "here")).code == 0
    assert sums(tmp_path / "here") == told
    assert gawah("release", "rebuild", NAME, "-o", str(tmp_path / "here")).code == 2
    assert "1 of release" in gawah("verify").out
    pair = keys(tmp_path, "one")
    copy = take(ready, tmp_path / "copy.gawah", [pair, keys(tmp_path, "two")])
    place = a_place(ready, tmp_path / "elsewhere", monkeypatch)
    try:
        restored = bring(place, copy, pair)
        assert (restored.verdict.holds, restored.verdict.rows["release"]) == (True, 1)
        with place.opened() as back:
            releases.rebuild(back.engine, NAME, tmp_path / "there")
            store = open_store(Settings(), back.engine)
            with reading(store.engine) as session:
                size = queries.file_of(queries.shown(queries.find(session, NAME)), "README.txt").size
                served = b"".join(queries.pieces(session, queries.find(session, NAME).pk, "README.txt", (0, size - 1)))
            store.dispose()
        assert hashlib.sha256(served).hexdigest() == told["README.txt"]
        assert sums(tmp_path / "there") == told
    finally:
        clear(ready)


@only("sqlite")
def test_a_recall_at_the_console(ready: TestArchive, gawah: Gawah, tmp_path: Path) -> None:
    gawah("publish")
    gawah("release", "create", NAME, "--reason", "For a test.")
    with reading(ready.engine) as session:
        ref, *_ = [row["ref"] for row in queries.rows(session, queries.find(session, NAME).pk)]
    said = gawah("release", "recall", NAME, ref, "--reason", "For a test.")
    assert (said.code, "edition 2: 2 incidents" in said.err) == (0, True)
    assert gawah("release", "rebuild", NAME, "-o", str(tmp_path / "out")).code == 0
    assert ref in (tmp_path / "out" / "README.txt").read_text(encoding="utf-8")
    assert gawah("verify").code == 0
    with writing(ready.engine) as session:
        session.execute(update(Incident).values(title="Another"))  # the archive goes on; a release does not
    assert gawah("verify").code == 0
