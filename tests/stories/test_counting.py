"""An analyst counts: by month and kind, on a map, for a report - and sees what the numbers do not say."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import openpyxl
import pytest
from starlette.testclient import TestClient

from app.geography.outlines import EXTENT, whereabouts
from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, an_act, an_incident, carried_out_by
from tests.cli.helping import Gawah
from tests.stories.test_publishing import approve, publish, version

INCIDENTS, TOTALS = "/api/v1/incidents", "/api/v1/totals"
TILES = "/tiles/incidents"
Opener = Callable[..., TestClient]


def address(at: tuple[float, float], z: int) -> str:
    x, y = (int(part // EXTENT) for part in whereabouts(*at, z))
    return f"{TILES}/{z}/{x}/{y}.mvt"


def seen(client: TestClient, path: str, **asked: Any) -> dict[str, Any]:
    answer = client.get(path, params=asked)
    if answer.status_code == 204:
        return {}
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return dict(mapbox_vector_tile.decode(answer.content, default_options={"y_coord_down": True}))


@pytest.fixture
def reports(client: TestClient) -> TestClient:
    """Five made-up allegations: of two only the rough date is known, of one not even how many."""
    for told in (
        an_incident("First", on="2025-06-03", at=TURBAT, killed={"best": 2}),
        an_incident("Second", on="2025-06", at=QUETTA, killed={"min": 3}, involvements=[carried_out_by("Masked men")]),
        an_incident("Third", on="2025", kind="enforced_disappearance", country="PAK", geo_precision="country"),
        an_incident("Fourth", on=None, at=HOMS, acts=[an_act(outcome="killed", count={"best": 4})]),
        an_incident("=Fifth", on="2024-12-30/2025-01-02", killed={"min": 0, "best": 0, "max": 0}),
    ):
        assert client.post(INCIDENTS, json=told).status_code == 201
    return client


def test_an_analyst_counts_by_month_and_kind(reports: TestClient) -> None:
    told = reports.get(TOTALS, params={"by": "month,kind"}).json()
    assert [group["by"] for group in told["groups"]] == [{"month": "2025-06", "kind": "killing"}]
    (june,) = told["groups"]
    assert (june["incidents"], june["named"]) == (2, {"kind": "Killing"})
    # "At least three" has no upper end, and says so; the injured nobody speaks of are not nought.
    assert june["killed"] == {"min": 5, "best": 2, "max": 2, "stated": 2, "with_best": 1, "open": 1}
    assert june["injured"] == {"min": None, "best": None, "max": None, "stated": 0, "with_best": 0, "open": 0}
    # No month is made up for what was some day in a year, or between two of them.
    assert told["left_out"] == {"undated": 1, "spread_over_several_months": 2}
    assert told["total"] == reports.get(INCIDENTS).json()["total"] == 5
    assert told["question"] == "alleged incidents"
    assert "alleged" in told["disclaimer"]
    assert {"left_out", "open", "stated"} <= set(told["definitions"])


def test_who_stands_in_several_groups_is_told(reports: TestClient) -> None:
    unit = {"actor": {"name": "A made-up station", "kind": "police"}, "degree": "carried_out"}
    both = an_incident("Sixth", involvements=[carried_out_by("Armed men"), unit], killed={"best": 1})
    reports.post(INCIDENTS, json=both)
    told = reports.get(TOTALS, params={"by": "actor_kind"}).json()
    assert {group["by"]["actor_kind"]: group["incidents"] for group in told["groups"]} == {
        "police": 1,
        "unidentified": 2,
    }
    assert (told["left_out"], told["total"], told["counted_more_than_once"]) == ({"without_actor": 4}, 6, 1)
    outcomes = reports.get(TOTALS, params={"by": "outcome"}).json()
    (killed,) = outcomes["groups"]
    assert (killed["incidents"], killed["acts"], killed["people"]["best"]) == (1, 1, 4)
    assert "killed" not in killed


def test_a_table_adds_up_and_holds_no_formula(reports: TestClient) -> None:
    area = an_incident("Seventh", country="PAK", area1="=HYPERLINK(1)", on="2025-06-12")
    assert reports.post(INCIDENTS, json=area).status_code == 201
    answer = reports.get(f"{TOTALS}.csv", params={"by": "area1"})
    assert answer.headers["content-disposition"].startswith('attachment; filename="totals-')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert sum(int(row["incidents"]) for row in rows) == 6
    assert "'=HYPERLINK(1)" in {row["area1_name"] for row in rows}
    assert {row["left_out"] for row in rows if not row["area1"]} == {"without_area1"}
    assert {row["killed_max"] for row in rows if row["area1"] == "PK-BA"} == {"2"}


def test_the_workbook_says_the_same(reports: TestClient) -> None:
    asked = {"by": "area1,kind"}
    book = openpyxl.load_workbook(io.BytesIO(reports.get(f"{TOTALS}.xlsx", params=asked).content))
    held = reports.get(f"{TOTALS}.csv", params=asked).content.decode("utf-8-sig")
    told = [["" if cell is None else str(cell) for cell in row] for row in book["totals"].iter_rows(values_only=True)]
    assert told == list(csv.reader(io.StringIO(held)))
    assert (book["totals"].freeze_panes, book["totals"].auto_filter.ref.split(":")[0]) == ("A2", "A1")
    assert isinstance(book["totals"].cell(2, told[0].index("incidents") + 1).value, int)
    said = {row[0]: row[1] for row in book["read me"].iter_rows(values_only=True)}
    assert said["question"] == reports.get(TOTALS, params=asked).json()["question"]
    assert "left_out" in said


@pytest.mark.parametrize(
    "asked", ["", "?by=", "?by=stage", "?by=kind,kind", "?by=kind&by=month,year,area1", "?kind=killing"]
)
def test_by_what_is_not_clear_is_refused_with_how_to_mend_it(client: TestClient, asked: str) -> None:
    for path in (TOTALS, f"{TOTALS}.csv"):
        answer = client.get(path + asked)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"].startswith("by") or "by" in answer.json()["errors"][0]["what"]
    if "by" not in asked:
        assert client.get(TOTALS + asked).json()["errors"][0]["mend"].endswith("by=month,kind")


def test_she_looks_at_the_map(reports: TestClient) -> None:
    world = seen(reports, f"{TILES}/0/0/0.mvt")
    assert sum(one["properties"]["count"] for one in world["clusters"]["features"]) == 3
    (country,) = (one["properties"] for one in world["areas"]["features"])
    assert country == {"count": 1, "code": "PAK", "name": "Pakistan", "counts_here": True}
    near = seen(reports, address(TURBAT, 12))
    (point,) = (one["properties"] for one in near["incidents"]["features"])
    assert (point["title"], point["geo_precision"], point["date_edtf"]) == ("First", "settlement", "2025-06-03")
    assert seen(reports, address(TURBAT, 12), kind="torture_ill_treatment") == {}
    assert seen(reports, address((-140.0, -40.0), 6)) == {}


@pytest.mark.parametrize("path", ["15/0/0", "1/2/0", "1/0/2", "-1/0/0", "a/0/0", "0/0/0.5", "1/1/99999999999", "٣/0/0"])
def test_what_is_no_tile_is_not_there(client: TestClient, path: str) -> None:
    answer = client.get(f"{TILES}/{path}.mvt")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_map_learns_what_there_is(client: TestClient) -> None:
    told = client.get(f"{TILES}.json", params={"kind": "killing", "bbox": "60,20,70,32"}).json()
    assert told["tilejson"] == "3.0.0"
    (tiles,) = told["tiles"]
    assert tiles.startswith("/tiles/incidents/{z}/{x}/{y}.mvt?")
    assert client.get(tiles.format(z=0, x=0, y=0)).status_code == 204
    assert {layer["id"] for layer in told["vector_layers"]} == {"clusters", "incidents", "areas"}
    assert "killing" in told["description"]
    assert client.get(f"{TILES}.json?nonsense=1").status_code == 422


@pytest.fixture
def told_to_all(door: Opener, published: TestArchive) -> TestArchive:
    """A killing at an exact spot, of which the public is told the district."""
    officer, editor = door(published, "contributor"), door(published, "reviewer")
    told = an_incident("At the exact spot", at=TURBAT, exactly="exact", killed={"best": 1}, sensitivity="restricted")
    kept = officer.post(INCIDENTS, json=told).json()
    approve(officer, editor, kept)
    version(editor, kept)
    publish(editor)
    return published


def test_the_public_sees_the_district_at_every_zoom(door: Opener, told_to_all: TestArchive) -> None:
    public = door(told_to_all)
    for z in (0, 5, 9, 12, 14):
        told = seen(public, address(TURBAT, z))
        assert set(told) == {"areas"}, z
        assert {one["properties"]["name"] for one in told["areas"]["features"]} == {"Kech"}, z
    # A smaller box finds nothing, for the spot itself is not in what is published.
    lon, lat = TURBAT
    box = f"{lon - 0.001},{lat - 0.001},{lon + 0.001},{lat + 0.001}"
    assert seen(public, address(TURBAT, 14), bbox=box) == {}
    assert public.get(TOTALS, params={"by": "kind", "bbox": box}).json()["total"] == 0
    totals = public.get(TOTALS, params={"by": "area2,month"}).json()
    assert [group["named"]["area2"] for group in totals["groups"]] == ["Kech"]


def test_a_browser_asks_whether_a_tile_has_changed(door: Opener, told_to_all: TestArchive) -> None:
    public, path = door(told_to_all), f"{TILES}/0/0/0.mvt"
    first = public.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "public, no-cache")
    again = public.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["etag"], again.headers["cache-control"]) == (first.headers["etag"], "public, no-cache")
    assert public.get(path, headers={"If-None-Match": '"another"'}).status_code == 200
    member = door(told_to_all, "viewer").get(path)
    assert "etag" not in member.headers
    assert member.headers["cache-control"] == "no-store"


def test_on_the_command_line(gawah: Gawah, home: Path, reports: TestClient) -> None:
    said = gawah("totals", "--by", "month,kind")
    assert said.code == 0
    names, june, *_ = said.out.splitlines()
    assert names.split()[:4] == ["month", "kind", "kind_name", "left_out"]
    assert june.split()[:4] == ["2025-06", "killing", "Killing", "2"]
    assert "2 in no group: spread over several months" in said.err
    told = json.loads(gawah("totals", "--by", "year", "--json", "--kind", "killing").out)
    assert (told["by"], told["total"]) == (["year"], 4)
    assert gawah("totals", "--by", "kind", "-o", "totals.csv").code == 0
    assert Path("totals.csv").read_bytes().startswith(b"\xef\xbb\xbfkind,kind_name,left_out,incidents,killed_min")
    assert gawah("totals", "--by", "kind", "-o", "totals.xlsx").code == 0
    assert openpyxl.load_workbook("totals.xlsx").sheetnames == ["totals", "read me"]
    refused = gawah("totals")
    assert (refused.code, "by=month,kind" in refused.err) == (2, True)
