"""Bodies that show how a report and a change are written; all of it is made up."""

from typing import Any

from fastapi.openapi.models import Example

REPORT_BODY: dict[str, Any] = {
    "title": "Alleged attack near a town",
    "summary": "A movement alleges that an armed group attacked a post and killed four fighters.",
    "kind": "killing",
    "nature": "event",
    "date": "2025-06",
    "place_name": "near the town, as the source says",
    "country": "PAK",
    "lon": 69.92,
    "lat": 30.05,
    "geo_precision": "near_settlement",
    "killed": {"min": 4, "best": 4, "max": 4},
    "sensitivity": "internal",
    "according_to": {
        "source": {
            "kind": "press",
            "title": "Movement alleges attack (made up)",
            "url": "https://example.org/attack",
            "published": "2025-06-30",
            "publication": {"name": "An Example Paper"},
        },
        "speaker": "chairman of a movement",
        "stance": "alleges",
        "quote": "Four of our fighters were killed.",
        "locator_type": "paragraph",
        "locator": "7",
    },
    "acts": [{"kind": "killing", "group": "fighters", "count": {"min": 4, "best": 4, "max": 4}, "outcome": "killed"}],
    "involvements": [{"actor": {"name": "an armed group", "kind": "state_aligned_militia"}, "degree": "carried_out"}],
}
REPORT: dict[str, Example] = {"a report": {"summary": "One report, one citation", "value": REPORT_BODY}}
CHANGE: dict[str, Example] = {
    "a change": {
        "summary": "Change the number killed",
        "value": {"reason": "The source published a correction.", "killed": {"min": 3, "best": 4, "max": 4}},
    }
}
