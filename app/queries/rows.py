"""The flat row of an incident: the columns that every table, map and page shows, in their order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import delicacy, may_name_responsible, may_read, unsealed
from app.access.wall import IN_ROWS
from app.queries.among import among
from app.queries.people import names_outside
from app.records import Account, Actor, Incident, Involvement, Publication, Source
from app.records.actor import A_PERSON
from app.records.blocks import HARMS
from app.records.involvement import InvolvementFields
from app.records.source import cite
from app.vocabulary.certainty import edtf, precision
from app.vocabulary.sensitivity import SOURCE_IDENTITY
from app.vocabulary.word import vocabulary

FlatRow = dict[str, Any]

# Column and HXL tag, in the order that spreadsheets and map projects rely on.
COLUMNS: dict[str, str] = {
    "ref": "#event+id", "alleged": "#meta+alleged", "kind": "#event+type", "kind_label": "#event+type+label",
    "title": "#description+title", "date_edtf": "#meta+date+v_edtf", "date_earliest": "#date+start",
    "date_latest": "#date+end", "date_precision": "#meta+date+precision", "country": "#country+code+v_iso3",
    "area1": "#adm1+name", "area1_code": "#adm1+code+v_pcode", "area2": "#adm2+name",
    "area2_code": "#adm2+code+v_pcode", "place_name": "#loc+name", "lon": "#geo+lon", "lat": "#geo+lat",
    "geo_precision": "#geo+precision", "uncertainty_m": "#geo+uncertainty", "location_generalised": "#geo+generalised",
    "killed_min": "#affected+killed+min", "killed_best": "#affected+killed", "killed_max": "#affected+killed+max",
    "injured_min": "#affected+injured+min", "injured_best": "#affected+injured",
    "injured_max": "#affected+injured+max", "missing_min": "#affected+missing+min",
    "missing_best": "#affected+missing", "missing_max": "#affected+missing+max",
    "detained_min": "#affected+detained+min", "detained_best": "#affected+detained",
    "detained_max": "#affected+detained+max", "alleged_responsible": "#group+name+perp+alleged",
    "verification": "#status+verification", "confidence": "#meta+confidence",
    "independent_sources": "#meta+source+count", "sources": "#meta+source+citation", "source_urls": "#meta+url+source",
    "licence": "#meta+license", "updated_at": "#date+updated",
}  # fmt: skip

TALLIES = tuple(f"{harm}_{part}" for harm in HARMS for part in ("min", "best", "max"))
STORED = (
    "pk", "ref", "kind", "title", "date_earliest", "date_latest", "date_span", "date_qualifier", "country", "area1",
    "area1_code", "area2", "area2_code", "place_name", "lon", "lat", "geo_precision", "uncertainty_m", *TALLIES,
    "verification", "confidence", "independent_sources", "licence", "updated_at", "location_generalised",
)  # fmt: skip
PK, VERIFICATION = STORED.index("pk"), STORED.index("verification")
SELECTED = tuple(getattr(Incident, name) for name in STORED)
# Made once: every question begins with it.
STORED_ROWS: Select[*tuple[Any, ...]] = select(*SELECTED).execution_options(**IN_ROWS)
NUMBERS: Select[*tuple[Any, ...]] = select(Incident.pk).execution_options(**IN_ROWS)
CITED: tuple[Any, ...] = (
    Account.incident_pk, Publication.name, Source.author, Source.title, Source.date_earliest, Source.date_latest,
    Source.date_span, Source.date_qualifier, Source.url,
)  # fmt: skip
INVOLVED: tuple[Any, ...] = (
    Involvement.incident_pk, Involvement.person_pk, Involvement.described_as, Involvement.disclosable, Actor.name,
    Actor.kind,
)  # fmt: skip
# Taking part in a clash is not responsibility for a violation.
NOT_RESPONSIBLE = ("party_to_clash",)
# A page names its incidents one by one.
FEW = 250
PKS, FIRST, LAST = "pks", "first", "last"
NUMBERED = STORED_ROWS.where(among(col(Incident.pk), PKS))
IN_LINE = NUMBERED.order_by(col(Incident.pk))
STRETCH = STORED_ROWS.where(col(Incident.pk).between(bindparam(FIRST), bindparam(LAST))).order_by(col(Incident.pk))


# Both are made once: to put them together anew would take longer than to answer them.
@cache
def _asked_involved(*, stretch: bool) -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = (
        select(*INVOLVED)
        .outerjoin(Actor, col(Actor.pk) == Involvement.actor_pk)
        .where(_hang_on(Involvement.incident_pk, stretch=stretch), col(Involvement.degree).not_in(NOT_RESPONSIBLE))
        .order_by(col(Involvement.incident_pk), col(Involvement.pk))
        .execution_options(**IN_ROWS)
    )
    return asked


@cache
def _asked_cited(role: str, *, stretch: bool) -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = (
        select(*CITED)
        .join(Source, col(Source.pk) == Account.source_pk)
        .outerjoin(Publication, col(Publication.pk) == Source.publication_pk)
        .where(_hang_on(Account.incident_pk, stretch=stretch), *unsealed(Viewer("", role)))
        .order_by(col(Account.incident_pk), col(Account.pk))
        .execution_options(**IN_ROWS)
    )
    return asked


def _hang_on(pointer: Any, *, stretch: bool) -> ColumnElement[bool]:
    if stretch:
        return col(pointer).between(bindparam(FIRST), bindparam(LAST))
    return among(col(pointer), PKS)


def _named(pks: Collection[int]) -> tuple[bool, dict[str, Any]]:
    """Whether to ask for a stretch of incidents rather than one by one, and which.

    To name a thousand numbers takes longer than to pass over some rows, where few are missing in between.
    """
    if len(pks) > FEW and max(pks) - min(pks) < 2 * len(pks):
        return True, {FIRST: min(pks), LAST: max(pks)}
    return False, {PKS: list(pks)}


def by_numbers(session: Session, pks: Sequence[int]) -> list[Any]:
    """Stored rows by their numbers, in this order."""
    found = session.execute(NUMBERED, {PKS: pks}).all()
    rows = {row[PK]: row for row in found}
    return [rows[pk] for pk in pks]


def stored(session: Session, pks: Sequence[int]) -> list[Any]:
    """The same for many, in the order of their numbers; of those that the viewer sees no more, none."""
    stretch, which = _named(pks)
    if not stretch:
        return list(session.execute(IN_LINE, which).all())
    wanted = set(pks)
    return [row for row in session.execute(STRETCH, which).all() if row[PK] in wanted]


@dataclass(frozen=True)
class Attached:
    """What hangs on the incidents of one batch, by their number."""

    responsible: dict[int, str]
    citations: dict[int, str]
    urls: dict[int, str]


def attach(session: Session, rows: Sequence[Any], viewer: Viewer) -> Attached:
    """Who is alleged to be responsible and the sources, for up to a thousand SELECTED rows, in two or three questions.

    Who wrote a source, and a person who is said to be responsible, only for those who may read that.
    """
    verified = {row[PK]: row[VERIFICATION] for row in rows}
    citations, urls = _sources(session, list(verified), viewer)
    return Attached(_responsible(session, verified, viewer), citations, urls)


def _responsible(session: Session, verified: dict[int, str], viewer: Viewer) -> dict[int, str]:
    """`verified`: how far each incident is borne out, by its number."""
    stretch, which = _named(verified)
    in_words = may_read(viewer, delicacy(InvolvementFields, "described_as"))
    # Not a condition of the question: SQLite would walk the index of people, through every involvement there is.
    told = [
        (pk, person, name or (words if in_words else None))
        for pk, person, words, disclosable, name, kind in session.execute(_asked_involved(stretch=stretch), which).all()
        if pk in verified
        and (
            (person is None and kind != A_PERSON)
            or may_name_responsible(viewer, disclosable=disclosable, verification=verified[pk])
        )
    ]
    people = names_outside(session, [person for _, person, _ in told if person is not None])
    return _joined((pk, words or people.get(person or 0)) for pk, person, words in told)


def _sources(session: Session, pks: Sequence[int], viewer: Viewer) -> tuple[dict[int, str], dict[int, str]]:
    named = may_read(viewer, SOURCE_IDENTITY)
    stretch, which = _named(pks)
    rows = session.execute(_asked_cited(viewer.role, stretch=stretch), which).all()
    told, urls = [], []
    for pk, name, author, title, first, last, span, qualifier, url in rows:
        told.append((pk, cite(name, author if named else None, title, _written(first, last, span, qualifier), url)))
        urls.append((pk, url))
    return _joined(told), _joined(urls)


def _joined(pairs: Iterable[tuple[int, str | None]]) -> dict[int, str]:
    """Texts by number, joined with a semicolon, each once, in the order they came."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for pk, text in pairs:
        if text:
            found[pk].append(text)
    return {pk: texts[0] if len(texts) == 1 else "; ".join(dict.fromkeys(texts)) for pk, texts in found.items()}


