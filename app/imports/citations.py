"""Take in a library of references: its sources, all of them or nothing, each once and only if it is not here."""

import codecs
import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine

from app.access.viewer import Viewer, check_may_write
from app.actions import batches, sources
from app.actions.sources import Offered
from app.db import reading, writing
from app.errors import Fault, Invalid, Unreadable
from app.imports import bibtex, csl_json, ris
from app.imports.importer import RowRefused
from app.imports.outcome import Outcome
from app.imports.references import Library, offer

LIBRARIES: dict[str, Library] = {i.name: i for i in (csl_json.CSL_JSON, ris.RIS, bibtex.BIBTEX)}
HEAD = 64 * 1024
LARGEST = 100 * 1024 * 1024


@dataclass(frozen=True)
class Delivery:
    """A file as it was sent, and how it is to be taken in."""

    raw: bytes
    library: Library
    name: str
    dry_run: bool = False
    keep_good: bool = False


def recognise(head: bytes, name: str, format_name: str | None = None) -> Library | None:
    """The format of a file by its name for it, its beginning or its ending; None where it is no library."""
    if format_name is not None:
        return LIBRARIES.get(format_name)
    text = head[:HEAD].decode("utf-8-sig", errors="replace")
    by_look = next((library for library in LIBRARIES.values() if library.looks_so(text)), None)
    return by_look or next((i for i in LIBRARIES.values() if name.lower().endswith(i.endings)), None)


def library_of(raw: bytes, name: str, format_name: str | None) -> Library:
    """The same where it must be one. Raises Invalid and Unreadable."""
    known = ", ".join(LIBRARIES)
    if format_name is not None and format_name not in LIBRARIES:
        raise Invalid("There is no such format.", [Fault("format", "not a format we read", f"write one of: {known}")])
    library = recognise(raw, name, format_name)
    if library is None:
        raise Unreadable(f"This is no library of references that we read ({known}): name its format.")
    return library


def take(engine: Engine, delivery: Delivery, by: Viewer) -> Outcome:
    """Enter the sources of a library that are not here, in one transaction.

    Raises Unreadable when the file itself is wrong. Nothing is written then, nor when an entry is refused.
    """
    check_may_write(by)
    outcome = Outcome()
    offered = _check(delivery, outcome)
    with (reading if delivery.dry_run else writing)(engine) as session:
        here = sources.known(session, offered)
        new = sources.fresh(offered, here)
        outcome.new = len(new)
        outcome.unchanged = len(offered) - len(new)
        if new and not delivery.dry_run and (delivery.keep_good or not outcome.refused):
            about = {
                "format": delivery.library.name,
                "file_name": delivery.name,
                "file_sha256": hashlib.sha256(delivery.raw).hexdigest(),
            }
            pen, batch = batches.open_batch(session, by, about)
            sources.enter(pen, new, here)
            batches.close_batch(pen, batch, outcome.counts())
            outcome.batch, outcome.recorded = batch, True
    return outcome


def _check(delivery: Delivery, outcome: Outcome) -> list[Offered]:
    """The entries that could be entered; the others and what is odd go to the outcome."""
    offered = []
    for entry in delivery.library.read(_text(delivery.raw)):
        outcome.rows += 1
        try:
            offered.append(offer(entry))
        except RowRefused as refused:
            outcome.errors.append(refused.finding)
        outcome.notes += entry.odd
    if not outcome.rows:
        raise Unreadable(f"There is no reference in this file: is it {delivery.library.name}?")
    outcome.refused = len(outcome.errors)
    return offered


def _text(raw: bytes) -> str:
    if len(raw) > LARGEST:
        raise Unreadable("The file is larger than 100 MiB: cut it into several.")
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable("The file is UTF-16: export it as UTF-8.")
    if b"\0" in raw:
        raise Unreadable("This is not a text file: export the library as RIS, BibTeX or CSL-JSON.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise Unreadable(f"Line {line} is not UTF-8: export the library as UTF-8 (Unicode).") from None
    if not text.strip():
        raise Unreadable("The file is empty.")
    return text
