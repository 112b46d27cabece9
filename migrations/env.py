"""How Alembic meets the archive: the same history for both engines, always through an engine of `app.db`."""

from typing import Any

from alembic import context
from sqlalchemy import Connection

from app.records import METADATA
from app.settings import Settings
from app.upkeep.engines import connect

# Made by a migration for one engine alone and unknown to the models.
OWN = ("incident_search", "spatial_ref_sys", "ix_incident_geom", "ix_incident_newest")


def _ours(_: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001
    if not reflected or compare_to is not None or name is None:
        return True
    return not name.startswith(OWN) and not (kind == "column" and name == "geom")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        include_object=_ours,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with connect(Settings()).begin() as opened:
        migrate(opened)
