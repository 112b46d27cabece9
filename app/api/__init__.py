"""The doors for machines: /api/v1."""

from app.api import (
    actors,
    cases,
    catalogue,
    citations,
    decisions,
    downloads,
    evidence,
    history,
    imports,
    incidents,
    links,
    parts,
    people,
    places,
    reviews,
)

ROUTERS = (
    incidents.router,
    parts.router,
    reviews.router,
    links.router,
    history.router,
    decisions.router,
    citations.router,
    downloads.router,
    catalogue.router,
    people.router,
    actors.router,
    cases.router,
    places.router,
    imports.router,
    evidence.router,
)
