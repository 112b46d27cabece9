"""Publish what is approved."""

import json
from collections import Counter
from functools import partial
from typing import Annotated

import typer

from app.cli.say import tell
from app.db import writing
from app.records.public_version import PublicationChange
from app.settings import Settings
from app.upkeep import archives, publication
from app.upkeep.published import open_store

commands = typer.Typer()


@commands.command()
def publish(
    *,
    dry_run: Annotated[bool, typer.Option(help="Only tell what would change")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON")] = False,
) -> None:
    """Build the public store from what is approved. Without a token, everybody reads that store and nothing else."""
    settings = Settings()
    engine = archives.open_up(settings)
    store = open_store(settings, engine)
    changes = publication.publish(partial(writing, engine), store, archives.console_user(), dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps([change.model_dump() for change in changes], ensure_ascii=False))
        return
    for change in changes:
        if change.change != "unchanged" or change.reason:
            typer.echo(_line(change))
    counts = Counter(change.change for change in changes)
    tell(
        ", ".join(f"{number} {what}" for what, number in sorted(counts.items())) or "Nothing is approved to be public."
    )
    if dry_run:
        tell("Nothing was published: this only tells what would change.")


def _line(change: PublicationChange) -> str:
    why = f": {change.reason}" if change.reason else f": {', '.join(change.fields)}" if change.fields else ""
    return f"{change.change}\t{change.ref}\t{change.public_ref}{why}"
