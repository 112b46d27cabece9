"""Field monitors collect with our form in KoboToolbox, and the office pulls what they sent, morning by morning."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.access.wall import guarded
from app.imports.kobo import server as asking
from app.queries import history
from app.queries.evidence import EvidencePage, page
from app.records import Incident, Revision
from tests.archives import REVIEWER, TestArchive
from tests.cli.helping import Gawah
from tests.field_server import FORM, PICTURE, TOKEN, FieldServer, serving

pytestmark = pytest.mark.sockets


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Iterator[FieldServer]:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0))
    monkeypatch.setenv("GAWAH_KOBO_TOKEN", TOKEN)
    with serving() as server:
        yield server


@pytest.fixture
def kept(home: Path, gawah: Gawah, field: FieldServer) -> FieldServer:
    said = gawah("kobo", "keep", "monitors", "--server", field.address, "--form", FORM)
    assert said.code == 0, said.err
    return field


@pytest.fixture
def listening(kept: FieldServer, home: Path, service: FastAPI) -> Iterator[FieldServer]:
    """The same, with the service of the office beside it."""
    before, service.state.forms = service.state.forms, home
    yield kept
    service.state.forms = before


def test_morning_by_morning(kept: FieldServer, home: Path, gawah: Gawah, archive: TestArchive) -> None:
    first = kept.receive(killed_best="2", point="30.05 69.92 0 0", geo_precision="settlement", country="PAK")
    kept.receive()

    # Before anything is written, she looks.
    looked = gawah("kobo", "pull", "monitors", "--dry-run")
    assert (looked.code, archive.count(Incident)) == (0, 0), looked.err
    assert "2 new" in looked.out
    assert "Only checked" in looked.out

    # Pulled: two records, each known by what stays when a submission is edited.
    pulled = gawah("kobo", "pull", "monitors")
    assert "2 new" in pulled.out, pulled.err
    assert {archive.see(row["ref"]).external_id for row in archive.rows()} == {"kobo:0000-1", "kobo:0000-2"}

    # The same afternoon again: nothing changes, and history has no new line.
    lines = archive.count(Revision)
    again = gawah("kobo", "pull", "monitors")
    assert "2 unchanged" in again.out
    assert archive.count(Revision) == lines

    # A monitor mends a number in KoboToolbox, and another sends a new form: one changes, one is new.
    kept.edit(first, killed_best="3")
    kept.receive()
    told = json.loads(gawah("kobo", "pull", "monitors", "--json").out)
    assert (told["new"], told["changed"], told["unchanged"], told["gone"]) == (1, 1, 1, 0)
    assert [row["killed_best"] for row in archive.rows() if row["title"].endswith("village 1")] == [3]

    # One is deleted over there. It stays here, and she is told.
    del kept.submissions[1]
    gone = gawah("kobo", "pull", "monitors")
    assert "1 submissions of earlier pulls are no longer there" in gone.err
    assert archive.count(Incident) == 3

    # A morning can be taken back, as every import can.
    undone = gawah("import", "undo", told["batch"])
    assert undone.code == 0, undone.err
    assert [row["killed_best"] for row in archive.rows() if row["title"].endswith("village 1")] == [2]
    assert archive.broken() is None


def test_a_download_of_the_same_form_changes_nothing(
    kept: FieldServer, home: Path, gawah: Gawah, archive: TestArchive, tmp_path: Path
) -> None:
    kept.edit(kept.receive(), killed_best="3")
    kept.receive()
    gawah("kobo", "pull", "monitors")
    file = tmp_path / "download.json"
    file.write_text(json.dumps(kept.page({"start": ["0"], "limit": ["9"]})))
    assert "2 unchanged" in gawah("import", str(file)).out
    assert archive.count(Incident) == 2


def test_photographs_are_evidence_once(kept: FieldServer, home: Path, gawah: Gawah, archive: TestArchive) -> None:
    kept.attach(first := kept.receive(), "door.png")
    kept.attach(first, "wall.png", b"another made-up picture")
    kept.trouble = [0, 0, 404]  # the second file is not to be had this morning
    pulled = gawah("kobo", "pull", "monitors")
    assert "1 files came in as evidence" in pulled.err
    assert "no such form or file" in pulled.err
    assert gawah("kobo", "pull", "monitors").err.count("1 files came in as evidence") == 1
    asked = len(kept.asked)
    assert "evidence" not in gawah("kobo", "pull", "monitors").err
    assert len(kept.asked) == asked + 1  # the list alone: no file is fetched twice

    with guarded(archive.engine, REVIEWER) as session:
        files, total = page(session, EvidencePage(), REVIEWER)
    assert total == 2
    door = next(file for file in files if file.original_name == "door.png")
    assert (door.size, door.acquired_how) == (len(PICTURE), "form_server")
    assert door.original_url == kept.address + next(iter(kept.files))
    assert [str(on.incident_id) for on in door.attached_to] == [str(archive.see(archive.rows()[0]["ref"]).id)]


def test_every_night_for_every_form(kept: FieldServer, home: Path, gawah: Gawah, archive: TestArchive) -> None:
    kept.receive()
    gawah("kobo", "keep", "broken", "--server", kept.address, "--form", "aNotThere")
    said = gawah("kobo", "pull", "--all")
    assert said.code == 2  # cron writes a letter
    assert "no such form" in said.err
    assert archive.count(Incident) == 1  # the other one came in all the same
    assert gawah("kobo", "forget", "broken").code == 0
    assert gawah("kobo", "pull", "--all").code == 0
    assert [line.split("\t")[:3] for line in gawah("kobo", "list").out.splitlines()] == [
        ["monitors", kept.address, FORM]
    ]


def test_the_token_is_nowhere(kept: FieldServer, home: Path, gawah: Gawah, archive: TestArchive) -> None:
    kept.receive()
    said = gawah("kobo", "pull", "monitors")
    assert TOKEN not in said.out + said.err + (home / "kobo.toml").read_text()
    assert (home / "kobo.toml").stat().st_mode & 0o077 == 0


def test_what_is_new_comes_by_itself(
    listening: FieldServer, home: Path, gawah: Gawah, archive: TestArchive, guest: TestClient
) -> None:
    address = gawah("kobo", "hook", "monitors").out.strip()
    sent = listening.receive()

    # KoboToolbox sends a new submission at once, and sends it again when it is not sure that it arrived.
    assert guest.post(address, json=sent).status_code == 202
    assert guest.post(address, json=sent).status_code == 202
    assert [archive.see(row["ref"]).external_id for row in archive.rows()] == ["kobo:0000-1"]
    with guarded(archive.engine, REVIEWER) as session:
        assert [(one.started_by, one.new) for one in history.batches(session)] == [("hook monitors", 1)]

    # It sends nothing when one is edited; the pull of the next morning meets the record that is there.
    listening.edit(sent, killed_best="3")
    assert "1 changed" in gawah("kobo", "pull", "monitors").out

    # What is no submission changes nothing, and no other secret opens anything.
    assert guest.post(address, json={"hello": "there"}).status_code == 202
    assert guest.post(address[:-1] + "!", json=sent).status_code == 404
    second = gawah("kobo", "hook", "monitors").out.strip()
    assert (guest.post(address, json=sent).status_code, guest.post(second, json=sent).status_code) == (404, 202)
    assert address.rpartition("/")[2] not in (home / "kobo.toml").read_text()
    assert archive.count(Incident) == 1
