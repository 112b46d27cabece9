"""The doors for machines: /api/v1."""

from app.api import catalogue, downloads, imports, incidents, parts, places

ROUTERS = (
    incidents.router,
    parts.router,
    downloads.router,
    catalogue.router,
    places.router,
    imports.router,
)
