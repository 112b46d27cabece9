"""The description of the API: valid, complete, and with examples that the service takes."""

from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from app.queries.filter import IncidentPage
from app.records.incident import IncidentIn
from tests.api.walking import OGC, OPEN, doors

URL = "/api/v1/incidents"
UNDESCRIBED = {"/", "/openapi.json", "/docs", "/docs.css", "/api/v1/incidents.{name}", *OGC}


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    answer = client.get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(m.upper(), path): op for path, ops in described["paths"].items() for m, op in ops.items()}


def bodies(operation: dict[str, Any]) -> dict[str, Any]:
    return dict(operation["requestBody"]["content"]["application/json"])


def test_it_is_valid(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_the_check_notices_what_is_not(described: dict[str, Any]) -> None:
    described["paths"][URL]["get"]["responses"]["200"].pop("description")
    assert list(OpenAPIV31SpecValidator(described).iter_errors())


def test_every_door_is_in_it(described: dict[str, Any], service: FastAPI) -> None:
    there = {(door.method, door.path) for door in doors(service) if door.path not in UNDESCRIBED}
    assert set(operations(described)) == there


def test_every_operation_says_what_it_does(described: dict[str, Any]) -> None:
    found = operations(described)
    assert [name for name, told in found.items() if len(told.get("description", "")) < 10] == []
    ids = [told["operationId"] for told in found.values()]
    assert len(set(ids)) == len(ids)


def test_it_says_that_everything_is_alleged(described: dict[str, Any]) -> None:
    assert "alleged" in described["info"]["description"]


def test_the_example_of_a_report_is_taken(described: dict[str, Any], client: TestClient) -> None:
    examples = bodies(operations(described)["POST", URL])["examples"]
    assert examples
    for example in examples.values():
        answer = client.post(URL, json=example["value"])
        assert answer.status_code == 201, answer.text
        assert answer.json()["killed"] == example["value"]["killed"]
        assert answer.json()["accounts"][0]["quote"] == example["value"]["according_to"]["quote"]


def test_the_example_of_a_change_is_taken(described: dict[str, Any], client: TestClient) -> None:
    reports = bodies(operations(described)["POST", URL])["examples"]
    made = client.post(URL, json=next(iter(reports.values()))["value"])
    one, version = made.headers["Location"], made.headers["ETag"]
    for example in bodies(operations(described)["PATCH", URL + "/{incident_id}"])["examples"].values():
        answer = client.patch(one, json=example["value"], headers={"If-Match": version})
        assert answer.status_code == 200, answer.text
        version = answer.headers["ETag"]


def test_every_filter_and_field_is_in_it(described: dict[str, Any]) -> None:
    named = {told["name"] for told in operations(described)["GET", URL]["parameters"] if told["in"] == "query"}
    assert named == set(IncidentPage.model_fields)
    schema = bodies(operations(described)["POST", URL])["schema"]["$ref"].split("/")[-1]
    report = described["components"]["schemas"][schema]
    assert set(report["properties"]) == set(IncidentIn.model_fields)
    assert report["additionalProperties"] is False


def test_no_inner_number_is_in_it(described: dict[str, Any]) -> None:
    """`pk` and what points at it never leave the house."""
    names = {name for schema in described["components"]["schemas"].values() for name in schema.get("properties", {})}
    assert "ref" in names
    assert [name for name in names if name == "pk" or name.endswith(("_pk", "_key", "secret_hash"))] == []


def test_operators_have_their_doors(client: TestClient) -> None:
    assert {"/healthz", "/readyz"} <= OPEN
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "archive": "own"}
    assert client.get("/").json()["incidents"] == URL
