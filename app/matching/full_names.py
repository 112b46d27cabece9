"""Whether a text is somebody's full name, or only initials or a word that stands in for a name."""

import re
import unicodedata

from app.matching.folding import words

# Said of a person instead of a name, in the languages of the archive; folded by `words` before they are compared.
INSTEAD = frozenset(
    word
    for text in (
        "unknown unidentified unnamed nameless anonymous withheld undisclosed nn xx xxx xxxx tbd tbc",
        "desconocido desconocida anonimo anonima innominado innominada",
        "inconnu inconnue anonyme",
        "نامعلوم گمنام مجهول مجهولة",
    )
    for word in words(text)
)
INSTEAD_TOGETHER = tuple(
    words(text)
    for text in (
        "no name", "not known", "not named", "not identified", "name missing", "john doe", "jane doe", "n n", "n a",
        "no identificado", "no identificada", "sin nombre", "sin identificar", "non identifie", "non identifiee",
        "sans nom", "غير معروف", "غير معروفة", "نام معلوم نہیں", "بلا نام",
    )
)  # fmt: skip
# Scripts that write a full name without a space.
UNSPACED = ("CJK UNIFIED", "HANGUL", "HIRAGANA", "KATAKANA")
SHORTENED = re.compile(r"\b[^\W\d_]\.")


def is_full_name(text: str) -> bool:
    """Two words or more that are names; initials do not count, and a word that stands in for a name spoils it."""
    found = words(text)
    if not INSTEAD.isdisjoint(found) or any(_holds(found, together) for together in INSTEAD_TOGETHER):
        return False
    names = [word for word in words(SHORTENED.sub(" ", text)) if len(word) > 1 and word.isalpha()]
    return len(names) > 1 or (len(names) == 1 and _unspaced(names[0]))


def _holds(found: list[str], together: list[str]) -> bool:
    return any(found[at : at + len(together)] == together for at in range(len(found)))


def _unspaced(word: str) -> bool:
    return all(unicodedata.name(letter, "").startswith(UNSPACED) for letter in word)
