"""The command line with an archive behind it."""

from pathlib import Path

import pytest

from tests.archives import TestArchive
from tests.cli.helping import Gawah, gawah_of, settle


@pytest.fixture
def gawah(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gawah:
    return gawah_of(monkeypatch, capsys)


@pytest.fixture
def home(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return settle(archive, tmp_path, monkeypatch)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without an archive."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAWAH_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GAWAH_DATABASE_URL", raising=False)
    return tmp_path / "var"
