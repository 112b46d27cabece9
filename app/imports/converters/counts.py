"""How many people: numbers, ranges and words, and never a number that was not written."""

import re
from typing import Any

from app.imports.converters.reading import Converter, Options, Read, Unread, known, plain

N = r"(\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+|\d+)(?:\.0+)?"
JOIN = r"(?:-|to|or|and|y|o|a|à|et|ou|и|до|إلى|و|سے|تا)"
BETWEEN = r"(?:between|from|entre|de|от|بين|من)"
AT_LEAST = (
    r"at least|no fewer than|not less than|minimum(?: of)?|min\.?|more than|over|above|>=?|≥|al menos|como mínimo|"
    r"más de|au moins|plus de|не менее|более|свыше|على الأقل|لا يقل عن|أكثر من|کم از کم|سے زیادہ"
)
AT_MOST = (
    r"at most|no more than|up to|maximum(?: of)?|max\.?|fewer than|less than|under|below|<=?|≤|a lo sumo|hasta|"
    r"menos de|au plus|jusqu'à|moins de|не более|до|على الأكثر|أقل من|زیادہ سے زیادہ"
)
ABOUT = (
    r"about|around|approximately|approx\.?|roughly|some|circa|ca?\.|~|≈|unos|unas|alrededor de|cerca de|"
    r"aproximadamente|environ|quelque|около|примерно|حوالي|نحو|تقریباً|تقريبا"
)
WHO = (
    r"(?: ?(?:people|persons?|dead|killed|deaths|civilians|men|women|children|victims|personas|muertos|víctimas|"
    r"personnes|morts|victimes|человек|погибших|قتلى|قتيل|شخص|أشخاص|افراد|ہلاک))*"
)
PLAIN = re.compile(N)
RANGE = re.compile(rf"(?:{BETWEEN} )?{N} ?{JOIN} ?{N}{WHO}")
LEAST = re.compile(rf"(?:{AT_LEAST}) ?{N}{WHO}|{N} ?\+{WHO}|{N}{WHO} (?:or more|at least|o más|ou plus|или более)")
MOST = re.compile(rf"(?:{AT_MOST}) ?{N}{WHO}")
SOME = re.compile(rf"(?:{ABOUT}) ?{N}{WHO}|{N}{WHO} ?\(?(?:approx\.?|est\.?|estimated|\?)\)?")
TOLD = re.compile(rf"{N}{WHO}")
LARGEST = 100_000_000
PARTS = ("min", "best", "max")
MEND = "write a number such as 4, a range such as 4-6, or leave it empty"


def read(cell: Any, options: Options) -> Read:
    """A number as {best}, a range as {min, max}; words alone ("dozens") stay words and the range stays open.

    `part`: what a lone number is said to be. `zero = "unknown"`: where the recorder writes 0 for not known.
    """
    text = known(_whole(cell))
    if not text:
        return Read()
    said = plain(text)
    part = options.get("part", "best")
    if PLAIN.fullmatch(said):
        number = _number(said)
        return Read() if number == 0 and options.get("zero") == "unknown" else Read({part: number})
    return _in_words(said, text, part)


def _in_words(said: str, text: str, part: str) -> Read:
    if m := RANGE.fullmatch(said):
        low, high = _number(m[1]), _number(m[2])
        if low > high:
            raise Unread("the range goes down", "write the smaller number first")
        return Read({"min": low, "max": high}, text)
    for pattern, which in ((LEAST, "min"), (MOST, "max"), (SOME, part), (TOLD, part)):
        if m := pattern.fullmatch(said):
            return Read({which: _number(next(filter(None, m.groups())))}, text)
    if any(c.isdigit() for c in said):
        raise Unread("not a number of people that can be read", MEND)
    return Read(None, text, "words and no number: kept as words, the range stays open")


def _whole(cell: Any) -> Any:
    """A number that a workbook holds as 4.0 is 4."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _number(text: str) -> int:
    number = int(re.sub(r"\.0+$|[^\d.]", "", text)) if len(text) < 20 else LARGEST + 1
    if number > LARGEST:
        raise Unread("more people than there can be", MEND)
    return number


COUNT = Converter("a number of people, a range, or words", read, {"part": PARTS, "zero": ("none", "unknown")})
