"""The flat row of an incident: the columns that every table, map and page shows, in their order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import Select, bindparam
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import delicacy, may_name_responsible, may_read, unsealed
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
STORED_ROWS: Select[*tuple[Any, ...]] = select(*SELECTED)
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


PKS = "pks"
# Made once: to put them together anew would take longer than to answer them.
ASKED_INVOLVED = (
    select(*INVOLVED)
    .outerjoin(Actor, col(Actor.pk) == Involvement.actor_pk)
    .where(
        col(Involvement.incident_pk).in_(bindparam(PKS, expanding=True)),
        col(Involvement.degree).not_in(NOT_RESPONSIBLE),
    )
    .order_by(col(Involvement.incident_pk), col(Involvement.pk))
)


@cache
def _asked_cited(role: str) -> Select[*tuple[Any, ...]]:
    asked: Select[*tuple[Any, ...]] = (
        select(*CITED)
        .join(Source, col(Source.pk) == Account.source_pk)
        .outerjoin(Publication, col(Publication.pk) == Source.publication_pk)
        .where(col(Account.incident_pk).in_(bindparam(PKS, expanding=True)), *unsealed(Viewer("", role)))
        .order_by(col(Account.incident_pk), col(Account.pk))
    )
    return asked


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
    in_words = may_read(viewer, delicacy(InvolvementFields, "described_as"))
    # Not a condition of the question: SQLite would walk the index of people, through every involvement there is.
    told = [
        (pk, person, name or (words if in_words else None))
        for pk, person, words, disclosable, name, kind in session.execute(ASKED_INVOLVED, {PKS: list(verified)}).all()
        if (person is None and kind != A_PERSON)
        or may_name_responsible(viewer, disclosable=disclosable, verification=verified[pk])
    ]
    people = names_outside(session, [person for _, person, _ in told if person is not None])
    return _joined((pk, words or people.get(person or 0)) for pk, person, words in told)


def _sources(session: Session, pks: Sequence[int], viewer: Viewer) -> tuple[dict[int, str], dict[int, str]]:
    named = may_read(viewer, SOURCE_IDENTITY)
    rows = session.execute(_asked_cited(viewer.role), {PKS: pks}).all()
    citations = (
        (pk, cite(name, author if named else None, title, edtf(*when), url))
        for pk, name, author, title, *when, url in rows
    )
    return _joined(citations), _joined((row[0], row[-1]) for row in rows)


def _joined(pairs: Iterable[tuple[int, str | None]]) -> dict[int, str]:
    """Texts by number, joined with a semicolon, each once, in the order they came (sorted by number)."""
    return {
        pk: "; ".join(dict.fromkeys(text for _, text in group if text)) for pk, group in groupby(pairs, lambda p: p[0])
    }


def moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def flat(rows: Sequence[Any], attached: Attached) -> Iterator[FlatRow]:
    """The flat rows of one batch of SELECTED rows, values as JSON knows them (dates are `date`)."""
    labels = {code: word.named() for code, word in vocabulary("violations").items()}
    for row in rows:
        found = dict(zip(STORED, row, strict=True))
        pk = found.pop("pk")
        when = (found["date_earliest"], found["date_latest"])
        found |= {
            "alleged": True,
            "kind_label": labels.get(found["kind"]),
            "date_edtf": edtf(*when, found.pop("date_span"), found.pop("date_qualifier")),
            "date_precision": precision(*when),
            "alleged_responsible": attached.responsible.get(pk) or None,
            "sources": attached.citations.get(pk) or None,
            "source_urls": attached.urls.get(pk) or None,
            "updated_at": moment(found["updated_at"]),
        }
        yield {name: found[name] for name in COLUMNS}
