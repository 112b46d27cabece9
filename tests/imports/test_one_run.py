"""What a run tells beside its counts: refused rows to the letter, names by kind, and nothing that the asker may not read."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import imports
from app.access.viewer import Viewer
from app.errors import Invalid
from app.exports.plain import PLAIN
from app.imports import Outcome, mappings, tables
from app.imports.outcome import MOST_RANGES, Lines
from app.queries.formulas import marked, unmarked
from app.records import Person
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive
from tests.imports.test_spreadsheet import BASIC, only

MAPPING = """
name = "made-up"
[report]
title = "Alleged: {What}"
kind = { column = "Kind", as = "code", codes = { "Murder" = "killing" }, otherwise = "unknown" }
external_id = "made-up:{No}"
area1_code = { column = "Province", as = "area", level = 1, country = "PAK" }
according_to = { source = { kind = "dataset", title = "A made-up table" } }
[[report.acts]]
kind = "killing"
person = { names = [{ full = "{Name}" }] }
"""
ROWS = [
    {"No": "1", "What": "a raid", "Kind": "Murder", "Province": "Balochistan", "Name": "Gul Example"},
    {"No": "2", "What": "a raid", "Kind": "Razzia", "Province": "Balochstan", "Name": "Gul Example"},
    {"No": "3", "What": "a march", "Kind": "razzia", "Province": "", "Name": ""},
]


def written(folder: Path, rows: list[dict[str, Any]], name: str = "table.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def take(archive: TestArchive, path: Path, decisions: Any = None, by: Viewer = REVIEWER, **how: Any) -> Outcome:
    mapping = how.pop("mapping", None)
    plan = imports.plan(path, None, mapping=mappings.read(mapping) if mapping else None, **how)
    return imports.run(archive.engine, plan.decided(decisions or {}), by)


@pytest.mark.parametrize("cell", ["=1", "'=1", "''=1", "'", "''", "' =x", "\t@a", "plain", "'plain", "-5", "", "'+1'"])
def test_a_cell_is_read_as_it_was_written(cell: str) -> None:
    assert unmarked(marked(cell)) == cell
    assert str(marked(cell))[:1] not in set("=+-@\t")


@pytest.mark.parametrize("form", list(PLAIN))
def test_refused_rows_come_back_to_the_letter(tmp_path: Path, form: str) -> None:
    told = [{"a": "=1+1", "b": "'=x", "c": [{"name": "Gul"}]}, {"a": "", "b": "  two\nlines", "c": {"d": None}}]
    path = tmp_path / "told.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    findings = [imports.Finding(line, "a", "", "wrong", "mend it") for line in (1, 2)]
    back = tmp_path / "back"
    back.write_bytes(b"".join(PLAIN[form].write(imports.refused_rows(path, findings))))
    assert tables.heading(back) == ["a", "b", "c"]
    assert [row.values for row in tables.rows(back)] == [row.values for row in tables.rows(path)]


def test_a_row_that_lacks_cells_stays_refused_until_somebody_has_looked(archive: TestArchive, tmp_path: Path) -> None:
    path = written(tmp_path, [BASIC])
    path.write_text(path.read_text() + "Alleged raid,killing\nAlleged fire,killing,press,A report,too,much\n")
    outcome = take(archive, path)
    back = tmp_path / "back.csv"
    back.write_bytes(b"".join(PLAIN["csv"].write(imports.refused_rows(path, outcome.errors))))
    text = back.read_text(encoding="utf-8-sig")
    assert [error.line for error in take(archive, back).errors] == [2, 3]
    assert "too,much" in text
    back.write_text(text.replace(",delete this cell when the row has been mended", "").replace(",too,much", ""))
    assert [error.column for error in take(archive, back).errors] == ["source_kind"]


def test_names_words_and_places_are_gathered(archive: TestArchive, tmp_path: Path) -> None:
    found = take(archive, written(tmp_path, ROWS), mapping=MAPPING, dry_run=True).names.found.values()
    told = {(one.kind, one.name, one.column, one.rows, one.line) for one in found}
    assert told == {
        ("person", "Gul Example", "", 2, 2), ("place", "Balochstan", "Province", 1, 3), ("word", "Razzia", "Kind", 2, 3),
    }  # fmt: skip
    assert ("PK-BA", "Balochistan") in {(one.id, one.name) for u in found for one in u.likely}


def test_what_was_decided_stands_in_the_place_of_the_names(archive: TestArchive, tmp_path: Path) -> None:
    table = [
        {"kind": "person", "name": "Gul Example", "do": "text", "id": "", "column": ""},
        {"kind": "place", "name": "Balochstan", "do": "match", "id": "PK-BA", "column": "Province"},
        {"kind": "word", "name": "Razzia", "do": "match", "id": "Murder", "column": "Kind"},
    ]
    decisions = imports.read_decisions(written(tmp_path, table, "names.csv"))
    outcome = take(archive, written(tmp_path, ROWS), decisions, mapping=MAPPING)
    assert (outcome.recorded, outcome.names.undecided, archive.count(Person)) == (True, 0, 0)
    two = next(archive.see(row["ref"]) for row in archive.rows() if row["area1_code"] and row["ref"].endswith("2"))
    assert (two.kind, two.area1_code, two.acts[0].group) == ("killing", "PK-BA", "a person")
    assert two.accounts[0].quote == "named: Gul Example"  # never in a field that the public reads


@pytest.mark.parametrize(
    "wrong", [{"do": "guess"}, {"kind": "dog"}, {"do": "match"}, {"do": "match", "id": "7"}, {"kind": "word"}]
)
def test_decisions_that_decide_nothing_are_answered_by_line(tmp_path: Path, wrong: dict[str, str]) -> None:
    told = {"kind": "actor", "name": "Example Force", "do": "create", "id": "", "column": ""} | wrong
    with pytest.raises(Invalid) as refused:
        imports.read_decisions(written(tmp_path, [told]))
    assert refused.value.faults[0].where == "line 2"


def test_a_decision_for_somebody_who_is_not_here_records_nothing(archive: TestArchive, tmp_path: Path) -> None:
    told = {"kind": "actor", "name": "x", "do": "match", "id": "01900000-0000-7000-8000-000000000001", "column": ""}
    decisions = imports.read_decisions(written(tmp_path, [told]))
    with pytest.raises(Invalid):
        take(archive, written(tmp_path, [BASIC]), decisions)
    assert archive.rows() == []


def test_people_who_may_be_meant_are_told_by_a_name_that_the_asker_reads(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, written(tmp_path, ROWS[:1]), mapping=MAPPING)
    newer = [ROWS[0] | {"No": "9", "Name": "Gul Exampel"}]
    (one,) = take(archive, written(tmp_path, newer), mapping=MAPPING, dry_run=True).names.found.values()
    person = only(archive).acts[0].person
    assert [(likely.id, likely.name) for likely in one.likely] == [(str(person.id), "Gul Example")]


def test_what_somebody_may_read_is_told_as_a_change(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, written(tmp_path, [BASIC | {"id": "1"}]))
    newer = written(tmp_path, [BASIC | {"id": "1", "title": "Another title"}])
    (shown,) = take(archive, newer, by=CONTRIBUTOR, dry_run=True).changes
    assert (shown.field, shown.before, shown.after) == ("title", BASIC["title"], "Another title")


def test_so_many_rows_are_told_and_the_rest_is_counted() -> None:
    lines = Lines()
    lines.add(range(2, 2 + 2 * (MOST_RANGES + 5), 2))
    assert (len(lines.ranges), lines.left) == (MOST_RANGES, 5)
    assert str(lines).endswith("and 5 more")


def in_xlsx(path: Path) -> None:
    path.write_bytes(b"".join(PLAIN["xlsx"].write([["title", "kind"], ["Alleged raid", "beating_up"]])))


def in_text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8")


ODD = {"title": "Alleged raid", "kind": "beating_up"}


@pytest.mark.parametrize(
    ("write", "place"),
    [
        (in_text("title,kind\nAlleged raid,beating_up\n"), "line 2"),
        (in_text(json.dumps([ODD])), "object 1"),
        (in_text(json.dumps(ODD) + "\n" + json.dumps(ODD) + "\n"), "line 1"),
        (in_text(json.dumps({"type": "Feature", "geometry": None, "properties": ODD})), "feature 1"),
        (in_xlsx, "sheet “rows”, row 2"),
    ],
)
def test_a_place_is_told_in_the_words_of_the_file(
    archive: TestArchive, tmp_path: Path, write: Callable[[Path], object], place: str
) -> None:
    path = tmp_path / "table"
    write(path)
    mapping = (
        '[report]\ntitle = "{title}"\nkind = { column = "kind", as = "violation" }\n'
        'according_to = { source = { kind = "press", title = "A made-up report" } }\n'
    )
    told = take(archive, path, mapping=mapping, dry_run=True).as_json()
    assert told["errors"][0]["place"] == place


def test_what_is_decided_takes_no_room_from_what_is_not(
    archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a file with more names than are kept could never be decided to its end."""
    monkeypatch.setattr("app.imports.names.MOST", 2)
    rows = [ROWS[0] | {"No": str(n), "Name": f"Gul Example {n}"} for n in range(4)]
    first = take(archive, written(tmp_path, rows), mapping=MAPPING, dry_run=True).names
    assert ([one.name for one in first.found.values()], first.left) == (["Gul Example 0", "Gul Example 1"], 2)
    told = [
        {"kind": "person", "name": one.name, "do": "create", "id": "", "column": ""} for one in first.found.values()
    ]
    decisions = imports.read_decisions(written(tmp_path, told, "names.csv"))
    then = take(archive, written(tmp_path, rows), decisions, mapping=MAPPING, dry_run=True).names
    assert ([one.name for one in then.found.values() if one.is_open], then.undecided) == (
        ["Gul Example 2", "Gul Example 3"],
        2,
    )


def test_exports_of_two_other_archives_are_told_apart_by_a_mapping(archive: TestArchive, tmp_path: Path) -> None:
    mapping = (
        '[report]\nexternal_id = "%s:{ref}"\ntitle = "{title}"\nkind = "killing"\n'
        'according_to = { source = { kind = "dataset", title = "An export of another archive" } }\n'
    )
    file = written(tmp_path, [{"ref": "IR-2025-000007", "title": "Alleged raid"}])
    for theirs in ("one", "other"):
        assert take(archive, file, mapping=mapping % theirs).new == 1
    assert take(archive, file, mapping=mapping % "one").unchanged == 1
