"""An analyst cites a release; a year later anybody gets the very same files, and what had to go is gone and told."""

import csv
import hashlib
import io
import json
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import db
from app.db import reading
from app.queries import releases as queries
from app.queries.rows import COLUMNS
from app.upkeep import published as stores
from app.upkeep import releases as upkeep
from app.upkeep import verifying
from tests.archives import TestArchive
from tests.builders import an_act, somebody
from tests.dumps import traces
from tests.publishing import INCIDENTS, Kept, make_public, ok, put
from tests.shelves import only

RELEASES = "/api/v1/releases"
NAME = "killings@2026-11"
WHY = {"reason": "For the yearly report."}
PERSON = "Zarmina Beispielzai"


@pytest.fixture
def pair(officer: TestClient, editor: TestClient) -> list[Kept]:
    """Two incidents that are public."""
    return [make_public(officer, editor, title) for title in ("First, alleged", "=Second, alleged")]


def release(editor: TestClient, name: str = NAME, **more: Any) -> Kept:
    made: Kept = ok(editor.post(RELEASES, json={"name": name, **WHY, **more}))
    return made


def fetched(client: TestClient, name: str = NAME) -> dict[str, bytes]:
    """Every file of a release, each held against its checksum."""
    found = {}
    for file in ok(client.get(f"{RELEASES}/{name}"))["files"]:
        answer = client.get(f"{RELEASES}/{name}/{file['name']}", headers={"Accept-Encoding": "gzip"})
        digest = b64decode(answer.headers["Repr-Digest"].removeprefix("sha-256=:").removesuffix(":")).hex()
        assert digest == file["sha256"] == hashlib.sha256(answer.content).hexdigest() == answer.headers["ETag"][1:-1]
        assert int(answer.headers["Content-Length"]) == file["size"] == len(answer.content)
        found[file["name"]] = answer.content
    return found


def table(held: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(held.decode("utf-8-sig"), newline="")))


def test_an_analyst_fetches_and_cites_it(editor: TestClient, public: TestClient, pair: list[Kept]) -> None:
    made = release(editor, question={"kind": ["killing"]})
    assert (made["edition"], made["previous"], made["recalled"]) == (1, None, [])
    files = fetched(public)
    assert list(files) == [
        "incidents.csv", "incidents.geojson", "codebook.csv", "CHANGES.csv", "README.txt", "manifest.json", "SHA256SUMS",
    ]  # fmt: skip
    rows = table(files["incidents.csv"])
    page = ok(public.get(f"{INCIDENTS}?sort=ref"))["items"]
    assert [row["ref"] for row in rows] == [row["ref"] for row in page]
    assert list(rows[0]) == list(COLUMNS)
    assert {row["title"] for row in rows} == {"First, alleged", "'=Second, alleged"}
    features = json.loads(files["incidents.geojson"])["features"]
    assert {feature["properties"]["title"] for feature in features} == {"First, alleged", "=Second, alleged"}
    assert {row["column"] for row in table(files["codebook.csv"])} == set(COLUMNS)
    readme = files["README.txt"].decode()
    for word in ("How to cite", "killing", hashlib.sha256(files["incidents.csv"]).hexdigest()):
        assert word in readme
    sums = dict(line.split("  ")[::-1] for line in files["SHA256SUMS"].decode().splitlines())
    assert sums == {name: hashlib.sha256(held).hexdigest() for name, held in files.items() if name != "SHA256SUMS"}
    for word in ("yearly report", "reviewer"):
        assert word not in str(files)
    told = json.loads(files["manifest.json"])
    assert [file["rows"] for file in told["files"][:2]] == [2, 2]


