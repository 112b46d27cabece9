"""Make an archive, open it, serve it, check it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from sqlalchemy import Engine

from app import imports
from app.access.viewer import console
from app.actions import keeping, members, one_use
from app.cli import people
from app.cli.say import complain, progress, tell
from app.db import reading, writing
from app.errors import Fault, Invalid
from app.main import serve_archive
from app.settings import Settings
from app.upkeep import archives, publication, sample, schema, verifying
from app.upkeep.engines import open_vault
from app.upkeep.published import open_store

commands = typer.Typer()
SAMPLE_MEMBER = "sample"
FRONT_DOOR = console("front door")
LAYING = "Laying out what is published"
READYING = "Laying out what members read"
SLOWEST_START = 60  # seconds; on a small machine several that start at once take longer than the five of uvicorn


@commands.command("open")
def open_house() -> None:
    """Open the sample archive (made the first time) or your own, and serve it. `python3 -m app` does this."""
    settings = Settings()
    if archives.exists(settings):
        engine = archives.open_up(settings)
    else:
        tell("Making the sample archive, once ...")
        engine = begin_sample(settings)
    if archives.kind(engine) == "sample":
        with writing(engine) as session:
            token = members.create_token(session, SAMPLE_MEMBER, "write", 1, FRONT_DOOR)
            link = one_use.give_console_link(session, SAMPLE_MEMBER, FRONT_DOOR)
        tell("This is the sample archive: everything in it is made up, for learning.")
        tell(
            f"A link to sign in, once, within an hour: http://{settings.host}:{settings.port}/sign-in?link={link.secret}"
        )
        tell("A token to write, for one day:")
        typer.echo(token)
    _serve(engine, settings)


def begin_sample(settings: Settings) -> Engine:
    """The sample archive: some sixty made-up incidents, part of them published, and a member who may write."""
    engine = archives.begin(settings, "sample")
    outcome = imports.run(engine, imports.SAMPLE, FRONT_DOOR)
    if outcome.errors:
        raise Invalid("The sample archive is damaged.", [Fault(f.column, f.why) for f in outcome.errors])
    with writing(engine) as session:
        members.add(session, SAMPLE_MEMBER, "reviewer", FRONT_DOOR)
    sample.publish_a_part(engine, open_store(settings, engine))
    return engine


@commands.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on")] = None,
    workers: Annotated[int | None, typer.Option(help="How many server processes")] = None,
) -> None:
    """Serve the archive."""
    given = {"host": host, "port": port, "workers": workers}
    settings = Settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    _serve(archives.open_up(settings), settings)


def _serve(engine: Engine, settings: Settings) -> None:
    # Of several processes, too: the store is made once, and what is wrong is said once.
    with progress(LAYING) as advance:
        app = serve_archive(engine, settings, advance)
    tell(f"Serving http://{settings.host}:{settings.port} - stop with Ctrl+C")
    if settings.workers > 1:
        app.state.published.dispose()
        engine.dispose()
        uvicorn.run(
            "app.main:serve_from_settings", factory=True, host=settings.host, port=settings.port,
            workers=settings.workers, timeout_worker_healthcheck=SLOWEST_START, log_level="warning",
            server_header=False,
        )  # fmt: skip
        return
    uvicorn.run(app, host=settings.host, port=settings.port, log_level="warning", server_header=False)


@commands.command()
def init(
    admin: Annotated[str, typer.Option(prompt="Name of the first admin", help="Name of the first admin")],
    recovery_key: Annotated[
        Path | None, typer.Option(help="File with age public keys, one a line", exists=True)
    ] = None,
    no_recovery_key: Annotated[bool, typer.Option(help="For an archive that may be lost")] = False,  # noqa: FBT002
) -> None:
    """Make a new, empty, encrypted archive and its first admin."""
    if (recovery_key is None) != no_recovery_key:
        fault = Fault("--recovery-key", "whoever loses the key of the archive loses the archive",
                      "give a file of age public keys, or say --no-recovery-key")  # fmt: skip
        raise Invalid("Say who can recover the archive.", [fault])
    if recovery_key is not None:
        archives.recovery_keys(recovery_key)  # refused before anything is made
    settings = Settings()
    engine = archives.begin(settings, "own")
    with writing(engine) as session:
        members.add(session, admin, "admin", archives.console_user())
        link = one_use.give_link(session, admin, archives.console_user())
    if recovery_key is not None:
        tell(
            f"A copy of the key, readable only with the recovery keys: {archives.recovery_copy(settings, recovery_key)}"
        )
    tell(f"The archive is ready. Its key: {settings.key_path} - keep it apart from the database and its backups.")
    tell("Next: gawah member add NAME --role contributor; gawah token create NAME --scope write; gawah serve")
    people.show_link(settings, admin, link)


@commands.command()
def migrate() -> None:
    """Bring the schema of the archive up to date, and the published store with it."""
    settings = Settings()
    engine = archives.open_up(settings)
    with progress(LAYING) as advance:
        publication.refill(open_store(settings, engine), advance)
    with progress(READYING) as advance:
        keeping.fill(engine, advance=advance)
    tell(f"The schema stands at {schema.revision(engine)}.")


@commands.command()
def verify(*, as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON")] = False) -> None:
    """Read history and every file of evidence again and check that nothing was changed. Exit 0, or 1 with what is.

    History must hold line by line; accounts, evidence and attachments must say what it sealed; every file must hold
    what was taken in.
    """
    settings = Settings()
    engine, vault = archives.open_up(settings), open_vault(settings)
    with reading(engine) as session, progress("Reading the files", verifying.bytes_held(session)) as advance:
        verdict = verifying.verify(session, vault, advance)
    if as_json:
        typer.echo(json.dumps(_as_json(verdict)))
    else:
        _report(verdict)
    if not verdict.holds:
        complain_of(verdict)
        raise typer.Exit(1)


def _as_json(verdict: verifying.Verdict) -> dict[str, Any]:
    return {
        "lines": verdict.lines, "broken": verdict.broken.model_dump() if verdict.broken else None,
        "rows": verdict.rows, "differences": [found.model_dump(mode="json") for found in verdict.differences],
        "files": verdict.files, "damaged": [found.model_dump(mode="json") for found in verdict.damaged],
        "strays": verdict.strays,
    }  # fmt: skip


def _report(verdict: verifying.Verdict) -> None:
    """What holds."""
    if verdict.broken is None:
        typer.echo(f"History holds: {verdict.lines} lines, each fits the one before.")
        if not verdict.differences:
            counts = ", ".join(f"{count} of {noun}" for noun, count in verdict.rows.items())
            typer.echo(f"The records say what history sealed: {counts}.")
    if not verdict.damaged and not verdict.strays:
        typer.echo(f"The evidence is what was taken in: {verdict.files} file{'s' * (verdict.files != 1)}.")


def complain_of(verdict: verifying.Verdict) -> None:
    """What does not."""
    compare = "compare with a backup"
    if verdict.broken is not None:
        complain("History does not hold.", [Fault(f"line {verdict.broken.seq}", verdict.broken.what, compare)])
        tell("Records were not compared with it.")
    for title, found in (
        ("Records do not say what history sealed.", verdict.differences),
        ("Evidence is not what was taken in.", verdict.damaged),
    ):
        if found:
            complain(title, [Fault(f"{one.noun} {one.id}", one.what, compare) for one in found])
    if verdict.strays:
        mend = "left by an upload that broke off, or put there by somebody: look, then delete it"
        complain("Files lie here that no record knows.", [Fault(name, "unknown", mend) for name in verdict.strays])
