"""An erasure down to the last page of the file, the ledger outside the database, and the way back of a backup."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from sqlalchemy import Engine

from app.access.viewer import console
from app.actions import unwriting
from app.db import reading
from app.errors import Invalid
from app.queries import erasures as ledger
from app.settings import Settings
from app.upkeep import erasures
from tests.actions.erasing import ADMIN, NAME, ask, carry_out, erase, report, verdict
from tests.archives import TestArchive
from tests.dumps import traces
from tests.shelves import KEY, Shelf

PAGE = 16384


def test_no_page_of_the_file_holds_the_name(archive: TestArchive, tmp_path: Path) -> None:
    if archive.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its pages itself; VACUUM FULL writes the tables anew")
    which = report(archive)
    assert pages_with(archive.engine, b"CREATE TABLE incident") > 0
    assert pages_with(archive.engine, b"zarmina", b"Zarmina") > 0
    erase(archive, which, tmp_path)
    assert pages_with(archive.engine, b"zarmina", b"Zarmina") == 0
    assert Path(f"{archive.engine.url.database}-wal").stat().st_size == 0


def test_a_log_that_is_not_cleared_is_noticed(
    archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if archive.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps its pages itself")
    which = report(archive)
    monkeypatch.setattr(erasures, "clear", lambda _: True)
    erase(archive, which, tmp_path)
    assert pages_with(archive.engine, b"zarmina", b"Zarmina") > 0


def pages_with(engine: Engine, *words: bytes) -> int:
    """How many pages of the file and its log hold one of these words once they are deciphered; free pages too."""
    found = 0
    for ending, first, apart in (("", 0, 0), ("-wal", 32, 24)):
        raw = Path(f"{engine.url.database}{ending}").read_bytes()[first:]
        for start in range(apart, len(raw), PAGE + apart):
            found += any(word in deciphered(raw[start : start + PAGE]) for word in words)
    return found


def deciphered(page: bytes) -> bytes:
    """A page as SQLCipher 4 writes it: AES-256-CBC, with the vector and a seal in its last 80 bytes."""
    cipher = Cipher(AES256(bytes.fromhex(KEY)), CBC(page[-80:-64])).decryptor()
    return cipher.update(page[:-80]) + cipher.finalize()


def test_whoever_comes_back_with_an_older_backup_is_erased_again(
    archive: TestArchive, shelf: Shelf, tmp_path: Path
) -> None:
    which = report(archive)
    older = shelf.copy(archive.engine)
    erase(archive, which, tmp_path)
    settings = Settings(data_dir=tmp_path)
    assert traces(older, [NAME]) != []
    assert erasures.reapply(older, settings) == 1
    assert traces(older, [NAME]) == []
    found = verdict(archive, older)
    assert found.holds, (found.broken, found.differences)
    with reading(older) as session:
        (entry,) = ledger.ledger(session)
        assert (entry.person_id, entry.done_by) == (which, "restore")
    assert erasures.reapply(older, settings) == 0
    assert erasures.reapply(archive.engine, settings) == 0
    shelf.drop(older)


def test_an_erasure_only_asked_for_before_the_backup_is_done_by_the_ledger(
    archive: TestArchive, shelf: Shelf, tmp_path: Path
) -> None:
    which = report(archive)
    asked = ask(archive, which)
    older = shelf.copy(archive.engine)
    carry_out(archive, tmp_path / erasures.LEDGER, asked, ADMIN)
    assert erasures.reapply(older, Settings(data_dir=tmp_path)) == 1
    with reading(older) as session:
        assert [entry.id for entry in ledger.ledger(session)] == [asked]
    shelf.drop(older)


def test_a_damaged_ledger_is_not_passed_over(archive: TestArchive, tmp_path: Path) -> None:
    assert erasures.reapply(archive.engine, Settings(data_dir=tmp_path)) == 0
    (tmp_path / erasures.LEDGER).write_text('{"id": "half a li', encoding="utf-8")
    with pytest.raises(Invalid, match="ledger"):
        erasures.reapply(archive.engine, Settings(data_dir=tmp_path))


def test_where_the_ledger_cannot_be_written_nothing_is_erased(archive: TestArchive, tmp_path: Path) -> None:
    which = report(archive)
    asked = ask(archive, which)
    with pytest.raises(OSError):
        carry_out(archive, tmp_path / "nowhere" / "ledger", asked, ADMIN)
    assert traces(archive.engine, [NAME]) != []
    with reading(archive.engine) as session:
        assert not ledger.is_erased(session, which)


def test_the_console_takes_two_people_too(
    archive: TestArchive, home: Path, gawah: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    which = str(report(archive))
    monkeypatch.setenv("USER", "first")
    assert gawah("erase", which).code == 2
    assert gawah("erase", which, "--confirm").code == 2
    assert gawah("erase", which, "--legal-basis", "A made-up law").code == 0
    own = gawah("erase", which, "--confirm")
    assert (own.code, "another member" in own.err) == (2, True)
    monkeypatch.setenv("USER", "second")
    said = gawah("erase", which, "--confirm")
    assert (said.code, "incident\t" in said.out) == (0, True), said.err
    assert NAME not in said.out + said.err
    assert (home / erasures.LEDGER).exists()
    assert gawah("verify").code == 0
    assert gawah("erase", "--clear").code == 0
    assert traces(archive.engine, [NAME]) == []
    assert console("x").role == "reviewer"
    assert unwriting.BATCH > 0
