"""Every format keeps the same promises: all rows, in order, streamed, readable by the tools people have."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import now
from app.exports import FORMATS, Answer, Format, Heading
from app.exports.shapefile import NAMES
from app.queries.rows import COLUMNS, TALLIES
from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, an_incident, carried_out_by, incident_in
from tests.exports.readers import LOCATED_ONLY, READERS

pytestmark = pytest.mark.one_archive
MANY = 40
QUESTIONS: list[dict[str, Any]] = [
    {}, {"country": "PAK"}, {"kind": "attack"}, {"located": "false"}, {"date_from": "2025"}, {"harm": "killed"},
    {"bbox": "60,20,70,32"}, {"q": "quoted"}, {"actor": "armed men", "country": "PAK"}, {"near": "66.99,30.18,10"},
]  # fmt: skip
TITLES = ["Plain", 'A "quoted", title', "Two\nlines", "عربی عنوان", "=1+1", "Ünïcode 😀", "semi;colon", "tab\there"]
PLACES: list[dict[str, Any]] = [{"at": TURBAT}, {"at": QUETTA}, {"at": HOMS}, {}, {"at": (-70.5, -33.25)}]


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    shared.report_all(
        incident_in(
            TITLES[n % 8], kind=["killing", "attack_on_civilians"][n % 2], on=["2025-06-12", "2024", None][n % 3],
            killed={"best": n} if n % 4 else None, involvements=[carried_out_by("armed men")], **PLACES[n % 5],
        )
        for n in range(MANY)
    )  # fmt: skip
    return shared


@pytest.fixture
def asker(door: Any, archive: TestArchive) -> TestClient:
    return door(archive, "reviewer")


@pytest.fixture(params=list(FORMATS))
def form(request: pytest.FixtureRequest) -> Format:
    return FORMATS[request.param]


def load(form: Format, path: Path) -> list[dict[str, Any]]:
    """The rows as a reader of the format finds them."""
    return READERS[form.name](path)


def expected(asker: TestClient, form: Format, question: dict[str, Any]) -> int:
    """How many rows there should be: as many as the page counts, of those that the format can hold."""
    if form.name in LOCATED_ONLY:
        if question.get("located") == "false":
            return 0
        question = question | {"located": "true"}
    return int(asker.get("/api/v1/incidents", params=question).json()["total"])


def fetch(asker: TestClient, form: Format, folder: Path, **question: Any) -> Path:
    answer = asker.get(f"/api/v1/incidents.{form.name}", params=question)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith(form.media_type.split(";")[0])
    path = folder / f"incidents.{form.name}"
    path.write_bytes(answer.content)
    return path


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_as_many_rows_as_the_page_counts(
    asker: TestClient, form: Format, tmp_path: Path, question: dict[str, Any]
) -> None:
    total = expected(asker, form, question)
    path = fetch(asker, form, tmp_path, **question)
    rows = load(form, path) if total else []
    assert len(rows) == total > (-1 if form.name in LOCATED_ONLY else 0)
    assert len({row["ref"] for row in rows}) == total


def test_the_rows_say_the_same_in_every_format(asker: TestClient, form: Format, tmp_path: Path) -> None:
    items = {item["ref"]: item for item in asker.get("/api/v1/incidents?limit=200").json()["items"]}
    for row in load(form, fetch(asker, form, tmp_path)):
        item = items[row["ref"]]
        assert str(row["title"]).lstrip("'") == item["title"]
        assert row["kind"] == item["kind"]
        assert (row["alleged_responsible"], row["sources"]) == (item["alleged_responsible"], item["sources"])
        assert [_number(row.get(name)) for name in TALLIES] == [item[name] for name in TALLIES]
        assert (_number(row.get("lon")), _number(row.get("lat"))) == (item["lon"], item["lat"])
        assert (row.get("date_earliest") or None) == item["date_earliest"]


def _number(cell: Any) -> float | None:
    return None if cell in (None, "") else float(cell)


def test_an_answer_without_rows_is_a_file_all_the_same(asker: TestClient, form: Format, tmp_path: Path) -> None:
    path = fetch(asker, form, tmp_path, country="FRA")
    if form.name == "geojsonl":
        assert path.read_bytes() == b""
    elif form.name == "geojson":
        assert json.loads(path.read_bytes())["features"] == []
    elif form.name == "kml":
        assert b"<Document>" in path.read_bytes()
    else:
        assert load(form, path) == []


def rows_without_end(archive: TestArchive) -> Iterator[dict[str, Any]]:
    """One row over and over; whoever waits for the last waits in vain."""
    (row, *_) = archive.rows(located=True)
    while True:
        yield dict(row)


# What is written whole, in memory, holds no more than test_layers.py sees to.
@pytest.mark.parametrize("form", [name for name, form in FORMATS.items() if form.most is None], indirect=True)
def test_it_streams(archive: TestArchive, form: Format) -> None:
    pieces = form.write(Answer(rows_without_end(archive), Heading("a question", now())))
    sizes = [len(next(pieces)) for _ in range(2 if form.packed else 5)]  # the same row over and over packs well
    assert max(sizes) < 1_000_000


def test_what_cannot_be_asked_is_no_half_file(asker: TestClient, form: Format) -> None:
    answer = asker.get(f"/api/v1/incidents.{form.name}?severity=high")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


def test_a_format_says_what_it_is(form: Format) -> None:
    assert form.name
    assert "/" in form.media_type
    assert form.about


# GDAL reads no package, and Parquet only where it was built with it.
@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
@pytest.mark.parametrize("form", [name for name in FORMATS if name not in {"csv.zip", "parquet"}], indirect=True)
def test_gdal_opens_it(asker: TestClient, form: Format, tmp_path: Path) -> None:
    path = fetch(asker, form, tmp_path)
    driver = "GeoJSONSeq:" if form.name == "geojsonl" else ""
    line = ["ogrinfo", "-so", "-al", f"{driver}{path}"]
    seen = subprocess.run(line, capture_output=True, text=True, check=True)
    assert f"Feature Count: {expected(asker, form, {})}" in seen.stdout
    assert "ERROR" not in seen.stderr
    names = NAMES if form.name == "shp.zip" else dict.fromkeys(COLUMNS)
    # A line of KML says what is known of it, and nothing of what is not.
    missing = [name for name in names if f"{names[name] or name}: " not in seen.stdout and name != "ref"]
    assert missing == [] or form.name == "kml"


def test_pages_hold_the_columns_too(asker: TestClient) -> None:
    (item, *_) = asker.get("/api/v1/incidents?limit=1").json()["items"]
    assert list(item) == list(COLUMNS)


def test_a_new_report_is_in_every_format_at_once(asker: TestClient, archive: TestArchive, tmp_path: Path) -> None:
    made = asker.post("/api/v1/incidents", json=an_incident("Made now", kind="other", at=TURBAT)).json()
    for form in FORMATS.values():
        rows = load(form, fetch(asker, form, tmp_path, kind="other"))
        assert [row["ref"] for row in rows] == [made["ref"]], form.name
    gone = {"If-Match": asker.get(f"/api/v1/incidents/{made['ref']}").headers["ETag"]}
    asker.post(f"/api/v1/incidents/{made['id']}/withdraw", json={"reason": "Made for a test."}, headers=gone)
    for form in FORMATS.values():
        assert len(load(form, fetch(asker, form, tmp_path))) == expected(asker, form, {}), form.name
