"""Words for tests of erasures: somebody to erase, the asking, the doing, and the look at what is left."""

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import Session, select

from app.access.viewer import Viewer
from app.actions import accounts, erasure
from app.db import reading, writing
from app.records import Person, PersonName
from app.records.erasure import ErasureDone, ErasureIn
from app.upkeep import erasures
from app.upkeep.verifying import Verdict, verify
from tests.archives import REVIEWER, TestArchive
from tests.builders import account_in, an_act, incident_in, somebody

NAME, OTHER = "Zarmina Beispielzai", "Palwasha Musterkhel"
ADMIN = Viewer("a admin", "admin", "write")
AUDITOR = Viewer("an auditor", "auditor", "write")
BASIS = ErasureIn(legal_basis="Law on made-up data, article 17")


def report(archive: TestArchive, name: str = NAME, also: str = OTHER) -> UUID:
    """An incident of a person with an account that quotes the name, and one that names another person too."""
    herself = an_act(person=somebody(name, birth_year=1984))
    made = archive.report(incident_in(f"About {name}", acts=[herself], summary=f"{name} and {also}"))
    with writing(archive.engine) as session:
        accounts.add_account(session, made.id, account_in(title=f"{name} was taken"), REVIEWER)
    archive.report(incident_in(f"A march for {name}", acts=[an_act(person=somebody(also))]))
    return person(archive, name)


def person(archive: TestArchive, name: str) -> UUID:
    with Session(archive.engine) as session:
        rows = session.execute(select(Person.id, PersonName.full).join(PersonName)).all()
    return next(one for one, full in rows if full == name)


def ask(archive: TestArchive, which: UUID, by: Viewer = REVIEWER, told: ErasureIn = BASIS) -> UUID:
    with writing(archive.engine) as session:
        return erasure.ask(session, which, told, by).id


def carry_out(archive: TestArchive, ledger: Path, which: UUID, by: Viewer) -> ErasureDone:
    return erasures.carry_out(partial(writing, archive.engine), archive.engine, ledger, which, by)


def erase(archive: TestArchive, which: UUID, folder: Path) -> ErasureDone:
    return carry_out(archive, folder / erasures.LEDGER, ask(archive, which), ADMIN)


def verdict(archive: TestArchive, engine: Engine | None = None) -> Verdict:
    assert archive.vault is not None
    with reading(engine or archive.engine) as session:
        return verify(session, archive.vault)


def change(engine: Engine, statement: str, **values: Any) -> int:
    with engine.begin() as connection:
        return connection.execute(text(statement), values).rowcount
