"""A documentation officer hands one question out in ten formats, and a visitor takes what is published."""

import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from starlette.testclient import TestClient

from app.exports import FORMATS
from app.upkeep import published as store_of
from tests.archives import TestArchive
from tests.builders import QUETTA, TURBAT, an_act, carried_out_by, incident_in, somebody
from tests.cli.helping import Gawah
from tests.exports.readers import LOCATED_ONLY, READERS
from tests.upkeep.test_published import AT, bundles

URL = "/api/v1/incidents"


@pytest.fixture
def told(archive: TestArchive) -> None:
    """Three allegations: a spot, a district, and no place at all."""
    who = {"involvements": [carried_out_by("A made-up unit")], "acts": [an_act(person=somebody("Gul Example"))]}
    archive.report_all([
        incident_in("شہر میں فائرنگ", at=TURBAT, killed={"best": 4}, country="PAK", **who),
        incident_in("A taking in a district", at=QUETTA, exactly="area2", uncertainty_m=30_000, country="PAK"),
        incident_in("A death in custody", on=None, country="PAK"),
    ])  # fmt: skip


def test_one_question_in_every_format(told: None, client: TestClient, tmp_path: Path) -> None:
    # She sees three on the screen, and takes the file that each of her partners can open.
    page = client.get(URL, params={"country": "PAK"}).json()
    assert page["total"] == 3
    for form, read in READERS.items():
        answer = client.get(f"{URL}.{form}", params={"country": "PAK"})
        assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
        path = tmp_path / f"incidents.{form}"
        path.write_bytes(answer.content)
        titles = {str(row["title"]) for row in read(path)}
        # Only the map for the web leaves out what has no place, and says so.
        expected = {item["title"] for item in page["items"] if item["lon"] is not None or form not in LOCATED_ONLY}
        assert titles == expected, form

    # The statistician asks the Parquet file and the table the same, and gets the same.
    file = tmp_path / "incidents.parquet"
    (parquet,) = duckdb.sql(f"SELECT sum(killed_best), count(*) FROM '{file}'").fetchall()
    table = pd.read_csv(tmp_path / "incidents.csv", encoding="utf-8-sig")
    assert parquet == (table["killed_best"].sum(), len(table)) == (4, 3)

    # The lawyer finds the victims and sources beside the incidents, and what each column means.
    with zipfile.ZipFile(tmp_path / "incidents.csv.zip") as package:
        assert "Gul Example" in package.read("persons.csv").decode()
        assert "codebook.csv" in package.namelist()


def test_a_partner_refreshes_any_of_them(told: None, client: TestClient, guest: TestClient) -> None:
    for form in FORMATS:
        asked = {"label": "For a made-up partner", "reach": "partner", "format": form, "question": {"country": "PAK"}}
        address = client.post("/api/v1/export-links", json=asked).json()["address"]
        answer = guest.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), form
        assert answer.headers["Content-Type"].startswith(FORMATS[form].media_type.split(";")[0])


def test_a_visitor_goes_on_where_the_line_broke(published: TestArchive, public: TestClient) -> None:
    store: Any = published.published
    store_of.change(store, bundles(published), [], AT)
    whole = public.get(f"{URL}.xlsx")
    half = len(whole.content) // 2
    rest = public.get(f"{URL}.xlsx", headers={"Range": f"bytes={half}-", "If-Range": whole.headers["ETag"]})
    assert whole.content[:half] + rest.content == whole.content
    # Tomorrow nothing has changed, and nothing is sent again.
    assert public.get(f"{URL}.xlsx", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_the_same_at_the_console(told: None, gawah: Gawah, home: object, tmp_path: Path) -> None:
    for form, read in READERS.items():
        path = tmp_path / f"out.{form}"
        said = gawah("export", form, "-o", str(path), "--country", "PAK")
        assert said.code == 0, said.err
        assert len(read(path)) == (2 if form in LOCATED_ONLY else 3)


@pytest.mark.parametrize("form", ["gpkg", "fgb", "shp.zip"])
def test_too_much_for_a_format_is_refused_before_the_first_byte(
    told: None, client: TestClient, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    real = FORMATS[form].check_holds
    monkeypatch.setattr(type(FORMATS[form]), "check_holds", lambda _, total: real(total + 99_998))
    answer = client.get(f"{URL}.{form}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert "parquet" in answer.json()["errors"][0]["mend"]
    assert client.get(f"{URL}.{form}?located=true").status_code == 200
