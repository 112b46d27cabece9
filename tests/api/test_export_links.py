"""Export links at their edges: who makes which, what they may ask, and that the way in is nowhere but in the address."""

import logging
from collections.abc import Callable
from typing import Any, get_args

import pytest
from sqlalchemy import text, update
from sqlmodel import col
from starlette.testclient import TestClient

from app.access import export_links
from app.access.tokens import digest
from app.access.viewer import console
from app.actions import members
from app.db import writing
from app.exports import FORMATS
from app.queries.export_links import TableFormat
from app.records import ExportLink, Member, Revision
from tests.archives import TestArchive
from tests.builders import an_incident

LINKS, HISTORY = "/api/v1/export-links", "/api/v1/history"
ASKED = {"label": "For a made-up partner", "reach": "partner"}
Opener = Callable[..., TestClient]


def make(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post(LINKS, json=ASKED | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def secret_of(link: dict[str, Any]) -> str:
    return str(link["address"].split("/")[4])


def test_every_table_format_can_be_linked() -> None:
    assert set(get_args(TableFormat)) == set(FORMATS)


@pytest.mark.parametrize(
    ("role", "reach", "status"),
    [("viewer", "public", 403), ("contributor", "public", 201), ("contributor", "partner", 403),
     ("reviewer", "partner", 201), ("admin", "public", 403), ("auditor", "public", 403), (None, "public", 401)],
)  # fmt: skip
def test_who_makes_which(door: Opener, archive: TestArchive, role: str | None, reach: str, status: int) -> None:
    assert door(archive, role).post(LINKS, json=ASKED | {"reach": reach}).status_code == status


@pytest.mark.parametrize("days", [0, -1, 367])
def test_it_lives_a_year_at_most(client: TestClient, days: int) -> None:
    assert client.post(LINKS, json=ASKED | {"days": days}).status_code == 422


@pytest.mark.parametrize(
    "question", [{"person": "Zarmina"}, {"assigned_to": "a reviewer"}, {"stage": "draft"}, {"q": "Zarmina"}]
)
def test_a_partner_asks_only_by_what_a_partner_reads(client: TestClient, question: dict[str, str]) -> None:
    """In the words for a filter that does not exist."""
    mine = client.post(LINKS, json=ASKED | {"question": question})
    assert (mine.status_code, mine.json()["errors"][0]["what"]) == (422, "unknown parameter")
    assert "Zarmina" not in mine.text


def test_an_unknown_filter_is_refused(client: TestClient) -> None:
    assert client.post(LINKS, json=ASKED | {"question": {"no_such_filter": "x"}}).status_code == 422


@pytest.mark.parametrize("more", ["?country=PAK", "?person=Zarmina", "?limit=1", "?_=1"])
def test_a_link_answers_its_own_question_and_no_other(client: TestClient, guest: TestClient, more: str) -> None:
    answer = guest.get(make(client)["address"] + more)
    assert answer.status_code == 422
    assert "Zarmina" not in answer.text


def test_another_format_or_method_is_not_there(client: TestClient, guest: TestClient) -> None:
    address = make(client)["address"]
    assert guest.get(address.replace(".csv", ".geojson")).status_code == 404
    assert guest.get(address.replace(".csv", ".exe")).status_code == 404
    assert guest.post(address).status_code == 405
    assert guest.get(address.replace(secret_of({"address": address}), "%00")).status_code in {404, 422}


def test_only_its_digest_is_kept_and_it_is_told_once(
    client: TestClient, guest: TestClient, door: Opener, archive: TestArchive, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    link = make(client)
    secret = secret_of(link)
    answers = [guest.get(link["address"]), guest.head(link["address"]), guest.get(link["address"] + "?x=1")]
    answers += [client.get(LINKS), door(archive, "admin").get(LINKS), door(archive, "auditor").get(HISTORY)]
    answers += [client.post(f"{LINKS}/{link['id']}/revoke"), guest.get(link["address"])]
    for answer in answers:
        assert secret not in answer.text
        assert secret not in str(answer.headers)
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert not [line for line in ours if secret in line]
    with archive.engine.connect() as connection:
        kept = connection.execute(text("SELECT secret_hash FROM export_link")).scalar_one()
        lines = connection.execute(text("SELECT what, why, who FROM revision")).all()
    assert kept == digest(secret)
    assert secret not in str(lines)


def test_whose_links_one_sees_and_takes_back(
    client: TestClient, contributor: TestClient, door: Opener, archive: TestArchive
) -> None:
    link = make(client, question={"country": "PAK"})
    assert contributor.get(LINKS).json() == []
    assert contributor.post(f"{LINKS}/{link['id']}/revoke").status_code == 404
    admin = door(archive, "admin")
    (seen,) = admin.get(LINKS).json()
    assert (seen["label"], seen["question"]) == (link["label"], {})  # a question may hold a name
    assert admin.post(f"{LINKS}/{link['id']}/revoke").json()["works"] is False
    assert client.post(f"{LINKS}/{link['id']}/revoke").status_code == 200  # again is as well


def test_a_key_that_only_reads_takes_nothing_back(client: TestClient, door: Opener, archive: TestArchive) -> None:
    link = make(client)
    with writing(archive.engine) as session:
        key = members.create_token(session, "a reviewer", "read", 30, console("tests"))
    answer = door(archive).post(f"{LINKS}/{link['id']}/revoke", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["contributor", "viewer", "admin", "auditor"])
def test_a_maker_who_is_no_reviewer_any_more_takes_the_link_along(
    client: TestClient, guest: TestClient, archive: TestArchive, role: str
) -> None:
    link = make(client)
    assert guest.get(link["address"]).status_code == 200
    with writing(archive.engine) as session:
        session.execute(update(Member).where(col(Member.name) == "a reviewer").values(role=role))
    assert guest.get(link["address"]).status_code == 404


def test_that_check_can_fail(
    client: TestClient, guest: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = make(client)
    monkeypatch.setattr(export_links, "works", lambda *_: True)
    with writing(archive.engine) as session:
        members.disable(session, "a reviewer", console("tests"))
    assert guest.get(link["address"]).status_code == 200


def test_a_public_link_answers_from_the_published_store_alone(
    door: Opener, archive: TestArchive, published: TestArchive
) -> None:
    """What is marked public and not published is in the archive, and not in the answer."""
    editor = door(published, "reviewer")
    editor.post("/api/v1/incidents", json=an_incident("Not out yet", sensitivity="public"))
    mine, theirs = make(editor, reach="public"), make(editor)
    public = door(published)
    assert public.get(mine["address"]).status_code == 200
    assert "Not out yet" not in public.get(mine["address"]).text
    assert "Not out yet" in public.get(theirs["address"]).text
    assert door(archive).get(mine["address"]).status_code == 404  # where nothing is published


def test_a_partners_use_is_history_and_the_publics_is_not(door: Opener, published: TestArchive) -> None:
    editor = door(published, "reviewer")
    mine, theirs = make(editor, reach="public"), make(editor)
    before = published.count(Revision)
    door(published).get(mine["address"])
    assert published.count(Revision) == before
    door(published).get(theirs["address"])
    assert published.count(Revision) == before + 1
    assert published.count(ExportLink) == 2
    assert published.broken() is None
