"""Ways in and ways out: import, undo, export."""

import gzip
import inspect
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel
from sqlmodel import Session

from app import imports
from app.access.viewer import OUTSIDER, Viewer
from app.actions import batches, reads
from app.cli import dataset as lake
from app.cli import jobs, mapped, options, outcomes
from app.cli.say import progress, tell
from app.db import now, reading_at_once, writing
from app.errors import Fault, Invalid, NotFound
from app.exports import CITATIONS, FORMATS, Heading, answer, dataset
from app.imports import Hints, Outcome, Plan, citations, read_decisions
from app.imports.citations import Delivery
from app.imports.csl_json import CITES, CSL_JSON
from app.imports.references import Library
from app.queries import area_layers, cited
from app.queries import incidents as queries
from app.queries.filter import CsvFilter
from app.records.keys import new_id
from app.settings import Settings
from app.upkeep import archives
from app.upkeep.published import open_store, show_areas

T = TypeVar("T")
commands = typer.Typer()
REFUSED_ROWS, STOPPED = 3, 130
FORMS = (*FORMATS, *CITATIONS, dataset.NAME)


@commands.command("import")
def import_file(  # noqa: PLR0913, PLR0917 - a command has as many options as it has
    file: options.File,
    batch: options.Batch = None,
    file_format: options.Format = None,
    mapping: options.Mapping = None,
    output: options.Output = None,
    dry_run: options.DryRun = False,  # noqa: FBT002
    keep_good: options.KeepGood = False,  # noqa: FBT002
    ask_first: options.AskFirst = False,  # noqa: FBT002
    resolved: options.Resolved = None,
    errors: options.Errors = None,
    refused: options.Refused = None,
    unknown: options.Unknown = None,
    as_json: options.AsJson = False,  # noqa: FBT002
    also_edited: options.AlsoEdited = False,  # noqa: FBT002
    encoding: options.Encoding = None,
    delimiter: options.Delimiter = None,
    sheet: options.Sheet = None,
    header_row: options.HeaderRow = None,
) -> None:
    """Take a file in: all of it or, when a row is refused, nothing. `import undo ID` takes an import back.

    A library of references (RIS, BibTeX, CSL-JSON) brings sources, a table brings incidents. `import suggest FILE`
    writes a mapping for a table of somebody else's; `import save FILE` keeps a mapping, `import mappings` lists them.
    Exit code 0: all rows taken; 3: some were refused; 2: the file cannot be read.
    """
    if file == "undo":
        return _undo(batch, also_edited=also_edited)
    if file in mapped.WORDS:
        return mapped.WORDS[file](batch, output)
    files = outcomes.Files(errors, refused, unknown, as_json)
    files.check()
    if (library := None if mapping else _library(Path(file), file_format)) is not None:
        path = Path(file)
        outcome = _enter(Delivery(path.read_bytes(), library, path.name, dry_run, keep_good))
        return _end(outcome, None, files, dry_run=dry_run)
    how = _plan(Path(file), file_format, mapping, Hints(encoding, delimiter, sheet, header_row), resolved)
    how = replace(how, dry_run=dry_run, keep_good=keep_good, ask_first=ask_first)
    return _end(_record(how), how, files, dry_run=dry_run)


def _plan(path: Path, file_format: str | None, mapping: str | None, hints: Hints, resolved: Path | None) -> Plan:
    chosen = mapped.chosen(mapping) if mapping else None
    plan = imports.plan(path, file_format, hints=hints, mapping=chosen)
    return plan.decided(read_decisions(resolved)) if resolved else plan


def _end(outcome: Outcome, plan: Plan | None, files: outcomes.Files, *, dry_run: bool) -> None:
    files.write(outcome, plan)
    if files.as_json:
        typer.echo(json.dumps(outcome.as_json(), ensure_ascii=False))
    else:
        outcomes.report(outcome, plan, dry_run=dry_run)
    if outcome.refused:
        raise typer.Exit(REFUSED_ROWS)


def _library(path: Path, file_format: str | None) -> Library | None:
    """The format of a library of references; None for a table, and for what cannot be opened."""
    try:
        with path.open("rb") as file:
            head = file.read(citations.HEAD)
    except OSError:
        return None
    library = citations.recognise(head, path.name, file_format)
    is_table = file_format is None and library is CSL_JSON and not CITES.search(head.decode("utf-8", "replace"))
    return None if is_table else library


def _enter(delivery: Delivery) -> Outcome:
    with progress("Entering sources"):
        return citations.take(archives.open_up(Settings()), delivery, archives.console_user())


def _record(plan: Plan) -> Outcome:
    engine, plan = archives.open_up(Settings()), replace(plan, batch=new_id())
    try:
        with progress("Importing", _lines(plan.path)) as advance:
            return imports.run(engine, plan, archives.console_user(), advance)
    except KeyboardInterrupt:
        tell(jobs.left_by_an_interrupt(engine, plan.batch))
        raise typer.Exit(STOPPED) from None


