"""A house that kept its bulletins in Bayanat brings them: the rows are made up, in the shape of its export."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import imports
from app.errors import Unreadable
from app.records import Incident
from tests.archives import REVIEWER, TestArchive

MARKET: dict[str, Any] = {"id": 7, "title": "Example Market", "full_string": "Example Province, Example Market", "lat": 30.05, "lng": 69.92}  # fmt: skip
BULLETIN: dict[str, Any] = {
    "class": "bulletin", "id": 41, "title": "Shelling of a market", "title_ar": "قصف سوق", "sjac_title": None,
    "sjac_title_ar": None, "originid": "EX-41", "assigned_to": None, "first_peer_reviewer": None,
    "locations": [MARKET],
    "geoLocations": [{"id": 3, "title": "The east gate", "geotype": None, "main": True, "lat": 30.0512, "lng": 69.9234,
                      "comment": None, "updated_at": "2025-07-01T10:00"}],
    "labels": [], "verLabels": [{"id": 2, "title": "Shelling"}],
    "sources": [{"id": 5, "title": "Example Video Channel"}, {"id": 6, "title": "Example Radio"}],
    "events": [
        {"id": 1, "title": "Shelling", "title_ar": None, "comments": None, "comments_ar": None,
         "location": MARKET | {"full_location": "Example Province, Example Market"},
         "eventtype": {"id": 1, "title": "Shelling", "title_ar": None}, "from_date": "2025-06-12T00:00",
         "to_date": "2025-06-13T00:00", "estimated": None, "updated_at": "2025-07-01T10:00"},
        {"id": 2, "title": None, "title_ar": None, "comments": None, "comments_ar": None, "location": None,
         "eventtype": {"id": 9, "title": "A kind of their own", "title_ar": None}, "from_date": "2025-06-14T00:00",
         "to_date": None, "estimated": True, "updated_at": "2025-07-01T10:00"},
    ],
    "medias": [], "bulletin_relations": [], "actor_relations": [], "incident_relations": [],
    "description": "<p>Several shells &amp; <strong>one</strong> fire.</p><p>People fled.</p><script>x()</script>",
    "comments": "A note", "source_link": "https://example.org/video", "source_link_type": None, "tags": [],
    "publish_date": "2025-06-15T00:00", "documentation_date": "2025-06-20T00:00", "status": "Human Created", "review": None,
    "review_action": None, "updated_at": "2025-07-01T10:00", "roles": [],
}  # fmt: skip
BARE = BULLETIN | {
    "id": 42, "title": "A video without a day", "events": [], "geoLocations": [], "locations": [], "sources": [],
    "verLabels": [], "description": None, "source_link": "NA", "publish_date": None,
}  # fmt: skip


def bring(archive: TestArchive, folder: Path, *bulletins: dict[str, Any]) -> imports.Outcome:
    path = folder / "export.json"
    path.write_text(json.dumps({"bulletins": bulletins}), encoding="utf-8")
    return imports.run(archive.engine, imports.plan(path, None), REVIEWER)


def test_bulletins_come_in_and_are_known_again(archive: TestArchive, tmp_path: Path) -> None:
    taken = bring(archive, tmp_path, BULLETIN, BARE)
    assert (taken.new, taken.refused) == (2, 0)
    one, two = sorted((archive.see(row["ref"]) for row in archive.rows()), key=lambda told: str(told.external_id))
    assert (one.external_id, one.title, one.kind) == ("bayanat:41", "Alleged: Shelling of a market", "shelling")
    assert (one.date.edtf, one.place_name) == ("[2025-06-12..2025-06-13]", "The east gate")
    assert (one.lat, one.lon, one.geo_precision) == (30.0512, 69.9234, "near_settlement")
    assert one.summary == "Several shells & one fire. People fled."
    assert [(act.kind, act.kind_verbatim) for act in one.acts] == [
        ("shelling", "Shelling"),
        ("unknown", "A kind of their own"),
    ]
    assert [(place.place_name, place.geo_precision) for place in one.places] == [
        ("Example Province, Example Market", "linear_or_vague")
    ]
    assert [account.source.title for account in one.accounts] == [
        "Bulletin 41: Shelling of a market",
        "Example Video Channel",
        "Example Radio",
    ]
    assert one.accounts[0].source.url == "https://example.org/video"
    assert (two.kind, two.lat, two.date.edtf, len(two.accounts)) == ("unknown", None, None, 1)
    again = bring(archive, tmp_path, BULLETIN | {"title": "Shelling of the market"}, BARE)
    assert (again.new, again.changed, again.unchanged) == (0, 1, 1)
    assert archive.count(Incident) == 2


def test_its_actors_are_no_incidents(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"actors": [{"class": "actor", "id": 1, "name": "A. Example", "originid": None}]}))
    with pytest.raises(Unreadable, match="fit none of the formats"):
        imports.plan(path, None)
    assert archive.count(Incident) == 0
