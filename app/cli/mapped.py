"""Mappings at the command line: suggest one for a table, keep it by name, list them, find one."""

from collections.abc import Callable
from pathlib import Path

import typer

from app.cli.say import tell
from app.errors import Fault, Invalid
from app.imports import Mapping, mappings
from app.settings import Settings


def chosen(given: str) -> Mapping:
    """A mapping by its name, or in a file of its own. Raises Invalid and NotFound."""
    path = Path(given)
    if path.suffix == mappings.ENDING or path.is_file():
        return mappings.read(_text(path), mappings.name_of(path.name))
    return mappings.named(given, Settings().mappings_dir)


def suggest(file: str | None, output: Path | None) -> None:
    """Print a mapping for a table, or write it to a file that is not there yet."""
    path = _needed(file)
    text = mappings.suggest(path, path.name)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as fresh:
            fresh.write(text)
    except OSError as problem:
        why = "it is there already" if isinstance(problem, FileExistsError) else "it cannot be written"
        raise Invalid("The suggestion was not written.", [Fault("-o", why, "name another file")]) from None
    tell(f"Written. Look at every line of {output}, then: gawah import {path} --mapping {output} --dry-run")


def save(file: str | None, _output: Path | None) -> None:
    """Keep a mapping in the archive under the name it gives itself."""
    path = _needed(file)
    text = _text(path)
    name = mappings.read(text, mappings.name_of(path.name)).name
    mappings.save(Settings().mappings_dir, name, text)
    tell(f"Kept. To use it: gawah import FILE --mapping {name}")


def list_all(_file: str | None, _output: Path | None) -> None:
    for name, mapping in mappings.listed(Settings().mappings_dir).items():
        typer.echo(f"{name}\t{mapping.about}")


def _needed(file: str | None) -> Path:
    if file is None:
        raise Invalid("Say which file.", [Fault("FILE", "missing", "write it after the word")])
    return Path(file)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        mend = "is the name right, and is it a text in UTF-8?"
        raise Invalid("The mapping cannot be read.", [Fault("FILE", "cannot be opened as text", mend)]) from None


WORDS: dict[str, Callable[[str | None, Path | None], None]] = {"suggest": suggest, "save": save, "mappings": list_all}
