"""The sample archive keeps its promises: made up throughout, marked so, in the words of the vocabularies."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

APP = Path(__file__).parents[2] / "app"
ARCHIVE = APP / "imports" / "sample_archive"
LICENCE = "synthetic sample, made up for practice"
MARKED = re.compile(r"Synthetic: |(مصنوعی|اصطناعي|Sintético|Synthétique|Синтетический|Синтетичний) \(Synthetic\): ")
MADE_UP = re.compile("synthetic|sample|نمونہ|عينة|muestra|exemple|образец|sintétic|synthétique", re.IGNORECASE)
COARSE = {"area1", "area2", "area3", "linear_or_vague", "country"}
HARMS = ("killed", "injured", "missing", "detained")
# Which vocabulary the value of a key comes from; `kind`, `role` and `level` depend on the table they stand in.
WORDS = {
    "nature": "natures",
    "geo_precision": "geo_precisions",
    "geocode_method": "geocode_methods",
    "place_kind": "place_kinds",
    "confidence": "confidences",
    "sensitivity": "sensitivities",
    "closeness": "closenesses",
    "reliability": "reliabilities",
    "state_control": "state_controls",
    "speaker_role": "speaker_roles",
    "stance": "stances",
    "locator_type": "locator_types",
    "credibility": "credibilities",
    "civilian_status": "civilian_statuses",
    "sex": "sexes",
    "age_group": "age_groups",
    "outcome": "outcomes",
    "official_position": "official_positions",
    "degree": "degrees",
    "level": "command_levels",
    "responsibility_position": "responsibility_positions",
    "identity_protection": "identity_protections",
    "operator": "operators",
    "span": "date_spans",
    "role": "place_roles",
}
KINDS = {
    "report": "violations",
    "acts": "violations",
    "source": "source_kinds",
    "publication": "publication_kinds",
    "actor": "actor_kinds",
    "names": "name_kinds",
    "events": "case_event_kinds",
}


@cache
def words(name: str) -> set[str]:
    return set(tomllib.loads((APP / "vocabulary" / "lists" / f"{name}.toml").read_text(encoding="utf-8")))


@cache
def incidents() -> list[dict[str, Any]]:
    paths = sorted(ARCHIVE.glob("*.toml"))
    return [row for path in paths for row in tomllib.loads(path.read_text(encoding="utf-8"))["incident"]]


def reports() -> list[dict[str, Any]]:
    return [row["report"] for row in incidents()]


def tables(value: object, name: str = "incident") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table inside a value, each with the key under which it stands."""
    if isinstance(value, dict):
        yield name, value
        for key, inner in value.items():
            yield from tables(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from tables(inner, name)


def every(name: str) -> list[dict[str, Any]]:
    return [table for row in incidents() for key, table in tables(row) if key == name]


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def about(kind: str) -> list[dict[str, Any]]:
    """The accounts, first ones and further ones, that take this stance."""
    return [table for key in ("according_to", "accounts") for table in every(key) if table["stance"] == kind]


def test_there_are_enough_incidents_and_each_file_opens() -> None:
    assert len(incidents()) >= 55
    assert all(set(row) <= {"report", "accounts"} and "report" in row for row in incidents())


def test_every_incident_is_marked_as_synthetic() -> None:
    for report in reports():
        assert MARKED.match(report["title"]), report["title"]
        assert report["licence"] == LICENCE
        assert report["summary"]
        assert report["nature"]
    running = [f"synthetic:{number:04d}" for number in range(1, len(reports()) + 1)]
    assert sorted(report["external_id"] for report in reports()) == running


def test_every_source_publication_actor_and_person_is_marked_as_made_up() -> None:
    assert all(MARKED.match(source["title"]) for source in every("source"))
    for name in ("publication", "actor"):
        assert [table["name"] for table in every(name) if not MADE_UP.search(table["name"])] == []
    for person in every("person"):
        assert any(re.fullmatch("Sample Person [A-Z][a-z]+", name["full"]) for name in person["names"])
        assert {name["script"] for name in person["names"]} & {"Latn", "Arab", "Cyrl"}
    assert 3 <= len(every("person")) <= 8


def test_no_address_leads_out_of_example_org() -> None:
    addresses = [found for text in texts(incidents()) for found in re.findall(r"\w+://\S+", text)]
    assert len(addresses) > 40
    assert [address for address in addresses if not address.startswith("https://example.org/")] == []


def test_every_code_is_a_word_of_its_vocabulary() -> None:
    for row in incidents():
        for name, table in tables(row):
            for key, value in table.items():
                if key in WORDS and isinstance(value, str):
                    assert value in words(WORDS[key]), (row["report"]["external_id"], name, key, value)
            if name in KINDS:
                assert table["kind"] in words(KINDS[name]), (row["report"]["external_id"], name)


def test_what_an_account_says_is_of_the_right_kind() -> None:
    for account in every("accounts"):
        for field, statement in account.get("said", {}).items():
            assert "value" in statement
            if field == "kind":
                assert statement["value"] in words("violations")
            if statement.get("operator") == "at_least":
                assert isinstance(statement["value"], int)


def test_many_countries_languages_and_scripts_are_there() -> None:
    assert len({report["country"] for report in reports() if "country" in report}) >= 8
    assert all(re.fullmatch("[A-Z]{3}", report.get("country", "PAK")) for report in reports())
    assert {"en", "ur", "ar", "es", "fr", "ru"} <= {source["language"] for source in every("source")}
    letters = {unicodedata.name(c).split()[0] for report in reports() for c in report["title"] if c.isalpha()}
    assert {"LATIN", "ARABIC", "CYRILLIC"} <= letters
    assert len({MARKED.match(report["title"])[0] for report in reports()}) >= 5  # type: ignore[index]


def test_points_come_with_a_precision_and_lie_on_earth() -> None:
    for report in [*reports(), *every("places")]:
        assert ("lon" in report) == ("lat" in report)
        if "lon" in report:
            assert report["geo_precision"] in {"settlement", "near_settlement", "offshore"}
            assert -180 <= report["lon"] <= 180
            assert -90 <= report["lat"] <= 90


def test_numbers_rise_and_are_never_empty() -> None:
    ranges = [report[harm] for report in reports() for harm in HARMS if harm in report]
    for tally in [*ranges, *(act["count"] for act in every("acts") if "count" in act)]:
        known = [tally[key] for key in ("min", "best", "max") if key in tally]
        assert known
        assert known == sorted(known)
        assert set(tally) <= {"min", "best", "max"}


def test_an_act_is_against_one_person_or_against_a_group() -> None:
    for act in every("acts"):
        assert ("person" in act) != ("group" in act)
        assert not ("person" in act and "count" in act)


def test_several_incidents_have_no_place_or_only_a_coarse_one() -> None:
    coarse = [report for report in reports() if "lon" not in report and report.get("geo_precision") in COARSE]
    nowhere = [report for report in reports() if not {"lon", "geo_precision", "place_name"} & set(report)]
    assert len(coarse) + len(nowhere) >= 8
    assert len(nowhere) >= 3


def test_imprecise_dates_of_different_kinds_are_there() -> None:
    dates = [report.get("date") for report in reports()]
    written = [when for when in dates if isinstance(when, str)]
    shapes = [
        r"\d{4}", r"\d{4}-(0\d|1[0-2])", r"\d{4}-2[1-4]", r"\d{4}-\d\d-XX",
        r"\S+[~?%]", r"\[\S+\]", r"\d\S+/\d\S+", r"\.\./\S+", r"\S+/\.\.",
    ]  # fmt: skip
    assert [shape for shape in shapes if not any(re.fullmatch(shape, when) for when in written)] == []
    assert any(isinstance(when, dict) and "verbatim" in when for when in dates)
    assert None in dates


@pytest.mark.parametrize("stance", ["reports", "alleges", "denies", "claims_responsibility"])
def test_sources_take_different_stances(stance: str) -> None:
    assert about(stance)


def test_there_are_denials_by_officials_and_statements_by_an_army() -> None:
    assert any(account.get("speaker_role") == "official" for account in about("denies"))
    army = [source for source in every("source") if "Army" in source.get("publication", {}).get("name", "")]
    assert {source["kind"] for source in army} == {"official_statement"}


def test_accounts_contradict_each_other_on_numbers() -> None:
    def differs(row: dict[str, Any], harm: str) -> bool:
        values = [
            account["said"][harm]["value"] for account in row.get("accounts", []) if harm in account.get("said", {})
        ]
        return any(value != row["report"].get(harm, {}).get("best") for value in values)

    assert sum(any(differs(row, harm) for harm in HARMS) for row in incidents()) >= 8


def test_patterns_situations_and_a_disappearance_are_there() -> None:
    natures = [report["nature"] for report in reports()]
    assert natures.count("pattern") >= 3
    assert natures.count("situation") >= 3
    assert "enforced_disappearance" in {report["kind"] for report in reports()}


def test_three_statements_of_a_political_movement_name_no_person() -> None:
    found = [report for report in reports() if report["external_id"] in {f"synthetic:000{n}" for n in (1, 2, 3)}]
    for report in found:
        said = report["according_to"]
        assert said["source"]["kind"] == "organisation_statement"
        assert said["speaker"] == "spokesperson of a political movement (synthetic)"
        assert (said["speaker_role"], said["stance"]) == ("political_movement", "alleges")
        assert not [name for name, _ in tables(report) if name == "person"]
    attack, camps, pattern = found
    assert (attack["lon"], attack["lat"], attack["geo_precision"]) == (69.92, 30.05, "near_settlement")
    assert attack["killed"] == {"min": 4, "best": 4, "max": 4}
    assert camps["nature"] == "situation"
    assert not {"lon", "place_name"} & set(camps)
    assert pattern["nature"] == "pattern"
    assert {act["kind"] for act in pattern["acts"]} >= {"enforced_disappearance", "killing", "mutilation"}


def test_text_is_in_composed_form_and_holds_no_hidden_characters() -> None:
    for text in texts(incidents()):
        assert unicodedata.is_normalized("NFC", text)
        assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cf"}], text
