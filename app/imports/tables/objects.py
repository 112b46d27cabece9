"""Tables in JSON: a list of objects, an object that holds one, JSON lines, and the features of GeoJSON."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import orjson

from app.errors import Unreadable
from app.imports.numbering import FEATURES, LINES, OBJECTS, Numbering
from app.imports.tables.encodings import encoding_of
from app.imports.tables.hints import Hints
from app.imports.tables.outlines import Place, of_geojson
from app.imports.tables.shape import MOST_COLUMNS, Grid, Numbered, another, as_text, check_length, counted
from app.imports.tables.source import Source

LOOKS_SO = re.compile(r"\s*(?:\[\s*[\[{\]]|\{\s*[\"}])")
LONGEST_LINE = 8 << 20
NO_TABLE = "The JSON holds no table: give a list of objects, or an object in which one list of objects stands."
Object = dict[str, Any]
Line = tuple[int, Object]


def table_of_objects(source: Source, hints: Hints) -> Grid:
    """The table in a JSON. Raises Unreadable."""
    encoding, place = encoding_of(source, hints.encoding), of_geojson(hints)
    if _is_lines(source):
        return _table(lambda: _flat(_lines(source, encoding), place), f"JSON lines{source.wrapping}", LINES)
    told = _parsed(_text(source, encoding), "The JSON")
    kind, found = _list(told, hints.sheet)
    objects = [(n, one) for n, one in enumerate(found, start=1) if _is_object(one, n)]
    if kind == "GeoJSON":
        read_as = f"GeoJSON{source.wrapping}, {counted(len(objects), 'feature')}"
        return _table(lambda: _flat(objects, place), read_as, FEATURES)
    return _table(lambda: iter(objects), f"JSON{source.wrapping}{kind}, {counted(len(objects), 'object')}", OBJECTS)


def _table(read: Callable[[], Iterable[Line]], read_as: str, numbering: Numbering) -> Grid:
    """The columns are the names that any of the objects has, in the order of first use."""
    names: Object = {}
    for _, one in read():
        names.update(dict.fromkeys(one))
        if len(names) > MOST_COLUMNS:
            raise Unreadable(f"The objects have more than {MOST_COLUMNS:,} names: leave out those that are not needed.")
    if not names:
        raise Unreadable(NO_TABLE)
    shown: Object = {}
    for name in names:
        shown[another(name.strip() or "(without a name)", shown)] = name
    return Grid(list(shown), read_as, _rows(read(), list(names)), numbering=numbering)


def _rows(objects: Iterable[Line], names: list[str]) -> Iterator[Numbered]:
    for line, one in objects:
        cells = [as_text(one.get(name)) for name in names]
        check_length(cells, line)
        if any(cells):
            yield line, cells


def _is_lines(source: Source) -> bool:
    """Whether the first line is an object by itself, and another one begins after it."""
    first, _, rest = source.start.partition(b"\n")
    if b"\n" not in source.start or not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(first.removeprefix(b"\xef\xbb\xbf")), dict)
    except orjson.JSONDecodeError:
        return False


def _lines(source: Source, encoding: str) -> Iterator[Line]:
    with source.open() as raw:
        number = 0
        while line := raw.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE:
                raise Unreadable(f"Line {number} is longer than any should be (8 MiB).")
            if line.strip():
                one = _parsed(_decoded(line, encoding), f"Line {number}")
                if _is_object(one, number):
                    yield number, one


def _text(source: Source, encoding: str) -> str:
    return _decoded(source.whole(), encoding)


def _decoded(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeError:
        raise Unreadable("The JSON is not in the encoding that it seems to be in: save it as UTF-8.") from None


def _parsed(text: str, what: str) -> Any:
    """What a JSON says. NaN, which some programs write into it, is nothing."""
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        pass
    try:
        told = json.loads(text, parse_constant=lambda _: None)
        orjson.dumps(told)
    except json.JSONDecodeError as problem:
        raise Unreadable(f"{what} is cut off or damaged near line {problem.lineno}: fetch it again.") from problem
    except (ValueError, TypeError, RecursionError) as problem:
        raise Unreadable(
            f"{what} holds what no table can: half a letter, a huge number, or lists in lists."
        ) from problem
    return told


def _list(told: Any, asked: str | None) -> tuple[str, list[Any]]:
    """The list of objects that a JSON is or holds, and which of both in words."""
    if isinstance(told, list):
        features = bool(told) and all(map(_is_feature, told))
        return ("GeoJSON" if features else ""), told
    if not isinstance(told, dict):
        raise Unreadable(NO_TABLE)
    if told.get("type") == "FeatureCollection" and isinstance(told.get("features"), list):
        return "GeoJSON", told["features"]
    if _is_feature(told):
        return "GeoJSON", [told]
    lists = {name: value for name, value in told.items() if isinstance(value, list) and _holds_objects(value)}
    if asked is not None:
        lists = {asked: lists[asked]} if asked in lists else {}
    if len(lists) != 1:
        many = "The JSON holds several lists of objects: name one (--sheet)." if lists else NO_TABLE
        raise Unreadable(many)
    ((name, found),) = lists.items()
    return f", the list “{name[:100]}”", found


def _holds_objects(value: list[Any]) -> bool:
    return bool(value) and isinstance(value[0], dict)


def _is_object(one: Any, number: int) -> bool:
    """Raises Unreadable for what is none; an empty one is passed over."""
    if not isinstance(one, dict):
        raise Unreadable(f"Number {number} of the list is no object with names and values.")
    return bool(one)


def _is_feature(one: Any) -> bool:
    return isinstance(one, dict) and one.get("type") == "Feature" and "geometry" in one


def _flat(lines: Iterable[Line], place_of: Callable[[Any], Place]) -> Iterator[Line]:
    """Features as rows: their id and properties, then the point. Other objects stay as they are."""
    for number, one in lines:
        if not _is_feature(one):
            yield number, one
            continue
        told = one.get("properties")
        row: Object = dict(told) if isinstance(told, dict) else {}
        if one.get("id") is not None:
            row.setdefault("id", one["id"])
        place = place_of(one.get("geometry"))
        # A property of one of these names is the sender's own word, and comes first.
        yield number, row | {another(name, row): value for name, value in place.items()}
