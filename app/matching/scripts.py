"""The script a name is written in, read from its letters."""

import unicodedata
from collections import Counter

# The first word of a letter's name in Unicode, and the code of ISO 15924.
_CODES = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "ARMENIAN": "Armn",
    "GEORGIAN": "Geor", "SYRIAC": "Syrc", "THAANA": "Thaa", "DEVANAGARI": "Deva", "BENGALI": "Beng",
    "GURMUKHI": "Guru", "GUJARATI": "Gujr", "ORIYA": "Orya", "TAMIL": "Taml", "TELUGU": "Telu", "KANNADA": "Knda",
    "MALAYALAM": "Mlym", "SINHALA": "Sinh", "THAI": "Thai", "LAO": "Laoo", "TIBETAN": "Tibt", "MYANMAR": "Mymr",
    "KHMER": "Khmr", "MONGOLIAN": "Mong", "ETHIOPIC": "Ethi", "TIFINAGH": "Tfng", "NKO": "Nkoo", "CHEROKEE": "Cher",
    "CJK": "Hani", "HIRAGANA": "Hira", "KATAKANA": "Kana", "HANGUL": "Hang", "BOPOMOFO": "Bopo",
}  # fmt: skip


def script_of(text: str) -> str | None:
    """The ISO 15924 code of the script that most letters of a text belong to; None without letters we know."""
    found = Counter(_CODES.get(unicodedata.name(letter, "").partition(" ")[0]) for letter in text if letter.isalpha())
    known = [(code, many) for code, many in found.most_common() if code is not None]
    return known[0][0] if known else None


def initials(name: str) -> str:
    """The first letter of each word with a full stop, in any script: "G. E."."""
    firsts = [first for word in name.split() if (first := _first_letter(word))]
    return " ".join(f"{first}." for first in firsts)


def _first_letter(word: str) -> str:
    """The first letter with the marks that belong to it, large where the script knows large letters."""
    start = next((place for place, character in enumerate(word) if character.isalpha()), None)
    if start is None:
        return ""
    end = start + 1
    while end < len(word) and unicodedata.category(word[end])[0] == "M":
        end += 1
    return word[start:end].title()
