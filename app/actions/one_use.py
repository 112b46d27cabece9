"""Links that let a member in once: to choose a password, or to sign in at the machine of a sample archive."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access import sessions
from app.access.tokens import digest
from app.access.viewer import Viewer
from app.actions.pen import Pen
from app.db import now
from app.errors import Gone, Untimely
from app.queries import archive
from app.queries.members import by_name
from app.records import Member, OneTimeLink

GOOD_FOR = timedelta(hours=1)
SETUP, RESET, CONSOLE = "setup", "reset", "console"
OVER = "This link is over, was used, or never was: ask an admin for a new one. Each works once, within an hour."


@dataclass(frozen=True)
class Link:
    """A link as it is shown this once."""

    secret: str
    purpose: str
    expires_at: datetime


def give_link(session: Session, name: str, by: Viewer, *, reset: bool = False) -> Link:
    """A link by which a member chooses a password; the ones before it stop working. `reset`: they have one already.

    Raises NotFound, and Untimely for a member who is out, or whose password must be reset in so many words.
    """
    member = by_name(session, name)
    if member.disabled_at is not None:
        raise Untimely("This member is disabled: enable them first (`gawah member enable`).")
    if (member.password_hash is not None) != reset:
        mend = "ask for a reset (`--reset`)" if member.password_hash is not None else "ask for a setup link"
        raise Untimely(f"This does not fit, for the member {'has no' if reset else 'has a'} password: {mend}.")
    return _make(session, member, RESET if reset else SETUP, by)


def give_console_link(session: Session, name: str, by: Viewer) -> Link:
    """A link that signs in whoever sits at the machine. Raises Untimely where the archive is not the sample."""
    if archive.kind(session) != "sample":
        raise Untimely("Only the sample archive is entered by a link: sign in with name and password.")
    return _make(session, by_name(session, name), CONSOLE, by)


def _make(session: Session, member: Member, purpose: str, by: Viewer) -> Link:
    pen = Pen(session, by)
    end_links(session, member.pk, pen.at)
    secret, kept = sessions.fresh()
    row = {"pk": pen.number("one_time_link"), "member_pk": member.pk, "purpose": purpose, "secret_hash": kept}
    until = pen.at + GOOD_FOR
    pen.write(OneTimeLink, {**row, "made_at": pen.at, "expires_at": until, "used_at": None})
    pen.note("link given", "member", member.id, {"purpose": purpose})
    pen.put_down()
    return Link(secret, purpose, until)


def member_of(session: Session, secret: str, purposes: set[str]) -> tuple[OneTimeLink, Member]:
    """The link behind a secret, and whom it lets in. Raises Gone alike for what is used, over or never was."""
    asked = select(OneTimeLink, Member).join(Member).where(col(OneTimeLink.secret_hash) == digest(secret))
    found = session.execute(asked).first()
    if found is None or found[0].purpose not in purposes:
        raise Gone(OVER)
    link, member = found
    if link.used_at is not None or link.expires_at <= now() or member.disabled_at is not None:
        raise Gone(OVER)
    return link, member


def end_links(session: Session, member_pk: int, at: datetime) -> None:
    """Let no link of a member work any more."""
    unused = (col(OneTimeLink.member_pk) == member_pk, col(OneTimeLink.used_at).is_(None))
    session.execute(update(OneTimeLink).where(*unused).values(used_at=at))
