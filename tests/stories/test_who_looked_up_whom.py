"""Somebody in the office looks a person up; an auditor can tell who, when and how, and learns no name by it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import an_act, an_incident, somebody
from tests.cli.helping import Gawah

NAME = "Zarmina Beispiel"
HISTORY = "/api/v1/history"
Opener = Callable[..., TestClient]


def test_an_auditor_sees_who_looked_and_not_what_for(
    client: TestClient, contributor: TestClient, door: Opener, archive: TestArchive
) -> None:
    # A documentation officer enters a report that names somebody.
    one = client.post("/api/v1/incidents", json=an_incident(acts=[an_act(person=somebody(NAME))])).json()
    person = one["acts"][0]["person"]["id"]
    begun = datetime.now(UTC).isoformat()

    # A colleague searches for the name, opens the person and the incident, and takes the table away.
    assert contributor.get("/api/v1/incidents", params={"person": NAME, "country": "PAK"}).status_code == 200
    assert contributor.get(f"/api/v1/persons/{person}").status_code == 200
    assert contributor.get(f"/api/v1/incidents/{one['ref'].lower()}").status_code == 200
    assert contributor.get("/api/v1/incidents.csv", params={"q": NAME}).status_code == 200

    # The auditor reads four lines, newest first.
    auditor = door(archive, "auditor")
    answer = auditor.get(HISTORY, params={"who": "a contributor", "since": begun})
    lines = answer.json()["items"]
    assert [(line["action"], line["noun"]) for line in lines] == [
        ("exported", "incident"), ("read", "incident"), ("read", "person"), ("searched", "incident"),
    ]  # fmt: skip
    assert [line["record_id"] for line in lines[1:3]] == [one["id"], person]
    assert lines[0]["asked"] == {"route": "/incidents.csv", "format": "csv", "asked": {"q": None}}
    assert lines[3]["asked"]["asked"] == {"person": None, "country": ["PAK"]}
    assert "beispiel" not in answer.text.lower()

    # Not even the auditor is told what the report says, nor may they open it.
    everything = auditor.get(HISTORY).text
    assert "beispiel" not in everything.lower()
    assert "A made-up report" not in everything
    assert auditor.get(f"/api/v1/incidents/{one['id']}").status_code == 403

    # What was read is not what was changed: the record's own history and version are as before.
    assert [line["action"] for line in client.get(f"/api/v1/incidents/{one['id']}/history").json()] == ["reported"]
    assert archive.broken() is None


def test_the_same_at_the_console(
    client: TestClient,
    gawah: Gawah,
    archive: TestArchive,
    home: object,
) -> None:
    client.post("/api/v1/incidents", json=an_incident(acts=[an_act(person=somebody(NAME))]))
    client.get("/api/v1/persons", params={"q": NAME})
    assert gawah("export", "csv", "--q", NAME).code == 0
    said = gawah("history", "--action", "searched")
    assert said.code == 0
    assert "a reviewer" in said.out
    assert "Beispiel" not in said.out
    taken = gawah("history", "--action", "exported", "--json")
    assert '"via": "cli"' in taken.out
    assert "Beispiel" not in taken.out
    assert gawah("history", "--since", "nonsense").code == 2
    assert archive.broken() is None


@pytest.mark.parametrize("role", ["viewer", "contributor", "reviewer", "admin", None])
def test_nobody_else_reads_who_looked(door: Opener, archive: TestArchive, role: str | None) -> None:
    assert door(archive, role).get(HISTORY).status_code == (401 if role is None else 403)
