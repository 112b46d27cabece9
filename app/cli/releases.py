"""Releases: an answer of the published store, frozen under a name to cite."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from app.actions import releases as actions
from app.cli.moving import asking
from app.cli.say import tell
from app.db import reading, writing
from app.queries import releases as queries
from app.queries.filter import IncidentFilter
from app.records.release import RecallIn, ReleaseIn, ReleaseOut
from app.settings import Settings
from app.upkeep import archives, laying
from app.upkeep import releases as upkeep
from app.upkeep.published import open_store

releases = typer.Typer(help="Answers of the published store, frozen under a name to cite.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The dataset and which release of it: dataset@2026-11")]


@releases.command("create")
@asking(IncidentFilter)
def create(
    name: Name, reason: Annotated[str, typer.Option(help="Why it is made; nobody outside reads it")], **filters: Any
) -> None:
    """Freeze what everybody may read now. The files are the same for ever; fetch them from the service."""
    question = {name: value for name, value in filters.items() if value not in (None, [])}
    settings = Settings()
    engine = archives.open_up(settings)
    told = ReleaseIn.model_validate({"name": name, "reason": reason, "question": question})
    store = open_store(settings, engine)
    _show(upkeep.create(partial(writing, engine), store, told, archives.console_user()))


@releases.command("list")
def list_releases() -> None:
    """Every release, newest first."""
    with reading(archives.open_up(Settings())) as session:
        for one in queries.every(session):
            typer.echo(f"{one.name}\tedition {one.edition}\t{one.files[0].rows} incidents\t{one.as_of}\t{one.question}")


@releases.command("rebuild")
def rebuild(
    name: Name, output: Annotated[Path, typer.Option("-o", "--output", help="A folder for the files")] = Path()
) -> None:
    """Make the files of a release again out of the archive alone. They must come to the checksums in its history."""
    for file in upkeep.rebuild(archives.open_up(Settings()), name, output):
        typer.echo(output / file)


@releases.command("recall")
def recall(
    name: Name,
    refs: Annotated[list[str], typer.Argument(help="Public refs, PI-...")],
    reason: Annotated[str, typer.Option(help="Why; nobody outside reads it")],
) -> None:
    """Take incidents out of a release; it says so from then on, with its old checksums and its new ones."""
    settings = Settings()
    engine = archives.open_up(settings)
    told = RecallIn.model_validate({"refs": refs, "reason": reason})
    with writing(engine) as session:
        actions.recall_from(session, name, told, archives.console_user())
        shown = queries.shown(queries.find(session, name))
    store = open_store(settings, engine)
    laying.lay(engine, store.engine, store.writing)
    _show(shown)


def _show(made: ReleaseOut) -> None:
    tell(f"{made.name}, edition {made.edition}: {made.files[0].rows} incidents, {made.question}")
    for file in made.files:
        typer.echo(f"{file.sha256}  {file.name}")
