"""People who work here, and their keys."""

from typing import Annotated

import typer

from app.actions import members as actions
from app.cli.say import tell
from app.db import reading, writing
from app.settings import Settings
from app.upkeep import archives

members = typer.Typer(help="People who work here.", no_args_is_help=True)
tokens = typer.Typer(help="Their keys for machines.", no_args_is_help=True)


@members.command("add")
def add(name: str, role: Annotated[str, typer.Option(help="viewer, contributor, reviewer, admin, auditor")]) -> None:
    """Let somebody in."""
    with writing(archives.open_up(Settings())) as session:
        actions.add(session, name, role, archives.console_user())
    tell(f"{name} is in, as {role}.")


@members.command("disable")
def disable(name: str) -> None:
    """Shut somebody out at once. What they did stays in history."""
    with writing(archives.open_up(Settings())) as session:
        actions.disable(session, name, archives.console_user())
    tell(f"{name} is shut out; no token of theirs works any more.")


@members.command("list")
def list_members() -> None:
    """Who is in."""
    with reading(archives.open_up(Settings())) as session:
        for member in actions.everyone(session):
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