@only("sqlite")
def test_it_is_frozen_and_the_next_one_says_what_changed(
    officer: TestClient, editor: TestClient, public: TestClient, pair: list[Kept]
) -> None:
    release(editor)
    before = fetched(public)
    refs = {row["title"]: row["ref"] for row in ok(public.get(INCIDENTS))["items"]}
    put(officer, pair[0], "", {"killed": {"min": 2, "best": 2, "max": 2}, "reason": "A second man."}, "patch")
    make_public(officer, editor, "First, alleged", again=pair[0])
    put(editor, pair[1], "/public-version/withdraw", {"reason": "It was another place."})
    make_public(officer, editor, "Third, alleged")
    assert fetched(public) == before
    assert editor.post(RELEASES, json={"name": NAME, **WHY}).status_code == 409
    made = release(editor, "killings@2026-12")
    assert made["previous"] == NAME
    told = {row["ref"]: (row["change"], row["columns"]) for row in table(fetched(public, made["name"])["CHANGES.csv"])}
    assert told.pop(refs["First, alleged"]) == ("changed", "killed_min; killed_best; killed_max; updated_at")
    assert told.pop(refs["=Second, alleged"]) == ("withdrawn", "")
    assert list(told.values()) == [("new", "")]
    assert [one["name"] for one in ok(public.get(RELEASES))] == ["killings@2026-12", NAME]


