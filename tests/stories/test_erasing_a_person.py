"""A woman asks, through a lawyer, that she be erased: one reviewer asks for it, another member does it, nothing is left."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.db import reading
from app.upkeep.verifying import verify
from tests.archives import REVIEWER, TestArchive
from tests.builders import a_source, an_account, an_act, an_incident, carried_out_by, somebody
from tests.dumps import traces

URL = "/api/v1"
LATIN, ARABIC = "Zarmina Beispielzai", "زرمینہ بیسپلزئی"
OTHER = "Palwasha Musterkhel"
BASIS = {"legal_basis": "Law on made-up data, article 17; request 4 of 2026"}


def told() -> dict[str, object]:
    """A report in which she stands nearly everywhere."""
    herself = somebody(LATIN, birth_year=1984, occupation="midwife", nationality="Exampleland", external_id="Z-44")
    herself["names"].append({"full": ARABIC})
    return an_incident(
        f"The alleged taking of {LATIN.upper()}", kind="enforced_disappearance",
        summary=f"Neighbours say that Zarmina was led away. {ARABIC} has not been seen since.",
        source=a_source(f"Where is {LATIN}?", author=OTHER, url="https://example.org/Zarmina%20Beispielzai"),
        acts=[an_act("enforced_disappearance", person=herself, stated_reason="Beispielzai, Zarmina spoke up")],
        involvements=[carried_out_by("the men who took zarmina beispielzai")],
        cases=[{
            "person": herself, "submitter_name": OTHER, "submitter_contact": "+00 555 0100 777",
            "family_contact": "mother@example.org",
            "events": [{"kind": "last_seen", "date": "2025-06-12", "note": f"{LATIN} at the well"}],
        }],
    )  # fmt: skip


@pytest.fixture
def reported(client: TestClient) -> dict[str, object]:
    """Her own incident, worked on, and another that only mentions her."""
    made = client.post(f"{URL}/incidents", json=told())
    assert made.status_code == 201, made.text
    one = made.json()
    url = f"{URL}/incidents/{one['id']}"
    account = an_account(a_source("Another"), title=f"{LATIN} vanished") | {"quote": f"I saw {LATIN}."}
    assert client.post(f"{url}/accounts", json=account).status_code == 201
    assert client.post(f"{url}/comments", json={"note": f"Call {OTHER} about {LATIN}"}).status_code == 201
    change = {"reason": f"{LATIN} is how she writes it.", "killed": {"best": 0}}
    amended = client.patch(url, json=change, headers={"If-Match": client.get(url).headers["ETag"]})
    assert amended.status_code == 200, amended.text
    named = client.post(
        f"{url}/evidence?title=Photo of {LATIN}&original_name=zarmina_beispielzai.txt", content=b"A letter"
    )
    assert named.status_code == 201, named.text
    client.post(f"{URL}/incidents", json=an_incident(f"A march for {LATIN} and {OTHER}"))
    return one


def her_id(one: dict[str, object]) -> str:
    return str(one["acts"][0]["person"]["id"])  # type: ignore[index]


def erase(client: TestClient, admin: TestClient, person: str) -> dict[str, object]:
    asked = client.post(f"{URL}/persons/{person}/erasure", json=BASIS)
    assert asked.status_code == 201, asked.text
    done = admin.post(f"{URL}/erasures/{asked.json()['id']}/confirm")
    assert done.status_code == 200, done.text
    answer: dict[str, object] = done.json()
    return answer


@pytest.fixture
def admin(door: object, archive: TestArchive, client: TestClient) -> TestClient:
    headers = {"Authorization": f"Bearer {archive.tokens['admin']}"}
    return TestClient(client.app, headers=headers, follow_redirects=False)


def test_a_person_is_erased_and_everything_else_stays(
    client: TestClient, admin: TestClient, archive: TestArchive, reported: dict[str, object]
) -> None:
    names = [LATIN, ARABIC]
    assert {"source.title", "incident.title", "revision.what", "revision.why", "account.quote"} <= set(
        traces(archive.engine, names)
    )
    assert client.get(f"{URL}/incidents", params={"q": "Beispielzai"}).json()["total"] == 2
    person = her_id(reported)
    done = erase(client, admin, person)

    assert traces(archive.engine, [*names, "Zarmina", "Beispielzai", "زرمینہ", "midwife", "Z-44"]) == []
    for word in (LATIN, ARABIC, "Zarmina"):
        assert client.get(f"{URL}/incidents", params={"q": word}).json()["total"] == 0
        assert client.get(f"{URL}/persons", params={"q": word}).json()["total"] == 0
    shown = client.get(f"{URL}/incidents/{reported['id']}").json()
    assert shown["title"] == "The alleged taking of [erased]"
    assert shown["acts"][0]["person"] | {"sex": None} == shown["acts"][0]["person"]
    assert (shown["acts"][0]["person"]["id"], shown["acts"][0]["person"]["names"]) == (person, [])
    case = client.get(f"{URL}/cases/{shown['cases'][0]['id']}").json()
    assert (case["submitter_name"], case["family_contact"], case["submitter_contact"]) == (None, None, None)
    assert case["events"][0]["note"] == "[erased] at the well"

    text = json.dumps(done)
    assert "zarmina" not in text.lower()
    assert done["done_by"] == "a admin"
    assert {"title", "summary"} <= {field for record in done["records"] for field in record["fields"]}  # type: ignore[attr-defined]
    assert len(done["files"]) == 1  # type: ignore[arg-type]
    assert done["lines"] >= 5  # type: ignore[operator]

    assert archive.vault is not None
    with reading(archive.engine) as session:
        verdict = verify(session, archive.vault)
    assert verdict.holds, (verdict.broken, verdict.differences, verdict.damaged)
    assert archive.titles() == {"The alleged taking of [erased]", f"A march for [erased] and {OTHER}"}


def test_the_ledger_outside_the_database_holds_ids_alone(
    client: TestClient, admin: TestClient, archive: TestArchive, reported: dict[str, object]
) -> None:
    person = her_id(reported)
    erase(client, admin, person)
    assert archive.vault is not None
    file = Path(archive.vault.folder.parent / "erasures.jsonl")
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert UUID(json.loads(line)["person_id"]) == UUID(person)
    assert LATIN not in line
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry["done_by"] for entry in client.get(f"{URL}/erasures").json()] == ["a admin"]


def test_after_it_nothing_is_written_about_her_any_more(
    client: TestClient, admin: TestClient, archive: TestArchive, reported: dict[str, object]
) -> None:
    person = her_id(reported)
    erase(client, admin, person)
    for answer in (
        client.post(f"{URL}/persons/{person}/names", json={"full": LATIN}),
        client.patch(
            f"{URL}/persons/{person}", json={"reason": "A try.", "occupation": "x"}, headers={"If-Match": '"x"'}
        ),
        client.post(f"{URL}/persons/{person}/erasure", json=BASIS),
    ):
        assert answer.status_code == 409, answer.text
    assert archive.see(str(reported["id"]), REVIEWER).title == "The alleged taking of [erased]"
