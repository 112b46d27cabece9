"""The same word however it is typed: accents, letter forms, digits and invisible marks folded away."""
# ruff: noqa: RUF001, RUF003 - letters that look like other letters are what this file is about

import re
import unicodedata

_LONGEST_WORD = 64
_WORD = re.compile(r"[^\W_]+")  # \w is str.isalnum and the underscore, so these are runs of isalnum
_BETWEEN_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}  # of ASCII
_LATIN_WITH_MARK = re.compile(r"LATIN SMALL LETTER ([A-Z]) WITH ")  # ø ł đ ħ: strokes that do not decompose

# Letters that Unicode does not connect and people type for one another; the first stands for the group.
_GROUPS = {
    "ا": "ٱٲٳ",
    "ي": "ىیېۍێےؠ",  # alef maqsura, Farsi yeh, Pashto and Kurdish e, barree yeh
    "ك": "کڪ",
    # Teh marbuta and every heh: Arabic, Urdu goal, Kurdish ae, and do-chashmi. In Urdu do-chashmi marks
    # breath (بھ) and is a letter of its own, but it is also typed for plain heh (ھے for ہے), and in Arabic
    # or Kurdish typing it is nothing else. Folding it loses a distinction (بہ, بھ) and misses no spelling.
    "ه": "ةۃہەھۿ",
    "ن": "ں",  # noon ghunna: خاں and خان are one name
    "و": "ۆ",  # the Kurdish letters that Arabic keyboards lack
    "ر": "ڕ",
    "ل": "ڵ",
    "گ": "ګ",
    "": "ءٴـ",  # hamza alone or high (on a carrier it is a combining mark), tatweel
    "'": "ʿʾʻʼʽˈ’‘‛′",  # so that ʿAlī, ‘Ali and 'Ali are one word
    "-": "‐‑‒–—−",
    "i": "ı",
    "ae": "æ",
    "oe": "œ",
    "th": "þ",
    "d": "ð",
    "ng": "ŋ",
    "e": "ə",
}
_LETTERS = {variant: letter for letter, variants in _GROUPS.items() for variant in variants}
_INVISIBLE_LETTERS = "\u115f\u1160\u3164\uffa0"  # Hangul fillers, which str.isalnum takes for letters


class _Letters(dict[int, str]):
    """What each character folds to, found once; unassigned ones are not kept, which bounds its size."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs"):
            self[code] = folded
        return folded


_TABLE = _Letters()


def fold(text: str) -> str:
    """Fold case, width, accents, Arabic letter forms, digits and invisible marks; twice is as once.

    Marks go in every script, so Indian and Thai vowel signs too; й, voiced kana and Hangul stay whole.
    """
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKC", text).translate(_TABLE)
    return unicodedata.normalize("NFC", letters)  # Hangul parted by a mark that is gone


def words(text: str) -> list[str]:
    """List the folded words in order: runs of letters and digits, cut at 64, nothing but str.isalnum in them.

    The safety of search queries rests on that: no quote, operator or wildcard of any query language is left.
    """
    plain = text.isascii()  # the same runs are then found three times as fast
    found = text.lower().translate(_BETWEEN_WORDS).split() if plain else _WORD.findall(fold(text))
    return found if max(map(len, found), default=0) <= _LONGEST_WORD else [word[:_LONGEST_WORD] for word in found]


def name_key(name: str) -> str:
    """Write a name so that two spellings of it by keyboard, case or accent compare equal."""
    return " ".join(words(name))


def _folded(character: str) -> str:
    """Fold one character by itself, over and over until nothing changes."""
    before = ""
    after = character
    while before != after:
        before = after
        after = "".join(map(_step, unicodedata.normalize("NFKC", before)))
    return after


def _step(character: str) -> str:
    low = character.casefold()
    if _stays_whole(low):
        return low
    parts = unicodedata.normalize("NFKD", character)
    bare = "".join(part for part in parts if not _is_dropped(part)).casefold()
    return "".join(map(_plain, bare))


def _stays_whole(low: str) -> bool:
    """Tell й, kana and Hangul syllables, whose marks make another letter that nobody leaves out."""
    return low == "й" or "\u3041" <= low <= "\u30ff" or "\uac00" <= low <= "\ud7a3"


def _is_dropped(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] == "M" or category == "Cf" or character in _INVISIBLE_LETTERS


def _plain(letter: str) -> str:
    if letter in _LETTERS:
        return _LETTERS[letter]
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    latin = _LATIN_WITH_MARK.match(unicodedata.name(letter, ""))
    return latin[1].lower() if latin else letter
