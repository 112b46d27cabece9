"""Public ids: made from the inner ones under a secret of the archive; nobody without it can tell which is which."""

import hmac
from base64 import b32encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

PREFIX = "PI-"
LETTERS = 12


@dataclass(frozen=True)
class PublicIds:
    """`secret`: 64 hex digits, kept in the working archive alone."""

    secret: str

    def number(self, table: type[SQLModel], pk: int) -> int:
        """A number of 62 bits in place of a row's own; it tells nothing of the order of entry."""
        return int.from_bytes(self._mark(table, "pk", str(pk))[:8], "big") >> 2

    def id(self, table: type[SQLModel], record: UUID) -> UUID:
        """A UUID of version 8 (RFC 9562) in place of a record's own."""
        mark = bytearray(self._mark(table, "id", record.hex)[:16])
        mark[6], mark[8] = mark[6] & 0x0F | 0x80, mark[8] & 0x3F | 0x80
        return UUID(bytes=bytes(mark))

    def ref(self, record: UUID) -> str:
        """What people call a public incident: `PI-` and twelve letters and digits."""
        return PREFIX + b32encode(hmac.digest(self._key, b"ref" + record.bytes, "sha256")).decode()[:LETTERS]

    def _mark(self, table: type[SQLModel], what: str, value: str) -> bytes:
        told: Any = f"{table.__tablename__}\0{what}\0{value}"
        return hmac.digest(self._key, told.encode(), "sha256")

    @property
    def _key(self) -> bytes:
        return bytes.fromhex(self.secret)
