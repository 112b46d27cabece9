"""People who work here, and their keys."""

from typing import Annotated

import typer

from app.actions import members as actions
from app.actions import one_use
from app.actions.one_use import Link
from app.cli.say import tell
from app.db import now, reading, writing
from app.queries import members as queries
from app.queries.members import Key
from app.settings import Settings
from app.upkeep import archives

members = typer.Typer(help="People who work here.", no_args_is_help=True)
tokens = typer.Typer(help="Their keys for machines.", no_args_is_help=True)
ROLES = "viewer, contributor, reviewer, admin, auditor"


@members.command("add")
def add(name: str, role: Annotated[str, typer.Option(help=ROLES)]) -> None:
    """Let somebody in. `gawah member link` then lets them choose a password."""
    with writing(archives.open_up(Settings())) as session:
        actions.add(session, name, role, archives.console_user())
    tell(f"{name} is in, as {role}.")


@members.command("disable")
def disable(name: str) -> None:
    """Shut somebody out at once. What they did stays in history."""
    with writing(archives.open_up(Settings())) as session:
        actions.disable(session, name, archives.console_user())
    tell(f"{name} is shut out; no sign-in, link or token of theirs works any more.")


@members.command("enable")
def enable(name: str) -> None:
    """Let somebody back in. What was ended stays ended: they sign in anew."""
    with writing(archives.open_up(Settings())) as session:
        actions.enable(session, name, archives.console_user())
    tell(f"{name} is in again.")


@members.command("role")
def change_role(name: str, role: Annotated[str, typer.Argument(help=ROLES)]) -> None:
    """Give somebody another role. Their sign-ins, links and tokens end."""
    with writing(archives.open_up(Settings())) as session:
        actions.change_role(session, name, role, archives.console_user())
    tell(f"{name} works as {role} now; they sign in anew.")


@members.command("link")
def give_link(
    name: str,
    *,
    reset: Annotated[bool, typer.Option("--reset", help="They have a password, and choose another")] = False,
) -> None:
    """Make a one-use link by which somebody chooses a password, alone on the last line. It works for an hour."""
    settings = Settings()
    with writing(archives.open_up(settings)) as session:
        link = one_use.give_link(session, name, archives.console_user(), reset=reset)
    show_link(settings, name, link)


@members.command("forget-second-factor")
def forget_second_factor(name: str) -> None:
    """For somebody who lost their device: their sign-ins end, and they set another one up with their password."""
    with writing(archives.open_up(Settings())) as session:
        actions.forget_second_factor(session, name, archives.console_user())
    tell(f"{name} signs in with the password alone, and sets up another device.")


def show_link(settings: Settings, name: str, link: Link) -> None:
    """How to use a link, and the link alone on the last line of standard output."""
    where = f"http://{settings.host}:{settings.port}"
    body = '{"link": "...", "password": "..."}'
    until = f"{link.expires_at:%H:%M} UTC"
    tell(f"With this link {name} chooses a password, once, until {until}. While the archive is served:")
    tell(f"  curl {where}/api/v1/setup --json @-   and type {body}")
    typer.echo(f"{where}/setup?link={link.secret}")


@members.command("list")
def list_members() -> None:
    """Who is in."""
    with reading(archives.open_up(Settings())) as session:
        for member in queries.everyone(session):
            state = "disabled" if member.disabled_at else "active"
            typer.echo(f"{member.name}\t{member.role}\t{state}\t{member.added_at:%Y-%m-%d}")


@tokens.command("create")
def create(
    member: str,
    scope: Annotated[str, typer.Option(help="read, write or admin")] = "read",
    days: Annotated[int, typer.Option(help="How long it works")] = 90,
) -> None:
    """Make a key for a member. It is shown this once, alone on the last line."""
    with writing(archives.open_up(Settings())) as session:
        token = actions.create_token(session, member, scope, days, archives.console_user())
    tell(f"A {scope} token for {member}, for {days} days. It is not shown again:")
    typer.echo(token)


@tokens.command("list")
def list_tokens(member: Annotated[str | None, typer.Argument(help="Whose; of all without")] = None) -> None:
    """The tokens, newest first: id, member, scope, until when, and how each stands."""
    with reading(archives.open_up(Settings())) as session:
        if member is not None:
            queries.by_name(session, member)
        for key in queries.keys(session, member):
            typer.echo(f"{key.public}\t{key.member}\t{key.scope}\t{key.expires_at:%Y-%m-%d}\t{_state(key)}")


@tokens.command("revoke")
def revoke(which: Annotated[str, typer.Argument(help="The id: what stands between gwh_ and the secret")]) -> None:
    """Let a token work no more, at once."""
    with writing(archives.open_up(Settings())) as session:
        actions.revoke_token(session, which, archives.console_user())
    tell("The token does not work any more.")


def _state(key: Key) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "active" if key.expires_at > now() else "over"
