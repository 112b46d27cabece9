"""A file: look at it first, take it in, and take it back."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive

URL = "/api/v1/imports"
GOOD = (
    "title,kind,source_kind,source_title,date,killed_best,id\n"
    "Alleged killing in a village,killing,press,A made-up report,2025-06-12,2,our-1\n"
    "Alleged disappearance,Enforced disappearance,press,A made-up report,2025-06,,our-2\n"
)
WRONG = GOOD + "Alleged beating,beating_up,press,A made-up report,2025-06-14,,our-3\n"


def send(client: TestClient, text: str, **asked: object) -> dict:
    answer = client.post(URL, content=text.encode(), params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_looking_writes_nothing(client: TestClient, archive: TestArchive) -> None:
    looked = send(client, GOOD, dry_run=True)
    assert (looked["rows"], looked["new"], looked["recorded"], looked["batch"]) == (2, 2, False, None)
    assert archive.rows() == []
    assert client.get(URL).json() == []


def test_a_good_file_is_recorded_and_listed(client: TestClient, archive: TestArchive) -> None:
    taken = send(client, GOOD, name="june.csv")
    assert (taken["new"], taken["refused"], taken["recorded"]) == (2, 0, True)
    assert archive.titles() == {"Alleged killing in a village", "Alleged disappearance"}
    (listed,) = client.get(URL).json()
    assert (listed["id"], listed["file_name"], listed["rows"]) == (taken["batch"], "june.csv", 2)
    assert client.get(f"{URL}/{taken['batch']}").json() == listed


def test_one_wrong_row_keeps_all_of_the_file_out(client: TestClient, archive: TestArchive) -> None:
    told = send(client, WRONG)
    assert (told["rows"], told["refused"], told["recorded"]) == (3, 1, False)
    (error,) = told["errors"]
    assert (error["line"], error["column"], error["value"]) == (4, "kind", "beating_up")
    assert error["why"]
    assert error["suggestion"]
    assert archive.rows() == []


def test_the_good_rows_may_be_kept(client: TestClient, archive: TestArchive) -> None:
    told = send(client, WRONG, keep_good=True)
    assert (told["new"], told["refused"], told["recorded"]) == (2, 1, True)
    assert len(archive.rows()) == 2


def test_the_same_file_again_changes_nothing(client: TestClient, archive: TestArchive) -> None:
    send(client, GOOD)
    again = send(client, GOOD)
    assert (again["new"], again["changed"], again["unchanged"], again["recorded"]) == (0, 0, 2, False)
    assert len(client.get(URL).json()) == 1


def test_taken_back_it_is_as_if_it_had_never_been_but_for_history(client: TestClient, archive: TestArchive) -> None:
    batch = send(client, GOOD)["batch"]
    kept = client.get("/api/v1/incidents?sort=ref").json()["items"][0]["ref"]
    gone_id = client.get(f"/api/v1/incidents/{kept}").json()["id"]
    assert client.post(f"{URL}/{batch}/undo").json() == {"incidents": 2}
    assert archive.rows() == []
    assert client.get("/api/v1/sources").json()["total"] == 0
    assert client.get(f"/api/v1/incidents/{gone_id}").status_code == 410
    assert client.get(f"/api/v1/incidents/{gone_id}/history").json()[0]["action"] == "reported"
    assert client.get(f"{URL}/{batch}").json()["undone_at"]
    assert client.post(f"{URL}/{batch}/undo").status_code == 409
    assert archive.broken() is None


def test_later_work_is_not_taken_back_in_silence(client: TestClient, archive: TestArchive) -> None:
    batch = send(client, GOOD)["batch"]
    row = client.get("/api/v1/incidents").json()["items"][0]
    one = client.get(f"/api/v1/incidents/{row['ref']}")
    body = {"title": "Put right", "reason": "A misprint."}
    client.patch(f"/api/v1/incidents/{one.json()['id']}", json=body, headers={"If-Match": one.headers["ETag"]})
    refused = client.post(f"{URL}/{batch}/undo")
    assert refused.status_code == 409
    assert row["ref"] in refused.json()["detail"]
    assert len(archive.rows()) == 2
    assert client.post(f"{URL}/{batch}/undo?also_edited=true").json() == {"incidents": 2}


def test_a_corrected_file_brings_the_records_up_to_date(client: TestClient, archive: TestArchive) -> None:
    send(client, GOOD)
    told = send(client, GOOD.replace("2025-06-12,2,our-1", "2025-06-12,3,our-1"))
    assert (told["new"], told["changed"], told["unchanged"]) == (0, 1, 1)
    (row,) = archive.rows(harm="killed")
    assert row["killed_best"] == 3
    assert client.post(f"{URL}/{told['batch']}/undo").json() == {"incidents": 0}
    (row,) = archive.rows(harm="killed")
    assert row["killed_best"] == 2


@pytest.mark.parametrize("name", ["picture.csv", "june.xlsx"])
def test_a_file_of_another_kind_is_turned_away_in_a_sentence(client: TestClient, name: str, tmp_path: Path) -> None:
    start = b"\x89PNG\r\n\x1a\n" if name == "picture.csv" else b"PK\x03\x04"
    answer = client.post(URL, content=start + b"\0" * 100, params={"name": name})
    assert answer.status_code == 422
    assert answer.json()["title"] == "The file cannot be read"
    assert client.get(URL).json() == []
