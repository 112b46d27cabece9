"""HXL: the row of tags that says what the columns of a table are, whatever they are called."""

# HXL 1.1, hxlstandard.org/standard/1-1final: tagging conventions of 2018-04-30, and the hashtag dictionary.

import re
from typing import Any

MARK = "#"
TAG = re.compile(r"#[a-z]\w*(?:\+[a-z]\w*)*", re.IGNORECASE | re.ASCII)
# The hashtags of the dictionary. A row of which none is here is no row of tags: people write #words too.
CORE = frozenset({
    "#access", "#activity", "#adm1", "#adm2", "#adm3", "#adm4", "#adm5", "#affected", "#beneficiary",
    "#capacity", "#cause", "#channel", "#contact", "#country", "#crisis", "#currency", "#date", "#delivery",
    "#description", "#event", "#frequency", "#geo", "#group", "#impact", "#indicator", "#inneed", "#item",
    "#loc", "#meta", "#modality", "#need", "#operations", "#org", "#output", "#population", "#reached",
    "#region", "#respondee", "#sector", "#service", "#severity", "#status", "#subsector", "#targeted",
    "#value",
})  # fmt: skip
# So many rows below the heading the tags may stand: a second heading, units, a translation.
MOST_BELOW = 5
Rows = list[tuple[int, list[Any]]]


def tag_of(cell: Any) -> str:
    """The tag in a cell in one way of writing: `#Affected +Killed` is `#affected+killed`; "" for what is none."""
    text = re.sub(r"\s+", "", cell).lower() if isinstance(cell, str) and MARK in cell else ""
    return text if TAG.fullmatch(text) else ""


def is_tags(cells: list[Any]) -> bool:
    """Whether a row holds tags and empty cells alone, and a tag of the dictionary among them."""
    first = next((cell for cell in cells if cell), None)
    if not isinstance(first, str) or not first.lstrip().startswith(MARK):
        return False
    tags = [tag_of(cell) for cell in cells if cell not in {"", None}]
    return all(tags) and any(tag.partition("+")[0] in CORE for tag in tags)


def below(sample: Rows, heading: int) -> tuple[int, int, list[str]]:
    """Where the columns are named, where the rows begin, and the tags; `heading` is where a heading was found.

    What stands between heading and tags belongs to the heading. The tags alone may be the heading.
    """
    for at in range(heading, min(len(sample), heading + MOST_BELOW + 1)):
        cells = sample[at][1]
        if is_tags(cells):
            return _fullest(sample, heading, at), at + 1, [tag_of(cell) for cell in cells]
    return heading, heading + 1, []


def _fullest(sample: Rows, first: int, tags: int) -> int:
    """The first of the rows from the heading to the tags that names most columns."""
    filled = {at: sum(cell not in {"", None} for cell in sample[at][1]) for at in range(first, tags)}
    return max(filled, key=lambda at: (filled[at], -at)) if filled else tags
