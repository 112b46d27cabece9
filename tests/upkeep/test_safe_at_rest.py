"""What lies on the disk tells nothing, a wrong key is said in a sentence, and a changed byte of history is found."""

import json
import sqlite3
import stat
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from app import geography
from app.db import open_sqlite, reading, writing
from app.queries import history
from app.records import Archive, Area
from app.upkeep import reference
from tests.archives import TestArchive
from tests.builders import an_act, incident_in, somebody
from tests.cli.helping import Gawah
from tests.shelves import Shelf

PLANTED = "Zarmina Beispiel"
ROOT = Path(__file__).resolve().parents[2]


def plant(archive: TestArchive) -> None:
    archive.report(incident_in(f"About {PLANTED}", acts=[an_act(person=somebody(PLANTED))]))


@pytest.fixture
def encrypted(archive: TestArchive) -> Path:
    """The file of an archive with a planted name in it."""
    if archive.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its files itself")
    plant(archive)
    return Path(str(archive.engine.url.database))


def test_the_file_and_what_lies_beside_it_hold_no_planted_name(archive: TestArchive, encrypted: Path) -> None:
    assert archive.titles() == {f"About {PLANTED}"}
    beside = [path for path in encrypted.parent.iterdir() if path.name.startswith(encrypted.name)]
    assert encrypted.with_name(encrypted.name + "-wal") in beside
    for path in beside:
        raw = path.read_bytes()
        for word in (*PLANTED.split(), PLANTED.lower(), "CREATE TABLE", "incident"):
            assert word.encode() not in raw, path.suffix


def test_a_plain_sqlite_cannot_read_it(archive: TestArchive, encrypted: Path) -> None:
    archive.engine.dispose()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(encrypted).execute("SELECT * FROM sqlite_master").fetchall()


@pytest.mark.parametrize("command", [("member", "list"), ("verify",), ("export", "csv"), ("migrate",), ("serve",)])
def test_a_wrong_key_is_said_in_a_sentence(
    encrypted: Path, home: Path, gawah: Gawah, command: tuple[str, ...], archive: TestArchive
) -> None:
    archive.engine.dispose()
    before = encrypted.read_bytes()
    (home / "archive.key").write_text("00" * 32 + "\n")
    said = gawah(*command)
    assert said.code == 2
    assert "key" in said.err
    assert "Traceback" not in said.err
    assert len(said.err.splitlines()) <= 3
    assert encrypted.read_bytes() == before


@pytest.mark.parametrize("held", ["", "not hex", "5e" * 31, "5e" * 33])
def test_so_is_a_key_that_is_none(home: Path, gawah: Gawah, encrypted: Path, held: str) -> None:
    (home / "archive.key").write_text(held)
    said = gawah("member", "list")
    assert said.code == 2
    assert "key" in said.err
    (home / "archive.key").unlink()
    assert gawah("member", "list").code == 2


