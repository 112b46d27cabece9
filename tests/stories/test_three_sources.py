"""Three sources about one event: a family, a paper that repeats it, and an army that tells it otherwise."""

from typing import Any

import pytest
from starlette.testclient import TestClient

Kept = dict[str, Any]
FAMILY = {
    "source": {"kind": "testimony_family", "title": "Testimony of a brother", "author": "A made-up brother"},
    "speaker": "a brother of one of the dead", "speaker_role": "family", "stance": "alleges",
    "quote": "They took four men from the tea house and shot them.", "quote_prefix": "That evening ",
    "locator_type": "paragraph", "locator": "3",
}  # fmt: skip
ARMY = {
    "source": {
        "kind": "official_statement", "title": "Press release 12/2025", "published": "2025-06-14",
        "publication": {"name": "An Army Press Office", "kind": "government_body"},
    },
    "speaker": "army spokesperson", "speaker_role": "party_to_conflict", "stance": "gives_alternative_explanation",
    "quote": "Four militants were killed in an operation.", "locator_type": "paragraph", "locator": "1",
    "said": {"killed": {"value": 4, "verbatim": "four militants"}},
    "acts": [
        {"kind": "killing", "group": "militants", "count": {"best": 4}, "civilian_status": "fighter", "outcome": "killed"},
        {"kind": "killing", "group": "civilians", "count": {"best": 0}, "civilian_status": "civilian"},
    ],
}  # fmt: skip


@pytest.fixture
def kept(client: TestClient) -> Kept:
    """The family's testimony comes first: four men, all of them civilians."""
    told = {
        "title": "Alleged killing of four men at a tea house", "kind": "killing", "date": "2025-06-12",
        "killed": {"min": 4, "best": 4, "max": 4}, "according_to": FAMILY,
        "acts": [{"kind": "killing", "group": "men at a tea house", "count": {"best": 4}, "civilian_status": "civilian",
                  "outcome": "killed"}],
    }  # fmt: skip
    return client.post("/api/v1/incidents", json=told).json()


def repeat(client: TestClient, kept: Kept) -> Kept:
    """A paper prints what the family said."""
    paper = {
        "source": {
            "kind": "press", "title": "Families mourn", "published": "2025-06-13",
            "publication": {"name": "The Example Paper"}, "derived_from_source_id": kept["accounts"][0]["source_id"],
        },
        "quote": "At least four people were killed, relatives said.",
        "said": {"killed": {"value": 4, "operator": "at_least", "verbatim": "at least four"}},
    }  # fmt: skip
    return add(client, kept, paper)


def add(client: TestClient, kept: Kept, account: Kept) -> Kept:
    answer = client.post(f"/api/v1/incidents/{kept['id']}/accounts", json=account)
    assert answer.status_code == 201, answer.text
    return answer.json()


