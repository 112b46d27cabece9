"""An officer who works through the service says who is meant by the names of a file, and sends the file once."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.imports.background import Worker
from app.records import Actor, Incident, Person
from tests.archives import REVIEWER, TestArchive
from tests.builders import an_act, carried_out_by, incident_in, somebody
from tests.imports.jobs import IMPORTS, JOBS, board_of, leave, look, worker_of

MAPPING = b"""
[report]
external_id = "{id}"
title = "{title}"
kind = { column = "kind", as = "code", codes = { "murder" = "killing" }, otherwise = "other" }
date = { column = "day", as = "date" }
according_to = { source = { kind = "press", title = "A made-up report" } }
[[report.acts]]
kind = "killing"
person = { names = [{ full = "{victim}" }] }
[[report.involvements]]
degree = "carried_out"
actor = { name = "{who}" }
"""
JULY = (
    b"id,title,kind,day,victim,who\n"
    b"our-1,Alleged killing,murder,2025-07-01,Zarmina Exampel,Exampel Force\n"
    b"our-2,Alleged raid,murder,2025-07-02,,Exampel Force\n"
    b"our-3,Alleged razzia,razzia,2025-07-03,,Armed men of a village\n"
)


@pytest.fixture
def known(archive: TestArchive, contributor: TestClient) -> TestArchive:
    """Who is here already, and how the file is to be read."""
    assert contributor.put(f"{IMPORTS}/mappings/july", content=MAPPING).is_success
    who = somebody("Zarmina Example")
    archive.report(incident_in("Earlier", acts=[an_act(person=who)], involvements=[carried_out_by("Example Force")]))
    return archive


def ask(client: TestClient) -> dict[str, Any]:
    return leave(client, JULY, ask_first="true", mapping="july")


def worker(archive: TestArchive, client: TestClient) -> Worker:
    return worker_of(archive, client.app.state.mappings)  # type: ignore[attr-defined]


def names(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"{JOBS}/{job['id']}/names")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decide(client: TestClient, job: dict[str, Any], **how: Any) -> Any:
    return client.put(f"{JOBS}/{job['id']}/decisions", **how)


def test_she_decides_and_the_file_goes_on(contributor: TestClient, known: TestArchive) -> None:
    job = ask(contributor)
    mine = worker(known, contributor)
    assert mine.run_next()

    found = look(contributor, job)
    assert (found["state"], found["rows_done"], found["outcome"]["undecided"]) == ("asking", 3, 3)
    assert found["told"].startswith("Names to decide on: 3; nothing was recorded. GET /jobs/")
    assert known.count(Incident) == 1
    asked = {one["name"]: one for one in names(contributor, job)["to_decide"]}
    assert {name: (one["kind"], one["rows"], one["place"]) for name, one in asked.items()} == {
        "Zarmina Exampel": ("person", 1, "line 2"), "Exampel Force": ("actor", 2, "line 2"),
        "Armed men of a village": ("actor", 1, "line 4"),
    }  # fmt: skip
    assert [like["name"] for name in asked for like in asked[name]["likely"]] == ["Example Force", "Zarmina Example"]

    told = [
        {"kind": one["kind"], "name": name, **({"do": "match", "id": one["likely"][0]["id"]} if one["likely"] else {"do": "text"})}
        for name, one in asked.items()
    ]  # fmt: skip
    assert decide(contributor, job, json=told).json()["state"] == "waiting"
    assert mine.run_next()
    assert look(contributor, job)["told"].startswith("Recorded: 3 rows, 3 new")
    assert known.counts(Actor, Person) == {"Actor": 1, "Person": 1}
    assert not any(board_of(known).folder.rglob("*"))
    assert names(contributor, job)["to_decide"] == []
    assert decide(contributor, job, json=told).status_code == 409


def test_she_does_the_same_in_a_spreadsheet_and_in_parts(contributor: TestClient, known: TestArchive) -> None:
    job = ask(contributor)
    mine = worker(known, contributor)
    assert mine.run_next()
    answer = contributor.get(f"{JOBS}/{job['id']}/names.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {(row["name"], row["first row"]) for row in rows} >= {("Exampel Force", "line 2")}
    assert "Example Force" in {row["likely"].split(" 0")[0] for row in rows}

    def filled(**ways: str) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"do": ways.get(row["kind"], "")} for row in rows)
        return text.getvalue().encode("utf-8-sig")

    assert decide(contributor, job, content=filled(actor="create")).status_code == 200
    assert mine.run_next()
    left = names(contributor, job)
    assert ([one["name"] for one in left["to_decide"]], left["undecided"]) == (["Zarmina Exampel"], 1)
    assert {one["do"] for one in left["need_no_decision"]} == {"create", ""}
    assert decide(contributor, job, content=filled(actor="create", person="create")).status_code == 200
    assert mine.run_next()
    assert look(contributor, job)["state"] == "done"
    assert known.count(Person) == 2


def test_she_decides_beforehand_with_the_table_of_last_month(contributor: TestClient, known: TestArchive) -> None:
    job = ask(contributor)
    kinds = (("person", "Zarmina Exampel"), ("actor", "Exampel Force"), ("actor", "Armed men of a village"))
    assert decide(
        contributor, job, json=[{"kind": kind, "name": name, "do": "create"} for kind, name in kinds]
    ).is_success
    assert worker(known, contributor).run_next()
    assert look(contributor, job)["outcome"]["created"] == {"actor": 2, "person": 1}


def test_the_preview_has_the_table_too(contributor: TestClient, known: TestArchive) -> None:
    told = contributor.post(IMPORTS, content=JULY, params={"dry_run": True, "mapping": "july"}).json()
    assert (told["undecided"], len(told["to_decide"])) == (3, 3)
    (word,) = told["need_no_decision"]
    assert (word["name"], word["read_as"], word["place"]) == ("razzia", "other", "line 4")
    answer = contributor.post(f"{IMPORTS}/names", content=JULY, params={"mapping": "july"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert {row["name"] for row in rows} == {one["name"] for one in told["to_decide"]} | {"razzia"}
    assert contributor.post(
        f"{IMPORTS}/names", content=JULY, params={"form": "xlsx", "mapping": "july"}
    ).content.startswith(b"PK")
    assert known.count(Incident) == 1


def test_names_are_for_whoever_sent_the_file(
    contributor: TestClient, known: TestArchive, door: Callable[..., TestClient]
) -> None:
    sender = door(known, "contributor")
    job = ask(sender)
    assert worker(known, contributor).run_next()
    assert sorted(look(sender, job)["findings"]) == ["errors", "notes"]
    other = door(known, "reviewer")
    told = names(other, job)
    assert (told["to_decide"], told["need_no_decision"], told["undecided"]) == ([], [], 3)
    assert decide(other, job, json=[{"kind": "actor", "name": "x", "do": "create"}]).status_code == 403
    assert "Exampel" not in str(look(other, job))
    assert look(door(known, "contributor"), job)["state"] == "asking"


def test_who_was_sealed_while_it_waited_is_not_named(
    contributor: TestClient, known: TestArchive, door: Callable[..., TestClient]
) -> None:
    sender, reviewer = door(known, "contributor"), door(known, "reviewer")
    job = ask(sender)
    assert worker(known, contributor).run_next()
    sender = door(known, "contributor")
    (person,) = (one for one in names(sender, job)["to_decide"] if one["kind"] == "person")
    path = f"/api/v1/persons/{person['likely'][0]['id']}"
    reviewer = door(known, "reviewer")
    mark = reviewer.get(path).headers["ETag"]
    change = {"reason": "A made-up threat.", "identity_protection": "sealed"}
    assert reviewer.patch(path, json=change, headers={"If-Match": mark}).status_code == 200
    sender = door(known, "contributor")
    (person,) = (one for one in names(sender, job)["to_decide"] if one["kind"] == "person")
    assert person["likely"] == []


@pytest.mark.parametrize(
    ("told", "where"),
    [([{"kind": "actor", "name": "x", "do": "guess"}], "object 1"),
     ([{"kind": "actor", "name": "x", "do": "match", "id": "01900000-0000-7000-8000-000000000001"}], "id")],
)  # fmt: skip
def test_decisions_that_decide_nothing_are_refused(
    contributor: TestClient, known: TestArchive, told: list[dict[str, str]], where: str
) -> None:
    job = ask(contributor)
    assert worker(known, contributor).run_next()
    answer = decide(contributor, job, json=told)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, where)
    assert look(contributor, job)["state"] == "asking"


def test_she_cancels_what_asks(contributor: TestClient, known: TestArchive) -> None:
    job = ask(contributor)
    mine = worker(known, contributor)
    assert mine.run_next()
    assert mine.sweep(age=0) == 0  # it needs its file
    assert contributor.post(f"{JOBS}/{job['id']}/cancel").json()["state"] == "cancelled"
    assert not any(board_of(known).folder.rglob("*"))
    assert names(contributor, job)["to_decide"] == []
    assert not mine.run_next()
    assert [row["title"] for row in known.rows(REVIEWER)] == ["Earlier"]
