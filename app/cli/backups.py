"""Back an archive up, and restore it."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.archive import complain_of
from app.cli.say import complain, progress, tell
from app.db import now
from app.errors import Fault
from app.settings import Settings
from app.upkeep import archives, backups, restoring

commands = typer.Typer()


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write, new")],
    recipient: Annotated[list[str], typer.Option(help="An age public key that can open it; two or more")],
    *,
    one_recipient: Annotated[bool, typer.Option("--one-recipient", help="One key is enough")] = False,
) -> None:
    """Back up the archive while it is in use: database, evidence and key, in one file that the recipients can open.

    The published store is left out: `gawah publish` builds it. Exit 1 where the archive itself does not hold.
    """
    who = backups.recipients(recipient, one=one_recipient)
    settings = Settings()
    engine = archives.open_up(settings)
    with progress("Packing", backups.bytes_to_pack(engine, settings)) as advance:
        taken = backups.back_up(engine, settings, file, who, advance)
    tell(f"Backed up: {_about(taken.about)}; {taken.files} files, {taken.size} bytes, for {len(who)} keys.")
    if not taken.holds:
        complain("History does not hold, and neither will it in the backup: run `gawah verify`.", [])
        raise typer.Exit(1)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup")],
    identity: Annotated[Path, typer.Option(help="File with the secret key, as age-keygen makes it")],
    *,
    ledger: Annotated[Path | None, typer.Option(help="A newer ledger of erasures: erasures.jsonl")] = None,
) -> None:
    """Restore a backup into an empty GAWAH_DATA_DIR (and database), verify it, and erase again who was erased.

    Exit 1 where what was backed up does not hold.
    """
    settings = Settings()
    keys = restoring.identities(identity)
    with progress("Reading", file.stat().st_size if file.exists() else None) as advance:
        restored = restoring.restore(settings, file, keys, ledger, advance)
    tell(f"Restored: {_about(restored.about)}.")
    tell(f"What happened after that moment, {_since(restored.about)} ago, is not in it.")
    _say_erased(restored)
    tell("Keys, sign-ins and links that were ended since then work again: look through `gawah token list`.")
    tell("The published store is not in a backup: run `gawah publish`.")
    if not restored.verdict.holds:
        complain_of(restored.verdict)
        raise typer.Exit(1)
    tell(f"Verified: {restored.verdict.lines} lines of history, {restored.verdict.files} files of evidence.")


def _about(about: backups.About) -> str:
    moment = f"{about.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"taken {moment}, {about.incidents} incidents, history of {about.lines} lines, head {about.head[:16]}"


def _since(about: backups.About) -> str:
    return str(now() - about.taken_at).split(".", maxsplit=1)[0]


def _say_erased(restored: restoring.Restored) -> None:
    if restored.newer:
        fault = Fault(
            "erasures.jsonl", f"{restored.newer} entries are newer than the backup", "they were applied again"
        )
        complain("The backup is older than a ledger of erasures.", [fault])
    if restored.erased:
        tell(f"Erased again: {restored.erased} people.")
