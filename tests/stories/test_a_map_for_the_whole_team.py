"""A documentation officer draws the map for her whole team, while what may be on it changes under her hands."""

from collections.abc import Callable

from starlette.testclient import TestClient

from app.actions import keeping
from tests.archives import TestArchive
from tests.builders import QUETTA, TURBAT, a_source, an_incident

INCIDENTS, MAP, TABLE = "/api/v1/incidents", "/api/v1/incidents.geojson", "/api/v1/incidents.csv"


def test_the_map_is_always_of_now_and_of_the_one_who_asks(
    archive: TestArchive, client: TestClient, door: Callable[..., TestClient]
) -> None:
    viewer = door(archive, "viewer")

    def on_the_maps(words: str) -> tuple[bool, bool]:
        """Whether the reviewer sees these words, and whether the viewer does, on the map, in the table and on a page."""
        found = []
        for who in (client, viewer):
            seen = {words in who.get(url).text for url in (MAP, TABLE, INCIDENTS)}
            assert len(seen) == 1
            found.append(seen.pop())
        return found[0], found[1]

    # A paper wrote of one incident, and a witness, who may be known to few, told of another.
    paper = client.post(INCIDENTS, json=an_incident("A raid", at=TURBAT)).json()
    witness = a_source("A testimony", by=None, kind="testimony_witness", author="Gul Beispiel")
    told = client.post(INCIDENTS, json=an_incident("A taking", at=QUETTA, source=witness))
    assert told.status_code == 201, told.text
    # At night the service lays both out.
    assert keeping.fill(archive.engine) == 2
    assert on_the_maps("A raid") == on_the_maps("A taking") == (True, True)
    assert on_the_maps("Gul Beispiel") == (True, False)

    # She corrects the title: nobody gets the old one any more.
    where = f"{INCIDENTS}/{paper['id']}"
    tag = client.get(where).headers["ETag"]
    change = {"title": "A search of houses", "reason": "The paper corrected itself."}
    assert client.patch(where, json=change, headers={"If-Match": tag}).status_code == 200
    assert on_the_maps("A raid") == (False, False)
    assert on_the_maps("A search of houses") == (True, True)
    keeping.fill(archive.engine)

    # The paper is threatened, and its article sealed; then the whole incident is.
    source = f"/api/v1/sources/{client.get(where).json()['accounts'][0]['source_id']}"
    tag = client.get(source).headers["ETag"]
    sealed = {"sensitivity": "sealed", "reason": "Threats against the paper."}
    assert client.patch(source, json=sealed, headers={"If-Match": tag}).status_code == 200
    assert on_the_maps("The Example Paper") == (True, False)
    keeping.fill(archive.engine)
    assert on_the_maps("The Example Paper") == (True, False)
    tag = client.get(where).headers["ETag"]
    assert client.patch(where, json=sealed, headers={"If-Match": tag}).status_code == 200
    assert on_the_maps("A search of houses") == (True, False)
