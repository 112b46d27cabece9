"""Lay a layer of areas over those we ship, and take it back."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col, func, or_, select

from app import geography
from app.access.policy import REVIEW
from app.access.viewer import check_allowed
from app.actions.pen import Pen
from app.bulk import insert_rows
from app.db import chunks, reading
from app.errors import Conflict
from app.geography import Said
from app.queries import area_layers
from app.records import METADATA, Archive, Area, AreaLayer, AreaVersion, Incident
from app.records.area import AreaLayerFields
from app.records.keys import new_id

CHUNK = 500
SHOWN = 10


def keep_up(engine: Engine) -> None:
    """Let this process place things by the layers that the archive has now."""
    with reading(engine) as session:
        area_layers.look(session)


def lay(pen: Pen, layer: AreaLayerFields, areas: Iterable[Said]) -> None:
    """Lay what a file says of areas over what is here; the pen writes for the batch of its import.

    History keeps the digest of all of it. Nothing that lies below is changed.
    """
    pk, total = pen.number("area_layer"), hashlib.sha256()
    codes: list[str] = []
    outlines = 0
    for chunk in chunks(areas, CHUNK):
        rows = [_row(pen, pk, said) for said in chunk]
        for said in chunk:
            total.update(repr(said).encode())
        insert_rows(pen.session.connection(), METADATA.tables["area_version"], rows)
        codes += [said.code for said in chunk]
        outlines += sum(said.outline is not None for said in chunk)
    told = layer.model_dump() | {"areas": len(codes), "outlines": outlines}
    row = told | {"pk": pk, "id": new_id(), "batch_pk": pen.batch_pk, "laid_at": pen.at}
    pen.write(AreaLayer, row)
    as_of = layer.as_of.isoformat() if layer.as_of else None
    pen.note("laid", "area_layer", row["id"], told | {"as_of": as_of, "sha256": total.hexdigest()})
    pen.put_down()
    _bring_up_to_date(pen.session, codes)


def _row(pen: Pen, layer: int, said: Said) -> dict[str, Any]:
    told = {name: getattr(said, name) for name in VERSION}
    more = {"pk": pen.number("area_version"), "layer_pk": layer, "aliases": list(said.aliases)}
    return told | area_layers.days(told) | more


VERSION = tuple(name for name in AreaVersion.model_fields if name not in {"pk", "layer_pk"})


def take_back(pen: Pen, batch: int, *, although_used: bool) -> None:
    """Take the layer of a batch away, if it brought one: what lay below it holds again.

    Raises Forbidden, and Conflict where incidents lie in areas that only this layer knows.
    """
    layer = pen.session.exec(select(AreaLayer).where(col(AreaLayer.batch_pk) == batch)).first()
    if layer is None:
        return
    check_allowed(REVIEW, pen.by)
    if not although_used:
        _check_unused(pen.session, layer.pk)
    codes = list(pen.session.exec(select(AreaVersion.code).where(col(AreaVersion.layer_pk) == layer.pk)).all())
    pen.session.execute(delete(AreaVersion).where(col(AreaVersion.layer_pk) == layer.pk))
    pen.session.execute(delete(AreaLayer).where(col(AreaLayer.pk) == layer.pk))
    pen.note("taken_back", "area_layer", layer.id, {"name": layer.name, "areas": len(codes)})
    _bring_up_to_date(pen.session, codes)


def _check_unused(session: Session, layer: int) -> None:
    """Only where the area would be known no more: neither we nor another layer tell of it."""
    below = select(AreaVersion.code).where(col(AreaVersion.layer_pk) != layer)
    mine = session.exec(
        select(AreaVersion.code).where(col(AreaVersion.layer_pk) == layer, col(AreaVersion.code).not_in(below))
    ).all()
    alone = [code for code in mine if code not in geography.shipped().by_code]
    refs: list[str] = []
    for some in chunks(alone, CHUNK):
        named = (col(column).in_(some) for column in (Incident.area1_code, Incident.area2_code, Incident.area3_code))
        refs += session.exec(select(Incident.ref).where(or_(*named)).limit(SHOWN + 1)).all()
    if refs:
        more = " and more" if len(refs) > SHOWN else ""
        raise Conflict(
            f"Incidents lie in areas that only this layer knows ({', '.join(refs[:SHOWN])}{more}): they would keep the"
            " names of these areas, and nothing more would be known of them. Say so with --also-edited (API:"
            " also_edited=true)."
        )


def _bring_up_to_date(session: Session, codes: list[str]) -> None:
    """Let the table of areas say what holds now, of these areas."""
    session.info[area_layers.CHANGED] = True
    area_layers.look(session)
    for some in chunks(codes, CHUNK):
        session.execute(delete(Area).where(col(Area.code).in_(some)))
    last = session.exec(select(func.max(Area.pk))).one() or 0
    for rows in chunks(_numbered(codes, last), CHUNK):
        insert_rows(session.connection(), METADATA.tables["area"], rows)
    mark = area_layers.mark_of(session, geography.fingerprint())
    session.execute(update(Archive).values(geodata=mark))


def _numbered(codes: list[str], last: int) -> Iterator[dict[str, Any]]:
    known = geography.book().by_code
    for number, code in enumerate((code for code in codes if code in known), start=last + 1):
        yield area_layers.as_row(known[code]) | {"pk": number}
