"""Jobs at the command line: what was left with the service, and how far it is."""

import json
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy import Engine

from app.db import reading
from app.queries import history
from app.queries import jobs as queries
from app.queries.board import Board
from app.records.job import JobOut
from app.settings import Settings
from app.upkeep import archives
from app.upkeep.engines import open_vault

commands = typer.Typer()


@commands.command("jobs")
def list_jobs(*, as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON")] = False) -> None:
    """List the imports that were left with the service, newest first: how far each is, and what came of it."""
    settings = Settings()
    board = Board(archives.open_up(settings), open_vault(settings))
    with reading(board.engine) as session:
        found = queries.listed(session, archives.console_user())
    if as_json:
        typer.echo(json.dumps([job.model_dump(mode="json") for job in found], ensure_ascii=False))
        return
    for job in found:
        typer.echo(_line(job))


def left_by_an_interrupt(engine: Engine, batch: UUID | None) -> str:
    """What there is of an import that was broken off: all of it, if that came too late, or nothing."""
    with reading(engine) as session:
        if any(there.id == batch for there in history.batches(session)):
            return f"It was all recorded already. To take it back: gawah import undo {batch}"
    return "Stopped. Nothing of this file was recorded."


def _line(job: JobOut) -> str:
    left = f" About {job.seconds_left} seconds are left." if job.seconds_left is not None else ""
    return f"{job.id}\t{job.state}\t{job.sent_by}\t{job.file_name}\t{job.told}{left}"
