"""Export links: one question as an address for Excel, Sheets and QGIS."""

from typing import Annotated, Any
from uuid import UUID

import typer

from app.actions import export_links as actions
from app.cli.moving import asking
from app.cli.say import tell
from app.db import reading, writing
from app.errors import Fault, Invalid
from app.exports import FORMATS
from app.queries import export_links as queries
from app.queries.export_links import ExportLinkIn
from app.queries.filter import IncidentFilter
from app.settings import Settings
from app.upkeep import archives

links = typer.Typer(help="Addresses that answer one question, for Excel, Sheets and QGIS.", no_args_is_help=True)


@links.command("create")
@asking(IncidentFilter)
def create(
    member: Annotated[str, typer.Argument(help="Whose link it is")],
    label: Annotated[str, typer.Option(help="What it is for")],
    reach: Annotated[
        str, typer.Option(help="public: as published; partner: the archive, made by reviewers")
    ] = "public",
    file_format: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "csv",
    days: Annotated[int, typer.Option(help="How long it works")] = 90,
    **filters: Any,
) -> None:
    """Make a link. Its address is shown this once, alone on the last line."""
    question = {name: value for name, value in filters.items() if value not in (None, [])}
    given = {"label": label, "reach": reach, "format": file_format, "days": days, "question": question}
    asked = ExportLinkIn.model_validate(given)
    with writing(archives.open_up(Settings())) as session:
        made, secret = actions.create(session, asked, member, archives.console_user())
    tell(f"A link of {member} for {made.reach}, until {made.expires_at:%Y-%m-%d}: {asked.question.sentence()}")
    tell("Put the address of your service before it. It is not shown again:")
    typer.echo(queries.ADDRESS.format(secret, made.format))


@links.command("list")
def list_links() -> None:
    """Every link, newest first, without its address."""
    with reading(archives.open_up(Settings())) as session:
        for link in queries.everyones(session, archives.console_user()):
            state = "works" if link.works else "over"
            used = link.last_used_on or "never used"
            typer.echo(
                f"{link.id}\t{link.label}\t{link.made_by}\t{link.reach}\t{link.format}\t{state}\t"
                f"{link.expires_at:%Y-%m-%d}\t{used}"
            )


@links.command("revoke")
def revoke(link: Annotated[str, typer.Argument(help="Its id, from `gawah link list`")]) -> None:
    """Let a link open nothing any more."""
    try:
        which = UUID(link)
    except ValueError:
        fault = Fault("LINK", "not the id of a link", "it stands first in `gawah link list`")
        raise Invalid("Say which link.", [fault]) from None
    with writing(archives.open_up(Settings())) as session:
        made = actions.revoke(session, which, archives.console_user())
    tell(f"The link for {made.label} opens nothing any more.")
