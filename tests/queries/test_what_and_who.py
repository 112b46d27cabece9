"""What and who: kinds and their families, harm, assessment, actors, people and sources."""

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from app.errors import Invalid
from app.records import Incident
from tests.archives import CONTRIBUTOR, READER, TestArchive
from tests.builders import a_source, an_act, carried_out_by, incident_in, somebody

pytestmark = pytest.mark.one_archive
NAME = "Example Baloch"


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    shared.report_all([
        incident_in("Execution", kind="summary_execution", killed={"min": 2}),
        incident_in("Killing", kind="killing", killed={"best": 0}, injured={"max": 3}),
        incident_in("Raid", kind="attack", acts=[an_act("enforced_disappearance", person=somebody(NAME))],
                    missing={"best": 1}),
        incident_in("Arrests", kind="arbitrary_detention", detained={"best": 5},
                    involvements=[carried_out_by("Frontier Example Force")]),
        incident_in("Statement", kind="other", source=a_source("On a protest", "Ēxämple Tribune",
                    url="https://example.org/protest", archive_url="https://archive.example.org/1")),
        incident_in("Sealed", kind="other", sensitivity="sealed"),
    ])  # fmt: skip
    return shared


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (["killing"], {"Execution", "Killing"}),
        (["summary_execution"], {"Execution"}),
        (["enforced_disappearance"], {"Raid"}),
        (["summary_execution", "arbitrary_detention"], {"Execution", "Arrests"}),
        (["torture_ill_treatment"], set()),
    ],
)
def test_a_family_finds_its_kinds_and_an_incident_is_found_by_its_acts(
    archive: TestArchive, kinds: list[str], found: set[str]
) -> None:
    assert archive.titles(kind=kinds) == found


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (["killed"], {"Execution"}),
        (["injured"], {"Killing"}),
        (["missing"], {"Raid"}),
        (["detained"], {"Arrests"}),
        (["killed", "missing"], {"Execution", "Raid"}),
    ],
)
def test_harm_means_at_least_one_by_any_number(archive: TestArchive, harm: list[str], found: set[str]) -> None:
    assert archive.titles(harm=harm) == found


@pytest.mark.parametrize("asked", ["Frontier Example Force", "force frontier", "FRONTIER"])
def test_an_actor_by_the_words_of_its_name(archive: TestArchive, asked: str) -> None:
    assert archive.titles(actor=asked) == {"Arrests"}


@pytest.mark.parametrize("asked", ["Front", "Frontier Army", "!!!", "%", "_rontier"])
def test_an_actor_by_whole_words_only(archive: TestArchive, asked: str) -> None:
    assert archive.titles(actor=asked) == set()


def test_an_actor_by_its_id(archive: TestArchive) -> None:
    shown = archive.see(archive.rows(actor="Frontier")[0]["ref"])
    assert archive.titles(actor=str(shown.involvements[0].actor.id)) == {"Arrests"}
    assert archive.titles(actor=str(UUID(int=1))) == set()


def test_a_person_by_name_and_by_id(archive: TestArchive) -> None:
    assert archive.titles(person="baloch EXAMPLE") == {"Raid"}
    shown = archive.see(archive.rows(person=NAME)[0]["ref"])
    assert archive.titles(person=str(shown.acts[0].person.id)) == {"Raid"}


def test_who_may_not_read_names_may_not_ask_for_them(archive: TestArchive) -> None:
    assert archive.titles(CONTRIBUTOR, person=NAME) == {"Raid"}
    with pytest.raises(Invalid) as refused:
        archive.titles(READER, person=NAME)
    assert refused.value.faults[0].what == "unknown parameter"
    assert archive.titles(READER, q=NAME) == set()
    assert archive.titles(CONTRIBUTOR, q=NAME) == {"Raid"}


@pytest.mark.parametrize(
    "asked",
    ["Example Tribune protest", "ÊXAMPLE tribune", "https://example.org/protest", "https://archive.example.org/1"],
)
def test_a_source_by_words_or_address(archive: TestArchive, asked: str) -> None:
    assert archive.titles(source=asked) == {"Statement"}


def test_a_source_by_its_id_and_by_that_of_its_publication(archive: TestArchive) -> None:
    source = archive.see(archive.rows(source="Tribune")[0]["ref"]).accounts[0].source
    assert archive.titles(source=str(source.id)) == {"Statement"}
    assert archive.titles(source=str(source.publication.id)) == {"Statement"}
    assert archive.titles(source="https://example.org/pro") == set()


def test_independent_sources_at_least(archive: TestArchive) -> None:
    assert archive.titles(min_sources=1) == archive.titles()
    assert archive.titles(min_sources=2) == set()


def test_stage_and_verification(archive: TestArchive) -> None:
    assert archive.titles(stage="draft") == archive.titles()
    assert archive.titles(stage="published") == set()
    assert archive.titles(verification=["unreviewed", "contested"]) == archive.titles()
    assert archive.titles(verification=["contested"]) == set()


def test_what_changed_since(archive: TestArchive) -> None:
    with Session(archive.engine) as session:
        raid = select(Incident.pk).where(col(Incident.title) == "Raid").scalar_subquery()
        session.execute(
            update(Incident)
            .where(col(Incident.pk) == raid)
            .values(updated_at=datetime.fromisoformat("2099-01-01T00:00Z"))
        )
        session.commit()
    assert archive.titles(updated_since="2098-12-31T23:59:59Z") == {"Raid"}
    assert archive.titles(updated_since="2099-01-01T05:00:00+05:00") == {"Raid"}
    assert archive.titles(updated_since="2099-01-01T00:00:01") == set()


def test_the_sealed_are_for_reviewers(archive: TestArchive) -> None:
    assert "Sealed" in archive.titles()
    assert archive.titles() - archive.titles(CONTRIBUTOR) == {"Sealed"}
    assert archive.titles() - archive.titles(READER) == {"Sealed"}


def test_every_part_narrows_the_answer(archive: TestArchive) -> None:
    assert archive.titles(kind=["killing"], harm=["killed"]) == {"Execution"}
    assert archive.titles(kind=["killing"], actor="Frontier") == set()
