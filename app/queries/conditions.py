"""The question as conditions on the database."""

from math import asin, cos, degrees, pi, radians, sin
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from app import geography
from app.access import visibility
from app.access.policy import PARTNER
from app.access.viewer import Viewer
from app.access.visibility import may_read, nameable, visible
from app.errors import UNKNOWN, WHERE_TO_LOOK, Fault, Invalid
from app.matching.folding import words
from app.queries.filter import IncidentFilter
from app.queries.grid import in_cells
from app.queries.people import unsealed
from app.records import Account, Act, Actor, Case, Incident, Involvement, Person, PersonName, Publication, Source
from app.records.actor import A_PERSON
from app.records.blocks import cell_row
from app.records.search import numbers_of
from app.sphere import EARTH_KM
from app.vocabulary.sensitivity import IDENTITY, INTERNAL
from app.vocabulary.word import vocabulary

Condition = ColumnElement[bool]

# What a filter tells of; whoever may not read that may not ask by it.
ASKS = {"person": IDENTITY, "stage": INTERNAL, "assigned_to": INTERNAL}
# Up to so many rows of the grid a box is answered from the grid; above, it is most of a country or more.
GRID_ROWS = 60


def clauses(question: IncidentFilter, viewer: Viewer, dialect: str) -> list[Condition]:
    """Every condition of the question and of the viewer's role.

    Raises Invalid for a field the viewer may not read, in the words used for a field that does not exist.
    """
    _check_may_ask(question, viewer)
    found = [*visible(viewer), *_standing(question), *_where(question), *_when(question), *_what(question)]
    found += _who(question, viewer)
    if question.q is not None:
        found.append(col(Incident.pk).in_(holding(question.q, viewer, dialect)))
    return found


def holding(q: str, viewer: Viewer, dialect: str) -> Select[*tuple[Any, ...]]:
    """The numbers of the incidents that hold all these words where this viewer may look for them. Raises Invalid."""
    # The words of the working archive are those of summaries too; the public has an index of its own.
    if viewer.role == PARTNER:
        raise _unknown()
    return numbers_of(dialect, words(q), with_names=may_read(viewer, IDENTITY))


def _check_may_ask(question: IncidentFilter, viewer: Viewer) -> None:
    if any(getattr(question, name) is not None and not may_read(viewer, ASKS[name]) for name in ASKS):
        raise _unknown()


def _unknown() -> Invalid:
    return Invalid(WHERE_TO_LOOK, [Fault("query", *UNKNOWN)])


def _standing(question: IncidentFilter) -> list[Condition]:
    stage = col(Incident.stage)
    found = [stage == question.stage if question.stage else stage != "withdrawn"]
    if question.assigned_to is not None:
        found.append(col(Incident.assigned_to) == question.assigned_to)
    if question.verification:
        found.append(col(Incident.verification).in_(question.verification))
    if question.min_sources is not None:
        found.append(col(Incident.independent_sources) >= question.min_sources)
    if question.updated_since is not None:
        found.append(col(Incident.updated_at) >= question.updated_since)
    return found


def _where(question: IncidentFilter) -> list[Condition]:
    found: list[Condition] = []
    if question.bbox is not None:
        found.append(in_box(question.bbox))
    if question.near is not None:
        found += _near(question.near)
    if question.area is not None:
        columns = (Incident.country, Incident.area1_code, Incident.area2_code, Incident.area3_code)
        code = geography.code_of(question.area)
        found.append(or_(*(col(c) == code for c in columns)))
    if question.country is not None:
        found.append(col(Incident.country) == question.country)
    if question.located is not None:
        found.append(col(Incident.lon).is_not(None) if question.located else col(Incident.lon).is_(None))
    return found


def in_box(box: tuple[float, float, float, float]) -> Condition:
    """Inside a box, edges included; a box whose west lies east of its east crosses 180 degrees."""
    west, south, east, north = box
    if west > east:
        return or_(in_box((west, south, 180.0, north)), in_box((-180.0, south, east, north)))
    if south > north:
        return false()
    exact = and_(col(Incident.lon).between(west, east), col(Incident.lat).between(south, north))
    if not on_grid(box):
        return exact
    return and_(in_cells(box), exact)


def on_grid(box: tuple[float, float, float, float]) -> bool:
    """Whether a box is asked for row by row of the grid: it is low enough, and in one piece."""
    west, south, east, north = box
    return west <= east and south <= north and cell_row(north) - cell_row(south) < GRID_ROWS


def _near(circle: tuple[float, float, float]) -> list[Condition]:
    """Within a distance on the sphere: the box around the circle first, then the distance of what is left."""
    lon, lat, km = circle
    distance = func.distance_km(col(Incident.lon), col(Incident.lat), lon, lat)
    return [in_box(box_around(lon, lat, km)), col(Incident.lon).is_not(None), distance <= km]


