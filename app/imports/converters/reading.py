"""What a converter gives back: the value it read, the words it stands for, or why it could not read them."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Said of something that is not known, in any case and with or without brackets and full stops.
NOT_KNOWN = frozenset(
    {"", "na", "n/a", "n.a", "nan", "null", "none", "nil", "unknown", "unknown date", "unknown location", "not known",
     "not available", "no information", "undetermined", "-", "--", "---", "?", "??", "...", "desconocido",
     "desconocida", "sin datos", "sin información", "s/d", "inconnu", "inconnue", "non connu", "غير معروف", "مجهول",
     "نامعلوم", "معلوم نہیں", "неизвестно", "нет данных"}
)  # fmt: skip
DIGITS = {zero + digit: str(digit) for zero in (0x660, 0x6F0, 0x966) for digit in range(10)}
DIGITS[0x66B] = "."  # the decimal sign of Arabic
SPACES = re.compile(r"\s+")
Options = Mapping[str, Any]


@dataclass(frozen=True)
class Read:
    """A cell as it was read. `value` None: not known. `words`: what was written, where the value says less.

    `strange`: it is a word that nobody has mapped, and the value is what stands for all such.
    """

    value: Any = None
    words: str | None = None
    odd: str | None = None
    strange: bool = False


class Unread(Exception):
    """A cell that cannot be read; nothing is made of it. `why` and `mend` never hold what was written."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.why, self.mend = why, mend


@dataclass(frozen=True)
class Converter:
    """One way to read a cell. `options`: what a mapping may say of it, and which values are allowed there."""

    about: str
    read: Callable[[Any, Options], Read]
    options: Mapping[str, type | tuple[Any, ...]]


def clean(cell: Any) -> str:
    """A cell as text: composed, without the marks that nobody sees, with single spaces."""
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else str(cell)
    if text.isascii() and text.isprintable():
        return SPACES.sub(" ", text).strip() if "  " in text else text.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = "".join(
            c for c in text if unicodedata.category(c) not in {"Cf", "Cc"} or c.isspace() or c in "\u200c\u200d"
        )
        text = text.strip("\u200c\u200d")
    else:
        text = "".join(c for c in text if c.isprintable() or c.isspace())
    return SPACES.sub(" ", text).strip()


def known(cell: Any) -> str:
    """The same, empty where it only says that something is not known."""
    text = clean(cell)
    folded = text.casefold() if len(text) < 30 else text
    return "" if folded in NOT_KNOWN or folded.strip("()[]. ") in NOT_KNOWN else text


def plain(text: str) -> str:
    """For comparing: digits of any script as 0 to 9, small letters, one kind of hyphen."""
    text = text.translate(DIGITS).casefold()
    return re.sub("[\u2010-\u2015\u2212]", "-", text)
