"""Files of evidence on the disk: encrypted, whole or not there at all, whatever happens meanwhile."""

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import psutil
import pyrage
import pytest

from app.actions import vault as vaulting
from app.actions.vault import store, sweep
from app.errors import Damaged, NoKey, NotStored
from app.queries.vault import INCOMING, Digest, Vault, check, pour, whole
from tests.shelves import KEY

ROOT = Path(__file__).resolve().parents[2]
CONTENT = b"What a neighbour wrote down. " * 5000


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "evidence", KEY)


def lying(vault: Vault) -> list[Path]:
    return [path for path in vault.folder.rglob("*") if path.is_file()]


def test_what_goes_in_comes_out(vault: Vault) -> None:
    stored = store(vault, BytesIO(CONTENT))
    assert (stored.sha256, stored.size) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert whole(vault, stored.sha256, len(CONTENT)) == CONTENT
    (path,) = lying(vault)
    assert path == vault.path_of(stored.sha256)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == stat.S_IMODE(vault.folder.stat().st_mode) == 0o700


def test_the_disk_tells_neither_what_it_is_nor_that_it_is_here(vault: Vault) -> None:
    sha256 = store(vault, BytesIO(CONTENT)).sha256
    (path,) = lying(vault)
    assert b"neighbour" not in path.read_bytes()
    assert sha256[:8] not in str(path)
    assert Vault(vault.folder, "00" * 32).path_of(sha256) != path
    with pytest.raises(Damaged):
        check(Vault(vault.folder, "00" * 32), sha256, len(CONTENT))
    with pytest.raises(NoKey):
        store(Vault(vault.folder, None), BytesIO(CONTENT))


def test_the_key_is_one_that_age_knows(vault: Vault) -> None:
    told = str(vault.identity)
    assert told.startswith("AGE-SECRET-KEY-1")
    assert str(pyrage.x25519.Identity.from_str(told).to_public()) == str(vault.identity.to_public())


def test_the_same_again_is_one_file_untouched(vault: Vault) -> None:
    store(vault, BytesIO(CONTENT))
    (path,) = lying(vault)
    before = path.read_bytes()
    assert store(vault, BytesIO(CONTENT)).replaced is False
    assert [one.read_bytes() for one in lying(vault)] == [before]


def test_a_damaged_file_is_mended_by_the_same_again(vault: Vault) -> None:
    stored = store(vault, BytesIO(CONTENT))
    path = vault.path_of(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    assert store(vault, BytesIO(CONTENT)).replaced is True
    check(vault, stored.sha256, stored.size)


@pytest.mark.parametrize("at", [0, 30, 100, 250, 1000, -1])
def test_any_changed_byte_is_found(vault: Vault, at: int) -> None:
    stored = store(vault, BytesIO(CONTENT))
    path = vault.path_of(stored.sha256)
    held = bytearray(path.read_bytes())
    held[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(held)
    with pytest.raises(Damaged):
        check(vault, stored.sha256, stored.size)


def fail(number: int) -> Callable[..., None]:
    def failing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return failing


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_what_the_disk_does_not_take_leaves_nothing(vault: Vault, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(vaulting.os, "fsync", fail(number))
        with pytest.raises(NotStored):
            store(vault, BytesIO(CONTENT))
    assert lying(vault) == []


def test_neither_does_a_folder_that_cannot_be_synced(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    real, synced = os.fsync, []

    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "no")
        synced.append(descriptor)
        real(descriptor)

    monkeypatch.setattr(vaulting.os, "fsync", only_files)
    with pytest.raises(NotStored):
        store(vault, BytesIO(CONTENT))
    assert len(synced) == 1
    assert lying(vault) == []


def test_file_first_then_name_then_folders(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order that a power cut cannot undo."""
    done: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real_sync(descriptor)

    def replace(path: Path, to: Path) -> Path:
        done.append("name")
        return real_replace(path, to)

    monkeypatch.setattr(vaulting.os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    store(vault, BytesIO(CONTENT))
    assert done == ["file", "name", "folder", "folder", "folder"]


def test_a_body_that_breaks_off_leaves_nothing(vault: Vault) -> None:
    class Breaking(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 50_000:
                raise RuntimeError("the line is dead")
            return super().read(size)

    with pytest.raises(RuntimeError, match="the line is dead"):
        store(vault, Breaking(CONTENT))
    assert lying(vault) == []


class Zeros:
    """So many bytes, of which none is in memory."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        given = min(size if size >= 0 else self.left, self.left)
        self.left -= given
        return bytes(given)


def test_a_large_file_takes_no_more_memory_than_a_small_one(vault: Vault) -> None:
    store(vault, Zeros(1 << 20))
    before, size = psutil.Process().memory_info().rss, 64 << 20
    stored = store(vault, Zeros(size))
    seen = Digest()
    pour(vault, stored.sha256, seen)
    assert seen.size == size
    assert psutil.Process().memory_info().rss - before < 16 << 20


SLOWLY = """
import sys
from pathlib import Path
from app.actions.vault import store
from app.queries.vault import Vault
store(Vault(Path(sys.argv[1]), sys.argv[2]), sys.stdin.buffer)
"""


def test_killed_in_the_middle_it_leaves_a_file_on_its_way_in_that_is_swept(vault: Vault) -> None:
    line = [sys.executable, "-c", SLOWLY, str(vault.folder), KEY]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE) as upload:
        assert upload.stdin is not None
        upload.stdin.write(CONTENT * 10)
        upload.stdin.flush()
        for _ in range(300):
            if any(path.stat().st_size > 100_000 for path in lying(vault)):
                break
            time.sleep(0.05)
        upload.send_signal(signal.SIGKILL)
    (path,) = lying(vault)
    assert path.parent.name == INCOMING
    assert b"neighbour" not in path.read_bytes()
    assert sweep(vault) == 0  # somebody may still be sending it
    os.utime(path, (0, 0))
    assert sweep(vault) == 1
    assert lying(vault) == []
