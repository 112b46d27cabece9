"""Which ISO 3166-2 code a Natural Earth unit has: by its FIPS code and name, one to one or not at all."""

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from geodata.build_sources import NameRow, Shape

# Words for "province" and the like: they differ between tables and carry no identity.
GENERIC_WORDS = """
ad al an apskritis ar as ash at autonomous avtonomna avtonomnyy az city county da de departamento
departement department des district distrikt distrito division do du el estado fylke governorate
judet judetul kommune komuna krai kray la laani lan le maakond megye muhafazat municipality
municipio novads obcina oblast oblasti of okrug opstina ostan prefecture province provincia
provincie raion rajons rayon rayonu region regione republic respublika respubliki state territory
the tinh velayaty viloyati wilaya wilayah wilayat y zupanija
"""
GENERIC = frozenset(GENERIC_WORDS.split())
ALIKE = 0.72


def plain(text: str) -> str:
    """Return lower-case letters without marks, punctuation and generic words."""
    folded = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = re.sub(r"[\W_]+", " ", folded.replace("'", "").replace("`", "")).split()
    kept = [w for w in words if w not in GENERIC]
    return "".join(kept or words)


def match_iso(shapes: Iterable[Shape], rows: Iterable[NameRow], home: dict[str, int]) -> dict[str, NameRow]:
    """Return the ISO row of each Natural Earth fid that has just one; `home`: fid to country row."""
    coded: dict[int, list[NameRow]] = defaultdict(list)
    for row in rows:
        if row.iso and row.level in (1, 2):
            coded[row.country].append(row)
    claims: dict[str, list[tuple[Shape, NameRow]]] = defaultdict(list)
    for shape in shapes:
        row = _best(shape, coded[home.get(shape.key, 0)])
        if row is not None:
            claims[row.iso].append((shape, row))
    settled = {claimants[0][0].key: claimants[0][1] for claimants in claims.values() if len(claimants) == 1}
    for claimants in claims.values():
        if len(claimants) > 1:
            settled.update(_winner(claimants))
    return _second_chance(claims, settled, coded)


def _winner(claimants: list[tuple[Shape, NameRow]]) -> dict[str, NameRow]:
    """Of several claimants take the only one of that very name, or else of that GeoNames name."""
    for field in ("name", "gn_name"):
        named = [(s, row) for s, row in claimants if plain(s.fields[field]) in _names(row)]
        if len(named) == 1:
            return {named[0][0].key: named[0][1]}
    return {}


def _second_chance(
    claims: dict[str, list[tuple[Shape, NameRow]]],
    settled: dict[str, NameRow],
    coded: dict[int, list[NameRow]],
) -> dict[str, NameRow]:
    """Give a loser the row of its GeoNames name, if that is free and nobody else asks for it."""
    taken = {row.iso for row in settled.values()}
    asked: dict[str, list[tuple[str, NameRow]]] = defaultdict(list)
    for shape, row in (claim for claimants in claims.values() for claim in claimants):
        if shape.key not in settled:
            name = plain(shape.fields["gn_name"])
            free = [r for r in coded[row.country] if r.iso not in taken and name in _names(r)]
            if len(free) == 1:
                asked[free[0].iso].append((shape.key, free[0]))
    return settled | dict(claim[0] for claim in asked.values() if len(claim) == 1)


def _best(shape: Shape, candidates: list[NameRow]) -> NameRow | None:
    """Return the one row of its own name, else of its other names, else of its FIPS code and a like name."""
    own = plain(shape.fields["name"])
    names = {plain(shape.fields[f]) for f in ("name", "gn_name", "woe_name")} - {""}
    for wanted in ({own}, names):
        exact = [row for row in candidates if wanted & _names(row)]
        if len(exact) == 1:
            return exact[0]
    fips = shape.fields["fips"][2:]
    for row in candidates:
        if fips and row.geonames_code.split(".")[1:] == [fips] and _alike(names, _names(row)):
            return row
    return None


def _names(row: NameRow) -> set[str]:
    return {plain(n) for n in (row.name, *row.aliases)} - {""}


def _alike(left: set[str], right: set[str]) -> bool:
    return any(difflib.SequenceMatcher(None, a, b).ratio() >= ALIKE for a in left for b in right)