@only("sqlite")
def test_after_a_year_elsewhere_the_same_files_come_out(
    editor: TestClient, published: TestArchive, public: TestClient, pair: list[Kept], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    release(editor)
    before = fetched(public)
    real = db.now
    for module in (db, stores):
        monkeypatch.setattr(module, "now", lambda: real() + timedelta(days=400))
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("LC_ALL", "ar_EG.UTF-8")
    upkeep.rebuild(published.engine, NAME, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    stores._make(published.published, stores.mark(published.engine))  # type: ignore[arg-type]
    assert fetched(public) == before
    with reading(published.engine) as session:
        verdict = verifying.verify(session, published.vault)  # type: ignore[arg-type]
    assert (verdict.holds, verdict.rows["release"]) == (True, 1)


PARTS: dict[str, tuple[int, int, int | None]] = {
    "bytes=0-9": (206, 0, 10), "bytes=10-": (206, 10, None), "bytes=-7": (206, -7, None),
    "bytes=5-99999999": (206, 5, None), "bytes=9-3": (200, 0, None), "bytes=0-1,4-5": (200, 0, None),
    "lines=1-2": (200, 0, None), "bytes=99999999-": (416, 0, 0), "bytes=-0": (416, 0, 0),
}  # fmt: skip


@only("sqlite")
def test_a_download_goes_on_where_it_broke_off(editor: TestClient, public: TestClient) -> None:
    release(editor)
    path = f"{RELEASES}/{NAME}/codebook.csv"
    whole = public.get(path).content
    for asked, (status, first, end) in PARTS.items():
        answer = public.get(path, headers={"Range": asked})
        assert answer.status_code == status, asked
        if status == 416:
            assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
            continue
        wanted = whole[first:end]
        assert answer.content == wanted, asked
        assert int(answer.headers["Content-Length"]) == len(wanted)
        if status == 206:
            begun = first % len(whole)
            told = f"bytes {begun}-{begun + len(wanted) - 1}/{len(whole)}"
            assert answer.headers["Content-Range"] == told


@only("sqlite")
def test_what_one_has_is_not_sent_again(
    editor: TestClient, public: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.queries import release_files, releases
    from app.upkeep import laying

    for module in (release_files, releases, laying):
        monkeypatch.setattr(module, "PIECE", 100)  # so that parts lie across pieces
    release(editor)
    path = f"{RELEASES}/{NAME}/incidents.csv"
    whole = public.get(path)
    etag = whole.headers["ETag"]
    assert public.get(path, headers={"Range": "bytes=95-310"}).content == whole.content[95:311]
    assert public.get(path, headers={"If-None-Match": f'"other", {etag}'}).status_code == 304
    assert public.get(path, headers={"Range": "bytes=1-2", "If-Range": etag}).status_code == 206
    assert public.get(path, headers={"Range": "bytes=1-2", "If-Range": '"other"'}).content == whole.content
    head = public.head(path)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(len(whole.content)))
    assert public.get(f"{RELEASES}/{NAME}/nothing.csv").status_code == 404
    assert public.get(f"{RELEASES}/nothing@1").status_code == 404


@only("sqlite")
def test_a_tampered_release_is_found(editor: TestClient, published: TestArchive, pair: list[Kept]) -> None:
    release(editor)
    for statement in (
        "UPDATE release_row SET position = position + 10 WHERE position = 0", "DELETE FROM release_row WHERE position = 10",
        "UPDATE release SET edition = 2",
    ):  # fmt: skip
        with published.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        with reading(published.engine) as session:
            (found,) = queries.differences(session)[1]
        assert (found.noun, found.what) == ("release", "its files do not come to what history sealed")


@only("sqlite")
def test_what_is_recalled_leaves_and_the_release_says_so(
    editor: TestClient, published: TestArchive, public: TestClient, pair: list[Kept], tmp_path: Path
) -> None:
    before = release(editor)
    ref = table(fetched(public)["incidents.csv"])[0]["ref"]
    told = {"refs": [ref, "PI-AAAAAAAAAAAA"], "reason": "A private matter."}
    refused = editor.post(f"{RELEASES}/{NAME}/recall", json=told)
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "refs.1")
    after = ok(editor.post(f"{RELEASES}/{NAME}/recall", json=told | {"refs": [ref]}))
    assert after["edition"] == 2
    (recalled,) = after["recalled"]
    assert (recalled["refs"], recalled["before"]) == ([ref], before["files"])
    files = fetched(public)
    for name in ("incidents.csv", "incidents.geojson"):
        assert ref not in files[name].decode()
    for word in (ref, before["files"][0]["sha256"]):
        assert word in files["README.txt"].decode()
    assert "private matter" not in str(files)
    upkeep.rebuild(published.engine, NAME, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == files
    with reading(published.engine) as session:
        assert queries.differences(session) == (1, [])
    assert published.broken() is None


def named(officer: TestClient, editor: TestClient) -> Kept:
    """An incident that is public with her name in its title, with her consent."""
    from tests.builders import an_incident

    told = an_incident(sensitivity="restricted", acts=[an_act(person=somebody(PERSON))])
    one: Kept = ok(officer.post(INCIDENTS, json=told))
    person = one["acts"][0]["person"]["id"]
    agreed = {"scope": "public_named", "given_by": "a sister", "method": "written", "given_on": "2026-01-02"}
    consent = ok(officer.post(f"/api/v1/persons/{person}/consents", json=agreed))
    put(officer, one, "/moves", {"stage": "submitted", "note": "Ready."})
    put(editor, one, "", {"sensitivity": "public", "reason": "She agrees."}, "patch")
    put(editor, one, "/moves", {"stage": "in_review", "note": "I look."})
    make_public(officer, editor, f"The beating of {PERSON}", again=one, names=True)
    return one | {"person": person, "consent": consent["id"]}


@pytest.mark.parametrize("how", ["erased", "consent"])
def test_who_must_not_stay_leaves_every_release(
    door: Callable[..., TestClient], officer: TestClient, editor: TestClient, published: TestArchive,
    public: TestClient, pair: list[Kept], how: str,
) -> None:  # fmt: skip
    one = named(officer, editor)
    before = release(editor)
    release(editor, "killings@2026-12")
    assert PERSON in str(fetched(public))
    if how == "erased":
        asked = ok(editor.post(f"/api/v1/persons/{one['person']}/erasure", json={"legal_basis": "A made-up law"}))
        done = ok(door(published, "admin").post(f"/api/v1/erasures/{asked['id']}/confirm"))
        assert done["recalled"] == [NAME, "killings@2026-12"]
    else:
        ok(officer.post(f"/api/v1/consents/{one['consent']}/withdraw", json={"reason": "The family is threatened."}))
    for name in (NAME, "killings@2026-12"):
        files = fetched(public, name)
        assert all(word not in str(files) for word in PERSON.split())
        told = ok(public.get(f"{RELEASES}/{name}"))
        (recalled,) = told["recalled"]
        assert (told["edition"], len(recalled["refs"]), told["files"][0]["rows"]) == (2, 1, 2)
    assert told["recalled"][0]["before"] != before["files"]
    with reading(published.engine) as session:
        assert queries.differences(session) == (2, [])
    if how == "erased":
        assert traces(published.engine, [PERSON]) == []
        store: Any = published.published
        if store.file is not None:
            raw = b"".join(path.read_bytes() for path in store.file.parent.glob("published.db*"))
            assert b"Zarmina" not in raw
    assert published.broken() is None
