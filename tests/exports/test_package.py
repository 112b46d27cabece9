"""The package of tables: each row belongs to a row that is there, every column is explained, and the sums are right."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.exports import codebook
from app.queries.rows import COLUMNS
from app.queries.tables import TABLES
from tests.archives import TestArchive
from tests.builders import HOMS, TURBAT, a_source, an_account, an_act, an_incident, somebody

URL = "/api/v1/incidents"
NAMES = [*(f"{name}.csv" for name in ("incidents", *TABLES)), "codebook.csv", "datapackage.json", "manifest.json"]
Opener = Callable[..., TestClient]


@dataclass
class Package:
    files: dict[str, bytes]

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files[f"{name}.csv"].decode("utf-8-sig"), newline="")))

    def told(self, name: str) -> Any:
        return json.loads(self.files[f"{name}.json"])


def fetch(client: TestClient, query: str = "") -> Package:
    answer = client.get(f"{URL}.csv.zip{query}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return Package({name: archive.read(name) for name in archive.namelist()})


@pytest.fixture
def kept(client: TestClient) -> Any:
    acts = [
        an_act(person=somebody("Gul Example", birth_year=1990, occupation="midwife"), outcome="killed"),
        an_act(person=somebody("Ali Beispiel", birth_year=1980, identity_protection="initials"), age_at_event=45),
        an_act(group="villagers", count={"min": 2, "best": 3, "max": 4}),
    ]
    place = {"role": "body_found_at", "country": "PAK", "lon": 66.99, "lat": 30.18, "geo_precision": "site"}
    told = an_incident(
        "=A killing", at=TURBAT, acts=acts, places=[place], country="PAK", source=a_source(author="Omar Primer")
    )
    made = client.post(URL, json=told).json()
    client.post(
        f"{URL}/{made['id']}/accounts",
        json=an_account(killed={"best": 3}) | {"quote": "+They came", "speaker": "Qasim"},
    )
    client.post(URL, json=an_incident("Elsewhere", at=HOMS, country="SYR", source=a_source("Another")))
    return made


def test_everything_leads_to_a_row_that_is_there(client: TestClient, kept: Any) -> None:
    package = fetch(client)
    assert list(package.files) == NAMES
    refs = {row["ref"] for row in package.rows("incidents")}
    sources, persons, accounts = (
        {row[f"{name}_id"] for row in package.rows(f"{name}s")} for name in ("source", "person", "account")
    )
    assert (len(refs), len(sources), len(persons), len(accounts)) == (2, 3, 2, 3)
    for name in ("acts", "accounts", "places"):
        rows = package.rows(name)
        assert rows
        assert {row["incident"] for row in rows} <= refs
        assert {row.get("account_id", "") for row in rows} - {""} <= accounts
    assert {row["source_id"] for row in package.rows("accounts")} == sources
    assert {row["person_id"] for row in package.rows("acts")} - {""} == persons
    assert {kept["ref"]} == {row["incident"] for row in package.rows("acts")}


def test_only_what_was_asked_for(client: TestClient, kept: Any) -> None:
    package = fetch(client, "?country=SYR")
    assert [len(package.rows(name)) for name in ("incidents", *TABLES)] == [1, 0, 0, 1, 1, 0]
    # The question asks of the accounts by itself: that must not narrow the rows of the table to those that fit.
    assert len(fetch(client, "?source=Another+made-up").rows("accounts")) == 2


def test_nothing_in_it_runs(client: TestClient, kept: Any) -> None:
    package = fetch(client)
    assert {row["title"] for row in package.rows("incidents")} == {"'=A killing", "Elsewhere"}
    assert "'+They came" in {row["quote"] for row in package.rows("accounts")}


def test_people_are_called_as_they_may_be(client: TestClient, kept: Any) -> None:
    told = {row["name"]: row for row in fetch(client).rows("persons")}
    assert set(told) == {"Gul Example", "A. B."}
    assert (told["Gul Example"]["birth_year"], told["Gul Example"]["occupation"]) == ("1990", "midwife")
    assert (told["A. B."]["birth_year"], told["A. B."]["identity_protection"]) == ("", "initials")


def test_a_viewer_is_told_of_nobody(door: Opener, archive: TestArchive, kept: Any) -> None:
    package = fetch(door(archive, "viewer"))
    assert package.rows("persons") == []
    assert {row["person_id"] for row in package.rows("acts")} == {""}
    assert {row["age_at_event"] for row in package.rows("acts")} == {""}
    assert {row["speaker"] for row in package.rows("accounts")} == {""}
    assert {row["author"] for row in package.rows("sources")} == {""}
    assert "'+They came" in {row["quote"] for row in package.rows("accounts")}
    whole = b"".join(package.files.values())
    assert not [name for name in (b"Gul", b"Beispiel", b"Omar", b"Qasim", b"midwife") if name in whole]


def test_every_column_is_explained(client: TestClient, kept: Any) -> None:
    package = fetch(client)
    told = [(row["table"], row["column"]) for row in package.rows("codebook")]
    assert told == [(name, column) for name in ("incidents", *TABLES) for column in columns_of(package, name)]
    assert all(row["meaning"] and row["type"] for row in package.rows("codebook"))
    assert codebook.INCIDENTS.keys() == COLUMNS.keys()


def columns_of(package: Package, name: str) -> list[str]:
    return package.files[f"{name}.csv"].decode("utf-8-sig").split("\r\n")[0].split(",")


def test_the_sums_are_right(client: TestClient, kept: Any) -> None:
    package = fetch(client)
    manifest, described = package.told("manifest"), package.told("datapackage")
    assert manifest["question"] == described["title"]
    assert "alleged" in manifest["disclaimer"]
    files = [name for name in NAMES if name.endswith(".csv")]
    assert [file["name"] for file in manifest["files"]] == [one["path"] for one in described["resources"]] == files
    for file, one in zip(manifest["files"], described["resources"], strict=True):
        raw = package.files[file["name"]]
        assert file["sha256"] == hashlib.sha256(raw).hexdigest() == one["hash"].removeprefix("sha256:")
        assert file["rows"] == len(package.rows(one["name"]))
        assert file["bytes"] == one["bytes"] == len(raw)
        assert [field["name"] for field in one["schema"]["fields"]] == columns_of(package, one["name"])
