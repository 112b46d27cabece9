"""A bad connection: an upload that is tried again makes one record."""

from uuid import uuid4

from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import an_incident

URL = "/api/v1/incidents"


def test_the_same_id_again_is_the_same_record(client: TestClient, archive: TestArchive) -> None:
    told = an_incident(id=str(uuid4()))
    first, second = client.post(URL, json=told), client.post(URL, json=told)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"] == told["id"]
    assert first.json()["ref"] == second.json()["ref"]
    assert len(archive.rows()) == 1
    assert len(client.get(f"{URL}/{told['id']}/history").json()) == 1


def test_another_report_under_the_same_id_is_refused(client: TestClient, archive: TestArchive) -> None:
    told = an_incident(id=str(uuid4()))
    client.post(URL, json=told)
    answer = client.post(URL, json=told | {"title": "Another"})
    assert answer.status_code == 409
    assert archive.titles() == {told["title"]}


def test_the_same_key_again_is_the_same_record(client: TestClient, archive: TestArchive) -> None:
    told, key = an_incident(), {"Idempotency-Key": "phone-7-0001"}
    first, second = client.post(URL, json=told, headers=key), client.post(URL, json=told, headers=key)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(archive.rows()) == 1


def test_another_report_under_the_same_key_is_refused(client: TestClient, archive: TestArchive) -> None:
    key = {"Idempotency-Key": "phone-7-0001"}
    client.post(URL, json=an_incident(), headers=key)
    assert client.post(URL, json=an_incident("Another"), headers=key).status_code == 409
    assert len(archive.rows()) == 1


def test_two_people_may_use_one_key(client: TestClient, contributor: TestClient, archive: TestArchive) -> None:
    key = {"Idempotency-Key": "0001"}
    mine, theirs = (who.post(URL, json=an_incident(), headers=key) for who in (client, contributor))
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


def test_without_id_and_key_the_same_words_are_two_reports(client: TestClient, archive: TestArchive) -> None:
    first, second = (client.post(URL, json=an_incident()).json() for _ in range(2))
    assert first["id"] != second["id"]
    assert len(archive.rows()) == 2


def test_an_account_sent_twice_under_its_id_is_refused_and_not_doubled(client: TestClient) -> None:
    kept = client.post(URL, json=an_incident()).json()
    account = {"id": str(uuid4()), "source_id": kept["accounts"][0]["source_id"]}
    answers = [client.post(f"{URL}/{kept['id']}/accounts", json=account).status_code for _ in range(2)]
    assert answers == [201, 409]
    assert len(client.get(f"{URL}/{kept['id']}/accounts").json()) == 2
