"""What a viewer may not read is nowhere in what they get, and asking for it tells nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.access import visibility
from app.access.viewer import Viewer
from app.vocabulary.sensitivity import Delicacy
from tests.api.walking import TILE, knock, working
from tests.archives import TestArchive
from tests.builders import a_source, an_act, an_incident, somebody
from tests.pictures import a_photo

URL = "/api/v1/incidents"
VICTIM, ACCUSED, SPEAKER, AUTHOR = "Zarmina Beispiel", "Qasim Muster", "Laila Esempio", "Omar Primer"
SECRET = [word for name in (VICTIM, ACCUSED, SPEAKER, AUTHOR) for word in name.split()]
BELOW = ["viewer"]


@pytest.fixture
def one(client: TestClient) -> dict[str, Any]:
    person = somebody(VICTIM, birth_year=1987, nationality="Examplian", occupation="Examplesmith")
    told = an_incident(
        source=a_source(author=AUTHOR),
        acts=[an_act(person=person | {"age_at_event": 38})],
        involvements=[{"person": somebody(ACCUSED), "degree": "ordered"}],
        cases=[{"person": person, "submitter_name": SPEAKER}],
    )
    told["according_to"]["speaker"] = SPEAKER
    made = client.post(URL, json=told)
    assert made.status_code == 201, made.text
    address = f"{URL}/{made.json()['id']}"
    assert client.post(f"{address}/evidence", content=a_photo()).status_code == 201
    return dict(client.get(address).json())


@pytest.fixture(params=BELOW, ids=["viewer"])
def below(door: Callable[..., TestClient], archive: TestArchive, request: pytest.FixtureRequest) -> TestClient:
    return door(archive, request.param)


def known(one: dict[str, Any]) -> dict[str, str]:
    account = one["accounts"][0]
    ids = {"which": one["ref"], "account_id": account["id"], "source_id": account["source_id"]}
    ids |= {"person_id": one["acts"][0]["person"]["id"], "actor_id": one["id"]}
    ids |= {"evidence_id": one["evidence"][0]["id"]}
    ids |= {"noun": "incident", "record_id": one["id"], "case_id": one["cases"][0]["id"]}
    return ids | TILE | {"name": "violations", "code": "PK-BA", "batch_id": one["id"], "job_id": one["id"]}


def test_names_are_in_no_answer_to_those_below(
    one: dict[str, Any], below: TestClient, contributor: TestClient, service: FastAPI
) -> None:
    reads = [door for door in working(service) if not door.writes]
    lower = "".join(knock(below, door, known(one)).text for door in reads).lower()
    upper = "".join(knock(contributor, door, known(one)).text for door in reads).lower()
    for word in (*SECRET, "Examplian", "Examplesmith"):
        assert word.lower() not in lower, word
    # Proof of reach: whoever may read them gets them. Whom an involvement accuses: tests/api/test_responsible.py.
    for word in (*VICTIM.split(), *SPEAKER.split(), *AUTHOR.split(), "Examplian"):
        assert word.lower() in upper, word


def test_the_fields_are_there_and_empty(one: dict[str, Any], below: TestClient, client: TestClient) -> None:
    shown = below.get(f"{URL}/{one['ref']}").json()
    person = shown["acts"][0]["person"]
    assert person["id"] == one["acts"][0]["person"]["id"]
    assert (person["names"], person["birth_year"], person["nationality"]) == ([], None, None)
    assert (shown["acts"][0]["age_at_event"], shown["accounts"][0]["speaker"]) == (None, None)
    assert shown["accounts"][0]["source"]["author"] is None
    full = client.get(f"{URL}/{one['ref']}").json()
    assert full["acts"][0]["person"]["names"][0]["full"] == VICTIM
    assert full["acts"][0]["age_at_event"] == 38


def test_history_tells_those_below_that_something_happened_and_not_what(
    one: dict[str, Any], below: TestClient, client: TestClient
) -> None:
    (line,) = below.get(f"{URL}/{one['ref']}/history").json()
    assert (line["action"], line["what"]) == ("reported", {})
    assert client.get(f"{URL}/{one['ref']}/history").json()[0]["what"]


@pytest.mark.parametrize("form", ["", ".csv", ".geojson", ".geojsonl"])
def test_asking_for_a_person_is_refused_as_for_a_field_that_is_not_there(
    one: dict[str, Any], below: TestClient, client: TestClient, form: str
) -> None:
    mine = below.get(f"{URL}{form}", params={"person": VICTIM})
    unknown = below.get(f"{URL}{form}", params={"no_such_field": VICTIM})
    assert mine.status_code == unknown.status_code == 422
    what, other = ({(e["what"], e["mend"]) for e in answer.json()["errors"]} for answer in (mine, unknown))
    assert what == other
    assert (mine.json()["title"], mine.json()["detail"]) == (unknown.json()["title"], unknown.json()["detail"])
    assert client.get(URL, params={"person": VICTIM}).json()["total"] == 1


@pytest.mark.parametrize("word", [*VICTIM.split(), VICTIM, *SPEAKER.split(), AUTHOR])
def test_searching_finds_nobody_for_those_below(one: dict[str, Any], below: TestClient, word: str) -> None:
    assert below.get(URL, params={"q": word}).json()["total"] == 0
    assert below.get(URL, params={"source": word}).json()["total"] == 0
    assert below.get("/api/v1/sources", params={"q": word}).json()["total"] == 0
    assert below.get(URL, params={"q": "alleged killing"}).json()["total"] == 1


def test_searching_finds_them_for_those_who_may_read_names(one: dict[str, Any], contributor: TestClient) -> None:
    assert contributor.get(URL, params={"q": VICTIM}).json()["total"] == 1


def test_a_role_that_no_list_knows_reads_nothing_and_no_sealed_rows() -> None:
    stranger = Viewer("somebody", "no such role", "admin")
    assert not any(visibility.may_read(stranger, kind) for kind in Delicacy)
    assert visibility.visible(stranger)
