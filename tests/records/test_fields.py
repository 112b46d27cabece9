"""The fields: each says how delicate it is, and what a source can say is what an incident has."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from sqlmodel import SQLModel

from app import records
from app.access.policy import PARTNER, THE_PUBLIC
from app.access.visibility import READS
from app.records.account import SAYABLE
from app.records.blocks import StatedDate, Tally
from app.records.incident import IncidentChange, IncidentIn, IncidentOut, IncidentStated
from app.records.incoming import Incoming
from app.vocabulary.sensitivity import Delicacy
from app.vocabulary.word import vocabulary

MODULES = [importlib.import_module(f"app.records.{m.name}") for m in pkgutil.iter_modules(records.__path__)]
# Blocks of values and envelopes around records: what they hold is classed where it is kept.
NESTING = (BaseModel,)
IDS = {
    "id", "source_id", "account_id", "act_id", "batch_id", "derived_from_source_id", "redirect_to", "incident_id",
    "incident_ref", "supersedes_id", "parent_id", "derived_from_id", "to", "other_id", "other_ref", "reason",
}  # fmt: skip
# Derived from classed columns, or nothing but the words of an answer.
DERIVED = {
    "date", "published", "citation", "count", "killed", "injured", "missing", "detained", "alleged", "evidence",
    "candidates", "said", "seal", "current_status_label", "current_status_as_of", "as_known_on", "outgoing", "standing", "warnings",
}  # fmt: skip


def models() -> Iterator[type[SQLModel]]:
    seen = {value for module in MODULES for value in vars(module).values() if isinstance(value, type)}
    yield from sorted((m for m in seen if issubclass(m, SQLModel) and m is not SQLModel), key=lambda m: m.__name__)


TABLES = [model for model in models() if hasattr(model, "__table__")]
DOORS = [model for model in models() if model.__name__.endswith(("In", "Out", "Stated")) and model not in TABLES]


def classes(model: type[SQLModel], name: str) -> list[Delicacy]:
    return [mark for mark in model.model_fields[name].metadata if isinstance(mark, Delicacy)]


def nested(annotation: Any) -> bool:
    """Whether a field holds other models, which class their own fields."""
    if isinstance(annotation, type):
        return issubclass(annotation, NESTING)
    return any(nested(part) for part in get_args(annotation) if part is not type(None))


@pytest.mark.parametrize("model", TABLES, ids=lambda m: m.__name__)
def test_every_column_has_exactly_one_class(model: type[SQLModel]) -> None:
    wrong = [name for name in model.model_fields if len(classes(model, name)) != 1]
    assert wrong == []
    assert set(model.model_fields) == set(model.__table__.columns.keys())  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", DOORS, ids=lambda m: m.__name__)
def test_every_field_of_what_comes_and_goes_has_a_class(model: type[SQLModel]) -> None:
    kept = {name for table in TABLES for name in table.model_fields}
    for name, field in model.model_fields.items():
        found = classes(model, name)
        assert len(found) <= 1, f"{model.__name__}.{name}"
        bare = name in IDS | DERIVED or nested(field.annotation) or name in kept
        assert found or bare, f"{model.__name__}.{name} has no class"


def test_one_fact_has_one_class_wherever_it_is_shown() -> None:
    for model in DOORS:
        stem = model.__name__.removesuffix("In").removesuffix("Out").removesuffix("Stated")
        table = next((t for t in TABLES if t.__name__ in (stem, f"Incident{stem}")), None)
        for name in model.model_fields if table else ():
            if name in table.model_fields and classes(model, name):  # type: ignore[union-attr]
                assert classes(model, name) == classes(table, name), f"{model.__name__}.{name}"  # type: ignore[arg-type]


def test_what_names_people_is_for_those_who_may_read_names() -> None:
    assert Delicacy.IDENTITY not in READS["viewer"]
    assert Delicacy.SOURCE_IDENTITY not in READS["viewer"]
    assert READS["admin"] == READS["auditor"] == frozenset()
    for name in ("full",):
        assert classes(records.PersonName, name) == [Delicacy.IDENTITY]
    assert classes(records.Source, "author") == classes(records.Account, "speaker") == [Delicacy.SOURCE_IDENTITY]


def test_every_role_has_its_reading_list() -> None:
    assert set(READS) == set(vocabulary("member_roles")) | {THE_PUBLIC, PARTNER}


def test_what_a_source_can_say_is_what_an_incident_has() -> None:
    own = {"confidence", "sensitivity", "external_id", "licence"}
    assert set(SAYABLE) == set(IncidentStated.model_fields) - own
    assert set(SAYABLE) <= set(IncidentOut.model_fields)


def test_what_can_be_stated_can_be_reported_and_changed() -> None:
    stated = set(IncidentStated.model_fields)
    assert stated <= set(IncidentIn.model_fields)
    assert stated == set(IncidentChange.model_fields) - {"reason", "according_to"}


def test_what_comes_in_knows_no_strangers() -> None:
    strict = [m for m in DOORS if m.__name__.endswith("In")]
    assert len(strict) >= 10
    for model in strict:
        assert issubclass(model, Incoming), model.__name__
        assert model.model_config["extra"] == "forbid"
    assert StatedDate.model_config["extra"] == Tally.model_config["extra"] == "forbid"


def test_this_test_knows_a_nested_model_when_it_sees_one() -> None:
    assert nested(Tally | None)
    assert nested(list[Tally])
    assert not nested(str | None)
    assert get_origin(str | None) in (UnionType, Union)
    assert get_origin(Annotated[int, 1]) is Annotated
