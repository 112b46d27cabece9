"""UCDP GED for Syria, all 16,566 rows: what goes in comes out again, and goes without a trace."""

import csv
import gzip
import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from app import imports
from app.actions import batches
from app.db import now, reading, writing
from app.exports import FORMATS, Answer, Heading
from app.imports import Outcome
from app.queries import history, one
from app.queries.provenance import Provenance, provenance
from app.queries.rows import FlatRow
from app.records import Account, Act, Actor, Incident, Involvement, Publication, Revision, Source
from app.vocabulary.word import vocabulary
from tests.archives import REVIEWER, TestArchive
from tests.shelves import Shelf

pytestmark = [pytest.mark.one_archive, pytest.mark.real_data]
FILE = "ucdp_syria/ucdp_syria.csv.gz"
ROWS = 16_566
# What no source says: worked out or decided in the archive, by these rules.
OURS = {
    "numbered_here",
    "always",
    "as_given",
    "reviewed",
    "counted",
    "listed",
    "from_history",
    "from_the_map",
    "analyst",
}
PRECISION = {"day": 1, "days": 2, "week": 3, "month": 4, "year": 5}


@dataclass(frozen=True)
class Taken:
    """The file, what came of it, and the archive it is in."""

    path: Path
    outcome: Outcome
    archive: TestArchive


@pytest.fixture(scope="module")
def syria(real_data: Callable[[str], Path], shared: TestArchive) -> Taken:
    path = real_data(FILE)
    return Taken(path, imports.run(shared.engine, imports.plan(path, None), REVIEWER), shared)


