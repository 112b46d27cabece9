"""Which field a column with an HXL tag is, whatever it is called."""

import re
import tomllib
from functools import cache
from pathlib import Path

TAGS = Path(__file__).with_name("hxl.toml")
# Attributes that say nothing more of a column: that it holds numbers, of single people; code list, language.
SILENT = re.compile(r"num|ind|v_\w+|i_\w+")
# By one of these a tagged table tells that something happened.
HAPPENED = frozenset({"kind", "title", "summary", "killed", "injured", "missing", "detained"})
Tags = dict[str, str]


def by_tag(tags: Tags) -> dict[str, list[str]]:
    """The columns of each field, by their tags; the best first."""
    found: dict[str, list[str]] = {}
    for field, known in _known().items():
        for one in known:
            found.setdefault(field, []).extend(column for column, tag in tags.items() if _parts(tag) == one)
    return {field: columns for field, columns in found.items() if columns}


def tell_enough(tags: Tags) -> bool:
    """Whether tags alone tell that a table holds incidents: when, and what or how many."""
    fields = by_tag(tags).keys()
    return "date" in fields and not HAPPENED.isdisjoint(fields)


@cache
def _known() -> dict[str, list[frozenset[str]]]:
    told = tomllib.loads(TAGS.read_text(encoding="utf-8"))
    return {field: [_parts(tag) for tag in tags] for field, tags in told.items()}


def _parts(tag: str) -> frozenset[str]:
    """Hashtag and attributes, whose order means nothing."""
    return frozenset(part for part in tag.split("+") if not SILENT.fullmatch(part))
