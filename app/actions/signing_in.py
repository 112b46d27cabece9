"""Sign in and out, choose a password, set up the second factor: each step leaves a line in history."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access import passwords, second_factor, sessions
from app.access.limits import Tries
from app.access.oidc import Identity
from app.access.policy import THE_PUBLIC
from app.access.sessions import SignedIn
from app.access.viewer import Viewer
from app.actions.members import end_sign_ins
from app.actions.one_use import CONSOLE, OVER, RESET, SETUP, end_links, member_of
from app.actions.pen import Pen
from app.db import now
from app.errors import Fault, Forbidden, Gone, Invalid, NotFound, Untimely
from app.queries import archive
from app.records import Member, MemberSession
from app.records.keys import new_id

STRANGER = Viewer("not signed in", role=THE_PUBLIC, via="web")


@dataclass(frozen=True)
class Claim:
    """Who somebody says they are. `fits`: their password bore it out; `better`: a stronger hash of it."""

    member_id: UUID | None
    kept: str | None
    fits: bool = False
    better: str | None = None


@dataclass(frozen=True)
class Entered:
    """A sign-in that has just begun: the secret for the cookie, and who it is."""

    secret: str
    here: SignedIn


def claim(session: Session, name: str) -> Claim:
    """What the archive knows of somebody of this name, who may be nobody."""
    found = session.execute(select(Member.id, Member.password_hash).where(col(Member.name) == name)).first()
    return Claim(found[0], found[1]) if found else Claim(None, None)


def prove(claim: Claim, password: str) -> Claim:
    """The same, weighed by a password. Slow on purpose: take a turn, and hold no lock of the archive meanwhile."""
    fits, better = passwords.fits(password, claim.kept)
    return replace(claim, fits=fits and claim.kept is not None, better=better)


def sign_in(session: Session, claim: Claim, code: str, tries: Tries) -> Entered | None:
    """Begin a sign-in; None, and a line in history, for whoever does not prove who they are. Raises TooMany.

    The member is read again: what has changed since the claim was weighed counts.
    """
    member = _member(session, claim.member_id)
    if member is None or not claim.fits or member.password_hash != claim.kept or member.disabled_at is not None:
        _note_failed(session, member, "password" if member is None or member.disabled_at is None else "disabled")
        return None
    if second_factor.is_set_up(member):
        tries.check_code(str(member.id))
        if not _take_code(session, member, code):
            tries.failed_code(str(member.id))
            _note_failed(session, member, "code")
            return None
    if claim.better is not None:
        _set(session, member, password_hash=claim.better)
    return _begin(session, member, "signed in")


def sign_in_by_link(session: Session, secret: str) -> Entered:
    """Begin a sign-in by the link that the console of the sample archive shows. Raises Gone."""
    _, member = member_of(session, secret, {CONSOLE})
    end_links(session, member.pk, now())
    return _begin(session, member, "signed in by link")


def sign_in_by_provider(session: Session, who: Identity) -> Entered | None:
    """Begin a sign-in for the member whom a provider bears out; None, and a line in history, for nobody of ours.

    Raises Forbidden where the role needs a second factor and the provider has asked for none.
    """
    tied = col(Member.oidc_issuer) == who.issuer, col(Member.oidc_subject) == who.subject
    member = session.exec(select(Member).where(*tied)).first()
    if member is None or member.disabled_at is not None:
        _note_failed(session, member, "provider")
        return None
    if not who.second_factor and sessions.is_needed_of(session, member.role):
        raise Forbidden("Your role needs a second factor, and the provider asked for none: sign in with your password.")
    return _begin(session, member, "signed in by provider")


def whose_link(session: Session, secret: str) -> str:
    """The name of the member who may choose a password by this link. Raises Gone."""
    return member_of(session, secret, {SETUP, RESET})[1].name


def use_link(session: Session, secret: str, hashed: str) -> Member:
    """Choose a password by a link, which works no more; every sign-in of the member ends. Raises Gone."""
    link, member = member_of(session, secret, {SETUP, RESET})
    pen = Pen(session, Viewer(member.name, member.role, via="web"))
    end_links(session, member.pk, pen.at)
    what = {"link": link.purpose, "sign_ins": end_sign_ins(session, member.pk, pen.at)}
    _set(session, member, password_hash=hashed)
    pen.note("password chosen", "member", member.id, what)
    pen.put_down()
    return member


def note_used_up(session: Session) -> None:
    """The line for a link that let nobody in."""
    _note_failed(session, None, "link")


def change_password(session: Session, claim: Claim, hashed: str) -> Entered | None:
    """Another password: every sign-in ends, and a new one begins. None when the claim does not hold any more."""
    member = _member(session, claim.member_id)
    if member is None or not claim.fits or member.password_hash != claim.kept or member.disabled_at is not None:
        _note_failed(session, member, "password")
        return None
    pen = Pen(session, Viewer(member.name, member.role, via="web"))
    end_links(session, member.pk, pen.at)
    what = {"sign_ins": end_sign_ins(session, member.pk, pen.at)}
    _set(session, member, password_hash=hashed)
    pen.note("password changed", "member", member.id, what)
    pen.put_down()
    return _begin(session, member, "signed in")


def begin_second_factor(session: Session, here: SignedIn, code: str, tries: Tries) -> str | None:
    """A new secret for the member's device, which counts once `confirm_second_factor` has seen a code of it.

    Whoever has one already shows a code of the old one; None when it does not fit. Raises TooMany.
    """
    member = _own(session, here)
    if second_factor.is_set_up(member):
        tries.check_code(str(member.id))
        if not _take_code(session, member, code):
            tries.failed_code(str(member.id))
            _note_failed(session, member, "code")
            return None
    secret = second_factor.fresh()
    pen = Pen(session, here.viewer)
    _set(session, member, totp_pending=secret)
    pen.note("second factor begun", "member", member.id, {})
    pen.put_down()
    return secret


def confirm_second_factor(session: Session, here: SignedIn, code: str, tries: Tries) -> Entered | None:
    """The device is set up: every sign-in ends, and a new one begins. None when the code does not fit.

    Raises Untimely where nothing was begun, and TooMany.
    """
    member = _own(session, here)
    if member.totp_pending is None:
        raise Untimely("No second factor is being set up: begin with POST /api/v1/session/second-factor.")
    tries.check_code(str(member.id))
    pen = Pen(session, here.viewer)
    step = second_factor.step_of(member.totp_pending, code, pen.at, None)
    if step is None:
        tries.failed_code(str(member.id))
        _note_failed(session, member, "code")
        return None
    what = {"sign_ins": end_sign_ins(session, member.pk, pen.at)}
    _set(session, member, totp_secret=member.totp_pending, totp_step=step, totp_pending=None)
    pen.note("second factor set up", "member", member.id, what)
    pen.put_down()
    return _begin(session, member, "signed in")


def sign_out(session: Session, which: UUID, by: Viewer) -> None:
    """End one sign-in of the member's own. Raises NotFound."""
    asked = select(MemberSession, Member).join(Member).where(col(MemberSession.id) == which)
    found = session.execute(asked.where(col(Member.name) == by.name)).first()
    if found is None:
        raise NotFound("You have no sign-in of this id.")
    sign_in, member = found
    if sign_in.ended_at is not None:
        return
    pen = Pen(session, by)
    session.execute(update(MemberSession).where(col(MemberSession.pk) == sign_in.pk).values(ended_at=pen.at))
    pen.note("signed out", "member", member.id, {"sign_in": str(which)})
    pen.put_down()


