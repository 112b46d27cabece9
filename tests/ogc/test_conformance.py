"""What the official suite asks of OGC API - Features, part 1: Core, GeoJSON, HTML and OpenAPI 3.0, by its ids."""

from collections.abc import Callable

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from starlette.testclient import TestClient

from app.api.ogc.documents import CONFORMS
from tests.api.test_docs import Reader
from tests.api.walking import OGC
from tests.archives import TestArchive
from tests.ogc.grounds import ITEMS, fill
from tests.ogc.maps import CRS84, HOME, ONE, leads, read, rels
from tests.ogc.requirements import meets
from tests.shelves import only

pytestmark = [
    pytest.mark.one_archive,
    only("sqlite"),
]  # what the engines answer is tried in test_items and test_filters
MANY = 24
OAS = "application/vnd.oai.openapi+json;version=3.0"
DOCUMENTS = (HOME, f"{HOME}/api", f"{HOME}/conformance", f"{HOME}/collections", ONE, f"{ONE}/queryables", ITEMS)
Opener = Callable[..., TestClient]
FOLLOWED: set[str] = set()  # links that were tried once are not tried again


@pytest.fixture(scope="module")
def filled(shared: TestArchive) -> TestArchive:
    fill(shared, MANY)
    return shared


@pytest.fixture
def maps(door: Opener, filled: TestArchive) -> TestClient:
    """Somebody with a program for maps."""
    return door(filled, "viewer")


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
        for lead in page.leads - FOLLOWED:
            assert maps.get(lead).status_code == 200, lead
        FOLLOWED.update(page.leads)
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
