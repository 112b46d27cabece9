"""Who is asking, by which door, and what they may do."""

from dataclasses import dataclass

from app.errors import Forbidden

WRITERS = frozenset({"contributor", "reviewer"})
SCOPES = ("read", "write", "admin")


@dataclass(frozen=True)
class Viewer:
    """One asker. `role`: a member role; `scope`: what their key allows; `via`: api, cli or import."""

    name: str
    role: str = "viewer"
    scope: str = "read"
    via: str = "api"


def console(name: str) -> Viewer:
    """Whoever holds the machine and the key of the archive works at the console, with every right."""
    return Viewer(name, role="reviewer", scope="admin", via="cli")


def may_write(viewer: Viewer) -> bool:
    return viewer.role in WRITERS and viewer.scope in {"write", "admin"}


def check_may_write(viewer: Viewer) -> None:
    if viewer.role not in WRITERS:
        raise Forbidden("Your role may read but not change records: ask an admin for the role contributor.")
    if viewer.scope not in {"write", "admin"}:
        raise Forbidden("This token may only read: use one made with --scope write.")


def check_may_read(viewer: Viewer) -> None:
    if viewer.role not in WRITERS | {"viewer"}:
        raise Forbidden("Your role does not read incidents: ask an admin for the role viewer.")
