"""Find a name in any text, however it is typed there, and take it out."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from app.matching.folding import fold, words
from app.matching.full_names import INSTEAD, UNSPACED, is_full_name

ERASED = "[erased]"
# Glued together ("gulexample@..."), a name is told from other words only when it is at least so long.
GLUED = 6
# Parts of names that stand in every text; alone they tell nobody from anybody.
PARTICLES = frozenset(
    word
    for text in (
        "bin ben ibn abu abd umm bint bibi al el ul ur mr mrs dr the and und",
        "de del la las los da das do dos di du des van von der den ten le",
        "بن ابن ابو ام بنت ال عبد",
    )
    for word in words(text)
)
_FIELD = re.compile("[a-z][a-z0-9_]*")
_WORD = re.compile(r"[^\W_]+")
# "And", "so", "by", "for", "like": written together with the word that follows.
_ARABIC_PREFIX = re.compile("[وفبلك]{1,2}")
_ENCODED = re.compile(r"\S*%[0-9A-Fa-f]{2}\S*")
Needle = tuple[str, ...]


@dataclass(frozen=True)
class Sought:
    """Sequences of folded words, the longest first."""

    needles: tuple[Needle, ...]

    def __bool__(self) -> bool:
        return bool(self.needles)

    def may_be_in(self, text: str) -> bool:
        """A quick look: whether every word of a name is somewhere in a text, also in one that is still JSON."""
        folded = fold(unquote(text) + text if "%" in text else text)
        return any(all(word in folded for word in needle) for needle in self.needles)

    def take_out(self, text: str) -> str:
        """The text with every occurrence replaced; the very same text where there is none."""
        if not self.may_be_in(text):
            return text
        plain = self._replaced(text)
        return _ENCODED.sub(self._decoded, plain) if "%" in plain else plain

    def take_out_of(self, value: Any) -> Any:
        """The same for anything that JSON can hold, keys of objects too."""
        if isinstance(value, str):
            return self.take_out(value)
        if isinstance(value, dict):
            return {self._out_of_key(name): self.take_out_of(held) for name, held in value.items()}
        return [self.take_out_of(held) for held in value] if isinstance(value, list) else value

    def _out_of_key(self, name: str) -> str:
        """Our own fields keep their names; the headings of a table may be anything."""
        return name if _FIELD.fullmatch(name) else self.take_out(name)

    def _decoded(self, found: re.Match[str]) -> str:
        whole = unquote(found[0])
        left = self._replaced(whole)
        return found[0] if left == whole else re.sub(r"\s+", "_", left)

    def _replaced(self, text: str) -> str:
        folded, spans = _with_spans(text)
        found = [
            (match[0][:64], spans[match.start()][0], spans[match.end() - 1][1]) for match in _WORD.finditer(folded)
        ]
        hits = [*self._hits(found), *((spans[a][0], spans[b - 1][1]) for a, b in self._within(folded))]
        done = len(text)
        for start, end in sorted(hits, reverse=True):
            if end <= done:
                text = text[:start] + ERASED + text[end:]
                done = start
        return text

    def _within(self, folded: str) -> Iterator[tuple[int, int]]:
        """Names of scripts that leave no space between words, wherever they stand in a row of letters."""
        for needle in self.needles:
            if len(needle) == 1 and len(needle[0]) > 1 and _is_unspaced(needle[0]):
                yield from (found.span() for found in re.finditer(re.escape(needle[0]), folded))

    def _hits(self, found: list[tuple[str, int, int]]) -> Iterator[tuple[int, int]]:
        at = 0
        while at < len(found):
            size = next((len(n) for n in self.needles if _is(n, [word for word, _, _ in found[at : at + len(n)]])), 0)
            if size:
                yield found[at][1], found[at + size - 1][2]
            at += size or 1


def _is(needle: Needle, found: list[str]) -> bool:
    """Whether words are those of a name; in Arabic a short word may be written together with the first."""
    if len(found) != len(needle) or found[1:] != list(needle[1:]):
        return False
    first, wanted = found[0], needle[0]
    return first == wanted or (
        first.endswith(wanted) and len(wanted) > 2 and bool(_ARABIC_PREFIX.fullmatch(first.removesuffix(wanted)))
    )


def _is_unspaced(word: str) -> bool:
    return all(unicodedata.name(letter, "").startswith(UNSPACED) for letter in word)


def full_names(names: Iterable[str]) -> Sought:
    """Names that can be told from other words wherever they stand: as written, last word first, and glued together."""
    return _sorted({needle for name in names if is_full_name(name) for needle in _ways(tuple(words(name)))})


def every_word(names: Iterable[str], texts: Iterable[str] = ()) -> Sought:
    """Beside the full names also their single words, and other texts word for word: for the records of one person."""
    needles = {tuple(words(text)) for text in texts}
    for told in (tuple(words(name)) for name in names):
        if INSTEAD.isdisjoint(told):
            needles |= {*_ways(told), *((word,) for word in told if len(word) > 2 and word not in PARTICLES)}
    return _sorted(needles)


def _ways(told: Needle) -> Iterator[Needle]:
    """How a name may be written."""
    yield told
    yield (*told[-1:], *told[:-1])
    if len("".join(told)) >= GLUED:
        yield ("".join(told),)


def _sorted(needles: set[Needle]) -> Sought:
    return Sought(tuple(sorted((needle for needle in needles if needle), key=lambda needle: (-len(needle), needle))))


def _with_spans(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text folded, and for each letter of that between which places of the text it stands."""
    folded: list[str] = []
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _goes_on(text[end]):
            end += 1
        letters = fold(text[start:end])
        folded.append(letters)
        spans += [(start, end)] * len(letters)
        start = end
    return "".join(folded), spans


def _goes_on(letter: str) -> bool:
    """Whether a letter belongs to the one before it: a mark, an invisible sign, a part of a Hangul syllable."""
    return unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf") or "\u1160" <= letter <= "\u11ff"
