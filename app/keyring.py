"""The keys of identities: one a subject, wrapped by a key made from that of the archive; and blind tokens for names."""

import base64
import re
import secrets
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Engine, String, Text, TypeDecorator, event
from sqlalchemy.exc import DontWrapMixin

from app.errors import NoKey

# How an enciphered cell begins: `gv1:<subject, 32 hex digits>:<base64 of nonce and ciphertext>`.
MARK = "gv1:"
NONCE = 12
TOKEN_BYTES = 12
# Keys are made in the order of their subjects' ids, so whoever is asked for next is probably among the next ones.
AT_ONCE = 500
REMEMBERED = 500_000
NOBODY = UUID(int=0)
NO_KEY = "Names are kept enciphered, and the key of the archive is missing or is another one: set GAWAH_KEY_FILE."
_WORD = re.compile(r"[^\W_]+")
Wrapped = Callable[[UUID], Iterable[tuple[UUID, str]]]


class Locked(DontWrapMixin, NoKey):
    """Names cannot be read or written without the key of the archive. It reaches people as it is, out of any query."""


class OfSubject(str):
    """A text together with whose it is: in a column of identities it is enciphered under their own key."""

    __slots__ = ("key", "subject")
    subject: UUID
    key: bytes

    def __new__(cls, text: str, subject: UUID, key: bytes) -> Self:
        made = super().__new__(cls, text)
        made.subject, made.key = subject, key
        return made


class Keyring:
    """The keys of one archive. `key`: 64 hex digits, None where it is missing; `wrapped`: finds keys in the archive."""

    def __init__(self, key: str | None, wrapped: Wrapped) -> None:
        self._wrapping = None if key is None else _derived(key, b"gawah identity")
        self._nobodys = b"" if key is None else _derived(key, b"gawah identity of nobody")
        self._index = b"" if key is None else _derived(key, b"gawah index of names")
        self._wrapped = wrapped
        self._known: dict[UUID, bytes] = {}
        self._tokens: dict[str, str] = {}

    def make(self, subject: UUID) -> tuple[bytes, str]:
        """A new key for a subject, and the same wrapped, to be written in the transaction that needs it."""
        key, nonce = secrets.token_bytes(32), secrets.token_bytes(NONCE)
        wrapped = AESGCM(self._wrapper()).encrypt(nonce, key, subject.bytes)
        self._known[subject] = key
        return key, base64.b64encode(nonce + wrapped).decode()

    def unwrap(self, subject: UUID, wrapped: str) -> bytes:
        """A key as it lies in the archive. Raises Locked when it was wrapped by another archive's."""
        whole = base64.b64decode(wrapped)
        try:
            key = AESGCM(self._wrapper()).decrypt(whole[:NONCE], whole[NONCE:], subject.bytes)
        except InvalidTag:
            raise Locked(NO_KEY) from None
        self._known[subject] = key
        return key

    def forget(self, subjects: Iterable[UUID]) -> None:
        """What was read under these keys is read no more."""
        for subject in subjects:
            self._known.pop(subject, None)

    def encipher(self, text: str, column: str) -> str:
        """A cell of that column. A text that is nobody's in particular goes under a key of the archive itself."""
        subject, key = (text.subject, text.key) if isinstance(text, OfSubject) else (NOBODY, self._nobodys)
        self._wrapper()
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(key).encrypt(nonce, text.encode(), _bound(column, subject))
        return f"{MARK}{subject.hex}:{base64.b64encode(nonce + sealed).decode()}"

    def decipher(self, cell: str, column: str) -> str | None:
        """What stands in a cell; None once its key is destroyed. Raises Locked."""
        subject_hex, _, sealed = cell.removeprefix(MARK).partition(":")
        subject, whole = UUID(subject_hex), base64.b64decode(sealed)
        key = self._nobodys if subject == NOBODY else self._key_of(subject)
        if not key:
            return None
        try:
            return AESGCM(key).decrypt(whole[:NONCE], whole[NONCE:], _bound(column, subject)).decode()
        except InvalidTag:
            raise Locked(NO_KEY) from None

    def blind(self, text: str) -> str:
        """The same with every word as a token that only this archive can make."""
        return _WORD.sub(lambda found: self._token(found[0]), text)

    def _token(self, word: str) -> str:
        if word not in self._tokens:
            self._wrapper()
            mac = HMAC(self._index, hashes.SHA256())
            mac.update(word.encode())
            if len(self._tokens) >= REMEMBERED:
                self._tokens.clear()
            self._tokens[word] = mac.finalize()[:TOKEN_BYTES].hex()
        return self._tokens[word]

    def _key_of(self, subject: UUID) -> bytes | None:
        if subject not in self._known:
            if self._wrapping is None:
                return None
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            for other, wrapped in self._wrapped(subject):
                self.unwrap(other, wrapped)
        return self._known.get(subject)

    def _wrapper(self) -> bytes:
        if self._wrapping is None:
            raise Locked(NO_KEY)
        return self._wrapping


