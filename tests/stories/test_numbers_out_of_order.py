"""Numbers that a file counted out of order are kept, can be read, and are put right by hand."""

from starlette.testclient import TestClient

from tests.builders import an_incident

TABLE = "title,kind,source_kind,source_title,killed_min,killed_best\nAlleged killing,killing,press,A report,5,2\n"


def test_they_are_kept_with_a_warning_and_read_like_any_other(client: TestClient) -> None:
    told = client.post("/api/v1/imports", content=TABLE.encode()).json()
    assert (told["recorded"], told["warnings"]) == (True, 1)
    (row,) = client.get("/api/v1/incidents").json()["items"]
    one = client.get(f"/api/v1/incidents/{row['ref']}")
    assert one.status_code == 200
    assert one.json()["killed"] == {"min": 5, "best": 2, "max": None}
    assert client.get(f"/api/v1/incidents/{row['ref']}/provenance").json()["fields"]["killed"]["agree"] is True


def test_another_field_can_be_changed_and_the_numbers_only_for_the_better(client: TestClient) -> None:
    client.post("/api/v1/imports", content=TABLE.encode())
    one = client.get(f"/api/v1/incidents/{client.get('/api/v1/incidents').json()['items'][0]['ref']}")
    url, seen = f"/api/v1/incidents/{one.json()['id']}", {"If-Match": one.headers["ETag"]}
    changed = client.patch(url, json={"title": "Put right", "reason": "A misprint."}, headers=seen)
    assert changed.status_code == 200
    seen = {"If-Match": changed.headers["ETag"]}
    worse = {"killed": {"min": 6, "best": 2}, "reason": "A misprint."}
    assert client.patch(url, json=worse, headers=seen).status_code == 422
    better = {"killed": {"min": 2, "best": 5}, "reason": "A misprint."}
    assert client.patch(url, json=better, headers=seen).json()["killed"]["min"] == 2


def test_in_a_form_of_ours_they_are_an_error(client: TestClient) -> None:
    assert client.post("/api/v1/incidents", json=an_incident(killed={"min": 5, "best": 2})).status_code == 422
