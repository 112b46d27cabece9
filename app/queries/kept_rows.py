"""Incidents for members as they lie ready in the archive; what does not is made on the spot, and comes in its place."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam
from sqlmodel import Session, col, select

from app import __version__
from app.access.policy import CLEARANCES, READERS
from app.access.viewer import Viewer
from app.access.visibility import BORNE_OUT
from app.access.wall import IN_ROWS
from app.queries.among import among
from app.queries.rows import COLUMNS, PK, PKS, FlatRow, attach, flat, stored
from app.queries.written import Feature, feature, flat_row, line
from app.records import Incident, ReadyFeature, ReadyLine
from app.vocabulary.word import vocabulary

# Some 500 KB at once; of fewer that have to be made, each costs several questions.
BATCH = 300
MARK = "mark"
# Made once, as other questions of a page are.
NAMED = (
    select(ReadyFeature.incident_pk, ReadyFeature.text)
    .where(among(col(ReadyFeature.incident_pk), PKS), col(ReadyFeature.mark) == bindparam(MARK))
    .execution_options(**IN_ROWS)
)
EXAMPLE: FlatRow = dict.fromkeys(COLUMNS) | {"ref": "IR-0000-000001", "title": '"', "lon": 0.5, "lat": 0.5,
                                             "date_earliest": date(2000, 1, 1)}  # fmt: skip


@cache
def mark() -> int:
    """Changes with every release, with our words in the texts, and when another role reads more or less of a row."""
    labels = {code: word.named() for code, word in vocabulary("violations").items()}
    who = {role: (sorted(may.sensitivities), sorted(may.classes)) for role, may in CLEARANCES.items()}
    told = (__version__, labels, who, sorted(BORNE_OUT), feature(EXAMPLE).text, line(EXAMPLE))
    return int.from_bytes(hashlib.sha256(repr(told).encode()).digest()[:7]) + 1


def made(session: Session, pks: Sequence[int], viewer: Viewer) -> dict[int, FlatRow]:
    """The flat rows of some incidents as this viewer gets them, by number; of those out of sight by now none."""
    rows = stored(session, pks)
    return dict(zip([row[PK] for row in rows], flat(rows, attach(session, rows, viewer)), strict=True))


def kept(session: Session, conditions: Sequence[ColumnElement[bool]], viewer: Viewer) -> "Kept | None":
    """The answer out of what lies ready; None where nothing does, and for those for whom nothing may."""
    if viewer.role not in READERS:
        return None
    asked = select(ReadyFeature.incident_pk).where(col(ReadyFeature.mark) == mark()).limit(1)
    if session.execute(asked.execution_options(**IN_ROWS)).first() is None:
        return None
    return Kept(session, conditions, viewer)


def texts_of(session: Session, pks: Sequence[int], viewer: Viewer) -> list[bytes]:
    """The features of a page of incidents, in the order of `pks`; of those out of sight by now none."""
    found = session.execute(NAMED, {PKS: pks, MARK: mark()}).all()
    told = {pk: text for pk, text in found if text}
    missing = [pk for pk in pks if pk not in told]
    if missing:
        told |= {pk: feature(row).text for pk, row in made(session, missing, viewer).items()}
    return [told[pk] for pk in pks if pk in told]


@dataclass(frozen=True)
class Kept:
    """An answer by number, in constant memory. Which incidents are in it is asked of them, with all conditions."""

    session: Session
    conditions: Sequence[ColumnElement[bool]]
    viewer: Viewer

    def features(self) -> Iterator[Sequence[Feature]]:
        """The features of a map, some at a time."""
        for rows in self._asked(ReadyFeature, ReadyFeature.ref, ReadyFeature.lon, ReadyFeature.lat, ReadyFeature.text):
            found = self._missing(rows)
            whole = [Feature(*row[1:]) if row[-1] else feature(found[row[0]]) for row in _known(rows, found)]
            if whole:
                yield whole

    def lines(self) -> Iterator[bytes]:
        """The lines of a table, some at a time."""
        for rows in self._asked(ReadyLine, ReadyLine.text):
            found = self._missing(rows)
            yield b"".join([text or line(found[pk]).encode() for pk, text in _known(rows, found)])

    def rows(self) -> Iterator[FlatRow]:
        """The flat rows that the features were made of."""
        for rows in self._asked(ReadyFeature, ReadyFeature.text):
            found = self._missing(rows)
            yield from (flat_row(text) if text else found[pk] for pk, text in _known(rows, found))

    def _missing(self, rows: Sequence[Any]) -> dict[int, FlatRow]:
        """What of these has no text, made on the spot."""
        pks = [row[0] for row in rows if not row[-1]]
        return made(self.session, pks, self.viewer) if pks else {}

    def _asked(self, ready: Any, *columns: Any) -> Iterator[Sequence[Any]]:
        """The numbers of the incidents, and these columns of what lies ready of them: a text, or None, at the end."""
        current = and_(col(ready.incident_pk) == col(Incident.pk), col(ready.mark) == mark())
        asked: Any = select(Incident.pk, *columns).select_from(Incident).outerjoin(ready, current)
        asked = asked.where(*self.conditions).order_by(col(Incident.pk))
        return self.session.execute(asked.execution_options(yield_per=BATCH, **IN_ROWS)).partitions()


def _known(rows: Sequence[Any], found: dict[int, FlatRow]) -> Sequence[Any]:
    """Without what went out of sight since the question was asked, as it may on a server."""
    return [row for row in rows if row[-1] or row[0] in found]
