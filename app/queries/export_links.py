"""Export links as their makers and the admins see them; the address itself is told once and never again."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from app.access.export_links import works
from app.access.viewer import Viewer
from app.queries.filter import IncidentFilter
from app.records import ExportLink, Member

Reach = Literal["public", "partner"]
TableFormat = Literal[
    "csv", "xlsx", "csv.zip", "geojson", "geojsonl", "gpkg", "fgb", "shp.zip", "kml", "parquet"
]  # fmt: skip
LONGEST_DAYS = 366
ADDRESS = "/api/v1/shared/{}/incidents.{}"


class ExportLinkIn(BaseModel):
    """One question, for whom, in which format, and for how long."""

    model_config = ConfigDict(extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=200, description="What it is for; not part of the address")]
    question: Annotated[IncidentFilter, Field(description="The filters of GET /incidents")] = IncidentFilter()
    format: TableFormat = "csv"
    reach: Annotated[Reach, Field(description="public: as published; partner: the working archive, made by reviewers")]
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 90


class ExportLinkOut(BaseModel):
    """A link without its address. `works`: it opens something today."""

    id: UUID
    label: str
    reach: str
    format: str
    question: dict[str, Any]
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    works: bool


class NewExportLink(ExportLinkOut):
    """The same with its address, shown this once."""

    address: str


def everyones(session: Session, viewer: Viewer) -> list[ExportLinkOut]:
    """The viewer's own links, newest first; for an admin those of all, without what they ask."""
    asked = select(ExportLink, Member).join(Member).order_by(col(ExportLink.pk).desc())
    if not may_keep_all(viewer):
        asked = asked.where(col(Member.name) == viewer.name)
    return [told(link, maker, viewer) for link, maker in session.execute(asked).all()]


def may_keep_all(viewer: Viewer) -> bool:
    """Whether somebody looks after the links of others too: admins, and whoever sits at the machine."""
    return viewer.scope == "admin" and (viewer.role == "admin" or viewer.via == "cli")


def told(link: ExportLink, maker: Member, viewer: Viewer) -> ExportLinkOut:
    """A question may hold a name, and admins read none."""
    asks = viewer.name == maker.name or viewer.via == "cli"
    return ExportLinkOut(
        id=link.id, label=link.label, reach=link.reach, format=link.format, question=link.question if asks else {},
        made_by=maker.name, made_at=link.made_at, expires_at=link.expires_at, revoked_at=link.revoked_at,
        last_used_on=link.last_used_on, works=works(link, maker),
    )  # fmt: skip
