"""The description of the API as OpenAPI: who is let in at each door, by which key, and every refusal it may answer."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from app import __version__
from app.access.browsers import OVER_TLS
from app.access.policy import Policy, declared
from app.api.problem import PROBLEM

ABOUT = (
    "The witness: an archive of **alleged** human-rights incidents in which every value says who says it. "
    "Nothing here is a finding; everything is according to the sources it names."
)
SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "gwh_<id>_<secret>",
        "description": "For machines: a key made with `gawah token create` or POST /api/v1/tokens.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": OVER_TLS,
        "description": "For people: the cookie of a sign-in. What changes something needs the header X-CSRF too.",
    },
}
TEXT = {"type": "string"}
FAULT = {
    "type": "object",
    "required": ["where", "what", "mend"],
    "properties": dict.fromkeys(("where", "what", "mend"), TEXT),
}
SCHEMA = {
    "title": "Problem",
    "description": "What is wrong, where, and how to mend it (RFC 9457). It never holds what was sent.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT,
        "errors": {"type": "array", "items": FAULT},
    },
}  # fmt: skip
# FastAPI's own, which would repeat what was sent.
NOT_OURS = ("HTTPValidationError", "ValidationError")
REFUSALS = {
    401: "No key was sent, or one that is not valid (any more)",
    403: "This role, or this key, is not let in here",
    404: "It is not there, or not for you: the same words for both",
    408: "The body came too slowly",
    409: "It is there already, or not possible as things stand",
    410: "It was here, and was taken back",
    412: "Somebody else has changed it since you saw it",
    413: "The body is too large",
    414: "The address is too long",
    416: "The file has no such part",
    422: "Something is wrong with what was sent: where, what, and how to mend it",
    428: "Say with If-Match which version you saw",
    429: "Too often: wait as Retry-After says",
    503: "The database is busy, or the archive has no admin yet",
    507: "The disk did not take the file",
}
ANYWHERE = {414, 422, 503}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description; made once, for routes do not change while the service runs."""
    if app.openapi_schema is None:
        found = get_openapi(title="Gawah", version=__version__, description=ABOUT, routes=app.routes)
        components = found.setdefault("components", {})
        components["securitySchemes"] = SCHEMES
        schemas = components.setdefault("schemas", {})
        for name in NOT_OURS:
            schemas.pop(name, None)
        schemas["Problem"] = SCHEMA
        for path, method, policy in _doors(app):
            operation = found["paths"].get(path, {}).get(method)
            if operation is not None:
                _complete(operation, path, method, policy)
        app.openapi_schema = found
    return app.openapi_schema


def _doors(app: FastAPI) -> Iterator[tuple[str, str, Policy]]:
    for route in iter_route_contexts(app.routes):
        policy = declared(route.endpoint)
        if policy is not None:
            yield from ((str(route.path), method.lower(), policy) for method in route.methods or ())


def _complete(operation: dict[str, Any], path: str, method: str, policy: Policy) -> None:
    """What FastAPI cannot know of an operation: its policy, its keys, and its refusals."""
    operation["x-policy"] = {"name": policy.name, "who": policy.about, "scope": policy.scope}
    operation["security"] = _keys(policy)
    answers = operation["responses"]
    for status in sorted(_refusals(operation, path, method, policy)):
        content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers[str(status)] = {"description": REFUSALS[status], "content": content}


def _keys(policy: Policy) -> list[dict[str, list[str]]]:
    if policy.anonymous == "open":
        return []
    keys: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
    return [*keys, {}] if policy.anonymous == "published" else keys


def _refusals(operation: dict[str, Any], path: str, method: str, policy: Policy) -> set[int]:
    """The statuses other than success that an operation may answer with."""
    found = set(ANYWHERE)
    if policy.anonymous != "open":
        found |= {401, 403}
    if "{" in path:
        found |= {404, 410}
    if method != "get":
        found |= {401, 403, 404, 408, 409, 413, 429}
    if any(told["name"].lower() == "if-match" for told in operation.get("parameters", ())):
        found |= {412, 428}
    if path.startswith("/api/v1/changes"):
        found |= {410}
    if any(told["name"].lower() == "range" for told in operation.get("parameters", ())):
        found |= {416}
    if "application/octet-stream" in operation.get("requestBody", {}).get("content", {}):
        found |= {507}
    return found