def box_around(lon: float, lat: float, km: float) -> tuple[float, float, float, float]:
    """The smallest box of degrees that holds the circle; it may cross 180, and round a pole it is the whole cap."""
    angle = min(km / EARTH_KM, pi)
    high = degrees(angle)
    if lat + high >= 90 or lat - high <= -90:
        return (-180.0, max(-90.0, lat - high), 180.0, min(90.0, lat + high))
    wide = degrees(asin(min(1.0, sin(angle) / cos(radians(lat)))))
    return (_turned(lon - wide), lat - high, _turned(lon + wide), lat + high)


def _turned(lon: float) -> float:
    return (lon + 180) % 360 - 180 if not -180 <= lon <= 180 else lon


def _when(question: IncidentFilter) -> list[Condition]:
    first, last = question.date_from, question.date_to
    earliest, latest = col(Incident.date_earliest), col(Incident.date_latest)
    if first is None and last is None:
        return []
    if question.date_match == "within":
        return [*([earliest >= first] if first else []), *([latest <= last] if last else [])]
    found = [or_(earliest.is_not(None), latest.is_not(None))]
    if first is not None:
        found.append(or_(latest >= first, latest.is_(None)))
    if last is not None:
        found.append(or_(earliest <= last, earliest.is_(None)))
    return found


def _what(question: IncidentFilter) -> list[Condition]:
    found: list[Condition] = []
    if question.kind:
        kinds = {member for kind in question.kind for member in vocabulary("violations").family(kind)}
        within = select(Act.incident_pk).where(col(Act.kind).in_(sorted(kinds)))
        found.append(or_(col(Incident.kind).in_(sorted(kinds)), col(Incident.pk).in_(within)))
    if question.harm:
        columns = [getattr(Incident, f"{harm}_{n}") for harm in question.harm for n in ("min", "best", "max")]
        found.append(or_(*(col(c) > 0 for c in columns)))
    return found


def _who(question: IncidentFilter, viewer: Viewer) -> list[Condition]:
    found: list[Condition] = []
    if question.actor is not None:
        found.append(col(Incident.pk).in_(_actor(question.actor, viewer)))
    if question.person is not None:
        found.append(_person(question.person, viewer))
    if question.source is not None:
        found.append(col(Incident.pk).in_(_source(question.source, viewer)))
    return found


def _actor(asked: str, viewer: Viewer) -> Any:
    """The incidents of an actor; of one that is a person, only those in which that person may be named."""
    called = _called(asked, Actor.id, Actor.name_key)
    of = select(Involvement.incident_pk).join(Actor).where(called)
    bodies = of.where(col(Actor.kind) != A_PERSON)
    if not may_read(viewer, IDENTITY):
        return bodies
    assessed = aliased(Incident)
    people = of.join(assessed, col(assessed.pk) == Involvement.incident_pk)
    return bodies.union(people.where(col(Actor.kind) == A_PERSON, nameable(assessed)))


def _called(asked: str, id_column: Any, key_column: Any) -> Condition:
    """By id, or by a name that holds all the words that were asked for."""
    if (wanted := _uuid(asked)) is not None:
        return col(id_column) == wanted
    return _all_words(asked, key_column)


def _all_words(asked: str, key_column: Any) -> Condition:
    given = words(asked)
    if not given:
        return false()
    return and_(*((" " + col(key_column) + " ").contains(f" {word} ", autoescape=True) for word in given))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _person(asked: str, viewer: Viewer) -> Condition:
    """The incidents that a person is said to have suffered, or to be responsible for where that may be told."""
    called = _called(asked, Person.id, PersonName.name_key)
    of = select(Person.pk).outerjoin(PersonName, col(PersonName.person_pk) == Person.pk).where(called)
    if _uuid(asked) is None:
        of = of.where(*unsealed(viewer))
    return or_(
        exists().where(col(Act.incident_pk) == Incident.pk, col(Act.person_pk).in_(of)),
        exists().where(col(Case.incident_pk) == Incident.pk, col(Case.person_pk).in_(of)),
        exists().where(col(Involvement.incident_pk) == Incident.pk, col(Involvement.person_pk).in_(of), nameable()),
    )


def _source(asked: str, viewer: Viewer) -> Any:
    """The incidents that cite a source which the viewer may see: to find one by the title of another would tell it."""
    of = select(Account.incident_pk).join(Source, col(Source.pk) == Account.source_pk)
    of = of.where(*visibility.unsealed(viewer))
    if asked.startswith(("http://", "https://")):
        return of.where(or_(col(Source.url) == asked, col(Source.archive_url) == asked))
    of = of.outerjoin(Publication, col(Publication.pk) == Source.publication_pk)
    if (wanted := _uuid(asked)) is not None:
        return of.where(or_(col(Source.id) == wanted, col(Publication.id) == wanted))
    return of.where(_all_words(asked, Source.words_key))