def sign_out_everywhere(session: Session, here: SignedIn) -> int:
    """End every sign-in of the member; how many there were."""
    member = _own(session, here)
    pen = Pen(session, here.viewer)
    ended = end_sign_ins(session, member.pk, pen.at)
    pen.note("signed out everywhere", "member", member.id, {"sign_ins": ended})
    pen.put_down()
    return ended


def check_code_shape(code: str) -> None:
    """Raises Invalid for what is no code at all."""
    if not second_factor.normalised(code):
        fault = Fault("code", "not six digits", "copy the six digits that your device shows")
        raise Invalid("This is no code.", [fault])


def _own(session: Session, here: SignedIn) -> Member:
    """The member behind a sign-in that still holds. Raises Gone when it has ended since the request came in."""
    asked = select(Member, MemberSession).join(MemberSession).where(col(MemberSession.id) == here.id)
    member: Member
    member, sign_in = session.execute(asked).one()
    if member.disabled_at is not None or not sessions.holds(sign_in, now()):
        raise Gone(OVER)
    return member


def _take_code(session: Session, member: Member, code: str) -> bool:
    """Whether a code fits; then its step is kept, and neither it nor an older one fits again."""
    step = second_factor.step_of(str(member.totp_secret), code, now(), member.totp_step)
    if step is None:
        return False
    _set(session, member, totp_step=step)
    return True


def _begin(session: Session, member: Member, action: str) -> Entered:
    secret, kept = sessions.fresh()
    viewer = Viewer(member.name, member.role, sessions.scope_of(member.role), "web")
    pen = Pen(session, viewer)
    row: dict[str, Any] = {"pk": pen.number("member_session"), "id": new_id(), "member_pk": member.pk}
    times = {"started_at": pen.at, "seen_at": pen.at, "expires_at": pen.at + sessions.LONGEST, "ended_at": None}
    pen.write(MemberSession, {**row, **times, "secret_hash": kept})
    pen.note(action, "member", member.id, {"sign_in": str(row["id"])})
    pen.put_down()
    here = sessions.holder(session, secret)
    assert here is not None  # noqa: S101 - it has just been written
    return Entered(secret, here)


def _note_failed(session: Session, member: Member | None, what: str) -> None:
    """A name that nobody has is not kept: it may be somebody's password, typed in the wrong field."""
    pen = Pen(session, STRANGER)
    noun, record = ("member", member.id) if member is not None else ("archive", archive.identity(session))
    pen.note("sign-in failed", noun, record, {"by": what})
    pen.put_down()


def _member(session: Session, which: UUID | None) -> Member | None:
    return session.exec(select(Member).where(col(Member.id) == which)).first() if which is not None else None


def _set(session: Session, member: Member, **values: Any) -> None:
    session.execute(update(Member).where(col(Member.pk) == member.pk).values(**values))
