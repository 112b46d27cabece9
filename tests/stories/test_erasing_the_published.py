"""She was named in public with consent; when she is erased, the public reads nothing of her from that moment on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlmodel import create_engine
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import TURBAT, an_act, an_incident, somebody
from tests.dumps import forms, indexed, traces

URL = "/api/v1"
NAME = "Zarmina Beispielzai"
Kept = dict[str, Any]


def ok(answer: Any) -> Kept:
    assert answer.status_code in {200, 201}, answer.text
    told: Kept = answer.json()
    return told


def put(client: TestClient, kept: Kept, path: str, told: Kept, how: str = "post") -> Kept:
    seen = client.get(f"{URL}/incidents/{kept['id']}").headers["ETag"]
    return ok(client.request(how, f"{URL}/incidents/{kept['id']}{path}", json=told, headers={"If-Match": seen}))


@pytest.fixture
def named(door: Callable[..., TestClient], published: TestArchive) -> Kept:
    """An incident that is public with her name, and her name in the public text too."""
    officer, editor = door(published, "contributor"), door(published, "reviewer")
    told = an_incident(
        f"The alleged beating of {NAME}", at=TURBAT, exactly="exact", sensitivity="restricted",
        acts=[an_act(person=somebody(NAME))],
    )  # fmt: skip
    one = ok(officer.post(f"{URL}/incidents", json=told))
    person = one["acts"][0]["person"]["id"]
    agreed = {"scope": "public_named", "given_by": NAME, "method": "written", "given_on": "2026-01-02"}
    ok(editor.post(f"{URL}/persons/{person}/consents", json=agreed))
    put(officer, one, "/moves", {"stage": "submitted", "note": "Ready."})
    put(editor, one, "", {"sensitivity": "public", "reason": "She agrees."}, "patch")
    put(editor, one, "/moves", {"stage": "in_review", "note": "I look."})
    put(editor, one, "/moves", {"stage": "approved", "note": "It says what its sources say."})
    told = {
        "title": f"{NAME} is alleged to have been beaten", "place": "area2", "names": [person],
        "cites": [one["accounts"][0]["source_id"]], "reason": "She wants it told.",
    }  # fmt: skip
    put(editor, one, "/public-version", told, "put")
    assert ok(editor.post(f"{URL}/publication"))["counts"] == {"new": 1}
    return one | {"person": person}


def lying(store: Any) -> list[str]:
    """In which tables of the published store her name lies, its index and its file among them."""
    if store.file is None:
        return traces(store.engine, [NAME])
    opened = create_engine(f"sqlite:///{store.file}", module=sqlcipher)  # the store itself is opened to read alone
    found = traces(opened, [NAME])
    opened.dispose()
    beside = [path for path in Path(store.file).parent.iterdir() if path.name.startswith(Path(store.file).name)]
    raw = b"".join(path.read_bytes() for path in beside)
    return found + (["the file"] if any(form in raw for form in forms([NAME]).values()) else [])


def test_from_the_moment_of_her_erasure_the_public_reads_nothing_of_her(
    door: Callable[..., TestClient], published: TestArchive, named: Kept
) -> None:
    public = door(published)
    found = ok(public.get(f"{URL}/incidents", params={"q": "Beispielzai"}))
    assert found["total"] == 1
    address = f"{URL}/incidents/{found['items'][0]['ref']}"
    before = lying(published.published)
    assert before != []
    basis = {"legal_basis": "Law on made-up data, article 17"}
    asked = ok(door(published, "reviewer").post(f"{URL}/persons/{named['person']}/erasure", json=basis))
    done = ok(door(published, "admin").post(f"{URL}/erasures/{asked['id']}/confirm"))
    assert done["unpublished"] == [named["id"]]
    public = door(published)
    assert ok(public.get(f"{URL}/incidents"))["total"] == 0
    assert ok(public.get(f"{URL}/incidents", params={"q": "Beispielzai"}))["total"] == 0
    assert public.get(address).status_code == 410
    assert lying(published.published) == []
    assert traces(published.engine, [NAME]) == []
    assert "beispielzai" not in indexed(published.engine)
    assert ok(door(published, "reviewer").post(f"{URL}/publication"))["counts"] in ({}, {"withdrawn": 1})
    assert lying(published.published) == []
