"""/openapi.json, and the same to read: one page of our own, without a script or a call to anywhere."""

from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from app.access.policy import OPEN, allow
from app.api.described import describe
from app.api.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, include_in_schema=False)

STYLE = """\
:root { color-scheme: light dark; --line: #8886; --quiet: #8882; }
* { box-sizing: border-box; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
nav a { display: inline-block; padding: .25rem .75rem .25rem 0; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; margin: 1rem 0; }
article h3 { font: 600 1rem/1.5 ui-monospace, monospace; margin: 0; }
.method { display: inline-block; min-width: 4rem; padding: 0 .4rem; margin-right: .5rem; text-align: center; }
.method { border-radius: .25rem; background: var(--quiet); }
.who { margin: .25rem 0; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem .25rem 0; border-top: 1px solid var(--line); }
td:first-child { font-family: ui-monospace, monospace; min-width: 5rem; }
summary { cursor: pointer; padding: .25rem 0; }
"""
KEYS = (
    "A machine sends <code>Authorization: Bearer gwh_…</code>; people sign in and send a cookie. Without either, the "
    "doors that say so answer from the published store alone."
)
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gawah: the API</title><link rel="stylesheet" href="/docs.css"></head>
<body><h1>Gawah: the API</h1>
<p>{about}</p><p>{keys}</p>
<p>The same for machines: <a href="/openapi.json">/openapi.json</a>. Version {version}.</p>
<nav aria-label="Subjects">{subjects}</nav>
<main>{groups}</main></body></html>
"""


@router.get("/openapi.json")
@allow(OPEN)
def get_description(request: Request) -> JSONResponse:
    """The whole API as OpenAPI describes it."""
    return JSONResponse(describe(request.app))


@router.get("/docs")
@allow(OPEN)
def get_docs(request: Request) -> HTMLResponse:
    """Every door of the API on one page."""
    return HTMLResponse(page(describe(request.app)))


@router.get("/docs.css")
@allow(OPEN)
def get_style() -> Response:
    """How the page looks."""
    return Response(STYLE, media_type="text/css")


def page(described: dict[str, Any]) -> str:
    """The description as HTML; every word of it escaped."""
    groups: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            groups.setdefault((operation.get("tags") or ["Other"])[0], []).append(_door(path, method, operation))
    return PAGE.format(
        about=escape(described["info"]["description"].replace("**", "")),
        keys=KEYS,
        version=escape(described["info"]["version"]),
        subjects=" ".join(f'<a href="#{_anchor(name)}">{escape(name)}</a>' for name in groups),
        groups="".join(
            f'<section><h2 id="{_anchor(name)}">{escape(name)}</h2>{"".join(doors)}</section>'
            for name, doors in groups.items()
        ),
    )


def _anchor(name: str) -> str:
    return escape("".join(c if c.isalnum() else "-" for c in name.lower()))


def _door(path: str, method: str, operation: dict[str, Any]) -> str:
    policy = operation["x-policy"]
    key = f" Their key must allow: {policy['scope']}." if operation["security"] else ""
    answers = [(status, told.get("description", "")) for status, told in operation["responses"].items()]
    return (
        f'<article><h3><span class="method">{escape(method.upper())}</span>{escape(path)}</h3>'
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"
        f'<p class="who"><strong>Who is let in:</strong> {escape(policy["who"])}.{escape(key)}</p>'
        f"{_table('Parameters', _parameters(operation))}{_body(operation)}{_table('Answers', answers)}</article>"
    )


def _parameters(operation: dict[str, Any]) -> list[tuple[str, str]]:
    return [(told["name"], " ".join(_about(told))) for told in operation.get("parameters", ())]


def _about(told: dict[str, Any]) -> Iterator[str]:
    yield f"In the {told['in']}, {'needed' if told.get('required') else 'optional'}: {_shape(told['schema'])}."
    words = told.get("description") or told["schema"].get("description")
    if words:
        yield words


def _shape(schema: dict[str, Any]) -> str:
    """What a value is, in a few words."""
    if "anyOf" in schema:
        return " or ".join(_shape(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"repeatable {_shape(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or schema.get("$ref", "anything").rsplit("/", 1)[-1])


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    sent = [(kind, _shape(told.get("schema", {"type": "a file"}))) for kind, told in content.items()]
    return _table("What to send", sent)


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(f"<tr><td>{escape(name)}</td><td>{escape(words)}</td></tr>" for name, words in rows)
    return f"<details><summary>{escape(title)} ({len(rows)})</summary><table>{cells}</table></details>"
