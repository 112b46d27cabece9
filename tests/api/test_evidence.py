"""The doors of evidence: what they take, whom they let in, and what they answer otherwise."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.db import writing
from app.queries.vault import Vault
from app.records import Attachment, Evidence, Incident, Revision, Source
from tests.archives import TestArchive
from tests.builders import an_act, an_incident
from tests.pictures import a_photo

Kept = dict[str, Any]
URL = "/api/v1"
WHY = {"purpose": "for the lawyer"}
TEXT = b"Testimony of a neighbour, written down on the spot."


@pytest.fixture
def incident(client: TestClient) -> Kept:
    return client.post(f"{URL}/incidents", json=an_incident(acts=[an_act()])).json()


def send(client: TestClient, incident: Kept, content: Any = TEXT, **told: Any) -> Any:
    return client.post(f"{URL}/incidents/{incident['id']}/evidence", params=told, content=content)


def lying(archive: TestArchive) -> list[str]:
    """What lies in the folder of the files."""
    assert archive.vault is not None
    return [str(path.relative_to(archive.vault.folder)) for path in archive.vault.folder.rglob("*") if path.is_file()]


def nothing_kept(archive: TestArchive) -> bool:
    return archive.counts(Evidence, Attachment) == {"Evidence": 0, "Attachment": 0} and lying(archive) == []


@pytest.mark.parametrize("noun", ["incident", "source", "account", "act"])
def test_a_file_can_bear_on_each_of_four(client: TestClient, incident: Kept, noun: str) -> None:
    account = incident["accounts"][0]
    ids = {"incident": incident["id"], "source": account["source_id"], "account": account["id"],
           "act": incident["acts"][0]["id"]}  # fmt: skip
    answer = client.post(f"{URL}/{noun}s/{ids[noun]}/evidence", content=TEXT)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{URL}/evidence/{answer.json()['id']}"
    (bearing,) = answer.json()["attached_to"]
    assert bearing[f"{noun}_id"] == ids[noun]
    (listed,) = client.get(f"{URL}/incidents/{incident['id']}").json()["evidence"]
    assert listed == client.get(answer.headers["Location"]).json() == answer.json()
    (found,) = client.get(f"{URL}/evidence", params={"incident": incident["id"]}).json()["items"]
    assert found == listed
    assert client.post(f"{URL}/{noun}s/{uuid4()}/evidence", content=TEXT).status_code == 404


def office(part: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr(part, "x")
    return made.getvalue()


KINDS = {
    "image/png": a_photo(form="PNG"),
    "image/jpeg": a_photo(),
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": office("word/document.xml"),
    "application/zip": office("other.txt"),
    "application/octet-stream": TEXT,
}


@pytest.mark.parametrize(("kind", "content"), KINDS.items(), ids=KINDS.keys())
def test_the_kind_is_what_the_file_begins_with_and_not_what_anybody_says(
    client: TestClient, incident: Kept, kind: str, content: bytes
) -> None:
    url = f"{URL}/incidents/{incident['id']}/evidence?original_name=notes.txt"
    answer = client.post(url, content=content, headers={"Content-Type": "text/plain"})
    assert answer.json()["media_type"] == kind
    taken = client.get(f"{URL}/evidence/{answer.json()['id']}/file", params=WHY)
    assert taken.headers["Content-Type"] == kind
    assert taken.content == content


def test_what_must_be_another_file_is_not_kept(client: TestClient, incident: Kept, archive: TestArchive) -> None:
    answer = send(client, incident, sha256="0" * 64)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "sha256")
    assert nothing_kept(archive)
    assert send(client, incident, sha256=hashlib.sha256(TEXT).hexdigest().upper()).status_code == 201


def test_an_empty_file_is_not_kept(client: TestClient, incident: Kept, archive: TestArchive) -> None:
    assert send(client, incident, b"").status_code == 422
    assert nothing_kept(archive)


def test_a_form_is_not_the_file(client: TestClient, incident: Kept, archive: TestArchive) -> None:
    answer = client.post(f"{URL}/incidents/{incident['id']}/evidence", files={"file": TEXT})
    assert (answer.status_code, "--data-binary" in answer.text) == (422, True)
    assert nothing_kept(archive)


def pieces(size: int) -> Iterator[bytes]:
    while size > 0:
        yield bytes(min(size, 65536))
        size -= 65536


def test_a_file_that_is_too_large_is_not_kept(client: TestClient, incident: Kept, archive: TestArchive) -> None:
    assert archive.vault is not None
    client.app.state.vault = Vault(archive.vault.folder, archive.vault.key, 100_000)  # type: ignore[attr-defined]
    for content in (bytes(100_001), pieces(200_000)):  # announced, and not
        answer = send(client, incident, content)
        assert (answer.status_code, "GAWAH_LARGEST_EVIDENCE" in answer.text) == (413, True)
    assert nothing_kept(archive)
    assert send(client, incident, pieces(65_536)).status_code == 201


WRONG = [
    {"nonsense": "x"}, {"acquired_how": "found"}, {"sensitivity": "secret"}, {"acquired_at": "2025-06-12T10:00:00"},
    {"sha256": "abc"}, {"original_url": "javascript:alert(1)"}, {"original_name": "a\u202egpj.exe"}, {"derivation": "ocr"},
]  # fmt: skip


@pytest.mark.parametrize("told", WRONG, ids=lambda told: next(iter(told)))
def test_what_is_told_beside_it_is_read_strictly(
    client: TestClient, incident: Kept, archive: TestArchive, told: Kept
) -> None:
    assert send(client, incident, **told).status_code == 422
    assert nothing_kept(archive)


def test_the_same_id_again_is_safe(client: TestClient, incident: Kept, archive: TestArchive) -> None:
    mine = str(uuid4())
    first = send(client, incident, id=mine, acquired_at="2025-06-12T10:00:00+05:00")
    again = send(client, incident, id=mine)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["acquired_at"] == "2025-06-12T05:00:00Z"
    assert send(client, incident, b"another", id=mine).status_code == 409
    assert archive.counts(Evidence, Attachment) == {"Evidence": 1, "Attachment": 1}


def test_a_file_that_is_here_can_bear_on_more(client: TestClient, incident: Kept) -> None:
    file = send(client, incident).json()
    url = f"{URL}/evidence/{file['id']}/attachments"
    on = {"account_id": incident["accounts"][0]["id"]}
    assert client.post(url, json=on).status_code == 201
    again = client.post(url, json=on)
    assert (again.status_code, len(again.json()["attached_to"])) == (200, 2)
    assert client.post(url, json={"act_id": str(uuid4())}).status_code == 404
    for wrong in ({}, on | {"incident_id": incident["id"]}, {"person_id": str(uuid4())}):
        assert client.post(url, json=wrong).status_code == 422


def test_what_is_made_from_a_file_leads_back_to_it(client: TestClient, incident: Kept) -> None:
    file = send(client, incident, title="Testimony").json()
    url = f"{URL}/evidence/{file['id']}/derived"
    made = client.post(url, params={"derivation": "translation", "title": "In English"}, content=b"In English")
    assert made.status_code == 201
    told = made.json()
    assert (told["derived_from_id"], told["derivation"], told["acquired_how"]) == (
        file["id"],
        "translation",
        "made_here",
    )
    assert told["attached_to"] == file["attached_to"]
    again = client.post(url, params={"derivation": "translation"}, content=b"In English")
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    assert client.post(url, content=b"x").status_code == 422
    assert client.post(url, params={"derivation": "working_copy"}, content=b"x").status_code == 422
    custody = client.get(f"{URL}/evidence/{file['id']}/custody").json()
    assert [line["action"] for line in custody] == ["acquired", "stored", "attached", "derived"]


def test_files_are_found_by_content_and_kind(client: TestClient, incident: Kept) -> None:
    photo = send(client, incident, a_photo()).json()
    paper = send(client, incident).json()

    def found(**asked: Any) -> list[str]:
        return [one["id"] for one in client.get(f"{URL}/evidence", params=asked).json()["items"]]

    assert found(sha256=photo["sha256"].upper()) == found(media_type="image") == found(media_type="image/jpeg")
    assert found(sha256=photo["sha256"]) == [photo["id"]]
    assert found(media_type="imag") == found(incident=str(uuid4())) == []
    first = client.get(f"{URL}/evidence", params={"limit": 1}).json()
    assert (first["total"], first["items"][0]["id"], first["next"]) == (2, photo["id"], photo["id"])
    assert found(limit=1, after=first["next"]) == [paper["id"]]


def seal(archive: TestArchive, table: Any, record: str) -> None:
    with writing(archive.engine) as session:
        session.execute(update(table).where(col(table.id) == UUID(record)).values(sensitivity="sealed"))


def doors(client: TestClient, file: str) -> list[int]:
    url = f"{URL}/evidence/{file}"
    asked = [client.get(url), client.get(f"{url}/file", params=WHY), client.get(f"{url}/working-copy")]
    return [answer.status_code for answer in asked]


def test_who_may_do_what(
    client: TestClient, contributor: TestClient, viewer: TestClient, door: Callable[..., TestClient],
    archive: TestArchive, incident: Kept,
) -> None:  # fmt: skip
    file = send(contributor, incident, a_photo(), original_name="gul.jpg", acquired_by="Gul Example").json()
    assert (file["original_name"], file["acquired_by"]) == (None, None)  # custody is for reviewers
    assert client.get(f"{URL}/evidence/{file['id']}").json()["acquired_by"] == "Gul Example"
    assert (doors(viewer, file["id"]), doors(contributor, file["id"])) == ([200, 403, 200], [200, 200, 200])
    url = f"{URL}/evidence/{file['id']}/custody"
    assert [one.get(url).status_code for one in (viewer, contributor, client)] == [403, 403, 200]
    for role in ("admin", "auditor"):
        assert doors(door(archive, role), file["id"]) == [403, 403, 403]
        assert door(archive, role).get(f"{URL}/evidence").status_code == 403
    lines = archive.count(Revision)
    assert send(viewer, incident).status_code == 403
    assert viewer.post(f"{URL}/evidence/{file['id']}/derived?derivation=ocr", content=b"x").status_code == 403
    on = {"incident_id": incident["id"]}
    assert viewer.post(f"{URL}/evidence/{file['id']}/attachments", json=on).status_code == 403
    assert archive.count(Revision) == lines


@pytest.mark.parametrize("table", [Incident, Evidence])
def test_what_is_sealed_is_not_there_for_those_below_a_reviewer(
    client: TestClient, contributor: TestClient, archive: TestArchive, incident: Kept, table: Any
) -> None:
    file = send(client, incident, a_photo()).json()
    seal(archive, table, incident["id"] if table is Incident else file["id"])
    assert (doors(contributor, file["id"]), doors(client, file["id"])) == ([404] * 3, [200] * 3)
    assert contributor.get(f"{URL}/evidence").json()["total"] == 0
    on = {"incident_id": incident["id"]}
    assert contributor.post(f"{URL}/evidence/{file['id']}/attachments", json=on).status_code == 404


def test_a_file_on_a_sealed_source_is_not_there_either(
    client: TestClient, viewer: TestClient, archive: TestArchive, incident: Kept
) -> None:
    source = incident["accounts"][0]["source_id"]
    file = client.post(f"{URL}/sources/{source}/evidence", content=TEXT).json()
    assert viewer.get(f"{URL}/evidence/{file['id']}").status_code == 200
    seal(archive, Source, source)
    assert viewer.get(f"{URL}/evidence/{file['id']}").status_code == 404


def test_nobody_learns_from_sending_a_file_that_it_is_here_under_seal(
    client: TestClient, contributor: TestClient, archive: TestArchive, incident: Kept
) -> None:
    hidden = send(client, incident).json()
    seal(archive, Incident, incident["id"])
    other = client.post(f"{URL}/incidents", json=an_incident("Another")).json()
    sent = send(contributor, other)
    assert (sent.status_code, sent.json()["id"] != hidden["id"]) == (201, True)
    assert len(sent.json()["attached_to"]) == len(lying(archive)) == 1
    assert client.get(f"{URL}/evidence", params={"sha256": hidden["sha256"]}).json()["total"] == 2


def test_it_shows_only_the_records_that_one_may_see(
    client: TestClient, viewer: TestClient, archive: TestArchive, incident: Kept
) -> None:
    file = send(client, incident).json()
    other = client.post(f"{URL}/incidents", json=an_incident("Another")).json()
    client.post(f"{URL}/evidence/{file['id']}/attachments", json={"incident_id": other["id"]})
    seal(archive, Incident, incident["id"])
    (bearing,) = viewer.get(f"{URL}/evidence/{file['id']}").json()["attached_to"]
    assert bearing["incident_id"] == other["id"]


def test_only_pictures_have_working_copies(client: TestClient, incident: Kept) -> None:
    answer = client.get(f"{URL}/evidence/{send(client, incident).json()['id']}/working-copy")
    assert (answer.status_code, "no working copy" in answer.json()["detail"]) == (404, True)
    broken = send(client, incident, a_photo()[:200]).json()
    assert client.get(f"{URL}/evidence/{broken['id']}/working-copy").status_code == 422


def test_a_picture_that_unfolds_too_far_is_refused_in_a_sentence(
    client: TestClient, incident: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in (64 * 48 - 1, 1000):  # Pillow warns of the first and refuses the second
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        file = send(client, incident, a_photo()).json()
        answer = client.get(f"{URL}/evidence/{file['id']}/working-copy")
        assert (answer.status_code, "unfolds" in answer.json()["detail"]) == (413, True)
