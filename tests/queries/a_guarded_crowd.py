"""A made-up crowd in which something is kept from somebody: who wrote, who is named, how closely it is held."""

from itertools import cycle
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.visibility import BORNE_OUT
from app.db import writing
from app.records import Actor, Incident, Involvement, Person, PersonName, Source
from app.vocabulary.word import vocabulary
from tests.archives import TestArchive
from tests.builders import a_source, carried_out_by, incident_in, somebody
from tests.queries.a_crowd import fill as fill_with_anybody

SENSITIVITIES = sorted(vocabulary("sensitivities"))
PROTECTIONS = sorted(vocabulary("identity_protections"))
NAMED = 10
BORNE = min(BORNE_OUT)


def fill(archive: TestArchive, *, few: bool = False) -> TestArchive:
    """Incidents of anybody, thirty or `few`; ten in which somebody is named; others; and one that breaks a table."""
    fill_with_anybody(archive, 4 if few else 30, seed=5)
    archive.report_all(_named(n) for n in range(NAMED))
    archive.report_all(_written(n) for n in range(8))
    archive.report(incident_in('=cmd|"made up", \n@x', source=a_source("+1, as it says", "@Paper")))
    with writing(archive.engine) as session:
        _guard(session)
    return archive


def _named(number: int) -> Any:
    who: tuple[dict[str, Any], ...] = (
        {"person": somebody(f"Example Zweitens {number}", pseudonym="N. N.")},
        {"described_as": "men in a made-up car"},
        {"actor": {"name": f"Example Drittens {number}", "kind": "private_individual"}},
    )
    more = {"involvements": [one | {"degree": "carried_out"} for one in (who[number % 3], who[0])]}
    return incident_in(
        f"Alleged, of somebody {number}", source=a_source(f"Report of {number}", "Paper of names"), **more
    )


def _written(number: int) -> Any:
    source = a_source(f"Article {number}", "Paper of authors", **({"author": "E. Xample"} if number % 2 else {}))
    clash = carried_out_by("A party") | {"degree": "party_to_clash" if number % 3 else "ordered"}
    return incident_in(f"Alleged, as written {number}", source=source, involvements=[clash])


def _guard(session: Session) -> None:
    """Each sensitivity for some incidents, sources and people, each protection for some names, and findings."""
    for table, every in ((Incident, 5), (Source, 4), (Person, 3)):
        pks = session.exec(select(table.pk).order_by(col(table.pk))).all()[::every]  # type: ignore[attr-defined]
        for pk, held in zip(pks, cycle(SENSITIVITIES), strict=False):
            session.execute(update(table).where(col(table.pk) == pk).values(sensitivity=held))  # type: ignore[attr-defined]
    for pk, kind in zip(
        session.exec(select(Person.pk).order_by(col(Person.pk))).all(), cycle(PROTECTIONS), strict=False
    ):
        session.execute(update(Person).where(col(Person.pk) == pk).values(identity_protection=kind))
    session.execute(update(Involvement).where(col(Involvement.pk) % 2 == 0).values(disclosable=True))
    session.execute(update(Incident).where(col(Incident.pk) % 3 > 0).values(verification=BORNE))
    assert session.exec(select(PersonName.pk)).first()
    assert session.exec(select(Actor.pk).where(col(Actor.kind) == "private_individual")).first()
