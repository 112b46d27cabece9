"""Mappings: small files that say how the columns of somebody else's table become reports, shipped or saved by name."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from app.errors import Fault, Invalid, NotFound
from app.imports import tables
from app.imports.mappings.drafting import made as made
from app.imports.mappings.hxl import tell_enough
from app.imports.mappings.mapping import NAME
from app.imports.mappings.mapping import Mapping as Mapping
from app.imports.mappings.mapping import name_of as name_of
from app.imports.mappings.mapping import read as read
from app.imports.mappings.suggesting import look
from app.imports.mappings.writing import Called, suggestion
from app.imports.tables import NONE, Found, Hints, rows

SHIPPED = Path(__file__).with_name("shipped")
ENDING = ".toml"
HXL = "hxl"


def named(name: str, folder: Path | None = None) -> Mapping:
    """The mapping of a name: one that the archive keeps in `folder`, or one that we ship. Raises NotFound."""
    path = _paths(folder).get(name)
    if path is None:
        raise NotFound("There is no mapping of that name: see the list of mappings.")
    return read(path.read_text(encoding="utf-8"), name)


def listed(folder: Path | None = None) -> dict[str, Mapping]:
    """Every mapping that can be used, by name; one that the archive keeps stands for a shipped one of the same name."""
    return {name: mapping for name, path in sorted(_paths(folder).items()) if (mapping := _usable(path, name))}


def save(folder: Path, name: str, text: str) -> Mapping:
    """Keep a mapping under a name; an older one of that name is replaced. Raises Invalid."""
    if not NAME.fullmatch(name):
        fault = Fault("name", "not a name for a mapping", "small letters, digits and hyphens: clinic-register")
        raise Invalid("The mapping was not saved.", [fault])
    mapping = read(text, name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{name}{ENDING}"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(folder / f"{name}{ENDING}")
    return mapping


def fitting(columns: list[str], folder: Path | None = None) -> Iterator[Mapping]:
    """The mappings all of whose needed columns a heading has, the most particular first."""
    fits = [m for m in listed(folder).values() if m.needs and not m.missing(columns)]
    yield from sorted(fits, key=lambda m: -len(m.needs))


def suggest(path: Path, name: str, hints: Hints = NONE) -> str:
    """A mapping for a file, as TOML with remarks. `name`: what the file is called. Raises Unreadable."""
    found = tables.look(path, hints)
    return suggestion(look(found.names, rows(path, hints), found.tags), Called.by_file(name))


def by_tags(path: Path, found: Found, hints: Hints = NONE) -> Mapping | None:
    """What `suggest` would write of a table with HXL tags, to be used at once; None where they do not tell enough.

    Files with the same tags over the same names are deliveries of one table, whatever they are called.
    """
    if not tell_enough(found.tags):
        return None
    told = sorted(f"{tag} {name}" for name, tag in found.tags.items())
    mark = sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:8]
    called = Called(HXL, f"A table with HXL tags ({mark})", f"{HXL}:{mark}")
    return read(suggestion(look(found.names, rows(path, hints), found.tags), called))


def _usable(path: Path, name: str) -> Mapping | None:
    """None for one that somebody broke by hand: it must not stand in the way of the others."""
    try:
        return read(path.read_text(encoding="utf-8"), name)
    except (Invalid, OSError, UnicodeDecodeError):
        return None


def _paths(folder: Path | None) -> dict[str, Path]:
    folders = [SHIPPED, *([folder] if folder else [])]
    return {path.stem: path for one in folders for path in sorted(one.glob(f"[!.]*{ENDING}"))}
