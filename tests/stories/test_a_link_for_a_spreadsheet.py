"""A partner refreshes a spreadsheet from an address, sees what may be shared and no name, until the link is over."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.access.viewer import console
from app.actions import members
from app.db import now, writing
from app.records import ExportLink
from tests.archives import TestArchive
from tests.builders import a_source, an_act, an_incident, carried_out_by, somebody
from tests.cli.helping import Gawah

LINKS = "/api/v1/export-links"
VICTIM, AUTHOR, ACCUSED = "Zarmina Beispiel", "Omar Primer", "Qasim Muster"
Opener = Callable[..., TestClient]


def enter(client: TestClient, title: str, sensitivity: str, **more: object) -> dict[str, object]:
    """A report that names everybody there is to name."""
    source = a_source(author=AUTHOR, sensitivity=sensitivity, title=f"A report on {title}")
    told = an_incident(title, source=source, sensitivity=sensitivity, country="PAK", **more)
    told["acts"] = [an_act(person=somebody(VICTIM))]
    told["involvements"] = [carried_out_by("A made-up unit"), {"person": somebody(ACCUSED), "degree": "ordered"}]
    told["involvements"].append({"described_as": "men in a grey car", "degree": "ordered"})
    made = client.post("/api/v1/incidents", json=told)
    assert made.status_code == 201, made.text
    return dict(made.json())


def table(answer: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]


def test_a_partner_refreshes_a_table_until_it_is_over(
    client: TestClient, guest: TestClient, door: Opener, archive: TestArchive
) -> None:
    for title, sensitivity in (("Shared", "partner"), ("Open", "public"), ("Ours", "restricted"), ("Kept", "sealed")):
        enter(client, title, sensitivity)
    asked = {"label": "For a made-up partner", "reach": "partner", "question": {"country": "PAK"}, "days": 30}
    made = client.post(LINKS, json=asked)
    assert made.status_code == 201, made.text
    address = made.json()["address"]

    # Excel asks what there is, and then for it; nobody signs in.
    assert guest.head(address).headers["content-type"].startswith("text/csv")
    answer = guest.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="incidents-')
    assert answer.headers["referrer-policy"] == "no-referrer"
    rows = table(answer)
    assert {row["title"] for row in rows} == {"Shared", "Open"}
    assert {row["alleged_responsible"] for row in rows} == {"A made-up unit"}
    for word in (*VICTIM.split(), *AUTHOR.split(), *ACCUSED.split(), "grey car", "Ours", "Kept"):
        assert word not in answer.text, word
    assert "A report on Shared" in answer.text

    # An auditor sees that the link was used, and history does not hold the way in.
    auditor = door(archive, "auditor")
    lines = auditor.get("/api/v1/history", params={"noun": "export_link"}).json()["items"]
    assert [line["action"] for line in lines] == ["exported", "exported", "link created"]
    assert address.split("/")[4] not in auditor.get("/api/v1/history").text
    (listed,) = client.get(LINKS).json()
    assert (listed["works"], listed["last_used_on"]) == (True, now().date().isoformat())
    assert "address" not in listed

    # It is taken back, and the address is as if it had never been.
    assert client.post(f"{LINKS}/{listed['id']}/revoke").json()["works"] is False
    never = guest.get(address.replace(address.split("/")[4], "x" * 43))
    assert (guest.get(address).status_code, guest.get(address).json()) == (404, never.json())
    assert archive.broken() is None


def test_a_link_dies_with_its_day_and_with_its_maker(
    client: TestClient, guest: TestClient, archive: TestArchive
) -> None:
    asked = {"label": "For a made-up partner", "reach": "partner"}
    first, second = (client.post(LINKS, json=asked).json() for _ in "ab")
    assert guest.get(first["address"]).status_code == 200
    with writing(archive.engine) as session:
        mine = col(ExportLink.secret_hash).is_not(None), col(ExportLink.id) == second["id"]
        past = now() - timedelta(seconds=1)
        session.execute(update(ExportLink).where(mine[0], col(ExportLink.pk) == 2).values(expires_at=past))
    assert guest.get(second["address"]).status_code == 404
    with writing(archive.engine) as session:
        members.disable(session, "a reviewer", console("tests"))
    assert guest.get(first["address"]).status_code == 404


def test_the_same_at_the_console(gawah: Gawah, home: object, guest: TestClient) -> None:
    said = gawah("link", "create", "a reviewer", "--label", "For QGIS", "--reach", "partner", "--format", "geojson")
    assert said.code == 0, said.err
    assert guest.get(said.out.strip()).json()["type"] == "FeatureCollection"
    listed = gawah("link", "list").out
    assert "For QGIS" in listed
    assert "works" in listed
    assert said.out.strip().split("/")[4] not in listed
    assert gawah("link", "revoke", listed.split("\t")[0]).code == 0
    assert guest.get(said.out.strip()).status_code == 404
    assert gawah("link", "create", "a viewer", "--label", "x").code == 2
    assert gawah("link", "revoke", "nonsense").code == 2
