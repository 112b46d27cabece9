"""The options of `gawah import`, each with the line that explains it."""

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[str, typer.Argument(help="The file; or a word: undo, suggest, save, mappings")]
Batch = Annotated[str | None, typer.Argument(help="After undo: the id of the import; after the others: a file")]
Format = Annotated[str | None, typer.Option("--format", help="Its format; found from the heading without")]
Mapping = Annotated[str | None, typer.Option(help="A mapping by its name, or its file")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="With suggest: the file to write")]
DryRun = Annotated[bool, typer.Option(help="Only check; write nothing")]
KeepGood = Annotated[bool, typer.Option(help="Record the good rows though others are refused")]
AskFirst = Annotated[bool, typer.Option(help="Record nothing as long as a name is undecided")]
Resolved = Annotated[Path | None, typer.Option(help="Decisions on names: the table of --unknown, filled in")]
Errors = Annotated[Path | None, typer.Option(help="Write what was refused or odd, and why, to this CSV")]
Refused = Annotated[
    Path | None, typer.Option(help="Write the refused rows to this .csv or .xlsx, to be mended and imported")
]
Unknown = Annotated[Path | None, typer.Option(help="Write the names that are not known here to this CSV")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON")]
AlsoEdited = Annotated[bool, typer.Option(help="With undo: also records changed since")]
Encoding = Annotated[str | None, typer.Option(help="utf-8, cp1252, cp1256 ...; found without")]
Delimiter = Annotated[str | None, typer.Option(help="comma, semicolon, tab, pipe, or the sign; found without")]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook by name or number; the first without")]
HeaderRow = Annotated[int | None, typer.Option(help="Row that names the columns; found without")]
