"""A form for the field: monitors fill it in on their phones, and the office takes in what KoboToolbox gives out as JSON."""

import json
from typing import Any

from starlette.testclient import TestClient

from tests.archives import TestArchive

IMPORTS = "/api/v1/imports"
SUBMISSION: dict[str, Any] = {
    "_id": 7, "_uuid": "aaaa", "meta/rootUuid": "uuid:aaaa", "_geolocation": [26.0023, 63.0544], "_attachments": [],
    "title": "Alleged disappearance of a student", "kind": "enforced_disappearance", "date_known": "month",
    "date_month": "2025-06-01", "place_name": "near the old bus stand", "country": "PAK", "point": "26.0023 63.0544 0 0",
    "geo_precision": "settlement", "harms": "missing", "missing_min": "1", "missing_best": "1", "victims": [
        {"victims/victim_name": "Made Up", "victims/identity_protection": "sealed", "victims/victim_age": "21",
         "victims/victim_outcome": "missing"},
        {"victims/victim_group": "two friends of his", "victims/victim_count": "2", "victims/victim_outcome": "released"},
    ],
    "alleged_responsible": "men in plain clothes", "degree": "suspected", "source_kind": "testimony_family",
    "source_title": "A talk with the family", "speaker_role": "family", "stance": "alleges",
    "quote": "They took him from the bus.", "sensitivity": "restricted",
}  # fmt: skip


def send(client: TestClient, *submissions: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"count": len(submissions), "next": None, "results": list(submissions)})
    answer = client.post(IMPORTS, content=body.encode(), params={"name": "submissions.json"})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert told["errors"] == []
    return told


def test_what_was_collected_is_on_record_as_it_was_told(client: TestClient, archive: TestArchive) -> None:
    assert send(client, SUBMISSION)["new"] == 1
    (row,) = archive.rows()
    one = archive.see(row["ref"])
    assert (one.kind, one.date.edtf, one.missing.best, one.external_id) == (
        "enforced_disappearance",
        "2025-06",
        1,
        "kobo:aaaa",
    )
    person, group = one.acts
    assert person.person is not None
    assert (person.person.identity_protection, person.age_at_event, person.outcome) == ("sealed", 21, "missing")
    assert (group.group, group.count.best, group.outcome) == ("two friends of his", 2, "released")
    assert one.accounts[0].quote == "They took him from the bus."


def test_sent_again_nothing_changes_and_an_edit_changes_the_same_record(
    client: TestClient, archive: TestArchive
) -> None:
    send(client, SUBMISSION)
    assert send(client, SUBMISSION)["unchanged"] == 1
    edited = SUBMISSION | {"_uuid": "bbbb", "place_name": "at the new bus stand"}
    assert send(client, edited)["changed"] == 1
    assert [row["place_name"] for row in archive.rows()] == ["at the new bus stand"]
