"""What the command line says of an import, and the files it writes of it: what was refused, and which names are new."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import typer

from app.cli.say import tell
from app.errors import Fault, Invalid
from app.exports.plain import PLAIN
from app.imports import Finding, Hints, Outcome, Plan, refused_rows
from app.imports.asking import names_table
from app.imports.names import Unknown
from app.imports.numbering import Numbering
from app.queries.formulas import harmless

SHOWN = 20
ACTORS, PEOPLE, PLACES, WORDS = "actor", "person", "place", "word"
CALLED = {
    ACTORS: "Actors",
    PEOPLE: "People",
    PLACES: "Places that fit nothing",
    WORDS: "Words that the mapping has not, which need no decision",
}


def report(outcome: Outcome, plan: Plan | None, *, dry_run: bool) -> None:
    """Say what came of it: in detail to whoever watches, and the counts as the result."""
    if outcome.read_as:
        tell(f"Read as {outcome.read_as}.")
    for title, findings in (("Refused", outcome.errors), ("Odd, but taken as it is", outcome.notes)):
        if findings:
            tell(f"{title}:")
            show(findings, outcome.numbering)
    _tell_changes(outcome)
    _tell_names(outcome)
    counts = ", ".join(f"{number} {name}" for name, number in outcome.counts().items())
    typer.echo(counts)
    for fate, lines in outcome.lines.items():
        if lines.ranges and outcome.rows != getattr(outcome, fate):
            tell(f"  {fate}: {outcome.numbering.row}s {str(lines)[:200]}")
    typer.echo(_ending(outcome, asks=plan is not None and plan.ask_first, dry_run=dry_run))


def _ending(outcome: Outcome, *, asks: bool, dry_run: bool) -> str:
    if outcome.recorded:
        made = ", ".join(f"{number} {CALLED[kind].lower()}" for kind, number in outcome.names.created.items() if number)
        entered = f" New here: {made}." if made else ""
        return f"Recorded.{entered} To take it back: gawah import undo {outcome.batch}"
    if outcome.rows == 0:
        return "The file has a heading and no rows; nothing was written."
    if dry_run:
        return "Only checked; nothing was written."
    if outcome.refused:
        return "Nothing was recorded. Mend the rows above, or record the good ones with --keep-good."
    if asks and outcome.names.undecided:
        return f"Nothing was recorded: {outcome.names.undecided} names are undecided (--unknown FILE, --resolved FILE)."
    return "Nothing new; nothing was written."


def show(findings: list[Finding], numbering: Numbering) -> None:
    for f in findings[:SHOWN]:
        mend = f" ({f.suggestion})" if f.suggestion else ""
        told = f"{f.why}{f' ({f.about})' if f.about else ''}{mend}"
        tell(f"  {numbering.at(f.line)}, {f.column}: {told}" if f.line else f"  {f.column} {f.value}: {told}")
    if len(findings) > SHOWN:
        tell(f"  ... and {len(findings) - SHOWN} more (--errors FILE or --json has them all)")


def _tell_changes(outcome: Outcome) -> None:
    if not outcome.changed:
        return
    tell("Changed:" if outcome.recorded else "Would change:")
    for one in outcome.changes[:SHOWN]:
        of = " ".join(word for word in (one.ref, f"({one.external_id})" if one.external_id else None) if word)
        tell(f"  {outcome.numbering.at(one.line)}, {of}, {one.field}: {one.before or '-'} -> {one.after or '-'}")
    if len(outcome.changes) > SHOWN:
        tell(f"  ... and {len(outcome.changes) - SHOWN} more fields (--json has them)")
    if outcome.not_told:
        tell(f"  ... and {outcome.not_told:,} more rows, of which only that they change is told")


def _tell_names(outcome: Outcome) -> None:
    unknown = outcome.names.found.values()
    for kind, found in groupby(sorted(unknown, key=lambda one: list(CALLED).index(one.kind)), lambda one: one.kind):
        names = list(found)
        tell(f"{CALLED[kind]}, not known here:")
        for one in names[:SHOWN]:
            like = f"; like {_likely(one)}" if one.likely else ""
            where = f"{one.column}: " if one.column else ""
            rows = f"{one.rows} rows" if one.rows > 1 else "1 row"
            at = outcome.numbering.at(one.line)
            tell(f"  {where}{one.name}: {rows}, first in {at}; {_fate(one)}{like}")
        if len(names) > SHOWN:
            tell(f"  ... and {len(names) - SHOWN} more (--unknown FILE or --json has them)")


def _fate(one: Unknown) -> str:
    if one.is_open:
        return "undecided"
    return one.do or (f"read as {one.read_as}" if one.read_as else "left empty")


def _likely(one: Unknown) -> str:
    return "; ".join(f"{likely.name} {likely.id} ({likely.likeness:g})" for likely in one.likely)


@dataclass(frozen=True)
class Files:
    """What is to be written of an import: findings, refused rows, names that are not known here, all of it as JSON."""

    errors: Path | None
    refused: Path | None
    unknown: Path | None
    as_json: bool = False

    def check(self) -> None:
        """Raises Invalid, before anything is taken in, when the refused rows are wanted as what we do not write."""
        if self.refused is not None and _form(self.refused) not in PLAIN:
            fault = Fault("--refused", "not a form we write", "name it .csv or .xlsx")
            raise Invalid("The file cannot be written.", [fault])

    def write(self, outcome: Outcome, plan: Plan | None) -> None:
        """`plan` None: of a library of references, which has no rows."""
        if self.errors is not None:
            _write_findings(self.errors, {"refused": outcome.errors, "odd": outcome.notes}, outcome.numbering)
        if self.unknown is not None:
            _write_unknown(self.unknown, outcome)
        if self.refused is not None and plan is not None:
            _write_refused(self.refused, outcome, plan.path, plan.hints)

    def write_of(self, outcome: Outcome, path: Path, hints: Hints) -> None:
        """The same of a file for which there is no plan, with its refused rows."""
        self.write(outcome, None)
        if self.refused is not None:
            _write_refused(self.refused, outcome, path, hints)


def _form(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _write_findings(path: Path, findings: dict[str, list[Finding]], numbering: Numbering) -> None:
    """A table like those we export: what a spreadsheet could run as a formula is made harmless."""
    heading = ["outcome", "line", "column", "value", "why", "suggestion", "about", "place"]
    told = ((fate, one.as_json(numbering)) for fate, found in findings.items() for one in found)
    rows = ([fate, *finding.values()] for fate, finding in told)
    _write_table(path, heading, (map(harmless, row) for row in rows))


def _write_unknown(path: Path, outcome: Outcome) -> None:
    """The names that are not known here, as a table of decisions to be filled in."""
    rows = names_table(outcome.names.as_json(outcome.numbering))
    _write_table(path, next(rows), rows)


def _write_table(path: Path, heading: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)


def _write_refused(path: Path, outcome: Outcome, of: Path, hints: Hints) -> None:
    """The refused rows as they stand in the file, with their reasons. Raises Invalid when they do not fit a sheet."""
    rows = refused_rows(of, outcome.errors, hints)
    fresh = path.with_name(f".{path.name}.part")
    try:
        with fresh.open("wb") as file:
            file.writelines(PLAIN[_form(path)].write(rows))
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
