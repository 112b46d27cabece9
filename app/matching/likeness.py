"""How alike two names are, and how a name might have been written instead."""

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

# Below this two names are not called alike: 100 is letter for letter.
ALIKE = 70.0
# What a word that only one of two names has takes away.
SPARE = 4.0
SHORT = 3
LATIN = "abcdefghijklmnopqrstuvwxyz"
ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچڈژگٹ"


def likeness(asked: Sequence[str], name: Sequence[str]) -> float:
    """From 0 to 100: each word that was asked for beside that of the name which is most like it, in any order.

    Both as `folding.words` gives them. A word of the name stands beside one word only.
    """
    left, found = list(name), 0.0
    for word in sorted(asked, key=len, reverse=True):
        if left:
            ratio, other = max((fuzz.ratio(word, other), other) for other in left)
            found += ratio
            left.remove(other)
    return max(0.0, found / len(asked) - SPARE * len(left)) if asked else 0.0


def nearest(asked: str, among: Iterable[str], most: int) -> list[tuple[str, float]]:
    """The folded names that are most like one, and how alike, from 100 down to ALIKE; the order of words is nothing."""
    found = process.extract(asked, list(among), scorer=fuzz.token_sort_ratio, limit=most, score_cutoff=ALIKE)
    return [(name, round(likeness, 1)) for name, likeness, _ in found]


def spellings(word: str) -> list[str]:
    """The word, and all that are one letter away from it: one more, one less, another, two exchanged.

    Of a short word only itself: a letter makes another name of it.
    """
    if len(word) <= SHORT:
        return [word]
    letters = next((known for known in (LATIN, ARABIC) if set(word) <= set(known)), "")
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = [word, *(a + b[1:] for a, b in parts if b)]
    found += [a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1]
    found += [a + letter + rest for a, b in parts for letter in letters for rest in {b, b[1:]}]
    return list(dict.fromkeys(found))
