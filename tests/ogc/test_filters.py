"""Filters find what they say: as text, as JSON, and row by row in Python; and the reader reads as another does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import cql2
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from app.db import reading
from app.queries import features, incidents
from app.queries.cql_text import read_text
from app.queries.features import MOST, ItemsQuestion
from app.queries.filter import IncidentFilter
from app.queries.queryables import QUERYABLES
from tests.archives import READER, TestArchive, counting
from tests.ogc.grounds import ITEMS, fill
from tests.ogc.judging import FILTERS, SIMPLE, joined, judge, written

pytestmark = pytest.mark.one_archive
MANY = 48
QUIET = {"deadline": None, "database": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
Rows = list[dict[str, Any]]
Opener = Callable[..., TestClient]


@pytest.fixture(scope="module")
def filled(shared: TestArchive) -> TestArchive:
    fill(shared, MANY)
    return shared


@pytest.fixture(scope="module")
def rows(filled: TestArchive) -> Rows:
    with reading(filled.engine) as session:
        return list(incidents.stream(session, IncidentFilter(), READER))


@pytest.fixture
def maps(door: Opener, filled: TestArchive) -> TestClient:
    return door(filled, "viewer")


def found(archive: TestArchive, tree: Any, lang: str) -> set[str]:
    text = written(tree) if lang == "cql2-text" else orjson.dumps(tree).decode()
    question = ItemsQuestion.model_validate({"filter": text, "filter-lang": lang, "limit": MOST})
    with reading(archive.engine) as session:
        page = features.page(session, question, READER)
    assert page.matched == len(page.rows)
    return {row["ref"] for row in page.rows}


def test_a_filter_finds_the_rows_that_it_means(filled: TestArchive, rows: Rows, database: str) -> None:
    met = set()

    @settings(max_examples=120 if database == "sqlite" else 50, **QUIET)
    @given(FILTERS)
    def agree(tree: Any) -> None:
        meant = {row["ref"] for row in rows if judge(tree, row)}
        assert found(filled, tree, "cql2-json") == meant
        assert found(filled, tree, "cql2-text") == meant
        met.add(len(meant))

    agree()
    assert len(met) >= 8  # not all or nothing again and again


# One level of brackets: the other reader takes seconds for twenty, and ends the process at two thousand.
@settings(max_examples=120, **QUIET)
@given(SIMPLE | joined(SIMPLE))
def test_the_reader_reads_as_another_does(tree: Any) -> None:
    assert read_text(written(tree)) == tree
    assert flattened(tree) == flattened(cql2.parse_text(written(tree)).to_json())


def flattened(tree: Any) -> Any:
    """AND within AND is one AND, as the other reader has it."""
    if not isinstance(tree, dict) or tree.get("op") not in {"and", "or", "not"}:
        return tree
    inner = [flattened(one) for one in tree["args"]]
    same = [one["args"] if isinstance(one, dict) and one.get("op") == tree["op"] != "not" else [one] for one in inner]
    return {"op": tree["op"], "args": [one for several in same for one in several]}


@pytest.mark.parametrize(("text", "wanted"), [
    ("killed_best>3 AND NOT kind='killing'", {"op": "and", "args": [
        {"op": ">", "args": [{"property": "killed_best"}, 3]},
        {"op": "not", "args": [{"op": "=", "args": [{"property": "kind"}, "killing"]}]}]}),
    ("\"kind\" NOT IN ('a')", {"op": "not", "args": [{"op": "in", "args": [{"property": "kind"}, ["a"]]}]}),
    ("a = 'it''s' or b = 'it\\'s'", {"op": "or", "args": [
        {"op": "=", "args": [{"property": "a"}, "it's"]}, {"op": "=", "args": [{"property": "b"}, "it's"]}]}),
    ("s_within(geometry, point z (1 2 3))", {"op": "s_within", "args": [
        {"property": "geometry"}, {"type": "Point", "coordinates": [1, 2, 3]}]}),
    ("a NOT BETWEEN -1.5 AND +2e3", {"op": "not", "args": [{"op": "between", "args": [{"property": "a"}, -1.5, 2000.0]}]}),
])  # fmt: skip
def test_what_is_written_in_other_ways(text: str, wanted: Any) -> None:
    assert read_text(text) == wanted


def test_a_moment_is_compared_by_the_second_that_is_told(filled: TestArchive, rows: Rows, maps: TestClient) -> None:
    moments = sorted(row["updated_at"] for row in rows)
    middle = moments[MANY // 2]
    later = (datetime.fromisoformat(middle) + timedelta(days=2)).date().isoformat()
    asked = {
        f"updated_at = TIMESTAMP('{middle}')": sum(one == middle for one in moments),
        f"updated_at > TIMESTAMP('{middle}')": sum(one > middle for one in moments),
        f"updated_at <= TIMESTAMP('{middle}')": sum(one <= middle for one in moments),
        f"updated_at BETWEEN TIMESTAMP('{moments[0]}') AND TIMESTAMP('{moments[-1]}')": MANY,
        f"T_INTERSECTS(updated_at, DATE('{middle[:10]}'))": sum(one[:10] == middle[:10] for one in moments),
        f"T_AFTER(updated_at, DATE('{later}'))": 0,
        f"T_BEFORE(updated_at, INTERVAL('{later}', '..'))": MANY,
        "T_DURING(updated_at, INTERVAL('2020-01-01T00:00:00Z', '..'))": MANY,
    }
    told = {text: maps.get(ITEMS, params={"filter": text}).json()["numberMatched"] for text in asked}
    assert told == asked


def test_a_moment_falls_on_its_day_in_utc(maps: TestClient, rows: Rows) -> None:
    asked = {"filter": "date_earliest = TIMESTAMP('2025-06-11T23:00:00-02:00')"}
    day = {"filter": "date_earliest = '2025-06-12'"}
    assert (
        maps.get(ITEMS, params=asked).json()["numberMatched"] == maps.get(ITEMS, params=day).json()["numberMatched"] > 0
    )


def test_several_shapes_are_asked_at_once(maps: TestClient, rows: Rows) -> None:
    text = "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(0 0), POLYGON((60 24, 70 24, 70 31, 60 31, 60 24))))"
    inside = sum(row["lon"] is not None and 60 <= row["lon"] <= 70 and 24 <= row["lat"] <= 31 for row in rows)
    assert maps.get(ITEMS, params={"filter": text}).json()["numberMatched"] == inside > 0


def test_a_filter_narrows_what_other_parameters_leave(maps: TestClient, rows: Rows) -> None:
    wanted = {row["ref"] for row in rows if row["country"] == "PAK" and (row["killed_best"] or 0) > 4}
    told = maps.get(ITEMS, params={"country": "PAK", "filter": "killed_best > 4", "limit": MOST}).json()
    assert {one["id"] for one in told["features"]} == wanted
    assert len(wanted) > 2


def test_pages_of_a_filter_hold_each_row_once(maps: TestClient, rows: Rows) -> None:
    shape = "S_INTERSECTS(geometry, POLYGON((60 24, 68 24, 68 31, 60 24)))"
    whole = [one["id"] for one in maps.get(ITEMS, params={"filter": shape, "limit": MOST}).json()["features"]]
    met, asked = [], f"{ITEMS}?limit=3&filter={shape}"
    while asked:
        page = maps.get(asked).json()
        met += [one["id"] for one in page["features"]]
        asked = next((one["href"] for one in page["links"] if one["rel"] == "next"), "")
    assert met == whole
    assert len(whole) > 6


def test_a_filter_is_one_question_with_its_values_apart(filled: TestArchive) -> None:
    secret = "x' OR '1'='1"
    with counting(filled.engine) as sent:
        found(filled, {"op": "=", "args": [{"property": "title"}, secret]}, "cql2-json")
        found(filled, {"op": "like", "args": [{"property": "title"}, secret]}, "cql2-json")
    assert sent
    assert [statement for statement in sent if "OR '1'" in statement] == []


def test_every_column_that_can_be_asked_is_asked(filled: TestArchive, rows: Rows) -> None:
    for name in QUERYABLES:
        empty = {row["ref"] for row in rows if row[name] is None}
        assert found(filled, {"op": "isNull", "args": [{"property": name}]}, "cql2-json") == empty, name
