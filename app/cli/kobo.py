"""KoboToolbox: pull forms from its server, on demand or every day, and keep those that are pulled by name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from app.cli.mapped import chosen
from app.cli.moving import REFUSED_ROWS
from app.cli.outcomes import report, show
from app.cli.say import complain, progress, tell
from app.errors import Fault, Invalid, Refusal
from app.imports import mappings
from app.imports.kobo import Form, Pull, Pulled, forms, pull
from app.imports.kobo.server import checked_token
from app.imports.numbering import OBJECTS
from app.settings import Settings
from app.upkeep import archives
from app.upkeep.engines import open_vault

kobo = typer.Typer(help="Submissions of KoboToolbox, from its server.", no_args_is_help=True)
FAILED = 2
HOOK = "/api/v1/kobo/{}"
Named = Annotated[str | None, typer.Argument(help="A form that is kept by name")]
At = Annotated[str | None, typer.Option(help="The address of the server: https://eu.kobotoolbox.org")]
Uid = Annotated[str | None, typer.Option("--form", help="The id of the form, as in its address")]
By = Annotated[str | None, typer.Option(help="A mapping by its name, or its file; not needed for our own form")]
TokenFile = Annotated[
    str | None, typer.Option(help="The file with the token; without: GAWAH_KOBO_TOKEN, GAWAH_KOBO_TOKEN_FILE")
]


@kobo.command("pull")
def pull_form(  # noqa: PLR0913, PLR0917 - a command has as many options as it has
    name: Named = None,
    server: At = None,
    form: Uid = None,
    mapping: By = None,
    token_file: TokenFile = None,
    since: Annotated[str | None, typer.Option(help="Only what was received on this day or later: 2025-06-12")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every form that is kept, one after the other")] = False,  # noqa: FBT002
    dry_run: Annotated[bool, typer.Option(help="Only check; write nothing")] = False,  # noqa: FBT002
    keep_good: Annotated[bool, typer.Option(help="Record the good ones though others are refused")] = False,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON")] = False,  # noqa: FBT002
) -> None:
    """Take in what was submitted: a kept form by its name, or `--server` and `--form`. Again and again: no doubles.

    The token is read from GAWAH_KOBO_TOKEN or a file, never from the command. Exit code 0: all taken; 3: some were
    refused; 2: a form could not be pulled.
    """
    given = {"server": server, "form": form, "mapping": mapping, "token_file": token_file}
    asked = _asked(name, {key: value for key, value in given.items() if value is not None}, every=every)
    day = _day(since)
    codes: list[int] = []
    for called, one in asked.items():
        if len(asked) > 1:
            tell(f"{called}:")
        with _noting(codes):
            found = _pull(one, since=day, dry_run=dry_run, keep_good=keep_good)
            typer.echo(json.dumps(_as_json(called, found), ensure_ascii=False)) if as_json else _tell(found, dry_run)
            codes.append(REFUSED_ROWS if found.outcome.refused else 0)
    if any(codes):
        raise typer.Exit(FAILED if FAILED in codes else REFUSED_ROWS)


@kobo.command("keep")
def keep(name: Named, server: At, form: Uid, mapping: By = None, token_file: TokenFile = None) -> None:
    """Keep a form by name, for `pull NAME` and `pull --all`. Its token is not kept; a file that has it may be named."""
    if mapping is not None:
        chosen(mapping)
    told = {"server": server, "form": form, "mapping": mapping, "token_file": token_file}
    forms.keep(Settings().data_dir, name or "", Form.model_validate(told))
    tell(f"Kept. To look first: gawah kobo pull {name} --dry-run")


@kobo.command("hook")
def hook(name: Annotated[str, typer.Argument(help="A form that is kept by name")]) -> None:
    """Make the address to which KoboToolbox sends what is new. It is shown this once, alone on the last line."""
    settings = Settings()
    mapping = forms.named(settings.data_dir, name).mapping
    if mapping is not None:
        mappings.named(mapping, settings.mappings_dir)  # a file may not be there when something comes
    secret = forms.open_hook(settings.data_dir, name)
    tell("In KoboToolbox: Settings, REST Services, a new one with JSON, and the address of your service before this:")
    typer.echo(HOOK.format(secret))


@kobo.command("list")
def list_forms() -> None:
    """The forms that are kept."""
    for name, form in forms.listed(Settings().data_dir).items():
        typer.echo(f"{name}\t{form.server}\t{form.form}\t{form.mapping or ''}")


@kobo.command("forget")
def forget(name: Annotated[str, typer.Argument(help="Its name")]) -> None:
    """Keep a form no longer. What it brought stays."""
    forms.forget(Settings().data_dir, name)
    tell("Forgotten. What it brought is here still.")


def _asked(name: str | None, given: dict[str, str], *, every: bool) -> dict[str, Form]:
    """The forms that are meant, by their names. Raises Invalid unless one way of naming them was taken."""
    if (name is not None) + every + ("server" in given or "form" in given) != 1:
        fault = Fault("NAME", "not one way to say which form", "a name, or --all, or both --server and --form")
        raise Invalid("Say which form.", [fault])
    if every:
        return forms.listed(Settings().data_dir)
    if name is not None:
        return {name: forms.named(Settings().data_dir, name).model_copy(update=given)}
    made = Form.model_validate(given)
    return {made.called: made}


def _pull(form: Form, *, since: str | None, dry_run: bool, keep_good: bool) -> Pulled:
    settings = Settings()
    mapping = chosen(form.mapping) if form.mapping else None
    asked = Pull(form, _token(form, settings), mapping, settings.mappings_dir, since, dry_run, keep_good)
    engine = archives.open_up(settings)
    with progress("Pulling") as advance:
        return pull(engine, open_vault(settings), asked, archives.console_user(), advance)


def _token(form: Form, settings: Settings) -> str:
    """Of the form's own file, or of the settings. Raises Invalid, and does not repeat it."""
    file = Path(form.token_file) if form.token_file else settings.kobo_token_file
    if file is None:
        if settings.kobo_token is None:
            fault = Fault("token", "missing", "set GAWAH_KOBO_TOKEN or GAWAH_KOBO_TOKEN_FILE, or name a --token-file")
            raise Invalid("The server wants a token.", [fault])
        return checked_token(settings.kobo_token.get_secret_value())
    try:
        return checked_token(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise Invalid("The file with the token cannot be read.", [Fault("token", "no text there", "mend it")]) from None


def _day(since: str | None) -> str | None:
    try:
        return date.fromisoformat(since).isoformat() if since else None
    except ValueError:
        raise Invalid("Say since when.", [Fault("--since", "not a day", "write it as 2025-06-12")]) from None


@contextmanager
def _noting(codes: list[int]) -> Iterator[None]:
    """One form that cannot be pulled stops no other."""
    try:
        yield
    except Refusal as refusal:
        complain(refusal.detail, refusal.faults)
        codes.append(FAILED)


def _tell(found: Pulled, dry_run: bool) -> None:  # noqa: FBT001 - one of two endings
    if not found.outcome.rows:
        typer.echo("The form has no submissions to take in; nothing was written.")
    else:
        report(found.outcome, None, dry_run=dry_run)
    if found.left_out:
        tell(f"{found.left_out} submissions are not approved there and were left out; what came in earlier stays.")
    if found.gone:
        tell(f"{found.gone} submissions of earlier pulls are no longer there. Their records stay here: look at them.")
    if found.files.new:
        tell(f"{found.files.new} files came in as evidence.")
    if found.files.failed:
        tell("Files that did not come:")
        show(found.files.failed, OBJECTS)


def _as_json(name: str, found: Pulled) -> dict[str, object]:
    failed = [finding.as_json(OBJECTS) for finding in found.files.failed]
    files = {"files": found.files.new, "files_failed": failed}
    return {"form": name, **found.outcome.as_json(), "gone": found.gone, "left_out": found.left_out, **files}
