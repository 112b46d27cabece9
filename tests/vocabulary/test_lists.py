"""The lists of words are complete and agree with each other, read as plain files."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LISTS = Path(__file__).parents[2] / "app" / "vocabulary" / "lists"
LANGUAGES = ["en", "ur", "ar", "es", "fr"]
CROSSWALKS = {"ucdp", "acled", "mrm", "iccs"}
WITHOUT_LAW = {"other", "unknown", "militia_or_camp_activity"}
KEYS = {"label", "definition", "family", "law", "crosswalk", "retired"}
TRAITS = {
    "actor_kinds": {"state", "state_linked", "nameless"},
    "case_event_kinds": {"status", "status_if_sighted", "certainty", "opens", "reopens", "claims", "step"},
    "geo_precisions": {"uncertainty_m", "pin", "rank"},
    "sensitivities": {"rank"},
    "consent_scopes": {"rank"},
    "source_kinds": {"csl", "ris"},
    "stages": {"moves"},
    "link_kinds": {"inverse", "rule", "mirrors"},
    "verifications": {"borne_out", "moves"},
    "submitter_relationships": {"kin"},
}
NAMES = [
    "acquisition_methods",
    "actor_kinds",
    "age_groups",
    "case_closures",
    "case_event_kinds",
    "case_statuses",
    "civilian_statuses",
    "closenesses",
    "command_levels",
    "confidences",
    "consent_methods",
    "consent_scopes",
    "credibilities",
    "date_precisions",
    "date_qualifiers",
    "date_spans",
    "decision_rules",
    "degrees",
    "derivations",
    "geo_precisions",
    "geocode_methods",
    "identity_protections",
    "link_kinds",
    "locator_types",
    "member_roles",
    "name_kinds",
    "natures",
    "official_positions",
    "operators",
    "outcomes",
    "place_kinds",
    "place_roles",
    "public_places",
    "publication_kinds",
    "reliabilities",
    "responsibility_positions",
    "review_kinds",
    "sensitivities",
    "sexes",
    "source_kinds",
    "speaker_roles",
    "stages",
    "stances",
    "standings",
    "state_controls",
    "submitter_relationships",
    "verifications",
    "violations",
]


def words(name: str) -> dict[str, dict[str, Any]]:
    return tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))


def every_word() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in NAMES:
        for code, word in words(name).items():
            yield name, code, word


def test_the_folder_holds_these_lists_and_no_others() -> None:
    assert sorted(path.stem for path in LISTS.glob("*.toml")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_codes_are_snake_case_or_a_grade(name: str) -> None:
    grades = {"reliabilities": "[A-F]", "credibilities": "[1-6]"}
    shape = re.compile(grades.get(name, "[a-z]+[0-9]?(_[a-z]+[0-9]?)*"))
    assert [code for code in words(name) if not shape.fullmatch(code)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_word_has_five_labels_and_a_definition(name: str) -> None:
    for code, word in words(name).items():
        assert list(word["label"]) == LANGUAGES, code
        assert all(label.strip() == label != "" for label in word["label"].values()), code
        assert len(word["definition"]) >= 20, code


@pytest.mark.parametrize("name", NAMES)
def test_no_two_words_of_a_list_read_the_same(name: str) -> None:
    for language in LANGUAGES:
        labels = [word["label"][language] for word in words(name).values()]
        assert sorted(labels) == sorted(set(labels)), language


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_in_the_script_of_their_language(name: str) -> None:
    for code, word in words(name).items():
        for language, label in word["label"].items():
            arabic = all("ARABIC" in unicodedata.name(c) for c in label if c.isalpha())
            assert arabic == (language in {"ur", "ar"}), (code, language)


def test_text_is_in_composed_form_and_holds_no_control_characters() -> None:
    for name in NAMES:
        text = (LISTS / f"{name}.toml").read_text(encoding="utf-8")
        assert unicodedata.is_normalized("NFC", text), name
        assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n"], name


def test_words_have_only_the_keys_their_list_knows() -> None:
    for name, code, word in every_word():
        assert set(word) <= KEYS | TRAITS.get(name, set()), (name, code)


def test_every_violation_has_law_and_the_four_crosswalks() -> None:
    for code, word in words("violations").items():
        assert set(word["crosswalk"]) == CROSSWALKS, code
        assert all(isinstance(codes, list) for codes in word["crosswalk"].values()), code
        assert (code in WITHOUT_LAW) == (word["law"] == []), code


def test_families_exist_and_are_one_storey_high() -> None:
    for name, code, word in every_word():
        if "family" in word:
            assert "family" not in words(name)[word["family"]], code
    families = {word["family"] for word in words("violations").values() if "family" in word}
    assert families >= {"killing", "attack"}


def test_a_crosswalk_read_backwards_finds_the_more_careful_word_first() -> None:
    def first(name: str, scheme: str, code: object) -> str:
        return next(ours for ours, word in words(name).items() if code in word["crosswalk"][scheme])

    assert first("violations", "acled", "Violence against civilians/Abduction/forced disappearance") == "abduction"
    assert first("violations", "ucdp", "type_of_violence=1") == "armed_clash"
    assert first("geo_precisions", "ucdp", 1) == "settlement"
    assert first("geo_precisions", "acled", 2) == "near_settlement"


@pytest.mark.parametrize("name", ["stages", "verifications"])
def test_moves_lead_to_words_of_the_list_by_roles(name: str) -> None:
    stages, roles = words(name), words("member_roles")
    for code, stage in stages.items():
        for onward, who in stage["moves"].items():
            assert onward in stages
            assert onward != code
            assert who
            assert set(who) <= set(roles)


def test_only_a_reviewer_approves_and_publishes() -> None:
    for stage in words("stages").values():
        for onward in {"approved", "published"} & set(stage["moves"]):
            assert stage["moves"][onward] == ["reviewer"]


@pytest.mark.parametrize(("name", "first"), [("stages", "draft"), ("verifications", "unreviewed")])
def test_every_word_can_be_reached_from_the_first(name: str, first: str) -> None:
    stages, reached, edge = words(name), set[str](), [first]
    while edge:
        code = edge.pop()
        reached.add(code)
        edge += [onward for onward in stages[code]["moves"] if onward not in reached]
    assert reached == set(stages)


def test_only_a_reviewer_weighs_and_what_was_weighed_stays_so() -> None:
    for word in words("verifications").values():
        assert all(who == ["reviewer"] for who in word["moves"].values())
        assert "unreviewed" not in word["moves"]


def test_links_read_from_both_ends_in_every_language() -> None:
    kinds = words("link_kinds")
    for code, word in kinds.items():
        assert list(word["inverse"]) == LANGUAGES, code
        assert word["rule"] in {"one_way", "both_ways"}, code
        assert (word["inverse"] == word["label"]) <= (word["rule"] == "both_ways"), code
        assert "mirrors" not in word or "mirrors" not in kinds[word["mirrors"]], code


@pytest.mark.parametrize("name", ["geo_precisions", "sensitivities"])
def test_ranks_are_unique_and_without_gaps(name: str) -> None:
    listed = words(name)
    assert sorted(word["rank"] for word in listed.values()) == list(range(1, len(listed) + 1))


def test_the_highest_sensitivity_is_sealed_and_the_finest_place_is_exact() -> None:
    def lowest(name: str) -> str:
        return min(words(name).items(), key=lambda pair: int(pair[1]["rank"]))[0]

    assert lowest("sensitivities") == "public"
    assert lowest("geo_precisions") == "exact"
    assert max(words("sensitivities").items(), key=lambda pair: int(pair[1]["rank"]))[0] == "sealed"


def test_pins_are_for_settlements_and_finer_and_grow_with_the_rank() -> None:
    precisions = words("geo_precisions")
    pins = {code: word for code, word in precisions.items() if word["pin"]}
    assert set(pins) == {"exact", "site", "neighbourhood", "settlement", "near_settlement"}
    by_rank = [word["uncertainty_m"] for word in sorted(pins.values(), key=lambda word: int(word["rank"]))]
    assert by_rank == [10, 100, 500, 2_000, 25_000]
    without = {code for code, word in precisions.items() if "uncertainty_m" not in word}
    assert without == {"area1", "area2", "area3", "country", "unknown"}


def test_every_source_kind_has_a_type_for_citations() -> None:
    for code, word in words("source_kinds").items():
        assert re.fullmatch("[a-z_-]+", word["csl"]), code
        assert re.fullmatch("[A-Z]+", word["ris"]), code


def test_date_precisions_follow_other_recorders() -> None:
    theirs = {code: word["crosswalk"]["ucdp"] for code, word in words("date_precisions").items()}
    assert theirs == {
        "day": [1], "days": [2], "week": [3], "month": [4], "year": [5], "longer": [], "open": [], "unknown": [],
    }  # fmt: skip


def test_every_step_of_a_life_line_leads_to_a_status_or_changes_nothing() -> None:
    kinds, statuses = words("case_event_kinds"), words("case_statuses")
    still = {code for code, word in kinds.items() if "status" not in word}
    assert still == {
        "absence_declared", "search_request_filed", "habeas_filed", "authority_replied", "family_unreachable",
    }  # fmt: skip
    for code in kinds.keys() - still:
        assert kinds[code]["status"] in statuses, code
        assert kinds[code]["certainty"] > 0, code
    identified = {code for code, word in kinds.items() if word.get("status") == "dead_identified"}
    assert identified == {"identified_by_forensics"}
