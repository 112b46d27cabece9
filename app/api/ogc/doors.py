"""/ogc: the landing page, conformance, the collection, what can be asked of it, and its items."""

from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from app.access.policy import READ, WORDS, allow
from app.api.ogc import pages
from app.api.ogc.asking import Form, OgcRoute, Shown, home_of, wants_page
from app.api.ogc.described import describe
from app.api.ogc.documents import (
    GEOJSON,
    HTML,
    JSON,
    OPENAPI,
    SCHEMA,
    TITLE,
    both,
    collection,
    collections,
    conformance,
    landing,
    link,
    queryables,
)
from app.db import now
from app.depends import Asker, Opening, Reading
from app.queries import features
from app.queries.features import ItemsQuestion
from app.queries.rows import moment
from app.queries.written import feature

router = APIRouter(prefix="/ogc", route_class=OgcRoute, include_in_schema=False)
Asked = Annotated[Shown, Query()]
ASKED_AS = {"Vary": "Accept"}
ITEMS = "/collections/incidents/items"


def _page(request: Request, title: str, *body: str) -> Response:
    return HTMLResponse(pages.page(home_of(request), title, body), headers=ASKED_AS)


def _document(document: bytes, kind: str) -> Response:
    return Response(document, headers=ASKED_AS | {"Content-Type": kind})


def _answer(request: Request, form: Form | None, told: Any, kind: str, page: Iterable[str]) -> Response:
    """A document, or its page: the title first, then what stands on it."""
    return _page(request, *page) if wants_page(request, form) else _document(orjson.dumps(told), kind)


@router.get("")
@allow(WORDS)
def get_landing_page(request: Request, asked: Asked) -> Response:
    """Where everything else is."""
    told = landing(home_of(request))
    return _answer(request, asked.f, told, JSON, (TITLE, pages.links(told["links"])))


@router.get("/api")
@allow(WORDS)
def get_api(request: Request, asked: Asked) -> Response:
    """All of it as OpenAPI 3.0 describes it."""
    told = describe(home_of(request))
    return _answer(request, asked.f, told, OPENAPI, ("The API", pages.doors(told)))


@router.get("/conformance")
@allow(WORDS)
def get_conformance(request: Request, asked: Asked) -> Response:
    """What of the standards is kept."""
    told = conformance(home_of(request))
    page = ("What of the standards is kept", pages.words(told["conformsTo"]))
    return _answer(request, asked.f, told, JSON, page)


@router.get("/collections")
@allow(WORDS)
def list_collections(request: Request, asked: Asked) -> Response:
    """The collections: there is one."""
    told = collections(home_of(request))
    (one,) = told["collections"]
    page = ("Collections", f"<h2>{one['title']}</h2>", pages.links(one["links"]))
    return _answer(request, asked.f, told, JSON, page)


@router.get("/collections/incidents")
@allow(WORDS)
def get_collection(request: Request, asked: Asked) -> Response:
    """The collection of alleged incidents."""
    told = collection(home_of(request))
    return _answer(request, asked.f, told, JSON, (told["title"], pages.links(told["links"])))


@router.get("/collections/incidents/queryables")
@allow(READ)
def get_queryables(request: Request, asked: Asked, viewer: Asker) -> Response:
    """What a filter can compare."""
    told = queryables(home_of(request), viewer)
    return _answer(request, asked.f, told, SCHEMA, (told["title"], pages.asked(told)))


@router.get(ITEMS)
@allow(READ)
def list_items(request: Request, question: Annotated[ItemsQuestion, Query()], read: Opening, viewer: Asker) -> Response:
    """The incidents that answer a question, page by page."""
    with read() as session:
        found = features.page(session, question, viewer)
    leads = _leads(request, question, found.next)
    if wants_page(request, question.f):
        asked = {"datetime": question.time, "filter": question.filter}
        counts = pages.pairs({"on this page": len(found.texts), "in all": found.matched, **asked})
        table = pages.incidents(home_of(request), found.rows)
        return _page(request, _titled(question.sentence()), counts, table, pages.links(leads))
    counted = {} if found.matched is None else {"numberMatched": found.matched}
    head = {"type": "FeatureCollection", "timeStamp": moment(now()), **counted, "numberReturned": len(found.texts)}
    told = orjson.dumps(head | {"links": leads})[:-1]
    return _document(b'%b,"features":[%b]}' % (told, b",".join(found.texts)), GEOJSON)


def _titled(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _leads(request: Request, question: ItemsQuestion, following: str | None) -> list[dict[str, Any]]:
    """The page itself, its other form, and the next page, each as it was asked for."""
    home = home_of(request)
    here = f"{home}{ITEMS}" + (f"?{request.url.query}" if request.url.query else "")
    page, data = (str(request.url.include_query_params(f=form)) for form in ("html", "json"))
    is_page = wants_page(request, question.f)
    found = [
        link("self", here, HTML if is_page else GEOJSON, "This page"),
        link("alternate", data if is_page else page, GEOJSON if is_page else HTML, "The same in another form"),
        link("collection", f"{home}/collections/incidents", JSON, "The collection"),
    ]
    if following is not None:
        later = str(request.url.include_query_params(cursor=following))
        found.append(link("next", later, HTML if is_page else GEOJSON, "The next page"))
    return found


@router.get(ITEMS + "/{which}")
@allow(READ)
def get_item(request: Request, which: str, asked: Asked, session: Reading, viewer: Asker) -> Response:
    """One incident by its ref; one that leads to another says where."""
    found, home = features.item(session, which, viewer), home_of(request)
    if isinstance(found, str):
        return RedirectResponse(f"{home}{ITEMS}/{found}", status_code=308)
    mine = f"{home}{ITEMS}/{found['ref']}"
    leads = [*both(mine, GEOJSON, "This incident"), link("collection", f"{home}/collections/incidents", JSON, "All")]
    if wants_page(request, asked.f):
        return _page(request, f"{found['ref']}: {found['title']}", pages.pairs(found), pages.links(leads))
    return _document(feature(found).text[:-1] + b',"links":' + orjson.dumps(leads) + b"}", GEOJSON)
