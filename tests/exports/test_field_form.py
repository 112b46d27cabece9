"""The form for the field: a form builder takes it without a word, in both languages, and every answer has its field."""

import re
from pathlib import Path
from typing import Any

import pytest
from pyxform.xls2xform import convert
from starlette.testclient import TestClient
from typer.testing import CliRunner

from app.cli import cli
from app.exports.field_form import LANGUAGES, questions, xlsform
from app.imports import field_form
from app.imports.importer import Row
from app.vocabulary.word import vocabulary

# What only leads to other questions, or is only read.
LEADING = {"before", "harms"}
VICTIM: dict[str, Any] = {"victims/victim_group": "villagers"}
ANSWERS: dict[str, Any] = {
    "_uuid": "1-2-3", "title": "Alleged killing", "kind": "killing", "date_known": "unknown", "point": "30.05 69.92 0 0",
    "geo_precision": "settlement", "country": "PAK", "harms": "killed injured missing detained", "stance": "reports",
    "alleged_responsible": "armed men", "source_kind": "press", "source_title": "A report", "sensitivity": "restricted",
    "victims": [VICTIM],
}  # fmt: skip
GATES: dict[str, Any] = {
    "date_day": {"date_known": "day"}, "date_month": {"date_known": "month"}, "date_year": {"date_known": "year"},
    "date_first": {"date_known": "between", "date_last": "2025-12-31"},
    "date_last": {"date_known": "between", "date_first": "2020-01-01"},
}  # fmt: skip
NAMED = {"victim_age", "identity_protection"}


def two_answers(question: dict[str, Any]) -> tuple[str, str]:
    """Two that the form would take."""
    if question["name"] == "source_url":
        return "https://example.org/1", "https://example.org/2"
    if question["name"] == "country":
        return "SYR", "IRQ"
    if question["name"] == "date_known":
        return "unknown", "day"
    if "words" in question:
        first, second = [w for w in vocabulary(question["words"]).in_use() if w not in question.get("but", ())][-2:]
        return first, second
    told = {"date": ("2021-02-03", "2023-04-05"), "integer": ("4", "5"), "geopoint": ("24.5 66.5 0 0", "25 67 0 0")}
    return told.get(question["type"], ("one answer", "another answer"))


def report(question: dict[str, Any], answer: str) -> dict[str, Any]:
    told = ANSWERS | {"date_day": "2025-06-12"} | GATES.get(question["name"], {})
    if question["name"] in {one["name"] for one in victim_questions()}:
        known = {"victims/victim_name": "Made Up", "victims/identity_protection": "sealed"}
        victim = known if question["name"] in NAMED else VICTIM
        told |= {"victims": [victim | {f"victims/{question['name']}": answer}]}
    else:
        told |= {question["name"]: answer}
    return field_form.draft(Row(2, told)).report


def victim_questions() -> list[dict[str, Any]]:
    return next(one for one in questions() if one["name"] == "victims")["within"]


ASKED = [one for one in (*questions(), *victim_questions()) if one["name"] not in LEADING | {"victims"}]


@pytest.mark.parametrize("question", ASKED, ids=[one["name"] for one in ASKED])
def test_every_answer_has_its_field(question: dict[str, Any]) -> None:
    first, second = two_answers(question)
    assert report(question, first) != report(question, second)


@pytest.fixture(scope="module")
def xform(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("form") / "form.xlsx"
    path.write_bytes(b"".join(xlsform()))
    made = convert(xlsform=path)
    assert made.warnings == []
    return made.xform


def test_a_form_builder_finds_every_question(xform: str) -> None:
    bound = set(re.findall(r'<bind nodeset="/data/(?:victims/)?(\w+)"', xform))
    assert {one["name"] for one in ASKED} <= bound


def test_both_languages_say_everything(xform: str) -> None:
    texts = {
        language: re.findall(r'<text id="([^"]+)"><value>[^<]+', part)
        for language, part in re.findall(r'<translation lang="([^"]+)"[^>]*>(.*?)</translation>', xform, re.DOTALL)
    }
    assert set(texts) == set(LANGUAGES.values())
    assert len({tuple(ids) for ids in texts.values()}) == 1
    urdu = [one["label"]["ur"] for one in (*questions(), *victim_questions())]
    assert all(re.search("[\u0600-\u06ff]", label) for label in urdu)


@pytest.mark.parametrize("told", ["deviceid", "username", "phonenumber", "subscriberid", "audit", "start-geopoint"])
def test_nothing_tells_of_the_phone(xform: str, told: str) -> None:
    assert told not in xform


def test_it_is_to_be_had_by_address_and_by_command(client: TestClient, tmp_path: Path) -> None:
    answer = client.get("/api/v1/field-form.xlsx")
    assert answer.status_code == 200
    to = tmp_path / "form.xlsx"
    assert CliRunner().invoke(cli, ["field-form", "-o", str(to)]).exit_code == 0
    assert to.read_bytes() == answer.content == b"".join(xlsform())
