"""A partner keeps a copy and follows the archive: what is new, changed, taken back, sealed or erased; nothing twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from app.access.viewer import console
from app.actions import members
from app.db import writing
from tests.archives import TestArchive
from tests.builders import an_account, an_act, an_incident, carried_out_by, somebody
from tests.exports.atoms import ATOM, GONE, check_is_atom
from tests.pictures import a_photo
from tests.publishing import INCIDENTS, Kept, make_public, ok, put
from tests.shelves import only

CHANGES = "/api/v1/changes"


@pytest.fixture
def partner(door: Callable[..., TestClient], published: TestArchive) -> TestClient:
    """A viewer, who keeps a copy elsewhere."""
    return door(published, "viewer")


def since(client: TestClient, cursor: str | None = None, **more: Any) -> tuple[list[Kept], str]:
    """All that is told after a cursor, and where it ends."""
    found: list[Kept] = []
    while True:
        asked = more | ({"since": cursor} if cursor else {})
        told = ok(client.get(CHANGES, params=asked))
        found, cursor = [*found, *told["items"]], told["next"]
        if not told["more"]:
            return found, str(cursor)


def said(found: list[Kept]) -> list[tuple[str, str]]:
    return [(one["change"], one["id"]) for one in found]


@only("sqlite")
def test_a_partner_hears_of_everything_once(officer: TestClient, editor: TestClient, partner: TestClient) -> None:
    one, other = (ok(officer.post(INCIDENTS, json=an_incident(title))) for title in ("First", "Second"))
    found, cursor = since(partner)
    assert said(found) == [("new", one["id"]), ("new", other["id"])]
    assert [row["ref"] for row in found] == [one["ref"], other["ref"]]
    assert since(partner, cursor) == ([], cursor)
    put(officer, one, "", {"title": "Put right", "reason": "A correction."}, "patch")
    (row,), cursor = since(partner, cursor)
    assert (row["change"], row["id"], row["fields"]) == ("changed", one["id"], ["title"])
    put(editor, one, "/redirect", {"to": other["id"], "reason": "The same."})
    (row,), cursor = since(partner, cursor)
    assert (row["change"], row["redirect_to"]) == ("redirected", other["id"])
    put(officer, other, "/withdraw", {"reason": "It was another place."})
    assert said(since(partner, cursor)[0]) == [("withdrawn", other["id"])]
    assert {change for change, _ in said(since(partner)[0])} == {"redirected", "withdrawn"}


def test_what_hangs_on_an_incident_ripples(officer: TestClient, partner: TestClient) -> None:
    told = an_incident(acts=[an_act(person=somebody("Gul Example"))], involvements=[carried_out_by("A made-up unit")])
    one = ok(officer.post(INCIDENTS, json=told))
    beside = ok(officer.post(INCIDENTS, json=an_incident("Beside")))
    _, cursor = since(partner)
    source, actor = one["accounts"][0]["source_id"], one["involvements"][0]["actor"]["id"]
    person = one["acts"][0]["person"]["id"]
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("accounts", lambda: officer.post(f"{INCIDENTS}/{one['id']}/accounts", json=an_account())),
        ("acts", lambda: officer.post(f"{INCIDENTS}/{one['id']}/acts", json=an_act())),
        ("evidence", lambda: officer.post(f"{INCIDENTS}/{one['id']}/evidence", content=a_photo())),
        ("evidence", lambda: officer.post(f"/api/v1/sources/{source}/evidence", content=a_photo((9, 8, 7)))),
        ("involvements", lambda: amend(officer, f"actors/{actor}", {"country": "PAK"})),
        (
            "links",
            lambda: officer.post(f"{INCIDENTS}/{one['id']}/links", json={"kind": "precedes", "to": beside["id"]}),
        ),
    ]
    for field, step in steps:
        ok(step())
        found, cursor = since(partner, cursor)
        mine = next(row for row in found if row["id"] == one["id"])
        assert (mine["change"], field in mine["fields"]) == ("changed", True), field
    reader, theirs = since(officer)[1], cursor
    ok(amend(officer, f"persons/{person}", {"birth_year": 1990}))
    assert said(since(officer, reader)[0]) == [("changed", one["id"])]
    assert since(partner, theirs)[0] == []  # who does not read names is told nothing of them
    ok(amend(officer, f"sources/{source}", {"licence": "CC0"}))
    cited = {("changed", one["id"]), ("changed", beside["id"])}  # both cite the one report
    assert set(said(since(partner, theirs)[0])) == cited


def amend(client: TestClient, path: str, change: Kept) -> Any:
    seen = client.get(f"/api/v1/{path}").headers.get("ETag", "")
    return client.patch(f"/api/v1/{path}", json=change | {"reason": "A correction."}, headers={"If-Match": seen})


def test_what_is_sealed_is_taken_back_from_those_who_saw_it_and_told_to_nobody_else(
    officer: TestClient, editor: TestClient, partner: TestClient
) -> None:
    one = ok(officer.post(INCIDENTS, json=an_incident("Seen at first")))
    never = ok(editor.post(INCIDENTS, json=an_incident("Never seen", sensitivity="sealed")))
    found, cursor = since(partner)
    assert said(found) == [("new", one["id"])]
    put(editor, one, "", {"sensitivity": "sealed", "reason": "A threat."}, "patch")
    for title in ("While it is sealed", "And once more"):
        put(editor, one, "", {"title": title, "reason": "A threat."}, "patch")
        put(editor, never, "", {"title": title, "reason": "A threat."}, "patch")
    (row,), later = since(partner, cursor)
    assert row | {"at": ""} == {
        "change": "withdrawn", "id": one["id"], "ref": None, "at": "", "fields": [], "redirect_to": None,
    }  # fmt: skip
    assert said(since(partner)[0]) == [("withdrawn", one["id"])]
    assert {record for _, record in said(since(editor)[0])} == {one["id"], never["id"]}
    assert all(change == "new" for change, _ in said(since(editor)[0]))
    assert since(partner, later)[0] == []


@only("sqlite")
def test_what_is_opened_is_new_to_those_who_could_not_see_it(
    door: Callable[..., TestClient], published: TestArchive, editor: TestClient, partner: TestClient
) -> None:
    one = ok(editor.post(INCIDENTS, json=an_incident(sensitivity="sealed")))
    _, cursor = since(partner)
    with writing(published.engine) as session:
        members.add(session, "a second one", "reviewer", console("tests"))
        token = members.create_token(session, "a second one", "write", 1, console("tests"))
    second = door(replace(published, tokens={"second": token}), "second")
    put(second, one, "", {"sensitivity": "restricted", "reason": "It is safe."}, "patch")
    assert said(since(partner, cursor)[0]) == [("new", one["id"])]


@only("sqlite")
def test_an_import_taken_back_is_told(officer: TestClient, partner: TestClient) -> None:
    file = b"title,kind,source_kind,source_title\nOne,killing,press,A report\nTwo,killing,press,A report\n"
    batch = ok(officer.post("/api/v1/imports", content=file))["batch"]
    found, cursor = since(partner)
    assert [change for change, _ in said(found)] == ["new", "new"]
    ok(officer.post(f"/api/v1/imports/{batch}/undo"))
    later, _ = since(partner, cursor, limit=1)
    assert {(row["change"], row["ref"]) for row in later} == {("withdrawn", None)}
    assert {row["id"] for row in later} == {row["id"] for row in found}


def test_an_erasure_tells_the_id_alone(
    door: Callable[..., TestClient], published: TestArchive, officer: TestClient, editor: TestClient,
    partner: TestClient,
) -> None:  # fmt: skip
    told = an_incident("The beating of Zarmina Beispielzai", acts=[an_act(person=somebody("Zarmina Beispielzai"))])
    one = ok(officer.post(INCIDENTS, json=told))
    beside = ok(officer.post(INCIDENTS, json=an_incident("Zarmina Beispielzai is said to have fled")))
    ok(officer.post(INCIDENTS, json=an_incident("Of somebody else")))
    _, cursor = since(partner)
    person = one["acts"][0]["person"]["id"]
    asked = ok(editor.post(f"/api/v1/persons/{person}/erasure", json={"legal_basis": "A made-up law"}))
    ok(door(published, "admin").post(f"/api/v1/erasures/{asked['id']}/confirm"))
    found, _ = since(partner, cursor)
    assert said(found) == [("erased", one["id"]), ("erased", beside["id"])]
    assert {(row["ref"], str(row["fields"])) for row in found} == {(None, "[]")}


@only("sqlite")
def test_small_pages_tell_the_same_and_a_moment_is_a_place_to_begin(officer: TestClient, partner: TestClient) -> None:
    for n in range(7):
        ok(officer.post(INCIDENTS, json=an_incident(f"Number {n}")))
    middle = datetime.now(UTC)
    for n in range(4):
        ok(officer.post(INCIDENTS, json=an_incident(f"Later {n}")))
    whole = since(partner)[0]
    assert len(whole) == 11
    for limit in (1, 2, 3, 10):
        assert since(partner, limit=limit)[0] == whole
    assert since(partner, middle.isoformat())[0] == whole[7:]
    assert since(partner, "2020-01-01T00:00:00Z")[0] == whole
    assert since(partner, "2999-01-01")[0] == []


@only("sqlite")
def test_a_damaged_cursor_is_refused_with_its_mend(partner: TestClient, public: TestClient) -> None:
    wrong = ("nonsense", "", "AAAA", "2026-13-45", "é", "W10", "0001-01-01T00:00:00+14:00")
    for client, cursor in product((partner, public), wrong):
        answer = client.get(CHANGES, params={"since": cursor})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == "since"
        assert client.get(f"{CHANGES}.atom", params={"before": cursor}).status_code == 422
        assert "start without it" in answer.json()["errors"][0]["mend"]


@only("sqlite")
def test_a_cursor_of_another_role_or_store_does_not_go_on(
    officer: TestClient, partner: TestClient, public: TestClient
) -> None:
    ok(officer.post(INCIDENTS, json=an_incident()))
    mine = since(partner)[1]
    assert officer.get(CHANGES, params={"since": mine}).status_code == 410
    assert public.get(CHANGES, params={"since": mine}).status_code == 422
    changed = ("A" if mine[5] != "A" else "B").join((mine[:5], mine[6:]))
    assert partner.get(CHANGES, params={"since": changed}).status_code == 422


def test_the_public_follows_what_is_published_and_nothing_else(
    officer: TestClient, editor: TestClient, public: TestClient
) -> None:
    empty = since(public)
    assert empty[0] == []
    one = make_public(officer, editor, "A man is alleged to have been shot in Kech")
    ok(officer.post(INCIDENTS, json=an_incident("Not published")))
    (row,), cursor = since(public, empty[1])
    shown = ok(public.get(INCIDENTS))["items"][0]
    assert (row["change"], row["ref"]) == ("new", shown["ref"])
    assert one["id"] not in str(row)
    put(officer, one, "", {"killed": {"min": 2, "best": 2, "max": 2}, "reason": "A second man."}, "patch")
    put(officer, one, "/comments", {"note": "Nobody outside hears of this."})
    assert since(public, cursor)[0] == []
    make_public(officer, editor, "Two men are alleged to have been shot", again=one)
    (row,), cursor = since(public, cursor)
    assert (row["change"], row["fields"]) == ("changed", ["killed_min", "killed_best", "killed_max", "title"])
    put(editor, one, "/public-version/withdraw", {"reason": "It was another man."})
    (row,), _ = since(public, cursor)
    assert (row["change"], row["ref"], row["fields"]) == ("withdrawn", shown["ref"], [])
    whole = since(public)[0]
    assert [one["change"] for one in whole] == ["new", "changed", "withdrawn"]
    assert since(public, limit=1)[0] == whole
    assert since(public, whole[1]["at"])[0] == whole[1:]


@only("sqlite")
def test_a_store_made_anew_says_start_again(
    officer: TestClient, editor: TestClient, published: TestArchive, public: TestClient
) -> None:
    from app.upkeep import published as stores

    make_public(officer, editor, "An alleged killing, published")
    _, cursor = since(public)
    stores._make(published.published, stores.mark(published.engine))  # type: ignore[arg-type]
    answer = public.get(CHANGES, params={"since": cursor})
    assert (answer.status_code, "start again" in answer.json()["detail"]) == (410, True)
    ok(editor.post("/api/v1/publication"))
    assert public.get(CHANGES, params={"since": cursor}).status_code == 410
    assert [row["change"] for row in since(public)[0]] == ["new"]


@only("sqlite")
def test_a_feed_reader_gets_what_is_published_and_what_was_taken_back(
    officer: TestClient, editor: TestClient, public: TestClient, partner: TestClient
) -> None:
    one = make_public(officer, editor, "Shots <b>&amp; fire</b> in a ]]> market")
    make_public(officer, editor, "Another allegation")
    answer = public.get(f"{CHANGES}.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml"
    feed = ET.fromstring(answer.content)
    check_is_atom(feed)
    titles = {entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")}
    assert titles == {"Alleged: Shots <b>&amp; fire</b> in a ]]> market", "Alleged: Another allegation"}
    (before,) = [e for e in feed.iter(f"{ATOM}entry") if "Shots" in str(e.findtext(f"{ATOM}title"))]
    for link in feed.iter(f"{ATOM}link"):
        assert public.get(link.attrib["href"]).status_code == 200
    put(editor, one, "/public-version/withdraw", {"reason": "It was another man."})
    after = public.get(f"{CHANGES}.atom")
    feed = ET.fromstring(after.content)
    check_is_atom(feed)
    assert "Shots" not in after.text
    (gone,) = feed.iter(GONE)
    assert gone.attrib["ref"] == before.findtext(f"{ATOM}id")
    assert partner.get(f"{CHANGES}.atom").content == after.content
