"""A file from a colleague: see what it would do, mend what it lacks, say who is meant, and only then take it in."""

import csv
import io
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.records import Actor, Incident
from tests.archives import TestArchive
from tests.cli.helping import Gawah, settle
from tests.imports.reading_back import read_xlsx

HEAD = "id,title,kind,source_kind,source_title,date,killed_best,alleged_responsible\n"
JUNE = HEAD + (
    "our-1,Alleged killing in a village,killing,press,A made-up report,2025-06-12,2,Example Force\n"
    "our-2,Alleged disappearance,enforced_disappearance,press,A made-up report,2025-06,,Example Force\n"
)
JULY = HEAD + (
    "our-1,Alleged killing in a village,killing,press,A made-up report,2025-06-13,3,Example Force\n"
    "our-2,Alleged disappearance,enforced_disappearance,press,A made-up report,2025-06,,Example Force\n"
    "our-3,Alleged beating,beating_up,press,A made-up report,2025-07-01,,Exampel Force\n"
    'our-4,"=Alleged raid, at night",killing,press,A made-up report,2025-07-02,some,\n'
    "our-5,Alleged arrest,arbitrary_detention,press,A made-up report,2025-07-03,,\n"
)


@pytest.fixture(autouse=True)
def _home(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(archive, tmp_path, monkeypatch)
    Path("june.csv").write_text(JUNE, encoding="utf-8")
    Path("july.csv").write_text(JULY, encoding="utf-8")


def table(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8-sig"), newline="")))


def test_she_sees_field_by_field_what_would_change(gawah: Gawah, archive: TestArchive) -> None:
    assert gawah("import", "june.csv").code == 0
    said = gawah("import", "july.csv", "--dry-run")
    first = archive.rows()[0]["ref"]
    assert f"line 2, {first} (our-1), date: 2025-06-12 -> 2025-06-13" in said.err
    assert f"line 2, {first} (our-1), killed: best 2 -> best 3" in said.err
    for fate in ("new: lines 6", "changed: lines 2", "unchanged: lines 3", "refused: lines 4-5"):
        assert fate in said.err, fate
    assert "Only checked; nothing was written." in said.out
    told = json.loads(gawah("import", "july.csv", "--dry-run", "--json").out)
    assert told["lines"] == {"new": "6", "changed": "2", "unchanged": "3", "refused": "4-5"}
    assert told["changes"] == [
        {
            "line": 2,
            "ref": first,
            "external_id": "our-1",
            "field": field,
            "before": was,
            "after": now,
            "place": "line 2",
        }
        for field, was, now in (("date", "2025-06-12", "2025-06-13"), ("killed", "best 2", "best 3"))
    ]
    done = json.loads(gawah("import", "july.csv", "--keep-good", "--json").out)
    assert done["recorded"]
    assert done["changes"] == told["changes"]


@pytest.mark.parametrize("name", ["wrong.csv", "wrong.xlsx"])
def test_she_mends_the_refused_rows_where_they_stand(gawah: Gawah, archive: TestArchive, name: str) -> None:
    assert gawah("import", "july.csv", "--keep-good", "--refused", name).code == 3
    if name.endswith(".xlsx"):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(read_xlsx(Path(name)))
        Path("wrong.csv").write_text(text.getvalue(), encoding="utf-8")
    beating, raid = table("wrong.csv")
    assert list(beating) == [*HEAD.strip().split(","), "refused because"]
    assert beating["refused because"].startswith("kind: ")
    assert raid["refused because"] == "killed_best: not a whole number; write it as 4, or leave it empty"
    assert raid["title"] == "'=Alleged raid, at night"
    assert gawah("import", name).code == 3
    mended = Path("wrong.csv").read_text(encoding="utf-8-sig").replace("beating_up", "threat_or_harassment")
    Path("wrong.csv").write_text(mended.replace(",some,", ",4,"), encoding="utf-8-sig")
    said = gawah("import", "wrong.csv", "--json")
    told = json.loads(said.out)
    assert (said.code, told["rows"], told["new"], told["refused"]) == (0, 2, 2, 0)
    assert {"=Alleged raid, at night", "Alleged beating"} <= archive.titles()


def test_the_service_gives_the_refused_rows_and_writes_nothing(client: TestClient, archive: TestArchive) -> None:
    answer = client.post("/api/v1/imports/refused", content=JULY.encode())
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert [row["id"] for row in rows] == ["our-3", "our-4"]
    assert archive.count(Incident) == 0
    book = client.post("/api/v1/imports/refused", content=JULY.encode(), params={"form": "xlsx"})
    Path("book.xlsx").write_bytes(book.content)
    assert [cells[0] for cells in read_xlsx(Path("book.xlsx"))] == ["id", "our-3", "our-4"]
    again = client.post("/api/v1/imports", content=book.content).json()
    assert (again["rows"], again["refused"]) == (2, 2)


def test_nobody_is_entered_in_silence(gawah: Gawah, archive: TestArchive) -> None:
    said = gawah("import", "june.csv")
    assert "Example Force: 2 rows, first in line 2; undecided" in said.err
    assert "Recorded. New here: 1 actors." in said.out
    assert archive.count(Actor) == 1


def test_asked_first_she_says_who_is_meant(gawah: Gawah, archive: TestArchive) -> None:
    gawah("import", "june.csv")
    text = JULY.replace("beating_up", "threat_or_harassment").replace(",some,", ",4,Armed men of a village")
    Path("july.csv").write_text(text, encoding="utf-8")
    said = gawah("import", "july.csv", "--ask-first", "--unknown", "names.csv")
    assert "Nothing was recorded: 2 names are undecided" in said.out
    assert archive.count(Incident) == 2
    misspelt, men = table("names.csv")
    assert (misspelt["kind"], misspelt["name"], misspelt["rows"], misspelt["first row"]) == (
        "actor", "Exampel Force", "1", "line 4",
    )  # fmt: skip
    here = archive.see(archive.rows()[0]["ref"]).involvements[0].actor
    assert misspelt["likely"].startswith(f"Example Force {here.id} (")
    decided = [misspelt | {"do": "match", "id": str(here.id)}, men | {"do": "text"}]
    with Path("names.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(men))
        writer.writeheader()
        writer.writerows(decided)
    said = gawah("import", "july.csv", "--ask-first", "--resolved", "names.csv", "--json")
    told = json.loads(said.out)
    assert (told["recorded"], told["to_decide"], told["created"]) == (True, [], {"actor": 0, "person": 0})
    assert archive.count(Actor) == 1
    seen = {row["title"]: archive.see(row["ref"]) for row in archive.rows()}
    assert seen["Alleged beating"].involvements[0].actor.id == here.id
    raid = seen["=Alleged raid, at night"].involvements[0]
    assert (raid.actor, raid.described_as) == (None, "Armed men of a village")
    again = json.loads(gawah("import", "july.csv", "--resolved", "names.csv", "--json").out)
    assert (again["unchanged"], again["recorded"]) == (5, False)


def test_the_service_asks_first_too(client: TestClient, archive: TestArchive) -> None:
    told = client.post("/api/v1/imports", content=JUNE.encode(), params={"ask_first": True}).json()
    assert (told["recorded"], told["undecided"], told["new"]) == (False, 1, 2)
    assert archive.count(Incident) == 0
