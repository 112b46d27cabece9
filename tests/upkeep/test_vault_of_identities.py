"""The vault of identities: as it lies no cell tells a name, each person has a key, and without it nothing is read."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text, update
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app import imports
from app.actions import batches, people
from app.actions.identities import let_go
from app.actions.pen import Pen
from app.bulk import insert_rows
from app.db import open_postgresql, open_sqlite, reading, writing
from app.errors import NoKey
from app.keyring import MARK, Keyring, give_keys
from app.records import METADATA, Case, Consent, IdentityKey, Person, PersonName
from app.records.keys import new_id
from app.records.person import NewPerson, PersonChange, PersonNameIn
from tests.archives import REVIEWER, TestArchive
from tests.builders import an_act, an_incident, incident_in, somebody
from tests.dumps import cells, indexed
from tests.shelves import KEY

URL = "/api/v1"
NAME, OTHER, MOTHER, PHONE = "Zarmina Beispielzai", "Palwasha Musterkhel", "Spozhmai Beispielzai", "+00 555 0100 777"
IDENTITY = ("person_name.full", "person.birth_year", "person.nationality", "person.occupation")


def told() -> dict[str, object]:
    herself = somebody(NAME, birth_year=1984, occupation="midwife", nationality="Exampleland")
    return an_incident(
        acts=[an_act(person=herself)],
        cases=[{"person": herself, "submitter_name": MOTHER, "submitter_contact": PHONE, "family_contact": PHONE,
                "family_consent_by": MOTHER, "events": [{"kind": "taken"}]}],
    )  # fmt: skip


def enter(archive: TestArchive, name: str = NAME, **more: object) -> Person:
    with writing(archive.engine) as session:
        made = people.enter(session, NewPerson.model_validate(somebody(name, **more)), REVIEWER)
    with Session(archive.engine) as session:
        return session.exec(select(Person).where(col(Person.id) == made.id)).one()


def again(engine: Engine, key: str | None) -> Engine:
    """The same database, opened by another process, or with another key for identities."""
    if engine.dialect.name == "sqlite":
        return give_keys(open_sqlite(engine.url.database, KEY), key)
    return give_keys(open_postgresql(engine.url.render_as_string(hide_password=False)), key)


@pytest.fixture
def other(archive: TestArchive) -> Callable[[str | None], Engine]:
    opened: list[Engine] = []

    def open_again(key: str | None) -> Engine:
        opened.append(again(archive.engine, key))
        return opened[-1]

    yield open_again
    for engine in opened:
        engine.dispose()


def lying(engine: Engine, *names: str) -> list[str]:
    """In which tables a word lies open, but for history, which tells what was reported."""
    found = {place for place, cell in cells(engine) if place.endswith("as it lies") and any(n in cell for n in names)}
    return sorted(found - {"revision as it lies"})


def test_as_it_lies_no_cell_tells_who_somebody_is(client: TestClient, archive: TestArchive) -> None:
    made = client.post(f"{URL}/incidents", json=told()).json()
    case = client.get(f"{URL}/cases/{made['cases'][0]['id']}").json()
    assert (case["submitter_name"], case["submitter_contact"]) == (MOTHER, PHONE)
    person = client.get(f"{URL}/persons/{made['acts'][0]['person']['id']}").json()
    assert (person["birth_year"], person["occupation"], person["names"][0]["full"]) == (1984, "midwife", NAME)
    assert lying(archive.engine, NAME, "Zarmina", "zarmina", "midwife", "Exampleland", MOTHER, PHONE) == []
    assert {"zarmina", "beispielzai"} & indexed(archive.engine) == set()
    with archive.engine.connect() as connection:
        (cell,) = connection.execute(text('SELECT "full" FROM person_name')).scalars()
        assert cell.startswith(f"{MARK}{person['id'].replace('-', '')}:")


def test_a_vault_that_enciphers_nothing_is_noticed(
    client: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Keyring, "encipher", lambda _, told, __: str(told))
    client.post(f"{URL}/incidents", json=told())
    assert lying(archive.engine, NAME, MOTHER) == ["disappearance_case as it lies", "person_name as it lies"]
    monkeypatch.undo()
    monkeypatch.setattr(Keyring, "blind", lambda _, told: told)
    client.post(f"{URL}/incidents", json=told())
    assert "zarmina" in indexed(archive.engine)
    assert "person_name as it lies" in lying(archive.engine, "zarmina")


def test_people_are_found_by_any_word_of_a_name_all_the_same(client: TestClient, archive: TestArchive) -> None:
    client.post(f"{URL}/incidents", json=told())
    for asked in ("zarmina", "BEISPIELZAI Zármina"):
        assert client.get(f"{URL}/persons", params={"q": asked}).json()["total"] == 1
        for name in ("q", "person"):
            assert client.get(f"{URL}/incidents", params={name: asked}).json()["total"] == 1
    for asked in ("zarmin", "zarmina musterkhel"):
        assert client.get(f"{URL}/persons", params={"q": asked}).json()["total"] == 0
        assert client.get(f"{URL}/incidents", params={"q": asked}).json()["total"] == 0
    both = "killing zarmina"
    assert client.get(f"{URL}/incidents", params={"q": both}).json()["total"] == 1


def test_each_person_has_a_key_and_it_is_destroyed_alone(archive: TestArchive) -> None:
    first, second = enter(archive, birth_year=1984), enter(archive, OTHER, birth_year=1990)
    assert archive.count(IdentityKey) == 2
    with writing(archive.engine) as session:
        let_go(session, [first.id])
    with Session(archive.engine) as session:
        assert session.exec(select(PersonName.full).order_by(col(PersonName.pk))).all() == [None, OTHER]
        years = session.exec(select(Person.birth_year).order_by(col(Person.pk))).all()
    assert (years, second.birth_year) == ([None, 1990], 1990)


def test_what_is_changed_or_added_goes_under_the_same_key(archive: TestArchive) -> None:
    one = enter(archive, occupation="midwife")
    with writing(archive.engine) as session:
        people.add_name(session, one.id, PersonNameIn.model_validate({"full": "زرمینہ"}), REVIEWER)
        change = {"reason": "It is so.", "occupation": "teacher", "birth_year": 1985}
        seen = f'"{one.id}.2"'
        people.amend(session, one.id, PersonChange.model_validate(change), seen, REVIEWER)
    assert archive.count(IdentityKey) == 1
    with writing(archive.engine) as session:
        let_go(session, [one.id])
    with Session(archive.engine) as session:
        assert session.exec(select(PersonName.full)).all() == [None, None]
        assert session.execute(select(Person.birth_year, Person.occupation)).all() == [(None, None)]


def test_another_process_reads_what_this_one_writes(
    archive: TestArchive, other: Callable[[str | None], Engine]
) -> None:
    elsewhere = other(KEY)
    for name in (NAME, OTHER):
        enter(archive, name)
        with reading(elsewhere) as session:
            assert name in session.exec(select(PersonName.full)).all()


def test_a_key_of_a_change_that_failed_is_none(archive: TestArchive) -> None:
    subject = uuid4()

    def change() -> None:
        with writing(archive.engine) as session:
            pen = Pen(session, REVIEWER)
            people.enter_person(pen, NewPerson.model_validate(somebody(NAME)), people.Known())
            pen.put_down()
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        change()
    assert archive.counts(Person, PersonName, IdentityKey) == {"Person": 0, "PersonName": 0, "IdentityKey": 0}
    assert subject not in archive.engine.dialect.keyring._known  # type: ignore[attr-defined]
    enter(archive)
    with reading(archive.engine) as session:
        assert session.exec(select(PersonName.full)).all() == [NAME]


def test_without_the_key_nothing_is_read_and_nothing_written(
    archive: TestArchive, other: Callable[[str | None], Engine]
) -> None:
    enter(archive)
    lost = other(None)
    with reading(lost) as session:
        assert session.exec(select(PersonName.full)).all() == [None]
    with pytest.raises(NoKey, match="GAWAH_KEY_FILE"), writing(lost) as session:
        people.enter(session, NewPerson.model_validate(somebody(OTHER)), REVIEWER)
    wrong = other("00" * 32)
    with pytest.raises(NoKey, match="GAWAH_KEY_FILE"), reading(wrong) as session:
        session.exec(select(PersonName.full)).all()


def test_a_cell_cannot_be_moved_to_another_column(archive: TestArchive) -> None:
    enter(archive, occupation="midwife")
    with archive.engine.begin() as connection:
        connection.execute(text("UPDATE person SET nationality = occupation"))
    with pytest.raises(NoKey), reading(archive.engine) as session:
        session.exec(select(Person.nationality)).all()


def test_a_consent_is_kept_under_the_key_of_the_archive_where_it_names_nobodys(archive: TestArchive) -> None:
    row = {
        "pk": 1, "id": new_id(), "person_pk": None, "source_pk": None, "scope": "name", "given_by": MOTHER,
        "method": "oral", "given_on": date(2026, 1, 2), "expires_on": None, "note": None, "withdrawn_at": None,
        "withdrawn_reason": None, "entered_at": Pen(Session(archive.engine), REVIEWER).at, "batch_pk": None,
    }  # fmt: skip
    with archive.engine.begin() as connection:
        insert_rows(connection, METADATA.tables["consent"], [row])
    with reading(archive.engine) as session:
        assert session.exec(select(Consent.given_by)).all() == [MOTHER]
    assert lying(archive.engine, MOTHER) == []


def test_a_store_without_keys_keeps_names_as_text(archive: TestArchive, other: Callable[[str | None], Engine]) -> None:
    plain = other(KEY)
    del plain.dialect.keyring  # type: ignore[attr-defined]
    keyed = TestArchive(plain, archive.tokens)
    keyed.report(incident_in(acts=[an_act(person=somebody(NAME, birth_year=1984))]))
    assert lying(plain, NAME) == ["person_name as it lies"]
    assert keyed.titles(q="zarmina") == {"An alleged killing"}
    with reading(plain) as session:
        assert session.exec(select(Person.birth_year)).all() == [1984]


def test_a_case_that_is_amended_stays_enciphered(client: TestClient, archive: TestArchive) -> None:
    made = client.post(f"{URL}/incidents", json=told()).json()
    url = f"{URL}/cases/{made['cases'][0]['id']}"
    change = {"reason": "A better number.", "family_contact": "aunt@example.org"}
    answer = client.patch(url, json=change, headers={"If-Match": client.get(url).headers["ETag"]})
    assert (answer.status_code, answer.json()["family_contact"]) == (200, "aunt@example.org")
    assert lying(archive.engine, "aunt@example.org") == []
    with writing(archive.engine) as session:
        let_go(session, session.exec(select(Person.id)).all())
        session.execute(update(Case).values(family_consent_how="by word of mouth"))
    with Session(archive.engine) as session:
        assert session.exec(select(Case.family_contact)).all() == [None]


def test_taking_an_import_back_takes_the_keys_with_it(archive: TestArchive) -> None:
    enter(archive)
    outcome = imports.run(archive.engine, imports.SAMPLE, REVIEWER)
    assert archive.count(IdentityKey) > 5
    with writing(archive.engine) as session:
        batches.undo(session, outcome.batch, REVIEWER)
    assert archive.counts(PersonName, IdentityKey) == {"PersonName": 1, "IdentityKey": 1}
