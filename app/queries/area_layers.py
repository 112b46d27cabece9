"""Layers of areas: which lie over those we ship, what they say, and that this process places things by them."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app import geography
from app.geography import AreaEntry, Said, SettlementEntry
from app.matching.folding import name_key
from app.records import AreaLayer, AreaVersion, ImportBatch
from app.records.area import AreaLayerOut

# Under this word a session keeps that it has laid a layer, or taken one away.
CHANGED = "areas changed"
SAID = (
    AreaVersion.code, AreaVersion.own_code, AreaVersion.level, AreaVersion.name, AreaVersion.aliases,
    AreaVersion.country, AreaVersion.parent, AreaLayer.name, AreaVersion.valid_from, AreaVersion.valid_to,
    AreaVersion.population, AreaVersion.uncertainty_m, AreaVersion.outline,
)  # fmt: skip


def layers(session: Session) -> list[AreaLayerOut]:
    """Every layer, the latest first."""
    found = session.exec(select(AreaLayer).order_by(col(AreaLayer.pk).desc())).all()
    return [AreaLayerOut(**{name: getattr(one, name) for name in AreaLayerOut.model_fields}) for one in found]


def by_import(session: Session) -> list[tuple[UUID, AreaLayerOut]]:
    """The same, each with the id of the import that brought it."""
    asked = select(AreaLayer.batch_pk, ImportBatch.id).join(ImportBatch, col(ImportBatch.pk) == col(AreaLayer.batch_pk))
    ids = session.exec(asked.order_by(col(AreaLayer.pk).desc())).all()
    return [(which, layer) for (_, which), layer in zip(ids, layers(session), strict=True)]


def look(session: Session) -> None:
    """Let this process place things by the layers that a session sees: also by one that it has just laid."""
    which = _mark(session)
    if which != geography.mark():
        geography.lay_over(which, _said(session))


def mark_of(session: Session, fingerprint: str) -> str:
    """What the tables of areas and settlements are made of: the files of this fingerprint, and the layers."""
    which = _mark(session)
    return hashlib.sha256(f"{fingerprint} {which}".encode()).hexdigest() if which else fingerprint


def _mark(session: Session) -> str:
    """Nothing where there is no layer. A layer never changes: it comes and goes."""
    there = session.exec(select(AreaLayer.id).order_by(col(AreaLayer.pk))).all()
    return hashlib.sha256(b"".join(one.bytes for one in there)).hexdigest() if there else ""


def _said(session: Session) -> Iterator[Said]:
    asked: Any = select(*SAID).join(AreaLayer, col(AreaLayer.pk) == col(AreaVersion.layer_pk))  # type: ignore[call-overload]
    rows = session.execute(asked.order_by(col(AreaLayer.pk), col(AreaVersion.pk)), execution_options={"yield_per": 500})
    for code, own, level, name, aliases, country, parent, layer, since, until, *more in rows:
        told = (code, own, level, name, tuple(aliases), country, parent, layer, _iso(since), _iso(until))
        yield Said(*told, *more)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def as_row(entry: AreaEntry | SettlementEntry) -> dict[str, Any]:
    """An area or settlement as its table keeps it, with the folded names, each between bars, by which it is found."""
    row = asdict(entry)
    names = dict.fromkeys(name_key(name) for name in (row["name"], *row["aliases"]))
    lists = {name: list(value) for name, value in row.items() if isinstance(value, tuple)}
    return row | lists | days(row) | {"name_key": f"|{'|'.join(names)}|"}


def days(row: dict[str, Any]) -> dict[str, date]:
    """Since when and until when an area is so, as the database keeps days."""
    return {name: date.fromisoformat(row[name]) for name in ("valid_from", "valid_to") if row.get(name)}
