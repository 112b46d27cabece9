"""How many, by month, area, kind."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import orjson
import typer
from rich.cells import cell_len

from app.actions import reads
from app.cli.moving import asking, opened
from app.cli.say import tell
from app.db import now, reading
from app.exports.format import Heading
from app.exports.totals import TOTALS, as_json, columns, rows
from app.queries.totals import Totals, TotalsQuestion, totals
from app.settings import Settings
from app.upkeep import archives
from app.upkeep.publication import OUTSIDER
from app.upkeep.published import open_store

commands = typer.Typer()


@commands.command("totals")
@asking(TotalsQuestion)
def show_totals(
    output: Annotated[str, typer.Option("-o", "--output", help="Write a table to this file: .csv or .xlsx")] = "-",
    as_text: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON")] = False,  # noqa: FBT002
    public: Annotated[bool, typer.Option(help="Of the published store alone, as everybody may read it")] = False,  # noqa: FBT002
    **filters: Any,
) -> None:
    """Count incidents and people by one to three things: `gawah totals --by month,kind --country PAK`.

    What is in no group, such as a date that spans several months, stands below with its reason.
    """
    given = {name: value for name, value in filters.items() if value not in (None, [])}
    question = TotalsQuestion.model_validate(given)
    settings = Settings()
    engine, viewer = archives.open_up(settings), archives.console_user()
    asked = {name: value if isinstance(value, list) else [str(value)] for name, value in given.items()}
    form = "xlsx" if output.endswith(".xlsx") else "csv"
    reads.note(engine, reads.Asked("/totals" if output == "-" else f"/totals.{form}", {}, asked), viewer)
    if public:
        engine, viewer = open_store(settings, engine).engine, OUTSIDER
    with reading(engine) as session:
        found = totals(session, question, viewer)
    heading = Heading(question.sentence(), now())
    if as_text:
        told = orjson.dumps(as_json(found, heading), option=orjson.OPT_INDENT_2)
        _give([told, b"\n"], output)
    elif output == "-":
        for line in _table(found):
            typer.echo(line)
    else:
        _give(TOTALS[form].write(found, heading), output)
    tell(f"{found.total} {question.sentence()}")
    for line in _beside(found):
        tell(line)


def _give(pieces: Iterable[bytes], output: str) -> None:
    with opened(output) as file:
        for piece in pieces:
            file.write(piece)


def _table(found: Totals) -> Iterator[str]:
    """Columns under their names, numbers to the right; a column in which nothing stands is left out."""
    cells = [["" if cell is None else cell for cell in row] for row in rows(found)]
    names = columns(found.by)
    told = [n for n, name in enumerate(names) if name == "incidents" or any(row[n] not in ("", 0) for row in cells)]
    lines = [[names[n] for n in told], *([str(row[n]) for n in told] for row in cells)]
    widths = [max(cell_len(line[n]) for line in lines) for n in range(len(told))]
    numbers = [all(isinstance(row[n], int) or row[n] == "" for row in cells) for n in told]
    for line in lines:
        yield "  ".join(map(_aligned, line, widths, numbers)).rstrip()


def _aligned(cell: str, width: int, number: bool) -> str:  # noqa: FBT001 - as the columns come
    space = " " * (width - cell_len(cell))
    return space + cell if number else cell + space


def _beside(found: Totals) -> Iterator[str]:
    for reason, number in found.left_out.items():
        yield f"{number} in no group: {reason.replace('_', ' ')}"
    if found.more_than_once:
        yield f"{found.more_than_once} counted more than once: an incident stands in every group that is said of it"
