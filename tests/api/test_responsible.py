"""Nobody is printed as alleged responsible before that may be told: every role, every verification, every format."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.actions.indexing import reindex
from app.db import reading, writing
from app.exports import FORMATS
from app.queries import incidents
from app.queries.filter import IncidentFilter
from app.records import Incident
from app.records.incident import IncidentIn
from app.vocabulary.word import vocabulary
from tests.access.opening import words
from tests.api.walking import knock, something, working
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive, counting
from tests.builders import TURBAT, an_act, an_incident, somebody

Kept = dict[str, Any]
URL = "/api/v1/incidents"
# A mark for each: a person and an actor that is one, allowed to be named and not.
TOLD, KEPT, PRIVATE, PRIVATE_KEPT = "Zorvat Muster", "Qilbex Muster", "Vyndra Muster", "Jaxpol Muster"
MARKS = {name: name.split()[0].lower() for name in (TOLD, KEPT, PRIVATE, PRIVATE_KEPT)}
BORNE_OUT = {"corroborated", "established"}
NAMES_READ = ["contributor", "reviewer"]
ROLES = ["viewer", *NAMES_READ]


def private(name: str) -> Kept:
    return {"name": name, "aliases": [f"{name} the Elder"], "kind": "private_individual"}


@pytest.fixture
def one(client: TestClient) -> Kept:
    accused = [
        {"person": somebody(TOLD), "degree": "ordered", "disclosable": True},
        {"person": somebody(KEPT), "degree": "ordered"},
        {"actor": private(PRIVATE), "degree": "carried_out", "disclosable": True},
        {"actor": private(PRIVATE_KEPT), "degree": "carried_out"},
        {"described_as": "men in plain clothes", "degree": "carried_out"},
    ]
    made = client.post(URL, json=an_incident(at=TURBAT, involvements=accused))
    assert made.status_code == 201, made.text
    return dict(made.json())


def found_to_be(archive: TestArchive, kept: Kept, verification: str) -> None:
    """Set the verification as the actions do: the column, and the index by it."""
    with writing(archive.engine) as session:
        mine = col(Incident.ref) == kept["ref"]
        session.execute(update(Incident).where(mine).values(verification=verification))
        reindex(session, session.exec(select(Incident.pk).where(mine)).one())


def texts(client: TestClient, kept: Kept) -> Iterator[tuple[str, str]]:
    """Everything in which a name could be printed: pages, files, the record, its provenance, the actors."""
    paths = [URL, f"{URL}/{kept['ref']}", f"{URL}/{kept['ref']}/provenance", *(f"{URL}.{form}" for form in FORMATS)]
    for path in paths:
        yield path, words(client.get(path).content).lower()


def printed(client: TestClient, kept: Kept) -> dict[str, set[str]]:
    return {path: {name for name, mark in MARKS.items() if mark in text} for path, text in texts(client, kept)}


@pytest.mark.parametrize("verification", list(vocabulary("verifications")))
def test_who_is_printed_where(
    door: Callable[..., TestClient], archive: TestArchive, one: Kept, verification: str
) -> None:
    found_to_be(archive, one, verification)
    for role in ROLES:
        client = door(archive, role)
        told = {TOLD, PRIVATE} if role in NAMES_READ and verification in BORNE_OUT else set()
        for path, names in printed(client, one).items():
            expected = set() if "provenance" in path else told
            assert names == expected, f"{role} {verification} {path}"
        assert "men in plain clothes" in client.get(URL).text


@pytest.mark.parametrize("verification", ["unreviewed", "corroborated", "contested", "established"])
def test_searching_finds_what_is_printed_and_no_more(
    door: Callable[..., TestClient], archive: TestArchive, one: Kept, verification: str
) -> None:
    found_to_be(archive, one, verification)
    for role in ROLES:
        client = door(archive, role)
        for name in MARKS:
            told = role in NAMES_READ and verification in BORNE_OUT and name in (TOLD, PRIVATE)
            assert client.get(URL, params={"q": name}).json()["total"] == told, f"{role} {name}"
            if role in NAMES_READ:
                found = client.get(URL, params={"person": name}).json()["total"]
                assert found == (told and name == TOLD), f"{role} {name}"
            found = client.get(URL, params={"actor": name}).json()["total"]
            assert found == (told and name == PRIVATE), f"{role} {name}"


def test_by_id_they_are_not_found_sooner(client: TestClient, archive: TestArchive, one: Kept) -> None:
    ids = {TOLD: client.get("/api/v1/persons", params={"q": TOLD}).json()["items"][0]["id"]}
    ids[PRIVATE] = client.get("/api/v1/actors", params={"q": PRIVATE}).json()["items"][0]["id"]
    for verification, total in (("unreviewed", 0), ("established", 1), ("unreviewed", 0)):
        found_to_be(archive, one, verification)
        assert client.get(URL, params={"person": ids[TOLD]}).json()["total"] == total
        assert client.get(URL, params={"actor": ids[PRIVATE]}).json()["total"] == total


def test_their_own_pages_tell_of_no_accusation_sooner(client: TestClient, archive: TestArchive, one: Kept) -> None:
    (person,) = client.get("/api/v1/persons", params={"q": TOLD}).json()["items"]
    (actor,) = client.get("/api/v1/actors", params={"q": PRIVATE}).json()["items"]
    for verification, told in (("single_source", False), ("corroborated", True)):
        found_to_be(archive, one, verification)
        roles = client.get(f"/api/v1/persons/{person['id']}").json()["incidents"]
        assert [role["role"] for role in roles] == ["alleged_responsible"] * told
        counts = client.get(f"/api/v1/actors/{actor['id']}").json()["involvements"]
        assert counts == ({"carried_out": 1} if told else {})


def test_an_actor_that_is_a_person_is_no_actor_to_those_who_read_no_names(
    viewer: TestClient, client: TestClient, one: Kept
) -> None:
    (actor,) = client.get("/api/v1/actors", params={"q": PRIVATE}).json()["items"]
    assert viewer.get("/api/v1/actors").json() == {"items": [], "total": 0, "next": None}
    assert viewer.get(f"/api/v1/actors/{actor['id']}").status_code == 404
    assert viewer.get(f"/api/v1/actors/{actor['id']}/history").status_code == 404
    assert viewer.get(f"/api/v1/history/actor/{actor['id']}").status_code == 404


@pytest.mark.parametrize(
    ("protection", "printed_as"),
    [("named", TOLD), ("initials", "Z. M."), ("pseudonym", "Officer 7"), ("sealed", None)],
)
def test_outside_a_person_is_called_as_their_protection_says(
    client: TestClient, contributor: TestClient, archive: TestArchive, protection: str, printed_as: str | None
) -> None:
    person = somebody(TOLD, identity_protection=protection, pseudonym="Officer 7")
    involvement = {"person": person, "degree": "ordered", "disclosable": True}
    kept = client.post(URL, json=an_incident(involvements=[involvement])).json()
    found_to_be(archive, kept, "corroborated")
    for asker in (client, contributor):
        assert asker.get(URL).json()["items"][0]["alleged_responsible"] == printed_as
        assert (MARKS[TOLD] in asker.get(f"{URL}.csv").text.lower()) is (protection == "named")
    assert TOLD in client.get(f"{URL}/{kept['ref']}").text
    assert (TOLD in contributor.get(f"{URL}/{kept['ref']}").text) is (protection != "sealed")


def test_an_actor_known_as_a_person_stays_one_when_a_report_says_less(client: TestClient, viewer: TestClient) -> None:
    """A later report names the actor by the id of its own list, and does not say that it is a person."""
    first = private(PRIVATE) | {"external_id": "list:7"}
    client.post(URL, json=an_incident(involvements=[{"actor": first}]))
    second = {"name": PRIVATE, "external_id": "list:7"}
    client.post(URL, json=an_incident("Another", involvements=[{"actor": second}]))
    assert viewer.get(URL, params={"q": MARKS[PRIVATE]}).json()["total"] == 0
    assert client.get(URL, params={"q": MARKS[PRIVATE]}).json()["total"] == 0


def test_who_is_named_by_id_is_found_by_name(client: TestClient, viewer: TestClient) -> None:
    """What a report says by id alone is read from the record, not from the report."""
    force = client.post("/api/v1/actors", json={"name": "Frontier Example Force", "aliases": ["FEF"]}).json()
    victim = client.post("/api/v1/persons", json=somebody("Gul Example")).json()
    told = an_incident(acts=[an_act(person={"id": victim["id"]})], involvements=[{"actor": {"id": force["id"]}}])
    assert client.post(URL, json=told).status_code == 201
    assert viewer.get(URL, params={"q": "FEF"}).json()["total"] == 1
    assert client.get(URL, params={"q": "Gul"}).json()["total"] == 1
    assert viewer.get(URL, params={"q": "Gul"}).json()["total"] == 0


def test_whoever_is_sealed_already_is_not_found_by_a_later_report(client: TestClient, contributor: TestClient) -> None:
    person = somebody("Gul Example", identity_protection="sealed", external_id="list:1")
    client.post(URL, json=an_incident(acts=[an_act(person=person)]))
    again = somebody("Gul Example", external_id="list:1")
    client.post(URL, json=an_incident("Another", acts=[an_act(person=again)]))
    assert contributor.get(URL, params={"q": "Gul"}).json()["total"] == 0
    assert contributor.get(URL, params={"person": "Gul"}).json()["total"] == 0
    assert client.get(URL, params={"person": "Gul"}).json()["total"] == 2


def test_no_door_at_all_prints_them_to_those_below(
    service: FastAPI, client: TestClient, viewer: TestClient, archive: TestArchive, one: Kept
) -> None:
    found_to_be(archive, one, "established")
    known = something(client) | {"which": one["ref"], "incident_id": one["id"]}
    reads = [door for door in working(service) if not door.writes]
    lower = "".join(words(knock(viewer, door, known).content) for door in reads).lower()
    upper = "".join(words(knock(client, door, known).content) for door in reads).lower()
    assert [name for name, mark in MARKS.items() if mark in lower] == []
    assert MARKS[TOLD] in upper  # proof of reach


def test_a_file_asks_the_same_however_many_are_named(archive: TestArchive) -> None:
    asked = []
    for many in (1, 9):
        for n in range(many):
            person = {"person": somebody(f"Example {n}"), "disclosable": True}
            archive.report(IncidentIn.model_validate(an_incident(involvements=[person] * 3)))
        with writing(archive.engine) as session:
            session.execute(update(Incident).values(verification="established"))
        with counting(archive.engine) as sent, reading(archive.engine) as session:
            rows = list(incidents.stream(session, IncidentFilter(), REVIEWER))
        assert all("Example" in row["alleged_responsible"] for row in rows)
        asked.append(len(sent))
    assert asked[0] == asked[1]
    for viewer, names in ((CONTRIBUTOR, True), (READER, False)):
        assert ("Example" in str(archive.rows(viewer)[0]["alleged_responsible"])) is names