def see(client: TestClient, kept: Kept, part: str = "") -> Kept:
    answer = client.get(f"/api/v1/incidents/{kept['id']}{part}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def verify(client: TestClient, kept: Kept) -> Any:
    seen = client.get(f"/api/v1/incidents/{kept['id']}").headers["ETag"]
    told = {"verification": "corroborated", "note": "compared word by word"}
    return client.post(f"/api/v1/incidents/{kept['id']}/verification", json=told, headers={"If-Match": seen})


def test_the_paper_is_no_second_voice(client: TestClient, kept: Kept) -> None:
    repeat(client, kept)
    now = see(client, kept)
    assert now["independent_sources"] == 1
    assert now["killed"] == {"min": 4, "best": 4, "max": 4}
    told = see(client, kept, "/provenance")["fields"]["killed"]
    assert told["rule"] == "single_source"
    assert [s["independent"] for s in told["accounts"]] == [True, False]


def test_three_accounts_stand_side_by_side(client: TestClient, kept: Kept) -> None:
    repeat(client, kept)
    add(client, kept, ARMY)
    now = see(client, kept)
    assert now["independent_sources"] == 2
    assert now["killed"] == {"min": 4, "best": 4, "max": 4}
    killed = see(client, kept, "/provenance")["fields"]["killed"]
    assert killed["rule"] == "majority_independent"
    assert killed["chosen"] == kept["accounts"][0]["id"]
    assert [(s["value"], s["operator"]) for s in killed["accounts"]] == [
        ({"min": 4, "best": 4, "max": 4}, "equals"), (4, "at_least"), (4, "equals"),
    ]  # fmt: skip
    assert [s["quote"][:12] for s in killed["accounts"]] == ["They took fo", "At least fou", "Four militan"]
    assert killed["accounts"][0]["quote_prefix"] == "That evening "
    assert "Testimony of a brother" in killed["accounts"][0]["citation"]


def test_the_army_speaks_of_no_civilian_among_four(client: TestClient, kept: Kept) -> None:
    add(client, kept, ARMY)
    killed = see(client, kept, "/numbers")["killed"]
    assert killed["tally"] == {"min": 4, "best": 4, "max": 4}
    by = {account["speaker"]: account for account in killed["accounts"]}
    family, army = by["a brother of one of the dead"], by["army spokesperson"]
    assert (family["groups"]["civilian_status"]["civilian"]["best"], family["total"]["best"]) == (4, 4)
    assert (army["groups"]["civilian_status"]["civilian"]["best"], army["total"]["best"]) == (0, 4)
    assert army["groups"]["civilian_status"]["fighter"]["best"] == 4
    assert killed["groups"] == family["groups"], "the groups are those of the account that is followed, never a sum"


def test_the_paper_alone_never_corroborates(client: TestClient, kept: Kept) -> None:
    repeat(client, kept)
    refused = verify(client, kept)
    assert refused.status_code == 409
    assert "this record has 1" in refused.json()["detail"]
    assert see(client, kept)["verification"] == "unreviewed"


def test_a_higher_count_widens_the_range(client: TestClient, kept: Kept) -> None:
    add(client, kept, {**ARMY, "said": {"killed": {"value": {"min": 5, "best": 6, "max": 7}}}, "acts": []})
    now = see(client, kept)
    assert (now["killed"]["min"], now["killed"]["max"]) == (4, 7)
    assert see(client, kept, "/provenance")["contradictions"] == ["killed"]


def test_an_analyst_decides_and_says_why(client: TestClient, kept: Kept) -> None:
    army = add(client, kept, {**ARMY, "said": {"killed": {"value": 6}}, "acts": []})
    seen = client.get(f"/api/v1/incidents/{kept['id']}").headers["ETag"]
    told = {"field": "killed", "rule": "analyst", "account_id": army["id"], "rationale": "six graves were seen"}
    decided = client.post(f"/api/v1/incidents/{kept['id']}/decisions", json=told, headers={"If-Match": seen})
    assert decided.status_code == 200, decided.text
    killed = see(client, kept, "/provenance")["fields"]["killed"]
    assert (killed["value"], killed["rule"]) == ({"best": 6}, "analyst")
    assert (killed["chosen"], killed["rationale"]) == (army["id"], "six graves were seen")
    add(
        client,
        kept,
        {**ARMY, "source": {"kind": "press", "title": "Later"}, "said": {"killed": {"value": 9}}, "acts": []},
    )
    assert see(client, kept)["killed"]["best"] == 6
    assert see(client, kept, "/history")[-2]["why"] != ""


def test_a_rejected_account_no_longer_counts(client: TestClient, kept: Kept) -> None:
    army = add(client, kept, {**ARMY, "said": {"killed": {"value": 9}}, "acts": []})
    assert see(client, kept)["killed"]["max"] == 9
    told = {"standing": "rejected", "reason": "speaks of another day"}
    answer = client.post(f"/api/v1/accounts/{army['id']}/standing", json=told)
    assert answer.status_code == 200, answer.text
    assert answer.json()["standing"] == "rejected"
    now = see(client, kept)
    assert (now["independent_sources"], now["killed"]["max"]) == (1, 4)
    assert len(now["accounts"]) == 2, "it stays, with its reason"


def test_a_correction_replaces_what_it_corrects(client: TestClient, kept: Kept) -> None:
    army = add(client, kept, {**ARMY, "said": {"killed": {"value": 9}}, "acts": []})
    corrected = {**ARMY, "said": {"killed": {"value": 4}}, "acts": [], "supersedes_id": army["id"]}
    new = add(client, kept, corrected)
    now = see(client, kept)
    assert now["killed"]["max"] == 4
    assert [(a["standing"], a["supersedes_id"]) for a in now["accounts"][1:]] == [
        ("superseded", None), ("accepted", army["id"]),
    ]  # fmt: skip
    assert new["id"] != army["id"]


def test_more_names_than_dead_is_said(client: TestClient, kept: Kept) -> None:
    for name in ("Aziz Example", "Bashir Example", "Chakar Example", "Dost Example", "Essa Example"):
        act = {"kind": "killing", "person": {"names": [{"full": name}]}, "outcome": "killed"}
        assert client.post(f"/api/v1/incidents/{kept['id']}/acts", json=act).status_code == 201
    killed = see(client, kept, "/numbers")["killed"]
    assert killed["named"] == 5
    assert any("5 people are named" in warning for warning in killed["warnings"])
    assert see(client, kept)["warnings"] == killed["warnings"]
