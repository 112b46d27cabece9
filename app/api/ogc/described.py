"""/ogc as OpenAPI 3.0 describes it, the one description in which QGIS looks for the size of a page."""

from typing import Any

from app import __version__
from app.api.ogc.documents import ABOUT, GEOJSON, HTML, JSON, OPENAPI, SCHEMA, TITLE
from app.api.problem import PROBLEM
from app.queries.features import MOST, ItemsQuestion

Json = dict[str, Any]
ITEMS = "/collections/incidents/items"
# Address: its name, what it is, and in what form besides HTML it comes.
DOORS: dict[str, tuple[str, str, str]] = {
    "": ("getLandingPage", "The landing page: where everything else is", JSON),
    "/api": ("getApi", "This description", OPENAPI),
    "/conformance": ("getConformance", "What of the standards is kept", JSON),
    "/collections": ("getCollections", "The collections: there is one", JSON),
    "/collections/incidents": ("getCollection", "The collection of alleged incidents", JSON),
    "/collections/incidents/queryables": ("getQueryables", "What a filter can compare", SCHEMA),
    ITEMS: ("getIncidents", "The incidents that answer a question, page by page", GEOJSON),
    ITEMS + "/{ref}": ("getIncident", "One incident", GEOJSON),
}
KEPT = ("type", "format", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "items")
REFUSALS = {
    "400": "This cannot be asked: where, what, and how to mend it",
    "401": "No key was sent, or one that is not valid (any more)",
    "403": "This role, or this key, is not let in here",
    "404": "It is not there, or not for you: the same words for both",
    "410": "It was here, and was taken back",
    "414": "The address is too long",
    "503": "The database is busy, or the archive has no admin yet",
}
# GDAL and QGIS send a parameter for a column of the same name and take what comes for equal. `kind` finds the family
# of a kind here as everywhere, so it is told in words alone.
WIDER = {"kind": "`kind` (repeatable) finds the incidents of a kind and of its family"}
ONE_ALONE = frozenset({"404", "410"})
TEXT: Json = {"type": "string"}
REF: Json = {"name": "ref", "in": "path", "required": True, "schema": TEXT, "description": "As in `id` of a feature"}
LINK: Json = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": dict.fromkeys(("href", "rel", "type", "title"), TEXT),
}
FEATURE: Json = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": TEXT,
        "geometry": {"type": "object", "nullable": True, "description": "A point, or null where no place is known"},
        "properties": {"type": "object"},
        "links": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}},
    },
}
PAGE: Json = {
    "type": "object",
    "required": ["type", "features"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/Feature"}},
        "links": {"type": "array", "items": {"$ref": "#/components/schemas/Link"}},
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": {"type": "integer", "minimum": 0, "description": "On the first page alone"},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
}
FAULT: Json = {
    "type": "object",
    "properties": dict.fromkeys(("where", "what", "mend"), TEXT),
}
REFUSED: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "errors": {"type": "array", "items": FAULT},
    },
}
SCHEMES: Json = {"token": {"type": "http", "scheme": "bearer", "description": "Without it: what is published."}}


def describe(home: str) -> Json:
    """The whole description. `home`: the address of the landing page."""
    return {
        "openapi": "3.0.3",
        "info": {"title": TITLE, "version": __version__, "description": ABOUT},
        "servers": [{"url": home}],
        "security": [{}, {"token": []}],
        "paths": {path or "/": {"get": _door(path)} for path in DOORS},
        "components": {
            "parameters": parameters(),
            "schemas": {"Link": LINK, "Feature": FEATURE, "FeatureCollection": PAGE, "Problem": REFUSED},
            "responses": {status: _refusal(about) for status, about in REFUSALS.items()},
            "securitySchemes": SCHEMES,
        },
    }


def _door(path: str) -> Json:
    name, about, kind = DOORS[path]
    asked = list(parameters()) if path == ITEMS else ["f"]
    told: list[Json] = [{"$ref": f"#/components/parameters/{one}"} for one in asked]
    shape: Json = {"type": "object"}
    if path.startswith(ITEMS):
        shape = {"$ref": "#/components/schemas/" + ("FeatureCollection" if path == ITEMS else "Feature")}
    answers: Json = {"200": {"description": about, "content": {kind: {"schema": shape}, HTML: {"schema": TEXT}}}}
    one = "{" in path
    wider = {"description": f"{about}. Also: {'; '.join(WIDER.values())}."} if path == ITEMS else {}
    answers |= {
        status: {"$ref": f"#/components/responses/{status}"} for status in REFUSALS if one or status not in ONE_ALONE
    }
    if one:
        answers["308"] = {"description": "The incident leads to another"}
    return {
        "operationId": name, "summary": about, **wider, "tags": ["Features"],
        "parameters": [REF, *told] if one else told, "responses": answers,
    }  # fmt: skip


def parameters() -> Json:
    """Every parameter of the items, by its name, as OpenAPI 3.0 spells schemas; but for the wider ones."""
    schemas = ItemsQuestion.model_json_schema()["properties"]
    return {name: _parameter(name, schema) for name, schema in schemas.items() if name not in WIDER}


def _parameter(name: str, schema: Json) -> Json:
    told: Json = {"name": name, "in": "query", "required": False, "schema": _plain(schema), "style": "form"}
    told["explode"] = name not in {"bbox", "near"} and told["schema"].get("type") == "array"
    told["description"] = schema.get("description") or name.replace("_", " ").capitalize()
    if name == "limit":
        told["schema"] |= {"maximum": MOST, "default": schema["default"]}
    return told


def _plain(schema: Json) -> Json:
    """A schema without what came into OpenAPI after 3.0: null as a type, constants, and lists item by item."""
    found = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    if "const" in found:
        return {"type": "string", "enum": [found["const"]]}
    if "prefixItems" in found:
        most = 6 if found["maxItems"] == 4 else found["maxItems"]
        return {"type": "array", "items": {"type": "number"}, "minItems": found["minItems"], "maxItems": most}
    return {name: value for name, value in found.items() if name in KEPT}


def _refusal(about: str) -> Json:
    return {"description": about, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
