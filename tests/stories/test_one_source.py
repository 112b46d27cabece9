"""One source: report what it says, and read back who says it."""

from starlette.testclient import TestClient

from tests.builders import QUETTA, a_source, an_act, an_incident, carried_out_by

QUOTE = "Four of our fighters were killed near the town."


def a_statement() -> dict:
    source = a_source("Movement alleges attack (made up)", url="https://example.org/a", published="2025-06-30")
    told = an_incident(
        "Alleged attack near a town", on="2025-06", at=QUETTA, exactly="near_settlement", killed={"min": 4, "best": 4},
        acts=[an_act(group="fighters", outcome="killed")], involvements=[carried_out_by("an armed group")],
    )  # fmt: skip
    told["according_to"] = {"source": source, "speaker": "a chairman", "stance": "alleges", "quote": QUOTE,
                            "locator_type": "paragraph", "locator": "7"}  # fmt: skip
    return told


def test_a_report_is_kept_as_an_allegation(client: TestClient) -> None:
    answer = client.post("/api/v1/incidents", json=a_statement())
    assert answer.status_code == 201
    kept = answer.json()
    assert kept["alleged"] is True
    assert kept["ref"].startswith("IR-")
    assert answer.headers["Location"] == f"/api/v1/incidents/{kept['id']}"
    assert (kept["stage"], kept["verification"], kept["independent_sources"]) == ("draft", "unreviewed", 1)
    assert client.get(answer.headers["Location"]).json() == kept
    assert client.get(f"/api/v1/incidents/{kept['ref']}").json() == kept


def test_nothing_is_known_more_exactly_than_it_was_said(client: TestClient) -> None:
    kept = client.post("/api/v1/incidents", json=a_statement()).json()
    assert kept["date"]["edtf"] == "2025-06"
    assert kept["date"]["precision"] == "month"
    assert kept["date"]["words"] == "on an unknown day in June 2025"
    assert kept["killed"] == {"min": 4, "best": 4, "max": None}
    assert kept["injured"] == {"min": None, "best": None, "max": None}
    assert kept["uncertainty_m"] == 25_000


def test_the_map_names_the_areas(client: TestClient) -> None:
    kept = client.post("/api/v1/incidents", json=a_statement()).json()
    assert (kept["country"], kept["area1"], kept["area1_code"]) == ("PAK", "Balochistan", "PK-BA")
    assert kept["area2"] == "Quetta"


def test_every_value_leads_to_the_sentence_that_says_it(client: TestClient) -> None:
    kept = client.post("/api/v1/incidents", json=a_statement()).json()
    told = client.get(f"/api/v1/incidents/{kept['ref']}/provenance").json()
    killed = told["fields"]["killed"]
    assert killed["rule"] == "single_source"
    assert killed["agree"] is True
    (statement,) = killed["accounts"]
    assert statement["value"] == {"min": 4, "best": 4}
    assert (statement["speaker"], statement["stance"], statement["quote"]) == ("a chairman", "alleges", QUOTE)
    assert (statement["locator_type"], statement["locator"]) == ("paragraph", "7")
    assert statement["url"] == "https://example.org/a"
    assert "Movement alleges attack" in statement["citation"]
    assert killed["chosen"] == statement["account_id"] == kept["accounts"][0]["id"]


def test_what_no_source_says_is_not_put_in_its_mouth(client: TestClient) -> None:
    kept = client.post("/api/v1/incidents", json=a_statement()).json()
    told = client.get(f"/api/v1/incidents/{kept['ref']}/provenance").json()
    assert told["fields"]["area1"]["rule"] == "from_the_map"
    assert told["fields"]["area1"]["accounts"] == []
    assert told["fields"]["nature"]["rule"] == "default"
    assert "injured" not in told["fields"]
    assert told["contradictions"] == []
    said = kept["accounts"][0]["said"]
    assert set(said) == {"title", "kind", "date", "lon", "lat", "geo_precision", "killed"}


def test_acts_and_actors_lead_to_their_account_too(client: TestClient) -> None:
    kept = client.post("/api/v1/incidents", json=a_statement()).json()
    (account,) = kept["accounts"]
    assert [act["account_id"] for act in kept["acts"]] == [account["id"]]
    told = client.get(f"/api/v1/incidents/{kept['id']}/provenance").json()
    assert told["fields"]["acts"]["accounts"][0]["quote"] == QUOTE
    assert told["columns"]["alleged_responsible"] == "involvements"
    assert told["columns"]["killed_best"] == "killed"


def test_history_says_who_put_it_there(client: TestClient) -> None:
    kept = client.post("/api/v1/incidents", json=a_statement()).json()
    (line,) = client.get(f"/api/v1/incidents/{kept['ref']}/history").json()
    assert (line["action"], line["who"], line["via"]) == ("reported", "a reviewer", "api")
    assert line["what"]["report"]["title"] == "Alleged attack near a town"
