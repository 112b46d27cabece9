"""An officer takes an import back on which others have worked since: first she is told what would go with it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.records import Incident, Revision
from tests.archives import TestArchive
from tests.builders import an_account
from tests.cli.helping import Gawah, settle
from tests.imports.jobs import IMPORTS

HEAD = "id,title,kind,source_kind,source_title,date,killed_best\n"
JUNE = (
    HEAD
    + "our-1,Alleged killing,killing,press,A report,2025-06-12,2\nour-2,Alleged raid,killing,press,A report,2025-06,1\n"
)
JULY = JUNE.replace("06-12,2", "06-13,3")
INCIDENTS = "/api/v1/incidents"
DAY = r", \d{4}-\d\d-\d\d"


def take(client: TestClient, text: str) -> str:
    told = client.post(IMPORTS, content=text.encode()).json()
    assert told["recorded"], told
    return str(told["batch"])


def amend(client: TestClient, called: str, **change: Any) -> str:
    ref = next(row["ref"] for row in client.get(INCIDENTS).json()["items"] if row["title"] == called)
    answer = client.get(f"{INCIDENTS}/{ref}")
    headers = {"If-Match": answer.headers["ETag"]}
    path = f"{INCIDENTS}/{answer.json()['id']}"
    assert client.patch(path, json={"reason": "Read again.", **change}, headers=headers).is_success
    return path


def work(answer: Any) -> list[str]:
    assert answer.status_code == 409, answer.text
    return [f"{fault['where']}: {re.sub(DAY, '', fault['what'])}" for fault in answer.json()["errors"]]


def test_she_is_told_who_did_what_since(client: TestClient, archive: TestArchive) -> None:
    batch = take(client, JUNE)
    path = amend(client, "Alleged raid", title="Alleged raid at night")
    assert client.post(f"{path}/accounts", json=an_account()).is_success
    account = client.get(path).json()["accounts"][0]["id"]
    rejected = {"standing": "rejected", "reason": "A made-up reason."}
    assert client.post(f"/api/v1/accounts/{account}/standing", json=rejected).is_success
    answer = client.post(f"{IMPORTS}/{batch}/undo")
    ref = client.get(path).json()["ref"]
    (line,) = work(answer)
    assert line == f"{ref}: amended by a reviewer; added by a reviewer; an account amended by a reviewer"
    assert "1 records of this import have been changed since" in answer.json()["detail"]
    assert archive.count(Incident) == 2
    assert client.post(f"{IMPORTS}/{batch}/undo", params={"also_edited": True}).json() == {"incidents": 2}
    assert archive.broken() is None


def test_so_she_is_of_a_value_that_somebody_put_right_after_the_newer_row(client: TestClient) -> None:
    """Taking the newer row back would bring the value of the older one back, over what was put right."""
    take(client, JUNE)
    newer = take(client, JULY)
    path = amend(client, "Alleged killing", killed={"min": 5, "best": 5, "max": 5})
    (line,) = work(client.post(f"{IMPORTS}/{newer}/undo"))
    assert line.endswith(": amended by a reviewer")
    assert client.get(path).json()["killed"]["best"] == 5
    assert client.post(f"{IMPORTS}/{newer}/undo", params={"also_edited": True}).is_success
    assert client.get(path).json()["killed"]["best"] == 2


def test_nothing_is_told_of_what_goes_in_its_own_time(client: TestClient) -> None:
    """A remark on an earlier record stays, and a newer import that was taken back is no later work."""
    june = take(client, JUNE)
    july = take(client, JULY)
    path = amend(client, "Alleged killing", title="Alleged killing in a village")
    assert client.post(f"{path}/comments", json={"note": "A made-up note."}).is_success
    assert client.post(f"{IMPORTS}/{july}/undo").is_success
    (line,) = work(client.post(f"{IMPORTS}/{june}/undo"))
    assert line.split(": ", 1)[1] == "amended by a reviewer; commented by a reviewer"


def test_a_person_that_somebody_has_named_since_is_told_too(client: TestClient, archive: TestArchive) -> None:
    told = {"names": [{"full": "Zarmina Example"}]}
    mapping = (
        '[report]\ntitle = "Alleged killing"\nkind = "killing"\n'
        'according_to = { source = { kind = "press", title = "A report" } }\n'
        '[[report.acts]]\nkind = "killing"\nperson = { names = [{ full = "{name}" }] }\n'
    )
    assert client.put(f"{IMPORTS}/mappings/people", content=mapping.encode()).is_success
    made = client.post(IMPORTS, content=b"name,n\nZarmina Example,1\n", params={"mapping": "people"}).json()
    row = client.get(INCIDENTS).json()["items"][0]
    person = client.get(f"{INCIDENTS}/{row['ref']}").json()["acts"][0]["person"]["id"]
    path = f"/api/v1/persons/{person}"
    headers = {"If-Match": client.get(path).headers["ETag"]}
    assert client.patch(path, json={"reason": "Read again.", "occupation": "shepherd"}, headers=headers).is_success
    assert work(client.post(f"{IMPORTS}/{made['batch']}/undo")) == [f"person {person}: amended by a reviewer"]
    other = {"title": "Another", "kind": "killing", "acts": [{"kind": "killing", "person": {"id": person} | told}]}
    cited = {"according_to": {"source": {"kind": "press", "title": "Another report"}}}
    assert client.post(INCIDENTS, json=other | cited).is_success
    assert client.post(f"{IMPORTS}/{made['batch']}/undo").json() == {"incidents": 1}  # they stay, with what was added
    assert archive.count(Revision)


def test_the_console_says_it_in_the_same_words(
    client: TestClient, archive: TestArchive, gawah: Gawah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = take(client, JUNE)
    amend(client, "Alleged raid", title="Alleged raid at night")
    settle(archive, tmp_path, monkeypatch)
    said = gawah("import", "undo", batch)
    assert said.code == 2
    assert re.search(rf"  IR-\S+: amended by a reviewer{DAY}", said.err)
    assert gawah("import", "undo", batch, "--also-edited").code == 0


def test_a_contributor_takes_back_nothing_that_is_kept_from_her(
    client: TestClient, archive: TestArchive, door: Callable[..., TestClient]
) -> None:
    batch = take(client, JUNE)
    amend(client, "Alleged raid", sensitivity="sealed")
    answer = door(archive, "contributor").post(f"{IMPORTS}/{batch}/undo", params={"also_edited": True})
    assert (answer.status_code, answer.json()["errors"]) == (403, [])
    assert archive.count(Incident) == 2
