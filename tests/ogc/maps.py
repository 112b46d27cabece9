"""How the tests of /ogc read its documents and follow its links."""

from typing import Any

from starlette.testclient import TestClient

HOME, ONE = "/ogc", "/ogc/collections/incidents"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


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
