"""References: out of the archive into Zotero, and out of Zotero into the archive."""

import json

import bibtexparser
import rispy
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import a_source, an_account, an_incident

SOURCES, INCIDENTS = "/api/v1/sources", "/api/v1/incidents"
FAMILY = a_source("کیچ میں مبینہ واقعہ", None, kind="testimony_family", author="Muster, Laila", language="ur")
PAPER = a_source(
    'Four "missing" men: 50% & rising', "The Example Paper", author="A Reporter", url="https://paper.example/4_men?a=1",
    published="2025-06",
)  # fmt: skip
LIBRARY = """TY  - NEWS
ID  - zotero-1
AU  - Reporter, Another
TI  - A made-up headline
T2  - The Other Paper
DA  - 2025/06/12/
UR  - https://other.example/1
ER  -

TY  - RPRT
TI  - A made-up report
AU  - An Example Organisation
PB  - An Example Organisation
PY  - 2024
ER  -
"""


def two_sources(client: TestClient) -> dict:
    made = client.post(INCIDENTS, json=an_incident("Alleged disappearance", kind="killing", source=FAMILY)).json()
    client.post(f"{INCIDENTS}/{made['id']}/accounts", json=an_account(PAPER))
    client.post(INCIDENTS, json=an_incident("Another", kind="other", source=a_source("Elsewhere")))
    return made


def send(client: TestClient, text: str, **asked: object) -> dict:
    answer = client.post(f"{SOURCES}/import", content=text.encode(), params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_sources_of_a_question_go_to_zotero(client: TestClient) -> None:
    two_sources(client)
    question = {"kind": "killing"}
    family, paper = client.get(f"{INCIDENTS}.csljson", params=question).json()
    assert (family["type"], family["genre"]) == ("interview", "Testimony of family")
    assert family["author"] == [{"family": "Muster", "given": "Laila"}]
    assert (paper["type"], paper["container-title"]) == ("article-newspaper", "The Example Paper")
    assert paper["issued"] == {"date-parts": [[2025, 6]]}
    assert "published" not in family.get("issued", {})

    ris = rispy.loads(client.get(f"{INCIDENTS}.ris", params=question).content.decode())
    assert [one["title"] for one in ris] == [FAMILY["title"], PAPER["title"]]
    assert (ris[1]["date"], ris[1]["year"], ris[1]["urls"]) == ("2025/06//", "2025", [PAPER["url"]])

    bib = bibtexparser.parse_string(client.get(f"{INCIDENTS}.bib", params=question).text)
    assert bib.failed_blocks == []
    assert [entry["title"] for entry in bib.entries] == [FAMILY["title"], r'Four "missing" men: 50\% \& rising']
    assert bib.entries[1]["url"] == PAPER["url"]


def test_all_sources_or_one_or_those_of_one_incident(client: TestClient) -> None:
    made = two_sources(client)
    assert len(client.get(f"{SOURCES}.csljson").json()) == 3
    assert [one["title"] for one in client.get(f"{SOURCES}.csljson?q=missing").json()] == [PAPER["title"]]
    cited = client.get(f"{INCIDENTS}/{made['ref']}/citations").json()
    assert [one["csljson"]["title"] for one in cited] == [FAMILY["title"], PAPER["title"]]
    (alone,) = client.get(f"{SOURCES}/{cited[1]['id']}.csljson").json()
    assert alone == cited[1]["csljson"]


def test_a_citation_is_copied_in_one_line(client: TestClient) -> None:
    made = two_sources(client)
    paper = client.get(f"{INCIDENTS}/{made['ref']}").json()["accounts"][1]["source_id"]
    copied = client.get(f"{SOURCES}/{paper}/citation").json()
    assert copied["text"] == (
        'A Reporter, “Four "missing" men: 50% & rising”, The Example Paper, June 2025, https://paper.example/4_men?a=1.'
    )
    assert copied["ris"].startswith("TY  - NEWS\r\n")
    assert copied["bib"].startswith("@article{")


def test_a_witness_is_not_named_to_those_who_may_not_read_it(client: TestClient, viewer: TestClient) -> None:
    made = two_sources(client)
    doors = [f"{SOURCES}.{form}" for form in ("csljson", "ris", "bib")] + [f"{INCIDENTS}.ris"]
    for door in (*doors, f"{INCIDENTS}/{made['ref']}/citations"):
        assert "Laila" in client.get(door).text, door
        assert "Laila" not in viewer.get(door).text, door


def test_a_library_comes_in_and_its_sources_can_be_cited(client: TestClient, archive: TestArchive) -> None:
    looked = send(client, LIBRARY, dry_run=True)
    assert (looked["rows"], looked["new"], looked["recorded"]) == (2, 2, False)
    assert client.get(SOURCES).json()["total"] == 0

    taken = send(client, LIBRARY, name="my-library.ris")
    assert (taken["rows"], taken["new"], taken["refused"], taken["recorded"]) == (2, 2, 0, True)
    article, report = client.get(SOURCES).json()["items"]
    assert (article["kind"], article["author"], article["external_id"]) == ("press", "Reporter, Another", "zotero-1")
    assert (article["publication"]["name"], article["published"]["edtf"]) == ("The Other Paper", "2025-06-12")
    assert (report["kind"], report["published"]["edtf"], report["external_id"]) == ("ngo_report", "2024", None)

    told = an_incident("Cites the library")
    told["according_to"] = {"source_id": article["id"]}
    assert client.post(INCIDENTS, json=told).status_code == 201
    assert archive.broken() is None


def test_the_same_library_again_changes_nothing(client: TestClient, archive: TestArchive) -> None:
    send(client, LIBRARY)
    again = send(client, LIBRARY)
    assert (again["new"], again["unchanged"], again["recorded"]) == (0, 2, False)
    assert client.get(SOURCES).json()["total"] == 2


def test_what_we_gave_out_is_known_when_it_comes_back(client: TestClient) -> None:
    two_sources(client)
    for form in ("csljson", "ris", "bib"):
        back = send(client, client.get(f"{SOURCES}.{form}").text)
        assert (back["rows"], back["unchanged"], back["new"]) == (3, 3, 0), form


def test_a_library_is_taken_back_but_for_what_is_cited(client: TestClient, archive: TestArchive) -> None:
    batch = send(client, LIBRARY)["batch"]
    told = an_incident("Cites the library")
    told["according_to"] = {"source_id": client.get(SOURCES).json()["items"][0]["id"]}
    client.post(INCIDENTS, json=told)
    assert client.post(f"/api/v1/imports/{batch}/undo").status_code == 200
    assert [one["title"] for one in client.get(SOURCES).json()["items"]] == ["A made-up headline"]
    assert archive.broken() is None


def test_one_bad_entry_keeps_the_library_out_and_says_where(client: TestClient) -> None:
    wrong = LIBRARY + "TY  - NEWS\nPY  - 2025\nER  -\n"
    told = send(client, wrong)
    assert (told["rows"], told["refused"], told["recorded"]) == (3, 1, False)
    (error,) = told["errors"]
    assert (error["line"], error["column"]) == (16, "entry 3, (the entry)")
    assert client.get(SOURCES).json()["total"] == 0
    assert send(client, wrong, keep_good=True)["new"] == 2


def test_one_source_may_be_entered_by_hand(client: TestClient) -> None:
    made = client.post(SOURCES, json=PAPER)
    assert made.status_code == 201
    assert client.get(made.headers["Location"]).json() == made.json()
    again = client.post(SOURCES, json=PAPER)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    assert json.loads(client.get(f"{SOURCES}.csljson").text)[0]["id"] == made.json()["id"]
