"""Short words for tests that need something public: report, check, approve and publish it."""

from typing import Any

from starlette.testclient import TestClient

from tests.builders import TURBAT, an_incident

Kept = dict[str, Any]
INCIDENTS = "/api/v1/incidents"


def ok(answer: Any) -> Any:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def put(client: TestClient, kept: Kept, path: str, told: Kept, how: str = "post") -> Kept:
    """Change something of an incident as it stands."""
    seen = client.get(f"{INCIDENTS}/{kept['id']}").headers["ETag"]
    shown: Kept = ok(client.request(how, f"{INCIDENTS}/{kept['id']}{path}", json=told, headers={"If-Match": seen}))
    return shown


def make_public(
    officer: TestClient, editor: TestClient, title: str, *, again: Kept | None = None, names: bool = False, **more: Any
) -> Kept:
    """An incident from its report to the published store; `again`: one that was changed since it was published."""
    one: Kept = again or ok(
        officer.post(INCIDENTS, json=an_incident(**{"at": TURBAT, "sensitivity": "restricted"} | more))
    )
    if again is None:
        put(officer, one, "/moves", {"stage": "submitted", "note": "Ready."})
        sensitivity = "public" if names else "public_anonymised"
        put(editor, one, "", {"sensitivity": sensitivity, "reason": "The family agrees."}, "patch")
        put(editor, one, "/moves", {"stage": "in_review", "note": "I look."})
    put(editor, one, "/moves", {"stage": "approved", "note": "It says what its sources say."})
    told = {
        "title": title, "summary": "According to a paper.", "place": "area2", "reason": "The paper has told it.",
        "cites": [one["accounts"][0]["source_id"]],
        "names": [act["person"]["id"] for act in one["acts"] if names],
    }  # fmt: skip
    put(editor, one, "/public-version", told, "put")
    ok(editor.post("/api/v1/publication"))
    return one
