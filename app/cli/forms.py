"""The form for the field."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.say import tell
from app.exports.field_form import FILE, xlsform

commands = typer.Typer()


@commands.command("field-form")
def field_form(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write it")] = Path(FILE),
) -> None:
    """Write the form for KoboToolbox and ODK, in English and Urdu. What it collects comes in with `gawah import`."""
    with output.open("wb") as file:
        file.writelines(xlsform())
    tell(f"Written: {output}. Upload it to KoboToolbox or ODK as an XLSForm.")