def _derived(key: str, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(bytes.fromhex(key))


def _bound(column: str, subject: UUID) -> bytes:
    """What a cell is bound to, so that it cannot be moved to another column or person."""
    return f"{column}|{subject.hex}".encode()


def give_keys(engine: Engine, key: str | None) -> Engine:
    """The same engine, which from now on keeps identities enciphered. An engine without keys keeps them as text."""
    # Keys are looked up in the middle of reading rows, on a connection apart: were it one of those that requests
    # share, all of them could wait for one another.
    apart, lock = engine.pool.recreate(), Lock()
    mark = "?" if engine.dialect.name == "sqlite" else "%s::uuid"
    statement = f"SELECT subject, wrapped FROM identity_key WHERE subject >= {mark} ORDER BY subject LIMIT {AT_ONCE}"  # noqa: S608 - no value in it

    def wrapped(subject: UUID) -> list[tuple[UUID, str]]:
        with lock:
            connection = apart.connect()
            try:
                cursor = connection.cursor()
                cursor.execute(statement, (subject.hex,))
                return [(UUID(str(found)), key) for found, key in cursor.fetchall()]
            finally:
                connection.close()

    event.listen(engine, "engine_disposed", lambda _: apart.dispose())
    engine.dialect.keyring = Keyring(key, wrapped)  # type: ignore[attr-defined]
    return engine


def keyring_of(dialect: Dialect) -> Keyring | None:
    """The keys of the archive that is spoken to; None for the published store, which has none."""
    return getattr(dialect, "keyring", None)


class Enciphered(TypeDecorator[Any]):
    """A text (or a number) that tells who somebody is. `column`: "table.column", to which every cell is bound."""

    impl = Text
    cache_ok = True

    def __init__(self, column: str, of: type[str | int] = str) -> None:
        super().__init__()
        self.column = column
        self.of = of

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        keyring = keyring_of(dialect)
        if value is None or keyring is None:
            return None if value is None else str(value)
        return keyring.encipher(value if isinstance(value, OfSubject) else str(value), self.column)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is not None and value.startswith(MARK):
            keyring = keyring_of(dialect)
            value = None if keyring is None else keyring.decipher(value, self.column)
        return None if value is None else self.of(value)


class Blind(TypeDecorator[str]):
    """Folded words of names as blind tokens, in the same order and with the same marks between them."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        keyring = keyring_of(dialect)
        return value if value is None or keyring is None else keyring.blind(value)


class Asked(TypeDecorator[str]):
    """Words, one space between them, as a question to FTS5: each among the texts, or blind among the names."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        keyring = keyring_of(dialect)
        wanted = [(word, keyring.blind(word) if keyring else word) for word in (value or "").split(" ")]
        return " AND ".join(f'({{words}} : "{word}" OR {{names}} : "{token}")' for word, token in wanted)


class Spelt(TypeDecorator[str]):
    """Spellings, one space between them and a bar between words, as a question to FTS5: of each word any, as a name."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        keyring = keyring_of(dialect)
        blind = keyring.blind(value or "") if keyring else value or ""
        each = (" OR ".join(f'"{token}"' for token in word.split(" ")) for word in blind.split("|"))
        return "{names} : (" + " AND ".join(f"({any_of_them})" for any_of_them in each) + ")"
