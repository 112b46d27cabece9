"""What the official suite asks of OGC API - Features, part 1: Core, GeoJSON, HTML and OpenAPI 3.0, by its ids."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV30SpecValidator
from starlette.testclient import TestClient

from app.api.ogc.documents import CONFORMS
from app.queries.features import MOST
from tests.api.test_docs import Reader
from tests.api.walking import OGC
from tests.archives import TestArchive
from tests.ogc.grounds import ITEMS, fill
from tests.ogc.requirements import MET, meets
from tests.shelves import only

pytestmark = [
    pytest.mark.one_archive,
    only("sqlite"),
]  # what the engines answer is tried in test_items and test_filters
MANY = 24
HOME, ONE = "/ogc", "/ogc/collections/incidents"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
OAS = "application/vnd.oai.openapi+json;version=3.0"
DOCUMENTS = (HOME, f"{HOME}/api", f"{HOME}/conformance", f"{HOME}/collections", ONE, f"{ONE}/queryables", ITEMS)
LISTED = Path(__file__).resolve().parents[2] / "docs" / "ogc-conformance.md"
Opener = Callable[..., TestClient]


@pytest.fixture(scope="module")
def filled(shared: TestArchive) -> TestArchive:
    fill(shared, MANY)
    return shared


@pytest.fixture
def maps(door: Opener, filled: TestArchive) -> TestClient:
    """Somebody with a program for maps."""
    return door(filled, "viewer")


def read(client: TestClient, path: str, **asked: Any) -> dict[str, Any]:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def rels(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in document["links"]:
        assert {"href", "rel", "type"} <= set(one)
        found.setdefault(one["rel"], []).append(one)
    return found


def leads(client: TestClient, one: dict[str, Any]) -> None:
    """What a link says of its type is so."""
    answer = client.get(one["href"])
    assert answer.status_code == 200, one
    assert answer.headers["Content-Type"].split(";")[0] == one["type"].split(";")[0], one


@meets("/req/core/root-op", "/req/core/root-success")
def test_the_landing_page_leads_everywhere(maps: TestClient) -> None:
    found = rels(read(maps, HOME))
    assert {"service-desc", "service-doc", "conformance", "data", "self", "alternate"} <= set(found)
    for one in (one for several in found.values() for one in several):
        leads(maps, one)


@meets("/req/core/api-definition-op", "/req/core/api-definition-success", "/req/oas30/oas-definition-1")
def test_the_description_is_where_the_landing_page_says(maps: TestClient) -> None:
    (described,) = rels(read(maps, HOME))["service-desc"]
    answer = maps.get(described["href"], headers={"Accept": OAS})
    assert (described["type"], answer.headers["Content-Type"]) == (OAS, OAS)
    assert maps.get(rels(read(maps, HOME))["service-doc"][0]["href"]).headers["Content-Type"].startswith("text/html")


@meets("/req/oas30/oas-definition-2", "/req/oas30/oas-impl")
def test_the_description_is_valid_and_is_of_what_is_there(maps: TestClient) -> None:
    told = read(maps, f"{HOME}/api")
    assert told["openapi"].startswith("3.0.")
    assert list(OpenAPIV30SpecValidator(told).iter_errors()) == []
    assert {f"/ogc{path}".rstrip("/").replace("{ref}", "{which}") for path in told["paths"]} == OGC
    told["paths"]["/conformance"]["get"].pop("responses")
    assert list(OpenAPIV30SpecValidator(told).iter_errors())


@meets("/req/oas30/completeness", "/req/oas30/exceptions-codes", "/req/oas30/security")
def test_the_description_tells_of_every_refusal_and_of_the_key(maps: TestClient) -> None:
    told = read(maps, f"{HOME}/api")
    for path, operations in told["paths"].items():
        answers = operations["get"]["responses"]
        assert {"200", "400", "401", "403", "414", "503"} <= set(answers)
        assert ("404" in answers) == ("{" in path)
    assert told["security"] == [{}, {"token": []}]
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@meets("/req/core/conformance-op", "/req/core/conformance-success")
def test_it_says_what_it_keeps(maps: TestClient) -> None:
    told = read(maps, f"{HOME}/conformance")["conformsTo"]
    assert told == list(CONFORMS)
    classes = {
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{n}" for n in ("core", "geojson", "html", "oas30")
    }
    assert classes <= set(told)


@meets("/req/core/http")
def test_it_answers_as_http_has_it(maps: TestClient) -> None:
    assert maps.head(ITEMS).status_code == 200
    assert maps.post(ITEMS, json={}).status_code == 405
    assert maps.get("/ogc/nowhere").status_code == 404
    assert maps.get(f"{ONE}/other").status_code == 404


@meets("/req/core/query-param-unknown")
@pytest.mark.parametrize("path", DOCUMENTS)
def test_an_unknown_parameter_is_refused(maps: TestClient, path: str) -> None:
    answer = maps.get(path, params={"unknown": "canary"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert "canary" not in answer.text
    assert answer.json()["errors"][0]["mend"] == "see /ogc/api"


@meets("/req/core/query-param-invalid")
@pytest.mark.parametrize(
    "asked",
    [
        "limit=0", "limit=-1", "limit=ten", "limit=", "limit=1&limit=2", "bbox=", "bbox=1,2,3", "bbox=1,2,3,4,5", "bbox=a,b,c,d",
        "bbox=0,10,10,0", "bbox=-181,0,0,1", "bbox=0,0,9,10,10,1", "bbox=nan,0,1,1", "datetime=", "datetime=yesterday",
        "datetime=2025-13-01", "datetime=2025-06-12T25:00:00Z", "datetime=2025-06-12T08:00:00", "datetime=2025/2024",
        "datetime=2025-06-12/2025-06-11", "datetime=2025-06-12/2025-06-13/2025-06-14", "datetime=..", "datetime=2025",
        "bbox=0,0,1,1&bbox-crs=EPSG:3857", "f=xml", "cursor=x", "filter=x", "filter-lang=sql", "filter-crs=EPSG:3857",
        "kind=nonsense", "country=pk", "q=", "located=perhaps", "near=1,2",
    ],
)  # fmt: skip
def test_a_bad_value_is_refused(maps: TestClient, asked: str) -> None:
    answer = maps.get(f"{ITEMS}?{asked}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]


@meets("/req/core/crs84")
def test_points_are_longitude_and_latitude(maps: TestClient) -> None:
    assert read(maps, ONE)["crs"] == [CRS84]
    for one in read(maps, ITEMS, located="true")["features"]:
        assert one["geometry"]["coordinates"] == [one["properties"]["lon"], one["properties"]["lat"]]


@meets("/req/core/fc-md-op", "/req/core/fc-md-success", "/req/core/fc-md-links", "/req/core/fc-md-items")
def test_the_collections_are_listed(maps: TestClient) -> None:
    told = read(maps, f"{HOME}/collections")
    assert {"self", "alternate"} <= set(rels(told))
    (one,) = told["collections"]
    assert (one["id"], one["itemType"]) == ("incidents", "feature")


@meets("/req/core/fc-md-items-links")
def test_the_collection_leads_to_its_items_in_every_form(maps: TestClient) -> None:
    (one,) = read(maps, f"{HOME}/collections")["collections"]
    assert {link["type"] for link in rels(one)["items"]} == {"application/geo+json", "text/html"}
    for link in one["links"]:
        leads(maps, link)


@meets("/req/core/fc-md-extent")
def test_the_extent_is_the_whole_world_whatever_is_in_it(maps: TestClient) -> None:
    extent = read(maps, ONE)["extent"]
    assert (extent["spatial"]["bbox"], extent["spatial"]["crs"]) == ([[-180, -90, 180, 90]], CRS84)
    assert extent["temporal"]["interval"] == [[None, None]]


@meets("/req/core/sfc-md-op", "/req/core/sfc-md-success")
def test_the_collection_alone_says_the_same(maps: TestClient) -> None:
    (one,) = read(maps, f"{HOME}/collections")["collections"]
    assert read(maps, ONE) == one


@meets("/req/core/fc-op", "/req/core/fc-response", "/req/geojson/definition", "/req/geojson/content")
def test_items_are_geojson(maps: TestClient) -> None:
    answer = maps.get(ITEMS)
    assert answer.headers["Content-Type"] == "application/geo+json"
    told = answer.json()
    assert told["type"] == "FeatureCollection"
    assert len({one["id"] for one in told["features"]}) == MANY
    for one in told["features"]:
        assert one["type"] == "Feature"
        assert one["properties"]["alleged"] is True
        assert one["geometry"] is None or one["geometry"]["type"] == "Point"


def parameter(client: TestClient, name: str) -> dict[str, Any]:
    told = read(client, f"{HOME}/api")
    asked = told["paths"]["/collections/incidents/items"]["get"]["parameters"]
    assert {"$ref": f"#/components/parameters/{name}"} in asked
    return dict(told["components"]["parameters"][name])


@meets("/req/core/fc-bbox-definition")
def test_a_box_is_described(maps: TestClient) -> None:
    told = parameter(maps, "bbox")
    assert (told["in"], told["required"], told["style"], told["explode"]) == ("query", False, "form", False)
    schema = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
    assert told["schema"] == schema


@meets("/req/core/fc-bbox-response")
@pytest.mark.parametrize("box", [(60, 20, 70, 30), (60, 20, 0, 70, 30, 100), (170, -90, 66, 90), (-180, -90, 180, 90)])
def test_a_box_holds_just_the_points_in_it(maps: TestClient, box: tuple[float, ...]) -> None:
    west, south, east, north = box if len(box) == 4 else (box[0], box[1], box[3], box[4])
    every = read(maps, ITEMS, located="true")["features"]
    points = {one["id"]: one["geometry"]["coordinates"] for one in every}
    inside = {
        ref
        for ref, (lon, lat) in points.items()
        if south <= lat <= north and (west <= lon <= east if west <= east else lon >= west or lon <= east)
    }
    told = read(maps, ITEMS, bbox=",".join(map(str, box)), **{"bbox-crs": CRS84})
    assert {one["id"] for one in told["features"]} == inside
    assert 0 < len(inside) <= len(points)


@meets("/req/core/fc-limit-definition")
def test_the_limit_is_described_where_programs_look(maps: TestClient) -> None:
    told = parameter(maps, "limit")
    assert (told["in"], told["required"], told["style"], told["explode"]) == ("query", False, "form", False)
    assert told["schema"] == {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100}


@meets("/req/core/fc-limit-response-1")
def test_a_page_holds_no_more_than_was_asked_and_too_many_are_as_many_as_can_be(maps: TestClient) -> None:
    assert [len(read(maps, ITEMS, limit=n)["features"]) for n in (1, 5, MANY, MOST + 1, 10**12)] == [
        1,
        5,
        MANY,
        MANY,
        MANY,
    ]


@meets("/req/core/fc-time-definition")
def test_the_time_is_described(maps: TestClient) -> None:
    told = parameter(maps, "datetime")
    assert (told["in"], told["required"], told["schema"]["type"], told["explode"]) == ("query", False, "string", False)


@meets("/req/core/fc-time-response")
@pytest.mark.parametrize(
    ("time", "first", "last"),
    [
        ("2025-06-12", "2025-06-12", "2025-06-12"), ("2025-06-12T23:59:59Z", "2025-06-12", "2025-06-12"),
        ("2024-12-31T23:00:00-02:00", "2025-01-01", "2025-01-01"), ("2024-07-01/2025-06-01", "2024-07-01", "2025-06-01"),
        ("2025-06-11T08:00:00.5Z/..", "2025-06-11", "9999"), ("../2023-02-01", "0000", "2023-02-01"),
        ("/2023-02-01", "0000", "2023-02-01"), ("2025-06-12/", "2025-06-12", "9999"), ("1999-01-01", "1999-01-01", "1999-01-01"),
    ],
)  # fmt: skip
def test_a_time_finds_what_may_have_been_then(maps: TestClient, time: str, first: str, last: str) -> None:
    every = [one["properties"] for one in read(maps, ITEMS)["features"]]
    wanted = {
        one["ref"]
        for one in every
        if (one["date_earliest"] or one["date_latest"])
        and (one["date_earliest"] or "0000") <= last
        and (one["date_latest"] or "9999") >= first
    }
    assert {one["id"] for one in read(maps, ITEMS, datetime=time)["features"]} == wanted


@meets("/req/core/fc-links", "/req/core/fc-rel-type")
def test_a_page_leads_to_itself_its_other_form_and_the_next(maps: TestClient) -> None:
    found = rels(read(maps, ITEMS, limit=5, kind="killing"))
    assert {"self", "alternate", "next", "collection"} == set(found)
    assert "limit=5&kind=killing" in found["next"][0]["href"]
    for several in found.values():
        leads(maps, several[0])
    assert "next" not in rels(read(maps, ITEMS))


@meets("/req/core/fc-timeStamp", "/req/core/fc-numberMatched", "/req/core/fc-numberReturned")
def test_a_page_says_when_and_how_many(maps: TestClient) -> None:
    told = read(maps, ITEMS, limit=5)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", told["timeStamp"])
    assert (told["numberMatched"], told["numberReturned"]) == (MANY, 5)
    following = maps.get(rels(told)["next"][0]["href"]).json()
    assert "numberMatched" not in following  # to count them all again takes long, and they are the same
    assert following["numberReturned"] == 5


@meets("/req/core/f-op", "/req/core/f-success", "/req/core/f-links")
def test_one_incident_is_a_feature_by_its_ref(maps: TestClient) -> None:
    for one in read(maps, ITEMS, limit=3)["features"]:
        answer = maps.get(f"{ITEMS}/{one['id']}")
        assert answer.headers["Content-Type"] == "application/geo+json"
        told = answer.json()
        found = rels(told)
        assert {"self", "alternate", "collection"} == set(found)
        leads(maps, found["alternate"][0])
        del told["links"]
        assert told == one
    assert maps.get(f"{ITEMS}/IR-0000-000000").status_code == 404


@meets("/req/html/definition", "/req/html/content")
@pytest.mark.parametrize("path", [*DOCUMENTS, f"{ITEMS}/"])
def test_every_answer_is_a_page_too(maps: TestClient, path: str) -> None:
    first = read(maps, ITEMS, limit=1)["features"][0]["id"]
    path += first if path.endswith("/") else ""
    by_name, by_liking = maps.get(path, params={"f": "html"}), maps.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    for answer in (by_name, by_liking):
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Content-Security-Policy"].endswith("form-action 'none'; style-src 'self'")
        assert "accept" in answer.headers["Vary"].lower()
        page = Reader(answer.text)
        assert page.open == []
        assert page.tags.isdisjoint({"script", "iframe", "object", "embed", "img", "form", "style", "base"})
        for lead in page.leads:
            assert maps.get(lead).status_code == 200, lead
    if path.startswith(ITEMS):
        assert first in by_name.text


def test_what_is_data_for_programs_stays_data(maps: TestClient) -> None:
    for accept in (
        "*/*",
        "application/json",
        "application/geo+json, application/json;q=0.9",
        "",
        "image/png",
        "text/html;q=x",
    ):
        assert "json" in maps.get(ITEMS, headers={"Accept": accept}).headers["Content-Type"], accept
    assert "json" in maps.get(ITEMS, params={"f": "json"}, headers={"Accept": "text/html"}).headers["Content-Type"]


def test_the_list_in_the_docs_is_of_these_tests(service: FastAPI) -> None:
    rows = re.findall(r"^\| `(/req/[^`]+)` \| ([^|]+) \| `(\w+)` \|$", LISTED.read_text(encoding="utf-8"), re.MULTILINE)
    assert {id: test for id, _, test in rows} == MET
    assert len(rows) == len(MET) >= 40
    assert all(len(what) > 10 for _, what, _ in rows)
    told = LISTED.read_text(encoding="utf-8")
    assert [name for name in CONFORMS if f"`{name.removeprefix('http://www.opengis.net/spec')}`" not in told] == []
