"""/actors: names and aliases, parents over time, loose descriptions, and who may change them."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive, counting
from tests.builders import an_incident, carried_out_by

Kept = dict[str, Any]
URL = "/api/v1/actors"
INCIDENTS = "/api/v1/incidents"
NOBODY = f"{URL}/00000000-0000-0000-0000-000000000001"


def enter(client: TestClient, name: str = "Frontier Example Force", **more: Any) -> Kept:
    answer = client.post(URL, json={"name": name} | more)
    assert answer.status_code == 201, answer.text
    assert client.get(answer.headers["Location"]).json() == answer.json() | {"candidates": []}
    return dict(answer.json())


def amend(client: TestClient, actor: Kept, **change: Any) -> Any:
    url = f"{URL}/{actor['id']}"
    seen = {"If-Match": client.get(url).headers["ETag"]}
    return client.patch(url, json={"reason": "For a test."} | change, headers=seen)


def put_under(client: TestClient, actor: Kept, parent: Kept, date: Any = None) -> int:
    told = {"parent_id": parent["id"], "date": date}
    return client.post(f"{URL}/{actor['id']}/parents", json=told).status_code


def test_the_same_name_or_alias_is_offered(client: TestClient) -> None:
    first = enter(client, aliases=["FEF", "Border Example Guard"])
    for told in ({"name": "frontier EXAMPLE force"}, {"name": "F.E.F."}, {"name": "New", "aliases": ["fef"]}):
        expected = [] if told["name"] == "F.E.F." else [first["id"]]  # f e f are three words, fef is one
        answer = client.post(URL, json=told).json()
        assert [c["id"] for c in answer["candidates"]][:1] == expected, told
    assert enter(client, "Frontier")["candidates"] == []
    assert enter(client, "!!!")["candidates"] == enter(client, "???")["candidates"] == []


@pytest.mark.parametrize("loose", [{"is_specific": False}, {"kind": "unidentified"}])
def test_loose_descriptions_are_never_offered(client: TestClient, loose: Kept) -> None:
    enter(client, "armed men", **loose)
    assert enter(client, "armed men", **loose)["candidates"] == []
    assert enter(client, "armed men", kind="criminal")["candidates"] == []
    told = an_incident(involvements=[{"actor": {"name": "armed men"} | loose}])
    assert client.post(INCIDENTS, json=told).json()["candidates"] == []
    assert client.get(URL, params={"q": "armed men"}).json()["total"] == 4
    assert client.get(URL, params={"is_specific": False}).json()["total"] == (2 + 1 if "is_specific" in loose else 0)


@pytest.mark.parametrize(
    "told",
    [
        {}, {"name": ""}, {"name": "  "}, {"name": "x" * 301}, {"name": "x", "kind": "army"}, {"name": "x", "country": "PK"},
        {"name": "x", "aliases": ["a"] * 101}, {"name": "x", "aliases": [" "]}, {"name": "x", "aliases": ["a" * 301]},
        {"name": "x", "aliases": [1]}, {"name": "x", "unknown": 1},
    ],
)  # fmt: skip
def test_what_makes_no_actor_is_refused(client: TestClient, told: Kept) -> None:
    assert client.post(URL, json=told).status_code == 422
    assert client.get(URL).json()["total"] == 0


def test_pages_and_filters(client: TestClient, viewer: TestClient) -> None:
    for n in range(5):
        enter(client, f"Unit {n}", kind="police" if n % 2 else "company", country="PAK" if n else "SYR")
    page = viewer.get(URL, params={"limit": 2}).json()
    rest = viewer.get(URL, params={"limit": 3, "after": page["next"]}).json()
    assert [a["name"] for a in page["items"] + rest["items"]] == [f"Unit {n}" for n in range(5)]
    assert page["total"] == rest["total"] == 5
    for asked, total in (({"kind": "police"}, 2), ({"country": "SYR"}, 1), ({"q": "unit 3"}, 1), ({"q": "uni"}, 0)):
        assert viewer.get(URL, params=asked).json()["total"] == total, asked
    for asked in ({"kind": "x"}, {"country": "x"}, {"no_such": 1}, {"limit": 201}):
        assert viewer.get(URL, params=asked).status_code == 422, asked


def test_a_change_is_found_at_once(client: TestClient, contributor: TestClient, viewer: TestClient) -> None:
    kept = client.post(INCIDENTS, json=an_incident(involvements=[carried_out_by("A unit")])).json()
    actor = kept["involvements"][0]["actor"]
    now = amend(contributor, actor, name="An example unit", aliases=["Seventh"], kind="police")
    assert now.status_code == 200, now.text
    for asked in ({"q": "seventh"}, {"actor": "seventh"}, {"actor": "example unit"}, {"actor": actor["id"]}):
        assert viewer.get(INCIDENTS, params=asked).json()["total"] == 1, asked
    amend(contributor, actor, aliases=[])
    assert viewer.get(INCIDENTS, params={"actor": "seventh"}).json()["total"] == 0
    lines = contributor.get(f"{URL}/{actor['id']}/history").json()
    assert [set(line["what"]["after"]) for line in lines] == [{"name", "aliases", "kind"}, {"aliases"}]
    assert [line["what"]["after"]["aliases"] for line in lines] == [["Seventh"], []]


@pytest.mark.parametrize(
    "change", [{}, {"name": None}, {"name": ""}, {"kind": "x"}, {"aliases": None}, {"is_specific": None}]
)
def test_a_change_is_checked(client: TestClient, change: Kept) -> None:
    actor = enter(client)
    assert amend(client, actor, **change).status_code == 422
    assert client.patch(f"{URL}/{actor['id']}", json={"reason": "For a test.", "kind": "police"}).status_code == 428
    assert len(client.get(f"{URL}/{actor['id']}/history").json()) == 1


def test_an_actor_that_turns_out_to_be_a_person_is_no_longer_told(client: TestClient, viewer: TestClient) -> None:
    kept = client.post(INCIDENTS, json=an_incident(involvements=[carried_out_by("Qilbex Muster")])).json()
    actor = kept["involvements"][0]["actor"]
    assert viewer.get(INCIDENTS, params={"q": "qilbex"}).json()["total"] == 1
    assert amend(client, actor, kind="private_individual").status_code == 200
    for asked in ({"q": "qilbex"}, {"actor": "qilbex"}, {"actor": actor["id"]}):
        assert viewer.get(INCIDENTS, params=asked).json()["total"] == 0, asked
    assert "Qilbex" not in viewer.get(INCIDENTS).text


def test_parents_and_children_over_time(client: TestClient, viewer: TestClient) -> None:
    unit, army, ministry = (enter(client, name) for name in ("A unit", "An army", "A ministry"))
    assert put_under(client, unit, army, "2001/2009") == put_under(client, army, ministry) == 201
    assert put_under(client, unit, army, "2015/..") == 201
    shown = viewer.get(f"{URL}/{army['id']}").json()
    assert [bond["actor"]["name"] for bond in shown["parents"]] == ["A ministry"]
    assert shown["parents"][0]["date"]["edtf"] is None
    assert [bond["date"]["edtf"] for bond in shown["children"]] == ["2001/2009", "2015-01-01/.."]
    assert put_under(client, unit, army, "2001/2009") == 409


def test_no_circle_at_any_one_time(client: TestClient) -> None:
    a, b, c = (enter(client, name) for name in "abc")
    assert put_under(client, a, a) == 422
    assert put_under(client, a, b, "2001/2005") == put_under(client, b, c, "2004/2010") == 201
    assert put_under(client, c, a, "2004") == 422  # a under b under c under a, in 2004 and 2005
    assert put_under(client, c, a) == 422
    assert put_under(client, c, a, "2006/2010") == 201  # when a was no longer under b
    assert put_under(client, b, a, "2000") == 201
    assert put_under(client, b, a, "../2001-01-01") == 422


@pytest.mark.parametrize("told", [{}, {"parent_id": "x"}, {"parent_id": NOBODY[-36:], "date": "soon"}])
def test_a_parent_needs_an_id_and_a_date_that_is_one(client: TestClient, told: Kept) -> None:
    assert client.post(f"{URL}/{enter(client)['id']}/parents", json=told).status_code == 422


def test_what_is_not_there_is_not_found(client: TestClient, viewer: TestClient) -> None:
    actor = enter(client)
    assert put_under(client, actor, {"id": NOBODY[-36:]}) == 404
    for path in ("", "/history"):
        assert viewer.get(f"{NOBODY}{path}").status_code == 404
    assert client.patch(NOBODY, json={"reason": "For a test.", "kind": "police"}).status_code == 404


def test_involvements_are_counted_by_degree_as_the_asker_may_see_them(client: TestClient, viewer: TestClient) -> None:
    actor = enter(client)
    for sensitivity, degree in (("internal", "ordered"), ("internal", "carried_out"), ("sealed", "carried_out")):
        told = [{"actor": {"id": actor["id"]}, "degree": degree}]
        client.post(INCIDENTS, json=an_incident(sensitivity=sensitivity, involvements=told * 2))
    assert client.get(f"{URL}/{actor['id']}").json()["involvements"] == {"carried_out": 2, "ordered": 1}
    assert viewer.get(f"{URL}/{actor['id']}").json()["involvements"] == {"carried_out": 1, "ordered": 1}


def test_an_actor_of_sealed_incidents_alone_is_not_there_for_others(client: TestClient, viewer: TestClient) -> None:
    told = an_incident(sensitivity="sealed", involvements=[carried_out_by("Qilbex force")])
    actor = client.post(INCIDENTS, json=told).json()["involvements"][0]["actor"]
    assert (viewer.get(URL).json()["total"], client.get(URL).json()["total"]) == (0, 1)
    assert viewer.get(f"{URL}/{actor['id']}").status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/persons", URL])
def test_a_page_asks_the_same_however_long_it_is(client: TestClient, archive: TestArchive, path: str) -> None:
    asked = []
    for many in (1, 20):
        for n in range(many):
            client.post("/api/v1/persons", json={"names": [{"full": f"Example {n}"}, {"full": f"Muster {n}"}]})
            enter(client, f"Unit {n}")
        with counting(archive.engine) as sent:
            assert client.get(path, params={"q": "example" if "persons" in path else "unit"}).json()["total"] >= many
        asked.append(
            len([statement for statement in sent if statement.startswith("SELECT") and "token" not in statement])
        )
    assert asked[0] == asked[1] <= 5  # two for the line in history, and on PostgreSQL a role is taken


def test_two_ways_up_to_one_parent_are_no_circle(client: TestClient) -> None:
    a, b, c, d, unit = (enter(client, name) for name in ("a", "b", "c", "d", "unit"))
    assert {put_under(client, *bond) for bond in ((a, b), (a, c), (b, d), (c, d), (unit, a))} == {201}
    assert put_under(client, d, unit) == 422
