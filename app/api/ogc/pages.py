"""The same as pages to read: small, without a script, and every word of them escaped."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from app.api.ogc.documents import ABOUT
from app.queries.rows import FlatRow

Json = dict[str, Any]
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="/docs.css"></head>
<body><nav aria-label="Where you are">{trail}</nav>
<h1>{title}</h1>
<p>{about}</p>
<main>{body}</main></body></html>
"""
TRAIL = {
    "Gawah": "", "Conformance": "/conformance", "Collections": "/collections",
    "Incidents": "/collections/incidents/items", "API": "/api",
    "What can be asked": "/collections/incidents/queryables",
}  # fmt: skip
LISTED = ("ref", "kind_label", "title", "date_edtf", "area2", "area1", "country", "geo_precision", "verification")


def page(home: str, title: str, body: Iterable[str], about: str = ABOUT) -> str:
    trail = " ".join(_lead(f"{home}{path}?f=html", name) for name, path in TRAIL.items())
    return PAGE.format(title=escape(title), about=escape(about), trail=trail, body="".join(body))


def _lead(href: str, words: str) -> str:
    return f'<a href="{escape(href)}">{escape(words)}</a>'


def links(told: Iterable[Json]) -> str:
    """A list of where a document leads."""
    items = "".join(f"<li>{_lead(one['href'], one['title'])} ({escape(one['rel'])})</li>" for one in told)
    return f"<ul>{items}</ul>"


def words(told: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in told) + "</ul>"


def pairs(told: Mapping[str, object]) -> str:
    """A table of names and values; what is not known is left out."""
    rows = ((name, value) for name, value in told.items() if value is not None)
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def asked(schema: Json) -> str:
    """The table of what a filter can compare."""
    return pairs({name: " ".join(_about(told)) for name, told in schema["properties"].items()})


def _about(told: Json) -> Iterable[str]:
    yield f"{told.get('format') or told['type']}."
    if "description" in told:
        yield f"{told['description']}."
    if "enum" in told:
        yield f"One of: {', '.join(told['enum'])}."


def doors(described: Json) -> str:
    """The table of addresses, and that of the parameters of the items."""
    addresses = {path: told["get"]["summary"] for path, told in described["paths"].items()}
    parameters = {name: told["description"] for name, told in described["components"]["parameters"].items()}
    return f"{pairs(addresses)}<h2>Parameters of the items</h2>{pairs(parameters)}"


def incidents(home: str, rows: Iterable[FlatRow]) -> str:
    """The table of a page of incidents; each leads to itself."""
    head = "".join(f"<th>{escape(name)}</th>" for name in LISTED)
    return f"<table><tr>{head}</tr>{''.join(_incident(home, row) for row in rows)}</table>"


def _incident(home: str, row: FlatRow) -> str:
    ref, *others = (str(row[name] or "") for name in LISTED)
    lead = _lead(f"{home}/collections/incidents/items/{ref}?f=html", ref)
    return f"<tr><td>{lead}</td>{''.join(f'<td>{escape(value)}</td>' for value in others)}</tr>"
