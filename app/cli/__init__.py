"""The commands of `gawah`."""

import sys

import typer
from pydantic import ValidationError

from app.cli import (
    archive,
    areas,
    backups,
    erasing,
    forms,
    history,
    jobs,
    kobo,
    links,
    moving,
    people,
    publishing,
    releases,
    totals,
    workshop,
)
from app.cli.say import complain
from app.errors import Fault, Refusal

cli = typer.Typer(
    name="gawah",
    help="The witness: an archive of alleged human-rights incidents in which every value says who says it.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
for _commands in (
    archive.commands,
    moving.commands,
    jobs.commands,
    forms.commands,
    totals.commands,
    publishing.commands,
    history.commands,
    erasing.commands,
    backups.commands,
    workshop.commands,
):
    cli.registered_commands += _commands.registered_commands
cli.add_typer(areas.areas, name="areas")
cli.add_typer(people.members, name="member")
cli.add_typer(people.tokens, name="token")
cli.add_typer(links.links, name="link")
cli.add_typer(kobo.kobo, name="kobo")
cli.add_typer(releases.releases, name="release")


def main() -> None:
    """Run the command line; a refusal becomes a sentence and exit code 2, never a traceback."""
    try:
        cli()
    except Refusal as refusal:
        complain(refusal.detail, refusal.faults)
        sys.exit(2)
    except ValidationError as problem:
        found = problem.errors(include_url=False, include_input=False)
        complain("An option is wrong.", [Fault(_option(e["loc"]), str(e["msg"])) for e in found])
        sys.exit(2)


def _option(loc: tuple[int | str, ...]) -> str:
    return "--" + str(loc[0]).replace("_", "-") if loc else "the options"


if __name__ == "__main__":
    main()
