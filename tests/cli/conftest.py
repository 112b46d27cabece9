"""The command line with an archive behind it."""

from pathlib import Path

import pytest


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without an archive."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAWAH_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("GAWAH_DATABASE_URL", raising=False)
    return tmp_path / "var"
