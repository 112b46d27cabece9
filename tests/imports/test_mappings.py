"""A mapping file: what it may say, what it makes of a row, and how it says what is wrong with it."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.errors import Invalid, NotFound
from app.imports import mappings
from app.imports.checking import Checked, check
from app.imports.importer import Row
from app.records.incident import IncidentIn

PLAIN = """
name = "made-up"
about = "A made-up table"
licence = "ours"
needs = ["No"]
[columns]
dead = ["Dead", "Killed"]
[report]
title = "Alleged: {What}[, {Where}]"
kind = { column = "Kind", as = "code", codes = { "Murder" = "killing" } }
external_id = "made-up:{No}"
date = { column = "When", as = "date", order = "dmy" }
killed = { column = "dead", as = "count" }
place_name = { column = "Where" }
point = { columns = ["Lat", "Lon"], as = "point", precision = "site" }
according_to = { source = { kind = "dataset", title = "A made-up table" } }
"""
HEADING = ["No", "What", "Where", "Kind", "When", "Killed", "Lat", "Lon"]


def take(text: str, *rows: dict[str, Any], heading: list[str] | None = None) -> tuple[list[IncidentIn], Checked]:
    """The rows as reports, without any database."""
    table = [Row(line, dict(row)) for line, row in enumerate(rows, 2)]
    columns = heading or list(dict.fromkeys(name for row in rows for name in row))
    found = Checked()
    importer = mappings.made(mappings.read(text), columns, lambda *_: iter(table))
    reports = check(importer, importer.read(Path("none")), len(columns), found)
    return [report.told for report in reports], found


def row(**changed: str) -> dict[str, str]:
    return {"No": "1", "What": "a raid", "Where": "Example Town", "Kind": "murder", "When": "05/06/2020", "Killed": "3",
            "Lat": "30.05", "Lon": "69.92"} | changed  # fmt: skip


def test_a_row_becomes_a_report() -> None:
    (told,), found = take(PLAIN, row())
    assert (told.title, told.kind, told.external_id, told.licence) == (
        "Alleged: a raid, Example Town",
        "killing",
        "made-up:1",
        "ours",
    )
    assert told.date
    assert str(told.date.earliest) == "2020-06-05"
    assert told.killed
    assert (told.killed.best, told.lat, told.lon, told.geo_precision) == (3, 30.05, 69.92, "site")
    assert found.errors == found.warnings == []


def test_what_is_in_brackets_goes_when_it_is_not_known() -> None:
    (told,), _ = take(PLAIN, row(Where="NA", Lat="", Lon=""))
    assert (told.title, told.place_name, told.lat, told.geo_precision) == ("Alleged: a raid", None, None, "unknown")


def test_a_cell_that_is_not_read_is_kept_in_its_words_and_told() -> None:
    (told,), found = take(PLAIN, row(When="last summer", Killed="dozens", Lat="north"))
    assert told.date
    assert (told.date.earliest, told.date.verbatim) == (None, "last summer")
    assert told.killed is None
    assert told.according_to.quote == "Killed: dozens; Lat: north, 69.92"
    assert {(w.line, w.column) for w in found.warnings} == {(2, "When"), (2, "Killed"), (2, "Lat")}


def test_a_field_that_is_needed_refuses_the_row() -> None:
    _, found = take(PLAIN, row(Kind="Something"), row(No="2", What=""))
    assert [(e.line, e.column) for e in found.errors] == [(2, "Kind"), (3, "title")]
    assert found.errors[0].suggestion
    strict = PLAIN.replace('order = "dmy"', 'order = "dmy", on_error = "refuse"')
    assert [e.column for e in take(strict, row(When="last summer"))[1].errors] == ["When"]


def test_words_of_the_file_for_not_known() -> None:
    (told,), _ = take('unknown = ["withheld"]\n' + PLAIN, row(Where="Withheld"))
    assert told.place_name is None


def test_a_word_may_refuse_a_row() -> None:
    told, found = take('refuse = { What = ["rejected"] }\n' + PLAIN, row(), row(No="2", What="Rejected"))
    assert [one.external_id for one in told] == ["made-up:1"]
    assert [(e.line, e.column, e.value) for e in found.errors] == [(3, "What", "Rejected")]


def test_rows_of_one_id_may_be_different_incidents() -> None:
    rows = [row(), row(What="another raid"), row()]
    assert len(take(PLAIN, *rows)[1].errors) == 1
    told, found = take('repeats = "number"\n' + PLAIN, *rows)
    assert [one.external_id for one in told] == ["made-up:1", "made-up:1:2"]
    assert (found.errors, found.repeated) == ([], 1)


LISTS = """
[[report.acts]]
each = "people"
kind = "killing"
person = { names = [{ full = "{name}" }] }
age_at_event = { column = "age", as = "whole" }
[[report.involvements]]
when = "unit"
described_as = "{unit}"
[[report.places]]
numbered = 2
when = "Place #"
place_name = "{Place #}"
[[accounts]]
each = { column = "Links", as = "links" }
source = { kind = "press", url = "{url}" }
"""


def test_lists_within_a_row() -> None:
    text = PLAIN.replace("[columns]", '[columns]\nLinks = "Link *"\nunit = "people[0].unit"') + LISTS
    people = [{"name": "Example One", "age": "34", "unit": "Example Unit"}, {"name": "Example Two"}, {"age": ""}]
    links = {"Link 1": "https://a.example/1", "Link 2": "", "Link 3": "https://a.example/3"}
    (told,), found = take(text, row() | {"people": people, "Place 1": "A", "Place 2": ""} | links)
    assert found.errors == []
    assert [act.person.names[0].full for act in told.acts if act.person] == ["Example One", "Example Two"]
    assert told.acts[0].age_at_event == 34
    assert [who.described_as for who in told.involvements] == ["Example Unit"]
    assert [place.place_name for place in told.places] == ["A"]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (('killed = { column = "dead"', 'slain = { column = "dead"'), "report.slain"),
        (('as = "count"', 'as = "counting"'), "report.killed.as"),
        (('as = "count"', 'as = "date"'), "report.killed.as"),
        (('order = "dmy"', 'order = "dym"'), "report.date.order"),
        (('order = "dmy"', "pivot = true"), "report.date.pivot"),
        (('order = "dmy"', 'zero = "none"'), "report.date.zero"),
        (('order = "dmy"', 'on_error = "drop"'), "report.date.on_error"),
        (('column = "When", ', ""), "report.date"),
        ((', codes = { "Murder" = "killing" }', ""), "report.kind"),
        (('title = "Alleged: {What}[, {Where}]"\n', ""), "report.title"),
        (('name = "made-up"', 'name = "Made Up"'), "name"),
        (('name = "made-up"', 'nmae = "made-up"'), "nmae"),
        (('needs = ["No"]', 'needs = "No"'), "needs"),
        (('about = "A made-up table"', "about = 1"), "about"),
        (('dead = ["Dead", "Killed"]', "dead = 3"), "columns.dead"),
        (("[columns]", 'repeats = "drop"\n[columns]'), "repeats"),
        (("[columns]", "values = 3\n[columns]"), "values"),
        (("[columns]", "refuse = 3\n[columns]"), "refuse"),
        (("[columns]", 'refuse = { No = "1" }\n[columns]'), "refuse"),
        (("[report]", "[[report.acts]]\nwhen = 3\n[report]") , "report.acts.when"),
        (('place_name = { column = "Where" }', "places = 3"), "report.places"),
        (('place_name = { column = "Where" }', "places = [{ numbered = 0 }]"), "report.places.numbered"),
        (('place_name = { column = "Where" }', "acts = [{ each = 3 }]"), "report.acts.each"),
        (('place_name = { column = "Where" }', 'acts = [{ each = { column = "x", as = "count" } }]'), "report.acts.each"),
        (('place_name = { column = "Where" }', 'place_name = ["a"]'), "report.place_name"),
        (('as = "point", precision = "site"', 'as = "number"'), "report.point.as"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_says_which_key_and_how_to_mend_it(wrong: tuple[str, str], where: str) -> None:
    assert wrong[0] in PLAIN
    with pytest.raises(Invalid) as refused:
        mappings.read(PLAIN.replace(*wrong))
    faults = {fault.where: fault for fault in refused.value.faults}
    assert where in faults
    assert faults[where].what
    assert faults[where].mend


@pytest.mark.parametrize(
    "text", ["=", "a = [", "x" * 200_001, "a = " + "[" * 100_000, "[report]\ntitle = 3\nkind = 1979-05-27\n"]
)
def test_what_is_no_mapping_is_one_sentence(text: str) -> None:
    with pytest.raises(Invalid):
        mappings.read(text)


def test_a_mapping_is_kept_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    mappings.save(folder, "made-up", PLAIN)
    assert mappings.named("made-up", folder).about == "A made-up table"
    assert "made-up" in mappings.listed(folder)
    assert [m.name for m in mappings.fitting(HEADING, folder)] == ["made-up"]
    for name in ("../x", "Made", "", "a/b", ".hidden"):
        with pytest.raises(Invalid):
            mappings.save(folder, name, PLAIN)
    assert [path.name for path in folder.iterdir()] == ["made-up.toml"]
    with pytest.raises(NotFound):
        mappings.named("made-up")


@pytest.mark.parametrize("name", sorted(path.stem for path in mappings.SHIPPED.glob("*.toml")))
def test_every_shipped_mapping_says_whose_and_what_it_is(name: str) -> None:
    mapping = mappings.named(name)
    assert mapping.name == name
    assert mapping.about
    assert mapping.report["external_id"]
    assert mapping.needs
    assert re.search(r"^#", (mappings.SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), re.MULTILINE)


def shipped(name: str, *rows: dict[str, Any]) -> tuple[list[IncidentIn], Checked]:
    return take((mappings.SHIPPED / f"{name}.toml").read_text(encoding="utf-8"), *rows)


ACLED = {
    "event_id_cnty": "XXX1", "event_date": "2024-06-12", "time_precision": "1", "event_type": "Battles", "sub_event_type": "Armed clash",
    "actor1": "Example Force", "actor2": "Example Front", "country": "Pakistan", "location": "Example Town", "latitude": "30.05",
    "longitude": "69.92", "geo_precision": "1", "source": "A Paper; B Radio", "notes": "A made-up event.", "fatalities": "0",
}  # fmt: skip


def test_acled_a_users_own_export() -> None:
    told, found = shipped(
        "acled", ACLED,
        ACLED | {"event_id_cnty": "XXX2", "time_precision": "2", "geo_precision": "3", "fatalities": "4"},
        ACLED | {"event_id_cnty": "XXX3", "time_precision": "3", "sub_event_type": "Abduction/forced disappearance"},
    )  # fmt: skip
    assert found.errors == found.warnings == []
    assert {one.licence for one in told} == {"acled"}
    assert [one.kind for one in told] == ["armed_clash", "armed_clash", "abduction"]
    days = [(str(one.date.earliest), str(one.date.latest)) for one in told if one.date]
    assert days == [("2024-06-12", "2024-06-12"), ("2024-06-09", "2024-06-15"), ("2024-06-01", "2024-06-30")]
    assert [one.killed.best if one.killed else None for one in told] == [None, 4, None]
    assert [one.geo_precision for one in told] == ["settlement", "area1", "settlement"]
    assert {who.degree for one in told for who in one.involvements} == {"unknown"}


def test_kobotoolbox_submissions() -> None:
    sent = {
        "_uuid": "11111111-2222", "_submission_time": "2025-06-13T10:00:00", "_geolocation": [30.05, 69.92], "title": "a made-up raid",
        "incident_date": "2025-06-12", "kind": "killing", "killed": "several",
        "victims": [{"victims/description": "farm workers", "victims/age": "34", "victims/sex": "male"}, {"victims/age": ""}],
    }  # fmt: skip
    told, found = shipped(
        "kobotoolbox", sent, {"_uuid": "3", "_submission_time": "2025-06-13T10:00:00", "_geolocation": [None, None]}
    )
    assert found.errors == []
    one, other = told
    assert (one.external_id, one.kind, one.lat, one.geo_precision) == ("kobo:11111111-2222", "killing", 30.05, "site")
    assert [(act.group, act.age_at_event, act.sex) for act in one.acts] == [("farm workers", 34, "male")]
    assert str(one.according_to.source.received_on) == "2025-06-13" if one.according_to.source else False
    assert (other.title, other.lat, other.kind) == ("Alleged incident", None, "unknown")


def test_uwazi_as_its_library_exports() -> None:
    row = {
        "Title": "A made-up raid",
        "Date added": "2024-01-02",
        "Template": "Incident",
        "Description": "Told at length",
        "Geolocation": "30.05|69.92",
        "Published": "Published",
    }
    (told, other), found = shipped("uwazi", row, row | {"Description": "Another raid of that name"})
    assert found.errors == found.warnings == []
    assert (told.lat, told.lon, told.summary) == (30.05, 69.92, "Told at length")
    assert other.external_id == f"{told.external_id}:2"
