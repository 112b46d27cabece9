"""Passwords: hashed by argon2id, two at a time, and as slow for a name that nobody has."""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import Fault, Invalid, TooMany

MEMORY_KIB, PASSES = 19 * 1024, 2
SHORTEST, LONGEST = 12, 200
LONGEST_WAIT_S = 10.0
HASHER = PasswordHash((Argon2Hasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1),))
# Checked when nobody has the name, so that the time taken tells nothing. No password leads to it.
NOBODYS = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${'A' * 22}${'A' * 43}"
# Two hashes fill two cores and 38 MiB; whoever sends a thousand names waits, and the others go on.
AT_ONCE = threading.BoundedSemaphore(2)


@contextmanager
def turn() -> Iterator[None]:
    """The turn to hash a password. Raises TooMany when it does not come in ten seconds."""
    if not AT_ONCE.acquire(timeout=LONGEST_WAIT_S):
        raise TooMany("Too many people are signing in just now: try again in a moment.", 10)
    try:
        yield
    finally:
        AT_ONCE.release()


def check_fit(password: str, name: str) -> None:
    """Raises Invalid for a password that is too short, too long, or the name itself."""
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        fault = Fault("password", "its length", f"{SHORTEST} to {LONGEST} characters; several words are easy to keep")
        raise Invalid("This password cannot be used.", [fault])
    if plain.casefold() == _plain(name).casefold():
        fault = Fault("password", "it is the name", "choose one that others do not guess")
        raise Invalid("This password cannot be used.", [fault])


def hashed(password: str) -> str:
    """What is kept of a password. Take a `turn` first."""
    return HASHER.hash(_plain(password))


def fits(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Whether this is the password, and a new hash where the kept one is weaker than today's. Take a `turn` first."""
    return HASHER.verify_and_update(_plain(password), kept or NOBODYS)


def _plain(password: str) -> str:
    """The same letters from every keyboard."""
    return unicodedata.normalize("NFKC", password)
