"""Who is asking, by which door, and what they may do."""

from dataclasses import dataclass

from app.access.policy import NO_READER, PARTNER, READERS, THE_PUBLIC, WRITE, WRITERS, Policy
from app.errors import Forbidden

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


# Whoever comes without a key.
OUTSIDER = Viewer("the public", role=THE_PUBLIC, scope="read")


def check_may_write(viewer: Viewer) -> None:
    check_allowed(WRITE, viewer)


def check_may_read(viewer: Viewer) -> None:
    """Raises Forbidden for a role that reads no records. The public and partners read what is theirs."""
    if viewer.role not in READERS | {THE_PUBLIC, PARTNER}:
        raise Forbidden(NO_READER)


def check_allowed(policy: Policy, viewer: Viewer) -> None:
    """Raises Forbidden for a role that the policy does not name, and for a key that does not reach so far."""
    if viewer.role not in policy.roles:
        raise Forbidden(policy.told)
    if viewer.scope not in SCOPES[SCOPES.index(policy.scope) :]:
        what = "may only read" if viewer.scope == "read" else "does not look after members and keys"
        raise Forbidden(f"This token {what}: use one made with --scope {policy.scope}.")
