"""The canary crawl: a unique mark in every field that is not public, and none of them in anything that goes out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError
from starlette.testclient import TestClient

from app.access.policy import CLEARANCES, PARTNER
from app.access.viewer import console
from app.actions import members
from app.db import writing
from app.exports import CITATIONS, FORMATS
from app.queries import public_rows
from app.records import Source
from app.upkeep.published import SCHEMA, beside, on_postgresql
from app.vocabulary.sensitivity import PUBLIC
from tests.access.marks import SOMEWHERE, Marks, seen_by, ways, written
from tests.access.opening import opened
from tests.access.planting import NAMED, POINTS, SECOND, Grounds, lay_out, made
from tests.api.walking import EXPORT_LINKS, FROZEN, INCIDENTS, asked, doors
from tests.archives import TestArchive

pytestmark = pytest.mark.one_archive
# Fields that no door shows: two digests, and the reason for what never happened to these records.
UNREAD = ("case_event.rejected_reason", "incident.origin_hash", "incident_link.revoked_reason", "source.fingerprint")
ITEMS = "/ogc/collections/incidents/items"
QUERIES = ("", "?limit=1", "?sort=nonsense", "?cursor=AAAA", "?limit=0", "?q=killing", "?hxl=true", "?q=")


@pytest.fixture(scope="module")
def grounds(shared: TestArchive, tmp_path_factory: pytest.TempPathFactory, service: FastAPI) -> Iterator[Grounds]:
    sqlite = shared.engine.dialect.name == "sqlite"
    file = tmp_path_factory.mktemp("public") / "published.db"
    store = beside(file, shared.engine) if sqlite else on_postgresql(shared.engine)
    with writing(shared.engine) as session:
        members.add(session, SECOND, "reviewer", console("tests"))
        token = members.create_token(session, SECOND, "write", 30, console("tests"))
    archive = replace(shared, published=store, tokens=shared.tokens | {"second": token})
    yield lay_out(archive, as_role(service, archive, "reviewer"), as_role(service, archive, "second"))
    store.dispose()


def as_role(service: FastAPI, archive: TestArchive, role: str | None) -> TestClient:
    service.state.engine, service.state.vault, service.state.published = (
        archive.engine,
        archive.vault,
        archive.published,
    )
    headers = {"Authorization": f"Bearer {archive.tokens[role]}"} if role else {}
    return TestClient(service, headers=headers, follow_redirects=False)


def raw(answer: Any) -> bytes:
    """All that goes out: the status, every header, and the body, with what is packed in it."""
    headers = b"\n".join(name + b": " + value for name, value in answer.headers.raw)
    return str(answer.status_code).encode() + b"\n" + headers + b"\n\n" + opened(bytes(answer.content))


def addresses(service: FastAPI, known: list[dict[str, str]], queries: tuple[str, ...]) -> Iterator[str]:
    """Every address that can be read, for everything that is known."""
    tile = {"z": "10", "x": "691", "y": "435"}  # of POINTS
    fixed = {"name": "violations", "code": "PK-BA", "form": "csv", "noun": "incident"} | tile | FROZEN
    nowhere = {name: str(uuid4()) for ids in known for name in ids}
    for door in doors(service):
        if door.method != "GET" or "{secret}" in door.path:
            continue
        for ids in [*known, nowhere]:
            path = door.path.format_map(_Lenient(fixed | ids))
            yield asked(path)
        if "{" not in door.path:
            yield from (door.path + query for query in queries)


class _Lenient(dict[str, str]):
    """An id that is not known leads nowhere."""

    def __missing__(self, _: str) -> str:
        return "01900000-0000-7000-8000-00000000dead"


def crawl(
    service: FastAPI, client: TestClient, known: list[dict[str, str]], queries: tuple[str, ...] = ("",)
) -> Iterator[tuple[str, bytes]]:
    for address in dict.fromkeys(addresses(service, known, queries)):
        yield address, raw(client.get(address))


def spread(ids: dict[str, str]) -> list[dict[str, str]]:
    """The same ids so that each is asked for at every door that its kind fits."""
    others = {"person_id": ("accused", "missing"), "source_id": ("hidden",), "actor_id": ("private",), "account_id": ("heard",),
              "which": ("incident_id",)}  # fmt: skip
    return [ids, *({**ids, name: ids[other]} for name, found in others.items() for other in found if other in ids)]


def published_ids(public: TestClient, many: int = 2) -> list[dict[str, str]]:
    """What the public can find out by itself: the ids that its own answers hold."""
    found = []
    for row in public.get(INCIDENTS).json()["items"]:
        one = public.get(f"{INCIDENTS}/{row['ref']}").json()
        if not one["accounts"]:
            continue
        account = one["accounts"][0]
        found.append({
            "which": row["ref"], "incident_id": one["id"], "account_id": account["id"], "source_id": account["source_id"],
            "actor_id": one["involvements"][0]["actor"]["id"], "act_id": one["acts"][0]["id"], "record_id": one["id"],
        })  # fmt: skip
    assert len(found) == many
    return found


def leaks(
    grounds: Grounds, pages: Iterator[tuple[str, bytes]], *, hidden: Callable[[int], bool], secrets: bool = True
) -> dict[str, Any]:
    """What was met on these pages that should not be there, by address."""
    found: dict[str, Any] = {}
    for address, page in pages:
        met = {_name(grounds.marks, number) for number in grounds.marks.met(page) if hidden(number)}
        if secrets:
            met |= {secret for secret in grounds.secrets if secret.encode() in page and secret not in address}
        if met:
            found[address] = met
    return found


def _name(marks: Marks, number: int) -> str:
    return "a mark in disguise" if number == SOMEWHERE else f"{number}: {marks.planted[number].where}"


def everything(_: int) -> bool:
    return True


def test_a_mark_is_found_in_every_disguise() -> None:
    marks = Marks()
    texts = [marks.new("here", PUBLIC) for _ in range(12)]
    for text in (texts[7], *written(7)):
        for way, spelt in ways(text).items():
            assert marks.met(b"<" + spelt + b">") & {7, SOMEWHERE}, (text, way)
    assert marks.met(b"nothing of the kind " * 100) == set()


def test_the_public_meets_no_mark_at_any_door(grounds: Grounds, service: FastAPI) -> None:
    public = as_role(service, grounds.archive, None)
    mine = published_ids(public)
    known = [one for ids in (*mine, *grounds.known.values()) for one in spread(ids)]
    pages = dict(crawl(service, public, known, QUERIES))
    assert len(pages) > 500
    assert sum(page.startswith(b"200") for page in pages.values()) > 60
    assert any(NAMED.encode() in page for page in pages.values())
    assert leaks(grounds, iter(pages.items()), hidden=everything) == {}


def test_the_published_store_itself_holds_no_mark(grounds: Grounds) -> None:
    whole = stored(grounds.archive)
    assert b"An alleged killing, published" in whole
    assert NAMED.encode() in whole
    assert leaks(grounds, iter([("the store", whole)]), hidden=everything) == {}
    assert grounds.marks.hashed_in_file(whole) == set()


def stored(archive: TestArchive) -> bytes:
    """The raw bytes of the published store: its files, or on PostgreSQL all its rows as text."""
    store: Any = archive.published
    if store.file is not None:
        return b"".join(Path(path).read_bytes() for path in sorted(store.file.parent.glob("published.db*")))
    with archive.engine.connect() as connection:
        tables = (
            connection.exec_driver_sql(f"SELECT tablename FROM pg_tables WHERE schemaname = '{SCHEMA}'").scalars().all()
        )
        rows = [
            connection.exec_driver_sql(f'SELECT t::text FROM {SCHEMA}."{table}" t').scalars().all() for table in tables
        ]
    return "\n".join(row for found in rows for row in found).encode()


def test_searching_for_a_mark_tells_the_public_nothing(grounds: Grounds, service: FastAPI) -> None:
    public = as_role(service, grounds.archive, None)
    paths = [
        INCIDENTS,
        "/api/v1/sources",
        "/api/v1/actors",
        "/api/v1/incidents.csv",
        "/api/v1/incidents.geojson",
        ITEMS,
    ]
    fields = {INCIDENTS: ("q", "person", "source", "actor", "assigned_to", "area")}
    for number in range(0, len(grounds.marks.planted), 29):
        word = written(number)[number % 3]
        other = "".join(reversed(word))
        for path in paths:
            for name in fields.get(path, ("q",)):
                asked, likewise = (public.get(path, params={name: text}) for text in (word, other))
                assert _but(raw(asked), word) == _but(raw(likewise), other), (
                    path,
                    name,
                    grounds.marks.planted[number].where,
                )


def _but(page: bytes, word: str) -> bytes:
    """An answer without the word that was asked for, the second it was asked in, and the tag of that question."""
    # A page of the map leads to itself, so the address that was asked for stands in it.
    plain = page
    for spelt in (word, word.casefold(), quote(word), quote_plus(word)):
        plain = plain.replace(spelt.encode(), b"")
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|content-length: \d+|etag: \"[0-9a-f]{32}\"", b"", plain)


@pytest.mark.parametrize("role", ["viewer", "contributor"])
def test_a_lower_role_meets_no_mark_of_what_it_may_not_read(grounds: Grounds, service: FastAPI, role: str) -> None:
    client = as_role(service, grounds.archive, role)
    known = [one for kind in ("published", "sealed", "restricted") for one in spread(grounds.known[kind])]
    pages = crawl(service, client, known)
    hidden = lambda n: n == SOMEWHERE or not seen_by(role, grounds.marks.planted[n], CLEARANCES)  # noqa: E731
    assert leaks(grounds, pages, hidden=hidden, secrets=False) == {}


def test_a_partner_meets_no_mark_of_what_it_may_not_read(grounds: Grounds, service: FastAPI) -> None:
    client = as_role(service, grounds.archive, "reviewer")
    pages = {}
    for form in FORMATS:
        link = made(
            client.post(
                EXPORT_LINKS, json={"label": "For a partner", "reach": "partner", "format": form, "question": {}}
            )
        )
        pages[form] = raw(as_role(service, grounds.archive, None).get(link["address"]))
        assert pages[form].startswith(b"200")
    hidden = lambda n: n == SOMEWHERE or not seen_by(PARTNER, grounds.marks.planted[n], CLEARANCES)  # noqa: E731
    assert leaks(grounds, iter(pages.items()), hidden=hidden, secrets=False) == {}


def test_somebody_cleared_sees_every_mark(grounds: Grounds, service: FastAPI) -> None:
    """The crawl reaches all of it, or finding nothing would mean nothing."""
    known = [one for ids in grounds.known.values() for one in spread(ids)]
    seen: set[int] = set()
    for role in ("reviewer", "auditor"):
        for _, page in crawl(service, as_role(service, grounds.archive, role), known):
            seen |= grounds.marks.met(page)
    fields = {planted.where for planted in grounds.marks.planted.values()}
    reached = {grounds.marks.planted[number].where for number in seen - {SOMEWHERE}}
    assert " ".join(sorted(fields - reached)) == " ".join(sorted(UNREAD))


@pytest.mark.parametrize("form", [*FORMATS, *CITATIONS, "list", "one", "items", "store"])
def test_a_field_let_through_is_found_in_every_format(
    grounds: Grounds, service: FastAPI, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """The fault: the allow-list takes the title of the record for public, and lets out who wrote a source."""
    second = as_role(service, grounds.archive, "second")
    real = public_rows.allowed
    faulty = lambda table, row, ids: real(table, row, ids) | ({"title": row.author} if table is Source else {})  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(public_rows, "allowed", faulty)
        patch.setattr(public_rows, "TOLD", ())
        made(second.post("/api/v1/publication"))
    public = as_role(service, grounds.archive, None)
    row = public.get(INCIDENTS).json()["items"][0]
    path = {"list": INCIDENTS, "one": f"{INCIDENTS}/{row['ref']}", "items": ITEMS}.get(form, f"{INCIDENTS}.{form}")
    page = stored(grounds.archive) if form == "store" else raw(public.get(path))
    assert leaks(grounds, iter([(path, page)]), hidden=everything)
    made(second.post("/api/v1/publication"))
    assert leaks(grounds, iter([(path, raw(public.get(path)))]), hidden=everything) == {}


def test_the_points_are_told_apart_from_those_of_the_map(grounds: Grounds) -> None:
    assert {str(number)[:8] for point in POINTS.values() for number in point} <= grounds.secrets


@pytest.mark.parametrize("statement", [
    "SELECT name_key FROM public.person_name", "SELECT count(*) FROM public.incident", "DELETE FROM incident",
    "UPDATE incident SET title = ''", "CREATE TABLE mine (a INTEGER)", "SELECT public_secret FROM public.archive",
])  # fmt: skip
def test_the_engine_of_the_public_reads_the_published_store_and_does_nothing_else(
    grounds: Grounds, statement: str
) -> None:
    store: Any = grounds.archive.published
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM incident").scalar() == 2
        with pytest.raises(DBAPIError, match=r"denied|no such table|readonly|read-only|does not exist"):
            connection.exec_driver_sql(statement)
