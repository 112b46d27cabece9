"""Filters that mean harm: each is refused at once, with 400 and without a word of it."""

import json
import time
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.ogc.grounds import ITEMS

pytestmark = pytest.mark.one_archive
CANARY = "canary7f3a"
PLACE = {"property": "geometry"}
TEXTS = [
    "(" * 5000, "(" * 2500 + "TRUE" + ")" * 2500, "NOT " * 1200 + "TRUE", "f(" * 2000, "GEOMETRYCOLLECTION(" * 300, "'" + "\\'" * 2500,
    "'" * 4001, '"' * 3000, "title = '" + "x" * 6000 + "'", " OR ".join(["ref='a'"] * 500), "killed_best = " + "9" * 3000,
    "killed_best = 1e999", "killed_best = 1e18", f"{CANARY} = 1", f"{CANARY}(1)", "stage = 'draft'", "pk = 1", "sensitivity = 'sealed'",
    "title = 1", "killed_best = 'x'", "killed_best = TRUE", "title", "title = ", "= 1", "1 = 1", "'a' = 'a'", "title = title = title",
    "title LIKE killed_best", "title LIKE 'a\\'", "title LIKE '" + "%a" * 30 + "'", "killed_best LIKE '1%'", "title IN ()", "title IN",
    "killed_best BETWEEN 1", "location_generalised < TRUE", "title = 'a'; DROP TABLE incident", "title = 'a' --", "/* */ TRUE",
    "title = 'a' UNION SELECT 1", "date_earliest > DATE('2025-02-30')", "date_earliest > DATE('x')", "date_earliest > DATE()",
    "date_earliest > 5", "updated_at > DATE('2025-01-01')", "updated_at = TIMESTAMP('2025-01-01')", "date_earliest = TIMESTAMP('9999-12-31T23:59:59-23:00')",
    "T_AFTER(title, DATE('2025-01-01'))", "T_AFTER(DATE('2025-01-01'), DATE('2025-01-01'))", "T_AFTER(date_earliest)",
    "T_AFTER(INTERVAL(date_earliest, updated_at), DATE('2025-01-01'))", "T_AFTER(date_earliest, INTERVAL('2025-01-01'))",
    "T_AFTER(date_earliest, INTERVAL('x', '..'))", "S_INTERSECTS(geometry, geometry)", "S_INTERSECTS(title, POINT(1 2))",
    "S_INTERSECTS(geometry, POINT(1))", "S_INTERSECTS(geometry, POINT(1 2, 3 4))", "S_INTERSECTS(geometry, POINT(500 2))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "S_INTERSECTS(geometry, POLYGON((0 0, 2 2, 2 0, 0 2, 0 0)))",
    "S_INTERSECTS(geometry, BBOX(1, 2, 3))", "S_INTERSECTS(geometry, BBOX(0, 10, 10, 0))", "S_INTERSECTS(geometry, 'POINT(1 2)')",
    "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 2)))", "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(title))", "geometry = 1",
    "S_INTERSECTS(geometry, LINESTRING(1e99 0, 1 1))", "\u202etitle = 'a'", "title = 'a", "title ≠ 'a'", "🙂", "", " ",
]  # fmt: skip
TREES = [
    None, 1, "x", [], {}, {"op": "and", "args": []}, {"op": "or"}, {"args": []}, {"op": 1, "args": []}, {"op": "=", "args": {}},
    {"op": "=", "args": [{"property": "title"}, "a"], "more": 1}, {"op": "=", "args": [{"property": ["title"]}, "a"]},
    {"op": "=", "args": [{"property": "title"}, {"property": CANARY}]}, {"op": "=", "args": [{"property": "title"}, None]},
    {"op": "=", "args": [{"property": "title"}, ["a"]]}, {"op": "=", "args": [{"property": "title"}, "a\x00"]},
    {"op": "=", "args": [{"property": "title"}, "\ud800"]}, {"op": "=", "args": [{"property": "__class__"}, "a"]},
    {"op": "in", "args": [{"property": "title"}, "abc"]}, {"op": "in", "args": [{"property": "title"}, [["a"]]]},
    {"op": "like", "args": [{"property": "title"}, 5]}, {"op": "casei", "args": [{"property": "title"}]},
    {"op": "isNull", "args": ["title"]}, {"op": "not", "args": [True, True]}, {"op": "s_intersects", "args": [PLACE, 5]},
    {"op": "s_intersects", "args": [PLACE, {"type": "Polygon", "coordinates": "x"}]},
    {"op": "s_intersects", "args": [PLACE, {"type": "Polygon", "coordinates": []}]},
    {"op": "s_intersects", "args": [PLACE, {"type": ["Point"], "coordinates": [1, 2]}]},
    {"op": "s_intersects", "args": [PLACE, {"type": "Point", "coordinates": [True, 2]}]},
    {"op": "s_intersects", "args": [PLACE, {"type": "Point", "coordinates": [[1, 2], [3, 4]]}]},
    {"op": "s_intersects", "args": [PLACE, {"type": "GeometryCollection", "geometries": []}]},
    {"op": "s_intersects", "args": [PLACE, {"type": "Feature", "geometry": None}]}, {"op": "t_after", "args": [1, 2]},
    {"op": "t_after", "args": [{"property": "date_earliest"}, {"date": 5}]},
    {"op": "t_after", "args": [{"property": "date_earliest"}, {"interval": "ab"}]}, {"op": "t_after", "args": [{"interval": []}, 1]},
]  # fmt: skip
JSONS = ["[" * 5000, "[" * 2500 + "]" * 2500, '{"op":"not","args":[' * 250 + "true" + "]}" * 250, "{", "NaN", '{"op":"=","op":"="}', "1e999",
         '{"op":"=","args":[{"property":"killed_best"},1e999]}', '{"op":"=","args":[{"property":"killed_best"},' + "9" * 5000 + "]}"]  # fmt: skip


# Seconds of processor time: no filter that fits into an address may take what only a runaway takes.
MUCH = 10.0


@pytest.fixture
def maps(door: Callable[..., TestClient], shared: TestArchive) -> TestClient:
    return door(shared, "viewer")


def refused(client: TestClient, text: str, lang: str) -> None:
    begun = time.process_time()
    answer = client.get(ITEMS, params={"filter": text, "filter-lang": lang})
    # An address that is too long altogether is refused before the filter is read.
    assert answer.status_code in ({400} if len(text.encode()) < 2500 else {400, 414}), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert CANARY not in answer.text
    assert time.process_time() - begun < MUCH


def test_a_text_that_means_harm_is_refused(maps: TestClient) -> None:
    for text in TEXTS:
        refused(maps, text, "cql2-text")


def test_a_tree_that_means_harm_is_refused(maps: TestClient) -> None:
    for tree in TREES:
        refused(maps, json.dumps(tree), "cql2-json")
    for text in JSONS:
        refused(maps, text, "cql2-json")


def test_what_is_deep_but_not_too_deep_is_answered(maps: TestClient) -> None:
    for text in (
        "(" * 30 + "TRUE" + ")" * 30,
        " AND ".join(["killed_best = 1"] * 150),
        " OR ".join(["ref = 'a'"] * 150),
    ):
        assert maps.get(ITEMS, params={"filter": text}).status_code == 200
    ring = [(10 + n / 1000, 10.0) for n in range(150)] + [(10.1, 11.0), (10.0, 10.0)]
    shape = ", ".join(f"{x} {y}" for x, y in ring)
    assert maps.get(ITEMS, params={"filter": f"S_WITHIN(geometry, POLYGON(({shape})))"}).status_code == 200
