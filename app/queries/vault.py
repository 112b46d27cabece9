"""Read the files of evidence: encrypted, under names that only the key tells, known by the SHA-256 of their content."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path

import pyrage

from app.errors import Damaged, NoKey, TooLarge

INCOMING = "incoming"
GIB = 1024**3
# Bech32, in which age writes its keys.
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
AGE_SECRET_KEY = "age-secret-key-"  # noqa: S105 - how every key of age begins
GONE = "its file is not where it should be"
CHANGED = "its file has been changed or cut: it cannot be decrypted"
OTHER = "its file holds something else than was taken in"


@dataclass(frozen=True)
class Vault:
    """The folder of the files and the key of the archive (64 hex digits). `largest`: bytes a file may have."""

    folder: Path
    key: str | None
    largest: int = 2 * GIB

    @cached_property
    def identity(self) -> pyrage.x25519.Identity:
        """Opens the files. Raises NoKey."""
        return pyrage.x25519.Identity.from_str(_bech32(AGE_SECRET_KEY, self._derived("contents")).upper())

    def path_of(self, sha256: str) -> Path:
        """Where the file with this content lies: a name from which nobody without the key can tell what we hold."""
        name = hmac.new(self._derived("names"), sha256.encode(), hashlib.sha256).hexdigest()
        return self.folder / name[:2] / name[2:]

    def _derived(self, use: str) -> bytes:
        if self.key is None:
            raise NoKey("The key of the archive is missing, and evidence is encrypted with it: set GAWAH_KEY_FILE.")
        return hmac.digest(bytes.fromhex(self.key), f"gawah evidence {use}".encode(), "sha256")


def _bech32(prefix: str, secret: bytes) -> str:
    """BIP 173, for 32 bytes."""
    wide = int.from_bytes(secret, "big") << 4
    digits = [wide >> (5 * place) & 31 for place in reversed(range(52))]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod([*spread, *digits, *[0] * 6]) ^ 1
    return f"{prefix}1" + "".join(LETTERS[d] for d in [*digits, *(check >> 5 * (5 - i) & 31 for i in range(6))])


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, part in enumerate(GENERATOR):
            check ^= part if top >> place & 1 else 0
    return check


class Digest:
    """Takes bytes in and remembers only their SHA-256 and how many they were; hands them on where `to` is given."""

    def __init__(self, to: Callable[[bytes], object] = lambda _: None) -> None:
        self.to = to
        self.size = 0
        self._sum = hashlib.sha256()
        self.failure: Exception | None = None

    def write(self, piece: bytes) -> int:
        self.size += len(piece)
        self._sum.update(piece)
        try:
            self.to(piece)
        except Exception as failure:
            self.failure = failure
            raise
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    @property
    def sha256(self) -> str:
        return self._sum.hexdigest()


def pour(vault: Vault, sha256: str, into: Digest) -> None:
    """Decrypt a file piece by piece. Raises Damaged when it is missing, changed or another one."""
    with _opened(vault, sha256) as file:
        try:
            pyrage.decrypt_io(file, into, [vault.identity])
        except (pyrage.DecryptError, OSError) as problem:
            if into.failure is not None:
                raise into.failure from None
            raise Damaged(CHANGED) from problem
    if into.sha256 != sha256:
        raise Damaged(OTHER)


@contextmanager
def _opened(vault: Vault, sha256: str) -> Iterator[BytesIO]:
    try:
        file = vault.path_of(sha256).open("rb")
    except OSError as problem:
        raise Damaged(GONE) from problem
    with file:
        yield file  # type: ignore[misc] # age reads whatever can be read


def check(vault: Vault, sha256: str, size: int) -> None:
    """Read a whole file again. Raises Damaged, which says what is wrong with it."""
    seen = Digest()
    pour(vault, sha256, seen)
    if seen.size != size:
        raise Damaged(f"its record says {size} bytes, and its file holds {seen.size}")


def whole(vault: Vault, sha256: str, most: int) -> bytes:
    """What a file holds, at once. Raises Damaged, and TooLarge above `most` bytes."""
    held = BytesIO()

    def keep(piece: bytes) -> None:
        if held.tell() + len(piece) > most:
            raise TooLarge(f"The file is larger than {most // 1024**2} MiB, too large for that.")
        held.write(piece)

    pour(vault, sha256, Digest(keep))
    return held.getvalue()


def strays(vault: Vault, known: set[Path]) -> list[Path]:
    """What lies in the folder and belongs to no record; files on their way in are not meant."""
    if not vault.folder.exists():
        return []
    found = (path for path in sorted(vault.folder.rglob("*")) if path.is_file())
    return [path for path in found if path not in known and path.parent.name != INCOMING]
