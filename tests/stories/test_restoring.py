"""A record is amended three times, and what it said first is brought back: a change like any other."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import imports
from tests.archives import REVIEWER, TestArchive
from tests.builders import QUETTA, TURBAT, an_account, an_act, an_incident

Json = dict[str, Any]
URL = "/api/v1/incidents"
WHY = {"reason": "The correction was a mistake."}
OWN = ("title", "summary", "date", "lon", "lat", "area1", "area2", "country", "geo_precision", "killed", "confidence")


def seen(client: TestClient, one: str) -> dict[str, str]:
    return {"If-Match": client.get(f"{URL}/{one}").headers["ETag"]}


def amend(client: TestClient, one: str, **change: Any) -> None:
    body = {"reason": "A correction."} | change
    answer = client.patch(f"{URL}/{one}", json=body, headers=seen(client, one))
    assert answer.status_code == 200, answer.text


def restore(client: TestClient, one: str, seq: int) -> Any:
    return client.post(f"{URL}/{one}/restore", json=WHY | {"seq": seq}, headers=seen(client, one))


def seqs(client: TestClient, one: str) -> list[int]:
    return [version["seq"] for version in client.get(f"{URL}/{one}/versions").json()]


@pytest.fixture
def one(client: TestClient) -> str:
    told = an_incident(
        "An alleged raid", at=TURBAT, on="2025-06", summary="Before dawn.", killed={"best": 4},
        acts=[an_act()],
    )  # fmt: skip
    return str(client.post(URL, json=told).json()["id"])


@pytest.fixture
def thrice(client: TestClient, one: str) -> str:
    amend(client, one, title="An alleged attack", summary=None, confidence="low")
    amend(client, one, lon=QUETTA[0], lat=QUETTA[1], date="2024-05-01/2024-05-03")
    amend(client, one, killed={"min": 1, "best": 2, "max": 9}, title="An alleged shelling")
    return one


def test_every_version_is_told(client: TestClient, thrice: str) -> None:
    told = client.get(f"{URL}/{thrice}/versions").json()
    assert [v["action"] for v in told] == ["reported", "amended", "amended", "amended"]
    assert [v["values"]["title"] for v in told] == [
        "An alleged raid", "An alleged attack", "An alleged attack", "An alleged shelling",
    ]  # fmt: skip
    assert [v["values"]["date"] for v in told] == [
        "2025-06",
        "2025-06",
        "2024-05-01/2024-05-03",
        "2024-05-01/2024-05-03",
    ]
    assert [v["values"]["killed"]["best"] for v in told] == [4, 4, 4, 2]
    assert [v["values"]["area2"] for v in told] == ["Kech", "Kech", "Quetta", "Quetta"]
    assert (told[1]["who"], told[1]["why"]) == ("a reviewer", "A correction.")


def test_what_differs_between_two_of_them(client: TestClient, thrice: str) -> None:
    first, second, third, last = seqs(client, thrice)
    told = client.get(f"{URL}/{thrice}/diff", params={"from": first, "to": second}).json()
    assert told["fields"] == {
        "title": {"before": "An alleged raid", "after": "An alleged attack"},
        "summary": {"before": "Before dawn.", "after": None},
        "confidence": {"before": None, "after": "low"},
    }
    back = client.get(f"{URL}/{thrice}/diff", params={"from": last, "to": third}).json()["fields"]
    assert back["killed"]["after"] == {"min": None, "best": 4, "max": None}
    whole = client.get(f"{URL}/{thrice}/diff").json()
    assert (whole["from_seq"], whole["to_seq"]) == (first, last)
    assert set(whole["fields"]) >= {"title", "summary", "confidence", "lon", "lat", "area2", "date", "killed"}


def test_the_first_version_comes_back_whole(client: TestClient, one: str, archive: TestArchive) -> None:
    first = client.get(f"{URL}/{one}").json()
    amend(client, one, title="An alleged attack", summary=None, confidence="low")
    amend(client, one, lon=QUETTA[0], lat=QUETTA[1], date="2024-05-01/2024-05-03")
    amend(client, one, killed={"min": 1, "best": 2, "max": 9}, title="An alleged shelling")
    client.post(f"{URL}/{one}/accounts", json=an_account())
    answer = restore(client, one, seqs(client, one)[0])
    assert answer.status_code == 200, answer.text
    now = answer.json()
    assert {name: now[name] for name in OWN} == {name: first[name] for name in OWN}
    assert now["version"] > first["version"]
    assert len(now["accounts"]) == 2
    assert now["acts"] == first["acts"]
    assert client.get(f"{URL}/{one}/diff", params={"from": seqs(client, one)[0]}).json()["fields"] == {}
    line = client.get(f"{URL}/{one}/history").json()[-1]
    assert (line["action"], line["why"], line["what"]["restored"]) == ("restored", WHY["reason"], seqs(client, one)[0])
    assert archive.broken() is None


def test_it_is_found_again_by_what_it_says_now(client: TestClient, thrice: str, archive: TestArchive) -> None:
    restore(client, thrice, seqs(client, thrice)[0])
    assert archive.titles(q="raid") == archive.titles(q="dawn") == {"An alleged raid"}
    assert archive.titles(q="shelling") == set()
    assert archive.titles(near=(*TURBAT, 5)) == archive.titles(bbox=(62.5, 25.5, 63.5, 26.5)) == {"An alleged raid"}
    assert archive.titles(near=(*QUETTA, 5)) == archive.titles(date_from="2024", date_to="2024") == set()


def test_restoring_can_itself_be_undone(client: TestClient, thrice: str) -> None:
    last = client.get(f"{URL}/{thrice}").json()
    restore(client, thrice, seqs(client, thrice)[0])
    restore(client, thrice, seqs(client, thrice)[3])
    now = client.get(f"{URL}/{thrice}").json()
    assert {name: now[name] for name in OWN} == {name: last[name] for name in OWN}
    assert len(seqs(client, thrice)) == 6


def test_what_was_brought_back_is_the_decision_of_an_analyst(client: TestClient, thrice: str) -> None:
    restore(client, thrice, seqs(client, thrice)[0])
    fields = client.get(f"{URL}/{thrice}/provenance").json()["fields"]
    assert {fields[name]["rule"] for name in ("title", "date", "killed", "lon")} == {"analyst"}
    assert fields["killed"]["rationale"] == WHY["reason"]
    client.post(f"{URL}/{thrice}/accounts", json=an_account(killed={"best": 9}))
    assert client.get(f"{URL}/{thrice}").json()["killed"]["best"] == 4


def test_on_the_version_one_saw_and_for_a_reason(client: TestClient, thrice: str) -> None:
    url, seq = f"{URL}/{thrice}/restore", seqs(client, thrice)[0]
    assert client.post(url, json=WHY | {"seq": seq}).status_code == 428
    old = seen(client, thrice)
    amend(client, thrice, title="In between")
    assert client.post(url, json=WHY | {"seq": seq}, headers=old).status_code == 412
    assert client.post(url, json={"seq": seq}, headers=seen(client, thrice)).status_code == 422


def test_what_is_no_version_is_refused(client: TestClient, thrice: str) -> None:
    now = seqs(client, thrice)[-1]
    assert restore(client, thrice, now).status_code == 422  # it is what the record says today
    assert restore(client, thrice, now + 1).status_code == 422
    other = client.post(URL, json=an_incident()).json()["id"]
    assert restore(client, thrice, seqs(client, other)[0]).status_code == 422
    assert client.get(f"{URL}/{thrice}/diff", params={"from": now + 1}).status_code == 422


def test_what_an_import_brought_and_changed_comes_back_too(
    client: TestClient, archive: TestArchive, tmp_path: Path
) -> None:
    heading = "id,title,date,killed_best,lon,lat,geo_precision,kind,source_kind,source_title\n"
    for day, killed, lon, lat in (("2025-06-12", 2, *TURBAT), ("2025-06-13", 5, *QUETTA)):
        row = f"a-1,Alleged killing,{day},{killed},{lon},{lat},settlement,killing,press,A report\n"
        path = tmp_path / "file.csv"
        path.write_text(heading + row, encoding="utf-8")
        imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    one = str(archive.see(archive.rows()[0]["ref"]).id)
    told = client.get(f"{URL}/{one}/versions").json()
    assert [(v["values"]["date"], v["values"]["killed"]["best"], v["values"]["area2"]) for v in (told[0], told[-1])] == [
        ("2025-06-12", 2, "Kech"), ("2025-06-13", 5, "Quetta"),
    ]  # fmt: skip
    assert restore(client, one, told[0]["seq"]).status_code == 200
    row = archive.rows()[0]
    assert (row["date_edtf"], row["killed_best"], row["area2"], row["lon"]) == ("2025-06-12", 2, "Kech", TURBAT[0])


def test_an_approved_record_that_is_brought_back_goes_to_review(
    client: TestClient, contributor: TestClient, archive: TestArchive
) -> None:
    one = str(contributor.post(URL, json=an_incident()).json()["id"])
    amend(contributor, one, title="Another")
    for who, stage in ((contributor, "submitted"), (client, "in_review"), (client, "approved")):
        body = {"stage": stage, "note": "Read."}
        assert who.post(f"{URL}/{one}/moves", json=body, headers=seen(client, one)).status_code == 200
    assert restore(client, one, seqs(client, one)[0]).json()["stage"] == "in_review"


def test_those_who_may_not_read_names_see_that_there_were_versions_and_not_what_they_said(
    thrice: str, viewer: TestClient, client: TestClient
) -> None:
    told = viewer.get(f"{URL}/{thrice}/versions").json()
    assert [v["seq"] for v in told] == seqs(client, thrice)
    assert {str(v["values"]) for v in told} == {"{}"}
    shown = viewer.get(f"{URL}/{thrice}/diff").json()
    assert (shown["whole"], shown["fields"]) == (False, {})
    assert viewer.post(f"{URL}/{thrice}/restore", json=WHY | {"seq": 1}).status_code == 403
