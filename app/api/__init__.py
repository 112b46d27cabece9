"""The doors for machines: /api/v1, and /healthz for operators."""

from app.api import catalogue, downloads, imports, incidents, parts, places
from app.api.operators import router as OPERATORS  # noqa: N812 - a constant here

ROUTERS = (
    incidents.router,
    parts.router,
    downloads.router,
    catalogue.router,
    places.router,
    imports.router,
)
