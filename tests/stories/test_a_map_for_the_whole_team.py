"""A documentation officer draws the map for her whole team, while what may be on it changes under her hands."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.actions import keeping
from tests.archives import TestArchive
from tests.builders import QUETTA, TURBAT, a_source, an_incident

INCIDENTS, MAP, TABLE = "/api/v1/incidents", "/api/v1/incidents.geojson", "/api/v1/incidents.csv"
EVERYBODY, NOBODY, ONLY_SHE = (True, True), (False, False), (True, False)
Seen = Callable[[str], tuple[bool, ...]]


@pytest.fixture
def seen_by(client: TestClient, viewer: TestClient) -> Seen:
    """Whether she sees these words, and whether a viewer does: on the map, in the table and on a page alike."""

    def look(words: str) -> tuple[bool, ...]:
        found = [{words in who.get(url).text for url in (MAP, TABLE, INCIDENTS)} for who in (client, viewer)]
        assert [len(one) for one in found] == [1, 1]
        return tuple(one.pop() for one in found)

    return look


def change(client: TestClient, url: str, **to: Any) -> None:
    tag = client.get(url).headers["ETag"]
    changed = client.patch(url, json={"reason": "The paper asks for it.", **to}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text


def test_the_map_is_always_of_now_and_of_the_one_who_asks(
    archive: TestArchive, client: TestClient, seen_by: Seen
) -> None:
    # A paper wrote of one incident, and a witness, who may be known to few, told of another.
    paper = client.post(INCIDENTS, json=an_incident("A raid", at=TURBAT)).json()
    witness = a_source("A testimony", by=None, kind="testimony_witness", author="Gul Beispiel")
    told = client.post(INCIDENTS, json=an_incident("A taking", at=QUETTA, source=witness))
    assert told.status_code == 201, told.text
    # At night the service lays both out.
    assert keeping.fill(archive.engine) == 2
    assert seen_by("A raid") == seen_by("A taking") == EVERYBODY
    assert seen_by("Gul Beispiel") == ONLY_SHE

    # She corrects the title: nobody gets the old one any more.
    where = f"{INCIDENTS}/{paper['id']}"
    change(client, where, title="A search of houses")
    assert seen_by("A raid") == NOBODY
    assert seen_by("A search of houses") == EVERYBODY
    keeping.fill(archive.engine)

    # The paper is threatened, and its article sealed; then the whole incident is.
    change(client, f"/api/v1/sources/{client.get(where).json()['accounts'][0]['source_id']}", sensitivity="sealed")
    assert seen_by("The Example Paper") == ONLY_SHE
    keeping.fill(archive.engine)
    assert seen_by("The Example Paper") == ONLY_SHE
    change(client, where, sensitivity="sealed")
    assert seen_by("A search of houses") == ONLY_SHE
