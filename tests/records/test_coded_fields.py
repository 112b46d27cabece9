"""Every coded field takes the words of its vocabulary alone, every text is bounded, and columns keep their order."""

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError
from sqlmodel import SQLModel

from app.queries.rows import COLUMNS
from app.records.account import AccountIn, Citation
from app.records.act import ActIn
from app.records.actor import ActorIn
from app.records.incident import IncidentIn
from app.records.involvement import InvolvementIn
from app.records.person import PersonIn, PersonNameIn
from app.records.place import PlaceIn
from app.records.publication import PublicationIn
from app.records.source import SourceIn
from app.vocabulary.word import OneOf, names, vocabulary

# Each field that comes in as a code, and the vocabulary that says which codes there are.
CODED: dict[type[SQLModel], dict[str, str]] = {
    IncidentIn: {
        "kind": "violations", "nature": "natures", "confidence": "confidences", "sensitivity": "sensitivities",
        "geo_precision": "geo_precisions", "geocode_method": "geocode_methods", "place_kind": "place_kinds",
    },
    ActIn: {
        "kind": "violations", "civilian_status": "civilian_statuses", "sex": "sexes", "age_group": "age_groups",
        "outcome": "outcomes", "official_position": "official_positions", "geo_precision": "geo_precisions",
        "geocode_method": "geocode_methods", "place_kind": "place_kinds",
    },
    InvolvementIn: {
        "degree": "degrees", "level": "command_levels", "responsibility_position": "responsibility_positions",
    },
    PlaceIn: {
        "role": "place_roles", "geo_precision": "geo_precisions", "geocode_method": "geocode_methods",
        "place_kind": "place_kinds",
    },
    ActorIn: {"kind": "actor_kinds"},
    PersonIn: {"sex": "sexes", "identity_protection": "identity_protections", "sensitivity": "sensitivities"},
    PersonNameIn: {"kind": "name_kinds"},
    SourceIn: {
        "kind": "source_kinds", "closeness": "closenesses", "reliability": "reliabilities",
        "sensitivity": "sensitivities",
    },
    PublicationIn: {"kind": "publication_kinds", "state_control": "state_controls"},
    Citation: {
        "speaker_role": "speaker_roles", "stance": "stances", "locator_type": "locator_types",
        "credibility": "credibilities",
    },
    AccountIn: {
        "speaker_role": "speaker_roles", "stance": "stances", "locator_type": "locator_types",
        "credibility": "credibilities",
    },
}  # fmt: skip
PAIRS = [(model, name, words) for model, fields in CODED.items() for name, words in fields.items()]
# interface.md, section 3: names and order that spreadsheets and map projects hold on to.
PROMISED = (
    "ref, alleged, kind, kind_label, title, date_edtf, date_earliest, date_latest, date_precision, country, area1, "
    "area1_code, area2, area2_code, place_name, lon, lat, geo_precision, uncertainty_m, location_generalised, "
    "killed_min, killed_best, killed_max, injured_min, injured_best, injured_max, missing_min, missing_best, "
    "missing_max, detained_min, detained_best, detained_max, alleged_responsible, verification, confidence, "
    "independent_sources, sources, source_urls, licence, updated_at"
)
TAGS = (
    "#event+id,#meta+alleged,#event+type,#event+type+label,#description+title,#meta+date+v_edtf,#date+start,"
    "#date+end,#meta+date+precision,#country+code+v_iso3,#adm1+name,#adm1+code+v_pcode,#adm2+name,"
    "#adm2+code+v_pcode,#loc+name,#geo+lon,#geo+lat,#geo+precision,#geo+uncertainty,#geo+generalised,"
    "#affected+killed+min,#affected+killed,#affected+killed+max,#affected+injured+min,#affected+injured,"
    "#affected+injured+max,#affected+missing+min,#affected+missing,#affected+missing+max,#affected+detained+min,"
    "#affected+detained,#affected+detained+max,#group+name+perp+alleged,#status+verification,#meta+confidence,"
    "#meta+source+count,#meta+source+citation,#meta+url+source,#meta+license,#date+updated"
)


def field(model: type[SQLModel], name: str) -> TypeAdapter[Any]:
    """One field alone, with all that it checks."""
    found = model.model_fields[name]
    return TypeAdapter(found.rebuild_annotation())


def checks(annotation: Any) -> bool:
    """Whether a type holds a check against a vocabulary, also inside `... | None`."""
    return isinstance(annotation, OneOf) or any(checks(part) for part in get_args(annotation))


@pytest.mark.parametrize(("model", "name", "words"), PAIRS, ids=[f"{m.__name__}.{n}" for m, n, _ in PAIRS])
def test_only_the_words_of_its_vocabulary(model: type[SQLModel], name: str, words: str) -> None:
    for code, word in vocabulary(words).items():
        if not word.retired:
            assert field(model, name).validate_python(code) == code
    with pytest.raises(ValidationError, match=f"not a word of the vocabulary '{words}'"):
        field(model, name).validate_python("no_such_word")


@pytest.mark.parametrize("model", CODED, ids=lambda m: m.__name__)
def test_no_coded_field_is_left_out_of_this_test(model: type[SQLModel]) -> None:
    found = {n for n, f in model.model_fields.items() if checks(f.annotation) or any(map(checks, f.metadata))}
    assert found == set(CODED[model])


@pytest.mark.parametrize("model", CODED, ids=lambda m: m.__name__)
def test_every_other_text_is_bounded(model: type[SQLModel]) -> None:
    for name, told in model.model_fields.items():
        if told.annotation in {str, str | None} and name not in CODED[model]:
            with pytest.raises(ValidationError):
                field(model, name).validate_python("x" * 200_000)


@pytest.mark.parametrize(
    ("model", "name", "good", "wrong"),
    [
        (IncidentIn, "country", "PAK", ["pak", "PK", "PAKI", "PAK\n", ""]),
        (ActorIn, "country", "SYR", ["Syria"]),
        (PublicationIn, "country", "SYR", ["Syria"]),
        (PersonNameIn, "script", "Arab", ["arab", "Arabic", ""]),
        (SourceIn, "url", "https://example.org/a?b=c", ["javascript:alert(1)", "file:///a", "example.org", "http://a b", ""]),
        (SourceIn, "archive_url", "http://example.org", ["data:text/html,x", " https://example.org"]),
    ],
)  # fmt: skip
def test_patterns_hold(model: type[SQLModel], name: str, good: str, wrong: list[str]) -> None:
    """SQLModel takes `regex` and forgets it; these are patterns of pydantic's own."""
    assert field(model, name).validate_python(good) == good
    for text in wrong:
        with pytest.raises(ValidationError):
            field(model, name).validate_python(text)


def test_no_field_says_regex() -> None:
    told = [f.metadata for model in CODED for f in model.model_fields.values()]
    assert any("pattern" in str(metadata) for metadata in told)


def test_every_vocabulary_that_is_named_is_there() -> None:
    assert {words for _, _, words in PAIRS} <= set(names())


def test_the_columns_are_those_that_are_promised() -> None:
    assert list(COLUMNS) == PROMISED.split(", ")
    assert list(COLUMNS.values()) == TAGS.split(",")
