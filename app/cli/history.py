"""Who did what, and who looked."""

import json
from typing import Annotated

import typer

from app.cli.say import tell
from app.db import reading
from app.queries import audit
from app.queries.audit import AuditPage
from app.settings import Settings
from app.upkeep import archives

commands = typer.Typer()


@commands.command("history")
def show_history(
    who: Annotated[str | None, typer.Option(help="Only what this member did")] = None,
    action: Annotated[str | None, typer.Option(help="read, searched, exported, reported, amended ...")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or moment on")] = None,
    most: Annotated[int, typer.Option("--limit", help="How many lines")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line")] = False,  # noqa: FBT002
) -> None:
    """Print who did what to which record and when, newest first; reads and searches too, and never their words."""
    given = {"who": who, "action": action, "since": since, "limit": most}
    asked = AuditPage.model_validate({name: value for name, value in given.items() if value is not None})
    with reading(archives.open_up(Settings())) as session:
        lines, more = audit.page(session, asked)
    for line in lines:
        told = line.model_dump(mode="json")
        plain = f"{line.seq}\t{line.at:%Y-%m-%d %H:%M:%S}\t{line.who}\t{line.via}\t{line.action}\t{line.noun}"
        typer.echo(json.dumps(told, ensure_ascii=False) if as_json else f"{plain}\t{line.record_id}")
    if more is not None:
        tell(f"There are older lines: give a larger --limit than {most}, or narrow the question.")