# An archive knows some thousand days, and speaks of each again and again.
_written = lru_cache(maxsize=20_000)(edtf)
_exactness = lru_cache(maxsize=20_000)(precision)


@lru_cache(maxsize=1_000)
def moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def flat(rows: Sequence[Any], attached: Attached) -> Iterator[FlatRow]:
    """The flat rows of one batch of SELECTED rows, values as JSON knows them (dates are `date`)."""
    labels = {code: word.named() for code, word in vocabulary("violations").items()}
    responsible, citations, urls = attached.responsible.get, attached.citations.get, attached.urls.get
    for row in rows:
        # Each by its name, in the order of STORED and of COLUMNS: to look the places up takes three times as long.
        (
            pk, ref, kind, title, first, last, span, qualifier, country, area1, area1_code, area2, area2_code, place,
            lon, lat, exactness, uncertainty, *tallies, verification, confidence, voices, licence, updated, generalised,
        ) = row  # fmt: skip
        (
            killed_min, killed, killed_max, injured_min, injured, injured_max, missing_min, missing, missing_max,
            detained_min, detained, detained_max,
        ) = tallies  # fmt: skip
        yield {
            "ref": ref, "alleged": True, "kind": kind, "kind_label": labels.get(kind), "title": title,
            "date_edtf": _written(first, last, span, qualifier), "date_earliest": first, "date_latest": last,
            "date_precision": _exactness(first, last), "country": country, "area1": area1, "area1_code": area1_code,
            "area2": area2, "area2_code": area2_code, "place_name": place, "lon": lon, "lat": lat,
            "geo_precision": exactness, "uncertainty_m": uncertainty, "location_generalised": generalised,
            "killed_min": killed_min, "killed_best": killed, "killed_max": killed_max, "injured_min": injured_min,
            "injured_best": injured, "injured_max": injured_max, "missing_min": missing_min, "missing_best": missing,
            "missing_max": missing_max, "detained_min": detained_min, "detained_best": detained,
            "detained_max": detained_max, "alleged_responsible": responsible(pk), "verification": verification,
            "confidence": confidence, "independent_sources": voices, "sources": citations(pk), "source_urls": urls(pk),
            "licence": licence, "updated_at": moment(updated),
        }  # fmt: skip
