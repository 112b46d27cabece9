"""Archives: made once with all of the reference geography, found again, and safe from a second making."""

from pathlib import Path

import pyrage
import pytest
from sqlmodel import Session, func, select

from app import geography
from app.db import SAFE_SQLITE, SQLITE, reading
from app.errors import Conflict, Invalid, NotFound
from app.queries import places
from app.queries.places import SettlementSearch
from app.records import Archive, Area, Settlement
from app.settings import Settings
from app.upkeep import archives, engines
from tests.shelves import Shelf


@pytest.fixture
def settings(tmp_path: Path, shelf: Shelf, database: str) -> Settings:
    if database == "sqlite":
        return Settings(data_dir=tmp_path / "var", database_url=None)
    empty = shelf.empty()  # thrown away with the shelf
    return Settings(data_dir=tmp_path / "var", database_url=empty.url.render_as_string(hide_password=False))


def test_a_new_archive_holds_all_of_the_geography(settings: Settings) -> None:
    assert not archives.exists(settings)
    with pytest.raises(NotFound):
        archives.open_up(settings)
    engine = archives.begin(settings, "own")
    with Session(engine) as session:
        assert session.exec(select(func.count()).select_from(Area)).one() == len(geography.areas())
        assert session.exec(select(func.count()).select_from(Settlement)).one() == len(list(geography.settlements()))
        assert session.exec(select(Archive.kind)).all() == ["own"]
    with reading(engine) as session:
        assert "Turbat" in {place.name for place in places.settlements(session, SettlementSearch(q="turbat"))}
        assert "Turbat" in {place.name for place in places.settlements(session, SettlementSearch(q="تربت"))}
    engine.dispose()
    with pytest.raises(Conflict):
        archives.begin(settings, "own")
    again = archives.open_up(settings)
    assert archives.kind(again) == "own"
    again.dispose()


def test_the_file_is_of_no_use_without_its_key(tmp_path: Path) -> None:
    made = engines.make_key(tmp_path / "k" / "archive.key")
    assert engines.read_key(tmp_path / "k" / "archive.key") == made
    assert (tmp_path / "k" / "archive.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        engines.make_key(tmp_path / "k" / "archive.key")


def test_an_encrypted_file_shows_nothing(shelves: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    shelf = shelves("sqlite")  # type: ignore[operator]
    engine = shelf.fresh()
    raw = Path(str(engine.url.database)).read_bytes()
    assert not raw.startswith(b"SQLite format 3")
    assert b"Balochistan" not in raw
    shelf.drop(engine)


@pytest.mark.parametrize("held", ["", "not hex", "xyz"])
def test_a_damaged_key_is_said(tmp_path: Path, held: str) -> None:
    path = tmp_path / "archive.key"
    with pytest.raises(engines.UnsafeDatabase):
        engines.read_key(path)
    path.write_text(held)
    if held:
        with pytest.raises(engines.UnsafeDatabase):
            engines.read_key(path)


def test_an_old_sqlite_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SQLITE >= SAFE_SQLITE
    monkeypatch.setattr(engines, "SQLITE", (3, 51, 2))
    with pytest.raises(engines.UnsafeDatabase, match=r"3\.51\.3"):
        engines.connect(Settings(data_dir=tmp_path, database_url=None))


def test_a_copy_of_the_key_opens_with_the_recovery_key_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=None)
    key = engines.make_key(settings.key_path)
    pair = pyrage.x25519.Identity.generate()
    recipients = tmp_path / "recipients"
    recipients.write_text(f"# ours\n{pair.to_public()}\n")
    copy = archives.recovery_copy(settings, recipients)
    assert key.encode() not in copy.read_bytes()
    assert pyrage.decrypt(copy.read_bytes(), [pair]).decode() == key
    for wrong in ("", "# nothing\n", "age1notakey\n"):
        recipients.write_text(wrong)
        with pytest.raises(Invalid):
            archives.recovery_copy(settings, recipients)