@pytest.fixture(scope="module")
def table(syria: Taken) -> list[dict[str, str]]:
    """The archive as CSV, read back."""
    with reading(syria.archive.engine) as session:
        rows: Iterator[FlatRow] = iter(syria.archive.rows())
        text = b"".join(FORMATS["csv"].write(Answer(rows, Heading("all", now())))).decode("utf-8-sig")
        session.rollback()
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@cache
def original(path: Path) -> dict[str, dict[str, str]]:
    """The file as Python's own csv reads it, by id."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        return {f"ucdp:ged:{row['id']}": row for row in csv.DictReader(text)}


def total(table: list[dict[str, str]], column: str) -> int:
    return sum(int(row[column]) for row in table)


def test_every_row_is_taken(syria: Taken) -> None:
    counts = {"rows": ROWS, "new": ROWS, "changed": 0, "unchanged": 0, "refused": 0}
    assert {name: syria.outcome.counts()[name] for name in counts} == counts
    assert syria.outcome.errors == []
    assert len(original(syria.path)) == ROWS


def test_what_is_odd_is_said_and_kept(syria: Taken) -> None:
    odd = Counter(note.why for note in syria.outcome.notes)
    assert odd["low is above best"] == 30
    assert odd["high is below best"] == 71


def test_the_totals_come_back_out_of_the_table(table: list[dict[str, str]]) -> None:
    assert len(table) == len({row["ref"] for row in table}) == ROWS
    assert total(table, "killed_best") == 112_337
    assert total(table, "killed_min") == 104_929
    assert total(table, "killed_max") == 119_020


def test_places_come_back_as_exact_as_they_were(table: list[dict[str, str]]) -> None:
    exact = Counter(row["geo_precision"] for row in table)
    assert exact == {
        "settlement": 9010,
        "near_settlement": 5786,
        "area2": 334,
        "area1": 620,
        "linear_or_vague": 562,
        "country": 254,
    }
    lons, lats = ([float(row[name]) for row in table] for name in ("lon", "lat"))
    assert (min(lons), min(lats), max(lons), max(lats)) == (35.78333, 32.37224, 42.140405, 37.227981)


def test_dates_come_back_as_exact_as_they_were(table: list[dict[str, str]]) -> None:
    found = Counter(PRECISION[row["date_precision"]] for row in table)
    assert found == {1: 15_480, 2: 828, 3: 21, 4: 186, 5: 51}


def test_each_event_has_its_own_date_precision(syria: Taken) -> None:
    theirs = {key: int(row["date_prec"]) for key, row in original(syria.path).items()}
    with Session(syria.archive.engine) as session:
        keys = dict(session.execute(select(Incident.ref, Incident.external_id)).all())
    ours = {keys[row["ref"]]: PRECISION[row["date_precision"]] for row in syria.archive.rows()}
    assert ours == theirs


def test_kinds_follow_the_type_of_violence(table: list[dict[str, str]]) -> None:
    assert Counter(row["kind"] for row in table) == {"armed_clash": 11_507 + 4_577, "attack_on_civilians": 482}
    assert all((row["alleged_responsible"] != "") == (row["kind"] == "attack_on_civilians") for row in table)


def test_dead_civilians_are_counted_by_their_acts(syria: Taken) -> None:
    with Session(syria.archive.engine) as session:
        asked = select(Act.civilian_status, func.sum(Act.count_best)).group_by(col(Act.civilian_status))
        dead = dict(session.execute(asked).all())
    rows = original(syria.path).values()
    assert dead["civilian"] == sum(int(row["deaths_civilians"]) for row in rows) == 26_653
    assert dead["fighter"] == sum(int(row["deaths_a"]) + int(row["deaths_b"]) for row in rows)
    assert dead["unknown"] == sum(int(row["deaths_unknown"]) for row in rows)


def accounts(archive: TestArchive) -> dict[str, int]:
    with Session(archive.engine) as session:
        asked = select(Incident.external_id, func.count()).join(Account, col(Account.incident_pk) == Incident.pk)
        return dict(session.execute(asked.group_by(col(Incident.external_id))).all())


def test_every_citation_is_an_account_of_its_own(syria: Taken) -> None:
    kept, several = accounts(syria.archive), 0
    for key, row in original(syria.path).items():
        cited = {part.strip(' "') for part in row["source_article"].split('";"')} - {""}
        several += row["source_article"].count('";"') > 0
        assert kept[key] == len(cited) + 1, key
    assert several == 3147  # 3,280 rows hold a semicolon, 133 of them in `&#8217;` and the like


def test_the_article_is_quoted_by_its_headline(syria: Taken) -> None:
    shown = syria.archive.see(syria.archive.rows(q="Teir Maaleh", date_to="2016-01-01")[0]["ref"])
    data_set, article = shown.accounts
    assert data_set.source.kind == "dataset"
    assert "best 4" in data_set.quote
    assert (article.source.publication.name, article.source.published.edtf) == ("SOHR", "2015-01-01")
    assert article.quote.startswith("14 shells hit")
    assert shown.licence.startswith("CC BY 4.0")


def test_areas_are_kept_as_they_are_named(table: list[dict[str, str]]) -> None:
    assert {row["country"] for row in table} == {"SYR"}
    coarse = [row for row in table if row["geo_precision"] == "country"]
    assert {row["area1"] for row in coarse} == {""}


def test_each_event_is_said_once_by_the_data_set_and_else_by_the_press(syria: Taken) -> None:
    with Session(syria.archive.engine) as session:
        asked = select(Source.kind, func.count()).join(Account, col(Account.source_pk) == Source.pk)
        said = dict(session.execute(asked.group_by(col(Source.kind))).all())
    assert set(said) == {"dataset", "press"}
    assert said["dataset"] == ROWS
    assert said["press"] == sum(accounts(syria.archive).values()) - ROWS > ROWS


@pytest.fixture(scope="module")
def drawn(syria: Taken) -> list[tuple[FlatRow, Provenance]]:
    """Five hundred incidents drawn by lot, the same on every run, with who says what of them."""
    rows = random.Random(500).sample(sorted(syria.archive.rows(), key=lambda row: str(row["ref"])), 500)
    with reading(syria.archive.engine) as session:
        return [(r, provenance(session, one.find(session, r["ref"], REVIEWER), REVIEWER)) for r in rows]


def test_every_value_of_the_table_leads_to_who_says_it(drawn: list[tuple[FlatRow, Provenance]]) -> None:
    """Every column: its field, the rule, and unless it is our own work an account and the sentence in it."""
    traced: Counter[str] = Counter()
    for row, told in drawn:
        for column in (name for name, value in row.items() if value is not None):
            field = told.fields[told.columns[column]]
            assert field.rule_says, (row["ref"], column)
            if field.rule in OURS:
                continue
            chosen = next(said for said in field.accounts if said.account_id == field.chosen)
            assert chosen.quote, (row["ref"], column)
            assert chosen.citation.startswith("Uppsala Conflict Data Program"), (row["ref"], column)
            traced[column] += 1
    assert traced["killed_best"] == traced["date_earliest"] == traced["kind_label"] == traced["lon"] == len(drawn)
    assert set(traced) >= {"title", "place_name", "killed_min", "killed_max", "country", "geo_precision", "area1"}


def test_the_value_in_the_table_is_the_one_in_the_account(drawn: list[tuple[FlatRow, Provenance]]) -> None:
    """Read off the account again, value by value."""
    for row, told in drawn:
        said = {name: next(s.value for s in f.accounts if s.account_id == f.chosen) for name, f in told.fields.items()
                if f.chosen is not None}  # fmt: skip
        again = {
            **{f"killed_{end}": said["killed"].get(end) for end in ("min", "best", "max")},
            "date_earliest": date.fromisoformat(said["date"]["earliest"]),
            "date_latest": date.fromisoformat(said["date"]["latest"]),
            "kind_label": vocabulary("violations")[said["kind"]].named(),
            "lon": round(said["lon"], 7), "lat": round(said["lat"], 7),
            **{name: said[name] for name in ("title", "kind", "geo_precision", "country")},
        }  # fmt: skip
        assert {name: row[name] for name in again} == again, row["ref"]


def test_the_data_set_is_quoted_for_its_numbers(syria: Taken, drawn: list[tuple[FlatRow, Provenance]]) -> None:
    with Session(syria.archive.engine) as session:
        keys = dict(session.execute(select(Incident.ref, Incident.external_id)).all())
    for row, told in drawn:
        theirs = original(syria.path)[keys[row["ref"]]]
        numbers = {part: int(theirs[name]) for part, name in (("min", "low"), ("best", "best"), ("max", "high"))}
        (said,) = told.fields["killed"].accounts
        assert said.account_id == told.fields["killed"].chosen
        assert said.value == {part: row[f"killed_{part}"] for part in numbers} == numbers
        assert "UCDP Georeferenced Event Dataset (GED)" in said.citation
        assert f"low {numbers['min']}, best {numbers['best']}, high {numbers['max']}" in said.quote
        assert (said.locator_type, said.locator) == ("table_cell", f"event {theirs['id']}")


def copy(shelf: Shelf, syria: Taken) -> TestArchive:
    return TestArchive(shelf.copy(syria.archive.engine), shelf.tokens)


def test_a_second_time_there_is_nothing_new(syria: Taken) -> None:
    tables = (Incident, Account, Act, Source, Revision)
    before = syria.archive.counts(*tables)
    again = imports.run(syria.archive.engine, imports.plan(syria.path, "ucdp-ged"), REVIEWER)
    assert (again.new, again.changed, again.unchanged, again.refused) == (0, 0, ROWS, 0)
    assert (again.recorded, again.batch) == (False, None)
    assert syria.archive.counts(*tables) == before
    assert before["Incident"] == ROWS


def test_taken_back_nothing_is_left_but_history(shelf: Shelf, syria: Taken) -> None:
    archive = copy(shelf, syria)
    assert archive.broken() is None
    with writing(archive.engine) as session:
        assert batches.undo(session, syria.outcome.batch, REVIEWER) == ROWS  # type: ignore[arg-type]
    for left in archive.counts(Incident, Account, Act, Involvement, Source, Publication, Actor).items():
        assert left[1] == 0, left
    assert archive.titles(q="Homs") == set()
    with reading(archive.engine) as session:
        held, wrong = history.check_chain(session)
    assert wrong is None
    assert held == archive.count(Revision) > ROWS
    shelf.drop(archive.engine)
