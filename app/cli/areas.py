"""Areas: lay p-codes and boundaries of others over the areas we ship, and see which lie there."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli import options, outcomes
from app.cli.say import progress, tell
from app.db import reading
from app.imports import Hints, Outcome
from app.imports import areas as taking
from app.queries import area_layers
from app.settings import Settings
from app.upkeep import archives
from app.upkeep.published import open_store, show_areas

REFUSED_ROWS = 3
areas = typer.Typer(help="Areas of others, laid over those we ship.", no_args_is_help=True)
Source = Annotated[str, typer.Option(help="Who says so, as they want to be named: OCHA, © OpenStreetMap contributors")]
AsOf = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day for which the areas are so")]


@areas.command("import")
def import_areas(  # noqa: PLR0913, PLR0917 - a command has as many options as it has
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, GeoJSON, GeoPackage, Shapefile in a zip, KML")],
    source: Source,
    licence: Annotated[str, typer.Option(help="Under which licence, such as CC BY-IGO or ODbL 1.0")],
    layer: Annotated[
        str | None, typer.Option(help="What this set of areas is called; the name of the file without")
    ] = None,
    as_of: AsOf = None,
    country: Annotated[str | None, typer.Option(help="The country of rows that name none: PAK")] = None,
    sheet: options.Sheet = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    keep_good: options.KeepGood = False,  # noqa: FBT002
    errors: options.Errors = None,
    refused: options.Refused = None,
    as_json: options.AsJson = False,  # noqa: FBT002
) -> None:
    """Lay a file of p-codes or boundaries over the areas that are here: all of it or, when a row is refused, nothing.

    What lies below is replaced nowhere: `gawah import undo ID` takes the layer away. Exit code as of `gawah import`.
    """
    files = outcomes.Files(errors, refused, None, as_json)
    files.check()
    named, day, hints = layer or file.name.split(".")[0], as_of.date() if as_of else None, Hints(sheet=sheet)
    outcome = _take(taking.Layer(file, named, source, licence, day, country, dry_run, keep_good, hints=hints))
    files.write_of(outcome, file, hints)
    if as_json:
        typer.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        outcomes.report(outcome, None, dry_run=dry_run)
    if outcome.refused:
        raise typer.Exit(REFUSED_ROWS)


def _take(layer: taking.Layer) -> Outcome:
    settings = Settings()
    engine = archives.open_up(settings)
    with progress("Reading areas") as advance:
        outcome = taking.run(engine, layer, archives.console_user(), advance)
    if outcome.recorded:
        show_areas(engine, open_store(settings, engine))
    return outcome


@areas.command("list")
def list_layers() -> None:
    """The layers that lie over the areas we ship, the latest first."""
    with reading(archives.open_up(Settings())) as session:
        for which, one in area_layers.by_import(session):
            day, size = one.as_of.isoformat() if one.as_of else "no day", f"{one.areas} areas, {one.outlines} outlines"
            typer.echo(f"{which}\t{one.name}\t{day}\t{size}\t{one.licence}\t{one.source}")
    tell("To take one away: gawah import undo, and the id in the first column.")
