"""Layers: what others say of areas, laid over the areas we ship, and what is then known of each."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class AreaEntry:
    """One area: level 0 country, 1 province, 2 district, 3 tehsil.

    `country` is ISO 3166-1 alpha-3 and None where no single country is named. `uncertainty_m` is the
    radius in metres of a circle of the same area, None for an area known by name only. `codes`: what other
    lists call it, such as p-codes.
    """

    code: str
    level: int
    name: str
    aliases: tuple[str, ...]
    country: str | None
    parent: str | None
    layer: str
    valid_from: str | None
    valid_to: str | None
    uncertainty_m: float | None
    codes: tuple[str, ...] = ()
    population: int | None = None


@dataclass(frozen=True)
class Said:
    """What a layer says of an area; None where it says nothing. `own_code`: the code it has there.

    `outline`: WKB in degrees of WGS 84. Days are ISO 8601.
    """

    code: str
    own_code: str
    level: int
    name: str
    aliases: tuple[str, ...]
    country: str
    parent: str
    layer: str
    valid_from: str | None = None
    valid_to: str | None = None
    population: int | None = None
    uncertainty_m: float | None = None
    outline: bytes | None = None


@dataclass(frozen=True)
class Outline:
    """Where an area lies, as a layer says it: WKB in degrees."""

    layer: str
    wkb: bytes


def amended(entry: AreaEntry | None, said: Said) -> AreaEntry:
    """An area after a layer was laid over it. What the layer does not say stays as it was, and no name is lost."""
    if entry is None:
        entry = AreaEntry(said.code, said.level, said.name, (), said.country, said.parent, said.layer, None, None, None)
    names = dict.fromkeys((*entry.aliases, entry.name, *said.aliases))
    names.pop(said.name, None)
    codes = dict.fromkeys((*entry.codes, *([said.own_code] if said.own_code != entry.code else [])))
    return replace(
        entry,
        name=said.name,
        aliases=tuple(names),
        codes=tuple(codes),
        parent=said.parent,
        layer=said.layer,
        valid_from=said.valid_from or entry.valid_from,
        valid_to=said.valid_to or entry.valid_to,
        population=entry.population if said.population is None else said.population,
        uncertainty_m=entry.uncertainty_m if said.uncertainty_m is None else said.uncertainty_m,
    )
