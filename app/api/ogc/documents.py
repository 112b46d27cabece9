"""What /ogc says of itself: landing page, conformance, the one collection, and what can be asked of it."""

from typing import Any

from app.access.viewer import Viewer
from app.queries.queryables import GEOMETRY, Kind, asked_by
from app.vocabulary.word import vocabulary

Json = dict[str, Any]

JSON, GEOJSON, HTML, SCHEMA = "application/json", "application/geo+json", "text/html", "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
TITLE = "Gawah: alleged incidents"
ABOUT = (
    "Alleged human-rights incidents, according to the sources that each names. Nothing here is a finding. A point is "
    "no more exact than geo_precision and uncertainty_m say, and an incident without a known place has no point."
)
SPEC = "http://www.opengis.net/spec/"
# Only what is done and tried: docs/ogc-conformance.md.
CONFORMS = (
    *(f"{SPEC}ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    *(f"{SPEC}ogcapi-features-3/1.0/conf/{name}" for name in ("queryables", "filter", "features-filter")),
    *(f"{SPEC}cql2/1.0/conf/{name}" for name in (
        "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "property-property",
        "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions",
    )),
)  # fmt: skip
KINDS: dict[Kind, Json] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "truth": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
}
WORDS = {
    "kind": "violations", "verification": "verifications", "confidence": "confidences",
    "geo_precision": "geo_precisions",
}  # fmt: skip
TOLD = {
    "ref": "What the incident is cited by",
    "kind": "The kind of violation, this one exactly; the parameter `kind` finds those of its family too",
    "date_earliest": "The first day on which it may have been",
    "date_latest": "The last day on which it may have been",
    "uncertainty_m": "How far the point may be off, in metres",
    "location_generalised": "Whether the point stands for an area instead of the place itself",
    "independent_sources": "How many independent sources say that it took place",
}


def link(rel: str, href: str, kind: str, title: str) -> Json:
    return {"rel": rel, "href": href, "type": kind, "title": title}


def both(address: str, kind: str, title: str) -> list[Json]:
    """The two forms of one document."""
    return [link("self", address, kind, title), link("alternate", f"{address}?f=html", HTML, f"{title}, to read")]


def landing(home: str) -> Json:
    links = [
        *both(home, JSON, "This page"),
        link("service-desc", f"{home}/api", OPENAPI, "The description of this API"),
        link("service-doc", f"{home}/api?f=html", HTML, "The description of this API, to read"),
        link("conformance", f"{home}/conformance", JSON, "What of the standards is kept"),
        link("data", f"{home}/collections", JSON, "The collections"),
    ]
    return {"title": TITLE, "description": ABOUT, "links": links}


def conformance(home: str) -> Json:
    return {"conformsTo": list(CONFORMS), "links": both(f"{home}/conformance", JSON, "This page")}


def collection(home: str) -> Json:
    """The extent is the whole world, always: one that followed the points would tell where they are."""
    mine = f"{home}/collections/incidents"
    links = [
        *both(mine, JSON, "This collection"),
        link("items", f"{mine}/items", GEOJSON, "The incidents"),
        link("items", f"{mine}/items?f=html", HTML, "The incidents, to read"),
        link("http://www.opengis.net/def/rel/ogc/1.0/queryables", f"{mine}/queryables", SCHEMA, "What can be asked"),
    ]
    return {
        "id": "incidents",
        "title": "Alleged incidents",
        "description": ABOUT,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": CRS84},
            "temporal": {"interval": [[None, None]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
        },
        "links": links,
    }


def collections(home: str) -> Json:
    return {"collections": [collection(home)], "links": both(f"{home}/collections", JSON, "The collections")}


def queryables(home: str, viewer: Viewer) -> Json:
    """The columns that this viewer may compare in a filter, as a JSON Schema."""
    point: Json = {"title": "geometry", "format": "geometry-point", "x-ogc-role": "primary-geometry"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{home}/collections/incidents/queryables",
        "type": "object",
        "title": "What can be asked of alleged incidents",
        "properties": {GEOMETRY: point} | {name: _schema(name, kind) for name, kind in asked_by(viewer).items()},
        "additionalProperties": False,
    }


def _schema(name: str, kind: Kind) -> Json:
    told: Json = {"title": name.replace("_", " ")} | KINDS[kind]
    if name in TOLD:
        told["description"] = TOLD[name]
    if name in WORDS:
        told["enum"] = list(vocabulary(WORDS[name]))
    return told
