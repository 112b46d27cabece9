"""The page of the API: every door on it, who is let in, and not a call to anywhere else."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.access.policy import POLICIES
from app.api.docs import page
from tests.api.walking import OGC, doors

HIDDEN = {"/", "/docs", "/docs.css", "/openapi.json", "/api/v1/incidents.{name}", *OGC}


class Reader(HTMLParser):
    """What a page holds: its tags, what they point to, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.leads: set[str] = set()
        self.names: set[str] = set()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}
        self.leads |= {value or "" for name, value in attrs if name in {"href", "src", "action", "data"}}
        if tag not in {"meta", "link", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def html(client: TestClient) -> str:
    answer = client.get("/docs")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return answer.text


def test_anybody_reads_it(guest: TestClient) -> None:
    for path in ("/docs", "/docs.css", "/openapi.json"):
        assert guest.get(path).status_code == 200


def test_every_door_is_on_it(html: str, service: FastAPI) -> None:
    for door in doors(service):
        if door.path not in HIDDEN:
            assert f'<span class="method">{door.method}</span>{door.path}</h3>' in html
    for policy in POLICIES:
        assert policy.about in html or policy.name not in {door.policy for door in doors(service)}


def test_it_calls_nobody_and_runs_nothing(html: str, client: TestClient) -> None:
    read = Reader(html)
    assert read.open == []
    assert read.tags.isdisjoint({"script", "iframe", "object", "embed", "img", "form", "style", "base"})
    assert [name for name in read.names if name.startswith("on") or name == "style"] == []
    assert {lead for lead in read.leads if not lead.startswith("#")} == {"/docs.css", "/openapi.json"}
    style = client.get("/docs.css")
    assert style.headers["Content-Type"].startswith("text/css")
    assert re.search(r"url\(|@import|https?:", style.text) is None


def test_what_the_links_lead_to_is_there(html: str) -> None:
    for lead in Reader(html).leads:
        assert not lead.startswith("#") or f'id="{lead[1:]}"' in html


def test_a_phone_shows_it(html: str) -> None:
    assert 'name="viewport" content="width=device-width' in html
    assert '<html lang="en">' in html


EVIL = "<script src=//evil.example>\"'&"


def spoilt(told: Any) -> Any:
    """The same description with something ugly behind every word of it."""
    if isinstance(told, dict):
        return {name: spoilt(value) for name, value in told.items()}
    if isinstance(told, list):
        return [spoilt(value) for value in told]
    return told + EVIL if isinstance(told, str) else told


def test_every_word_of_it_is_escaped(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    read = Reader(page(spoilt(described)))
    assert "script" not in read.tags
    assert not any("<" in lead or "//" in lead for lead in read.leads)


def test_the_description_says_who_is_let_in_and_what_is_refused(client: TestClient, service: FastAPI) -> None:
    described = client.get("/openapi.json").json()
    assert set(described["components"]["securitySchemes"]) == {"token", "session"}
    for door in doors(service):
        if door.path in HIDDEN:
            continue
        told = described["paths"][door.path][door.method.lower()]
        assert told["x-policy"]["name"] == door.policy
        assert (told["security"] == []) == (door.policy in {"open", "link"})
        refusals = {status for status in told["responses"] if status >= "400"}
        assert {"422", "503"} <= refusals
        assert {"401", "403"} <= refusals or door.policy in {"open", "link"}
        assert "404" in refusals or "{" not in door.path
        for status in refusals:
            assert list(told["responses"][status]["content"]) == ["application/problem+json"]
