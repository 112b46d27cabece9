"""Marks that can be told from everything else wherever they turn up, in three scripts and however they are written."""

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from app.vocabulary.sensitivity import Delicacy

# One stem and ten digits for each script: Latin, Arabic and Chinese. Folding for search leaves the last two as they are.
SCRIPTS = (("Qzxkanar", "bcdfghjlmp"), ("قنرطظغ", "بتثجحخدذرز"), ("鴆鷃鸊", "甲乙丙丁戊己庚辛壬癸"))
DIGITS = 4
SOMEWHERE = -1  # a mark was met, too well hidden to say which
ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
HEX = re.compile(rb"[0-9a-f]{32,128}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{43}")


@dataclass(frozen=True)
class Planted:
    """Where a mark stands, how delicate that is, and how closely the record is held (None: not by itself)."""

    where: str
    kind: Delicacy
    held: str | None = None


@dataclass
class Marks:
    """All marks of one archive, by their numbers."""

    planted: dict[int, Planted] = field(default_factory=dict)
    digests: dict[bytes, int] = field(default_factory=dict)

    def new(self, where: str, kind: Delicacy, held: str | None = None) -> str:
        """A mark in all three scripts."""
        number = len(self.planted)
        self.planted[number] = Planted(where, kind, held)
        text = " ".join(written(number))
        for one in {text, text.casefold(), *written(number), *(word.casefold() for word in written(number))}:
            for name in ("md5", "sha1", "sha256"):
                self.digests[hashlib.new(name, one.encode()).digest()] = number
        return text

    def met(self, raw: bytes) -> set[int]:
        """The numbers of the marks that stand in these bytes, in plain or in any disguise."""
        found = _plain(raw)
        if b"%" in raw:
            found |= _plain(unquote_to_bytes(raw))
        if b"\\u" in raw:
            found |= _plain(ESCAPE.sub(_letter, raw))
        if b"&" in raw:
            found |= _plain(html.unescape(raw.decode("utf-8", "ignore")).encode())
        low = raw.lower()
        if any(stem in raw for stem in DISGUISES) or any(stem in low for stem in HEXES):
            found.add(SOMEWHERE)
        return found | self._hashed(raw)

    def hashed_in_file(self, raw: bytes) -> set[int]:
        """The same for digests as bytes, which only a file of a database holds."""
        return {number for digest, number in self.digests.items() if digest in raw}

    def _hashed(self, raw: bytes) -> set[int]:
        runs = [bytes.fromhex(run[: len(run) // 2 * 2].decode()) for run in HEX.findall(raw.lower())]
        runs += [base64.urlsafe_b64decode(run.translate(_URL_SAFE) + b"=") for run in BASE64.findall(raw)]
        return {self.digests[run] for run in runs if run in self.digests}


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def written(number: int) -> list[str]:
    """A mark once in each script."""
    places = [number // 10**n % 10 for n in reversed(range(DIGITS))]
    return [stem + "".join(digits[place] for place in places) for stem, digits in SCRIPTS]


def _letter(found: re.Match[bytes]) -> bytes:
    return chr(int(found[1], 16)).encode("utf-8", "ignore")


def _plain(raw: bytes) -> set[int]:
    text = raw.decode("utf-8", "ignore").casefold()
    return {
        int("".join(str(digits.index(letter)) for letter in found))
        for stem, digits in SCRIPTS
        if stem.casefold() in text
        for found in re.findall(f"{stem.casefold()}([{digits}]{{{DIGITS}}})", text)
    }


def _disguises(stem: str) -> set[bytes]:
    """A stem in UTF-16, and in base64 wherever in it it begins: only what does not depend on the letters around it."""
    found = set()
    for spelt in (stem, stem.casefold()):
        found |= {spelt.encode("utf-16-le"), spelt.encode("utf-16-be")}
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + spelt.encode()).rstrip(b"=")[(0, 2, 3)[before] : -1]
            found |= {whole, whole.translate(_URL_SAFE)}
    return found


DISGUISES = {way for stem, _ in SCRIPTS for way in _disguises(stem)}
HEXES = {spelt.encode().hex().encode() for stem, _ in SCRIPTS for spelt in (stem, stem.casefold())}


def ways(text: str) -> dict[str, bytes]:
    """A text in every way in which it must be found."""
    raw = text.encode()
    return {
        "as it is": raw, "upper case": text.upper().encode(), "folded": text.casefold().encode(),
        "percent": "".join(f"%{byte:02X}" for byte in raw).encode(), "json": ascii(text).encode(),
        "entities": "".join(f"&#{ord(letter)};" for letter in text).encode(), "hex": raw.hex().encode(),
        "utf-16": text.encode("utf-16"), "utf-16-be": text.encode("utf-16-be"),
        **{f"base64 {n}": base64.b64encode(b"x" * n + raw) for n in range(3)},
        **{f"urlsafe {n}": base64.urlsafe_b64encode(b"x" * n + raw) for n in range(3)},
        **{name: hashlib.new(name, raw).hexdigest().encode() for name in ("md5", "sha1", "sha256")},
        "sha256 base64": base64.b64encode(hashlib.sha256(raw).digest()),
    }  # fmt: skip


def seen_by(role: str, planted: Planted, clearances: dict[str, Any]) -> bool:
    """Whether a role may read a mark: its class, and a record that is held no more closely than the role reaches."""
    clearance = clearances[role]
    return planted.kind in clearance.classes and (planted.held is None or planted.held in clearance.sensitivities)
