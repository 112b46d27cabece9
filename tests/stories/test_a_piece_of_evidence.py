"""A photograph comes by email: it is kept as it came, handed out only with a word on what for, and watched over."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import an_account, an_incident
from tests.cli.helping import Gawah
from tests.pictures import PHONE, a_photo, noted_in, size_of

Kept = dict[str, Any]
URL = "/api/v1"
PHOTO = a_photo(comment=b"taken by Gul Example")
TOLD = {"original_name": "photo.jpg", "acquired_how": "email", "acquired_by": "the legal desk", "title": "The house"}


@pytest.fixture
def incident(client: TestClient) -> Kept:
    return client.post(f"{URL}/incidents", json=an_incident("An alleged raid on a house")).json()


@pytest.fixture
def photo(contributor: TestClient, incident: Kept) -> Kept:
    """The photograph as an officer hands it in."""
    answer = contributor.post(f"{URL}/incidents/{incident['id']}/evidence", params=TOLD, content=PHOTO)
    assert answer.status_code == 201, answer.text
    return answer.json()


def custody(client: TestClient, file: Kept) -> list[Kept]:
    return client.get(f"{URL}/evidence/{file['id']}/custody").json()


def test_it_is_known_by_what_it_holds(photo: Kept, client: TestClient, incident: Kept) -> None:
    assert photo["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert (photo["size"], photo["media_type"]) == (len(PHOTO), "image/jpeg")
    assert photo["attached_to"][0]["incident_id"] == incident["id"]
    (listed,) = client.get(f"{URL}/incidents/{incident['id']}").json()["evidence"]
    assert (listed["id"], listed["original_name"], listed["acquired_by"]) == (
        photo["id"],
        "photo.jpg",
        "the legal desk",
    )


def test_its_custody_begins_with_how_it_came(photo: Kept, client: TestClient) -> None:
    events = custody(client, photo)
    assert [event["action"] for event in events] == ["acquired", "stored", "attached"]
    assert {event["sha256"] for event in events} == {photo["sha256"]}
    assert {event["who"] for event in events} == {"a contributor"}


def test_whoever_takes_the_original_says_what_for(photo: Kept, contributor: TestClient, client: TestClient) -> None:
    url = f"{URL}/evidence/{photo['id']}/file"
    assert contributor.get(url).status_code == 422
    taken = contributor.get(url, params={"purpose": "for the lawyer of the family"})
    assert taken.content == PHOTO
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{photo["id"]}.jpg"'
    assert (taken.headers["X-Content-Type-Options"], taken.headers["Cache-Control"]) == ("nosniff", "no-store")
    last = custody(client, photo)[-1]
    assert (last["action"], last["who"], last["purpose"]) == (
        "exported",
        "a contributor",
        "for the lawyer of the family",
    )


def test_a_viewer_gets_the_picture_without_what_the_phone_noted(
    photo: Kept, viewer: TestClient, client: TestClient
) -> None:
    assert viewer.get(f"{URL}/evidence/{photo['id']}/file", params={"purpose": "to look at it"}).status_code == 403
    copy = viewer.get(f"{URL}/evidence/{photo['id']}/working-copy").content
    before, after = noted_in(PHOTO), noted_in(copy)
    assert before["place"][2] == (26.0, 0.0, 8.28)
    assert before["info"]["comment"] == b"taken by Gul Example"
    assert after["exif"] == after["place"] == {}
    assert "comment" not in after["info"]
    assert PHONE.encode() in PHOTO
    assert PHONE.encode() not in copy
    assert (size_of(PHOTO), size_of(copy)) == ((64, 48), (48, 64))  # turned as the phone was held
    assert client.get(f"{URL}/evidence/{photo['id']}/file", params={"purpose": "to compare"}).content == PHOTO


def test_the_working_copy_is_made_once_and_both_say_so(photo: Kept, viewer: TestClient, client: TestClient) -> None:
    url = f"{URL}/evidence/{photo['id']}/working-copy"
    assert viewer.get(url).content == viewer.get(url).content
    (copy,) = [one for one in client.get(f"{URL}/evidence").json()["items"] if one["derived_from_id"]]
    assert (copy["derived_from_id"], copy["derivation"]) == (photo["id"], "working_copy")
    assert "working_copy_made" in [event["action"] for event in custody(client, photo)]
    actions = [event["action"] for event in custody(client, copy)]
    assert actions == ["acquired", "stored", "working_copy_made", "viewed", "viewed"]


def test_the_same_photo_for_another_incident_is_the_same_evidence(
    photo: Kept, client: TestClient, archive: TestArchive
) -> None:
    other = client.post(f"{URL}/incidents", json=an_incident("Another raid")).json()
    account = client.post(f"{URL}/incidents/{other['id']}/accounts", json=an_account()).json()
    again = client.post(f"{URL}/accounts/{account['id']}/evidence", content=PHOTO)
    assert (again.status_code, again.json()["id"]) == (200, photo["id"])
    assert len(again.json()["attached_to"]) == 2
    assert len(files(archive)) == 1
    shown = client.get(f"{URL}/incidents/{other['id']}").json()["evidence"]
    assert [one["id"] for one in shown] == [photo["id"]]


def files(archive: TestArchive) -> list[Path]:
    assert archive.vault is not None
    return [path for path in archive.vault.folder.rglob("*") if path.is_file()]


def flip(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(held)


def cut(path: Path) -> None:
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink], ids=["a changed byte", "a missing byte", "a missing file"])
def test_verify_finds_what_happened_to_a_file(
    photo: Kept, archive: TestArchive, home: Path, gawah: Gawah, client: TestClient, harm: Callable[[Path], object]
) -> None:
    assert gawah("verify").code == 0
    harm(files(archive)[0])
    said = gawah("verify")
    assert (said.code, f"evidence {photo['id']}" in said.err) == (1, True)
    refused = client.get(f"{URL}/evidence/{photo['id']}/file", params={"purpose": "for the court"})
    assert (refused.status_code, refused.json()["title"]) == (409, "The file is damaged")
    assert custody(client, photo)[-1]["action"] == "found_damaged"


EDITS = {
    "the quote": "quote = 'They were armed'",
    "what is said": 'said = \'{"killed": {"value": 0}}\'',
    "the speaker": "speaker = 'somebody else'",
    "the locator": "locator = 'p. 2'",
    "the standing": "standing = 'rejected'",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_verify_finds_an_account_that_was_edited_past_history(
    incident: Kept, archive: TestArchive, home: Path, gawah: Gawah, client: TestClient, edit: str
) -> None:
    account = client.post(f"{URL}/incidents/{incident['id']}/accounts", json=an_account(killed={"best": 3})).json()
    assert gawah("verify").code == 0
    with archive.engine.begin() as connection:
        assert connection.execute(text(f"UPDATE account SET {edit} WHERE pk = 2")).rowcount == 1
    said = gawah("verify")
    assert (said.code, f"account {account['id']}" in said.err) == (1, True)
