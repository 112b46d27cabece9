"""Erase a person for good, in two steps and by two people."""

from typing import Annotated
from uuid import UUID

import typer

from app.actions import erasure as actions
from app.cli.say import tell
from app.db import reading, writing
from app.errors import Fault, Invalid, NotFound
from app.queries import erasures as queries
from app.records.erasure import ErasureDone, ErasureIn
from app.settings import Settings
from app.upkeep import archives
from app.upkeep import erasures as upkeep

commands = typer.Typer()


@commands.command()
def erase(
    person: Annotated[UUID | None, typer.Argument(help="The id of the person, never a name")] = None,
    *,
    legal_basis: Annotated[str | None, typer.Option(help="Ask for it: the law and the request, without a name")] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Do it: by another person than who asked")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Clear old pages of the database again")] = False,
) -> None:
    """Erase a person for good: one asks with --legal-basis, another does it with --confirm. Nothing brings them back.

    Their key is destroyed and their names are taken out of every record, the index and history, which still verifies.
    """
    if [legal_basis is not None, confirm, clear].count(True) != 1 or (person is None) != clear:
        fault = Fault("erase", "say which step", "give the id with --legal-basis or --confirm, or --clear alone")
        raise Invalid("One step at a time.", [fault])
    settings = Settings()
    engine = archives.open_up(settings)
    if person is None:
        tell("Old pages are cleared." if upkeep.clear(engine) else upkeep.LEFT)
    elif legal_basis is not None:
        with writing(engine) as session:
            actions.ask(session, person, ErasureIn(legal_basis=legal_basis), archives.console_user())
        tell(f"Asked. Another person does it: gawah erase {person} --confirm")
    else:
        with reading(engine) as session:
            found = queries.of_person(session, person)
            if found is None:
                raise NotFound("Nobody asked for this erasure: ask with --legal-basis.")
            asked = found.id
        _say(upkeep.at_the_console(engine, settings, asked, archives.console_user()))


def _say(done: ErasureDone) -> None:
    """What was changed on standard output, a record a line; what is left to people beside it."""
    for record in done.records:
        typer.echo(f"{record.noun}\t{record.id}\t{', '.join(record.fields)}")
    tell(f"Erased. {len(done.records)} records and {done.lines} lines of history were written anew.")
    for file in done.files:
        tell(f"Look at the file: evidence {file}")
    for warning in done.warnings:
        tell(warning)
