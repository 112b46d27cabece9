"""The command line in the hands of a test: what it says and with which code it ends."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import create_engine

from app import db
from app.cli import main
from tests.archives import TestArchive
from tests.shelves import KEY


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


Gawah = Callable[..., Said]


def gawah_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gawah:
    """`gawah("member", "list")` as it runs on a terminal, but in this process."""
    opened: list[Engine] = []

    def open_and_note(*words: Any, **options: Any) -> Engine:
        opened.append(create_engine(*words, **options))
        return opened[-1]

    # A command leaves its connections to the end of the process; here that is the end of `run`.
    monkeypatch.setattr(db, "create_engine", open_and_note)

    def run(*words: str) -> Said:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["gawah", *words])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            for engine in opened:
                engine.dispose()
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def settle(archive: TestArchive, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the settings lead to the archive of a test. The data folder."""
    home = folder / "var"
    home.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GAWAH_DATA_DIR", str(home))
    (home / "archive.key").write_text(KEY + "\n")
    if archive.vault is not None:
        archive.vault.folder.mkdir(mode=0o700, exist_ok=True)
        (home / "evidence").symlink_to(archive.vault.folder)
    if archive.engine.dialect.name == "sqlite":
        (home / "archive.db").symlink_to(str(archive.engine.url.database))
    else:
        monkeypatch.setenv("GAWAH_DATABASE_URL", archive.engine.url.render_as_string(hide_password=False))
    return home