@pytest.mark.sockets
def test_a_server_that_does_not_answer_is_said_without_its_password(
    gawah: Gawah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAWAH_DATABASE_URL", "postgresql+psycopg://gawah:beispielwort@127.0.0.1:1/gawah")
    said = gawah("member", "list")
    assert said.code == 2
    assert "GAWAH_DATABASE_URL" in said.err
    assert "beispielwort" not in said.err
    assert "Traceback" not in said.err


def test_init_makes_an_archive_that_only_its_owner_can_read(
    gawah: Gawah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAWAH_DATABASE_URL", raising=False)
    monkeypatch.setenv("GAWAH_DATA_DIR", str(tmp_path / "var"))
    pair = pyrage.x25519.Identity.generate()
    Path("keys.txt").write_text(f"# ours\n{pair.to_public()}\n")
    assert gawah("init", "--admin", "amna", "--recovery-key", "keys.txt").code == 0
    home = tmp_path / "var"
    key = (home / "archive.key").read_text().strip()
    assert stat.S_IMODE((home / "archive.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert pyrage.decrypt((home / "archive.key.age").read_bytes(), [pair]).decode() == key
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt((home / "archive.key.age").read_bytes(), [pyrage.x25519.Identity.generate()])
    assert [line.split("\t")[:3] for line in gawah("member", "list").out.splitlines()] == [["amna", "admin", "active"]]
    again = gawah("init", "--admin", "bilal", "--no-recovery-key")
    assert (again.code, "already" in again.err) == (2, True)
    assert (home / "archive.key").read_text().strip() == key
    engine = open_sqlite(home / "archive.db", key)
    check_counts(engine)
    engine.dispose()


def check_counts(engine: Engine) -> None:
    """As many areas and settlements as the list of the built files says."""
    manifest = json.loads((geography.FOLDER / "manifest.json").read_text(encoding="utf-8"))
    files = manifest["files"]
    with Session(engine) as session:
        for table, file in (("area", "areas.geojsonl.gz"), ("settlement", "settlements.csv.gz")):
            held = session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            extra = files["settlements_extra.csv"]["rows"] if table == "settlement" else 0
            assert held == files[file]["rows"] + extra, table


def test_the_geography_is_loaded_once(archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        assert reference.load(session) is False
        session.connection().execute(text("UPDATE area SET name = 'Changed' WHERE code = 'PK-BA'"))
        assert reference.load(session) is False
        assert session.exec(select(Area.name).where(Area.code == "PK-BA")).one() == "Changed"


def test_and_again_when_it_has_changed(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [area for area in geography.areas() if area.country == "PAK"]
    monkeypatch.setattr(reference.geography, "areas", lambda: some)
    monkeypatch.setattr(reference.geography, "settlements", list)
    monkeypatch.setattr(reference, "fingerprint", lambda: "another")
    with writing(archive.engine) as session:
        assert reference.load(session) is True
    with reading(archive.engine) as session:
        assert len(session.exec(select(Area.pk)).all()) == len(some)
        assert session.exec(select(Archive.geodata)).one() == "another"


CHANGES = {
    "what it says": "UPDATE revision SET what = replace(CAST(what AS TEXT), 'killing', 'killinG'){json} WHERE seq = 11",
    "who": "UPDATE revision SET who = 'a reviewes' WHERE seq = 11",
    "when": "UPDATE revision SET at = '2020-01-01 00:00:00' WHERE seq = 11",
    "why": "UPDATE revision SET why = 'x' WHERE seq = 11",
    "which record": "UPDATE revision SET record_id = (SELECT record_id FROM revision WHERE seq = 12) WHERE seq = 11",
    "its salt": "UPDATE revision SET salt = '00' WHERE seq = 11",
    "its seal": "UPDATE revision SET seal = '00' WHERE seq = 11",
    "a line is gone": "DELETE FROM revision WHERE seq = 11",
    "a line is elsewhere": "UPDATE revision SET seq = 99 WHERE seq = 11",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_verify_finds_what_was_changed(archive: TestArchive, home: Path, gawah: Gawah, change: str) -> None:
    for number in range(3):
        archive.report(incident_in(f"Report {number}"))
    assert gawah("verify").code == 0
    as_json = "::json" if archive.engine.dialect.name == "postgresql" else ""
    with archive.engine.begin() as connection:
        assert connection.execute(text(change.replace("{json}", as_json))).rowcount == 1
    said = gawah("verify")
    assert said.code == 1
    broken = 12 if change.startswith("DELETE") or "seq = 99" in change else 11
    assert f"line {broken}" in said.err
    told = json.loads(gawah("verify", "--json").out)
    assert (told["lines"], told["broken"]["seq"]) == (10, broken)
    with reading(archive.engine) as session:
        assert history.check_chain(session)[0] == 10


def test_members_and_tokens_are_in_history_and_secrets_are_not(archive: TestArchive, shelf: Shelf) -> None:
    with Session(archive.engine) as session:
        lines = session.connection().execute(text("SELECT CAST(what AS TEXT) FROM revision")).scalars().all()
        kept = session.connection().execute(text("SELECT secret_hash FROM token")).scalars().all()
    assert len(lines) == 10
    assert len(kept) == len(shelf.tokens)
    for token in shelf.tokens.values():
        secret = token.split("_", 2)[2]
        assert not any(secret in line for line in [*lines, *kept])