def _undo(batch: str | None, *, also_edited: bool) -> None:
    try:
        which = UUID(batch or "")
    except ValueError:
        fault = Fault("BATCH", "not the id of an import", "it is printed after each import: gawah import undo ID")
        raise Invalid("Say which import.", [fault]) from None
    settings = Settings()
    engine = archives.open_up(settings)
    with writing(engine) as session:
        gone = batches.undo(session, which, archives.console_user(), also_edited=also_edited)
        layer = session.info.get(area_layers.CHANGED)
    if layer:
        show_areas(engine, open_store(settings, engine))
        tell("Taken back: the layer of areas; what lay below it holds again. History remembers it.")
    else:
        tell(f"Taken back: {gone} incidents, and the sources that nothing cites any more. History remembers them.")


def _lines(path: Path) -> int | None:
    """About how many rows of a text, for the bar; a cell with line breaks counts as several."""
    if not sys.stderr.isatty() or not {".csv", ".tsv", ".txt"}.intersection(path.suffixes):
        return None
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as raw:
        return sum(1 for _ in raw)


def asking(model: type[BaseModel]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command one option for every field of a question; it gets them as `**filters`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [p for p in inspect.signature(command).parameters.values() if p.kind is not p.VAR_KEYWORD]
        options = [_option(name, field) for name, field in model.model_fields.items()]
        command.__signature__ = inspect.Signature([*own, *options])  # type: ignore[attr-defined]
        command.__annotations__ |= {option.name: option.annotation for option in options}
        return command

    return decorate


def _option(name: str, field: Any) -> inspect.Parameter:
    many = field.default == ()
    flag = field.annotation is bool
    kind: Any = bool if flag else list[str] if many else str | None
    option = typer.Option(f"--{name.replace('_', '-')}", help=field.description or "")
    default = False if flag else None
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, keyword, default=default, annotation=Annotated[kind, option])


@commands.command("export")
@asking(CsvFilter)
def export(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join(FORMS))],
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="Of a dataset: its folder")] = None,
    output: Annotated[str, typer.Option("-o", "--output", help="The file; - is standard output")] = "-",
    public: Annotated[bool, typer.Option(help="Of the published store alone, as everybody may read it")] = False,  # noqa: FBT002
    **filters: Any,
) -> None:
    """Write the answer to a question as a file. Without filters: everything.

    csljson, ris and bib hold the sources that the incidents cite, each once. dataset is a folder with a GeoParquet
    file for each country and year.
    """
    if format_name not in FORMS:
        raise NotFound(f"There is no such format. We have: {', '.join(FORMS)}.")
    lake.check_asked(format_name, folder, output)
    question = CsvFilter.model_validate({name: value for name, value in filters.items() if value not in (None, [])})
    settings = Settings()
    engine, viewer = archives.open_up(settings), archives.console_user()
    reads.note(engine, _asked(format_name, filters), viewer)
    if public:
        engine, viewer = open_store(settings, engine).engine, OUTSIDER
    with reading_at_once(engine) as session:
        if folder is not None:
            total = lake.write(session, question, viewer, folder, public=public)
        else:
            total = _write(session, format_name, question, viewer, output)
    what = "sources of " if format_name in CITATIONS else ""
    tell(f"{total} {what}{question.sentence()}")


def _write(session: Session, format_name: str, question: CsvFilter, viewer: Viewer, output: str) -> int:
    """Write one file; how many rows it has."""
    total, rows, write = _answer(session, format_name, question, viewer)
    with progress("Exporting", total) as advance, opened(output) as file:
        for piece in write(_counted(rows, advance)):
            file.write(piece)
    return total


def _asked(format_name: str, filters: dict[str, Any]) -> reads.Asked:
    """The same question as history keeps it: as it would be asked of the service."""
    given = {name: value for name, value in filters.items() if value not in (None, [], False)}
    told = {name: value if isinstance(value, list) else [str(value)] for name, value in given.items()}
    return reads.Asked(f"/incidents.{format_name}", {}, told)


def _answer(
    session: Session, format_name: str, question: CsvFilter, viewer: Viewer
) -> tuple[int, Iterable[Any], Callable[[Iterable[Any]], Iterator[bytes]]]:
    """How many rows there will be, the rows, and how they are written."""
    if form := CITATIONS.get(format_name):
        return cited.count(session, question, viewer), cited.stream(session, question, viewer), form.write
    heading = Heading(question.sentence(), now(), question.hxl)
    told = answer(session, FORMATS[format_name], question, viewer, heading)
    return (
        queries.count(session, question, viewer),
        told.rows,
        lambda rows: FORMATS[format_name].write(replace(told, rows=rows, ready=None)),
    )


def _counted(rows: Iterable[T], advance: Callable[[int], None]) -> Iterator[T]:
    for row in rows:
        yield row
        advance(1)


@contextmanager
def opened(output: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears only when it is whole."""
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(output)
    if not target.parent.is_dir():
        raise Invalid("The file cannot be written.", [Fault("-o", "its folder is not there", "make the folder first")])
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        try:
            yield file  # type: ignore[misc]
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).replace(target)
