"""RIS: references as Zotero, EndNote and Mendeley read them."""

from collections.abc import Iterable, Iterator

from app.exports.citations import CONTAINED, CitationFormat, date_parts, host, names, one_line, pieces, says_it_all
from app.records.blocks import DateOut
from app.records.source import SourceOut
from app.vocabulary.reference_types import genre_of, type_of

END = "\r\n"


def entry(source: SourceOut) -> str:
    """One source, a line for each thing that is known of it."""
    publication = one_line(source.publication.name) if source.publication else None
    contained = source.kind in CONTAINED
    lines: list[tuple[str, str | None]] = [
        ("TY", type_of("ris", source.kind)),
        ("ID", str(source.id)),
        *(("AU", one_line(name)) for name in names(source.author)),
        ("TI", one_line(source.title)),
        ("T2" if contained else "PB", publication),
        *_dates(source.published),
        ("UR", source.url),
        ("DB", host(source.archive_url)),
        ("AN", source.archive_url),
        ("LA", one_line(source.language)),
        ("Y2", f"{source.received_on:%Y/%m/%d}" if source.received_on else None),
        ("M3", genre_of("ris", source.kind)),
    ]
    return "".join(f"{tag}  - {value}{END}" for tag, value in lines if value) + f"ER  - {END}{END}"


def _dates(when: DateOut | None) -> Iterator[tuple[str, str | None]]:
    """As exactly as RIS can say it; the rest goes into a note."""
    if when is None:
        return
    parts = date_parts(when)
    shared = parts[0] if len(parts) == 1 else []
    if shared:
        yield "PY", f"{shared[0]:04d}"
        yield "DA", _slashed(shared)
    elif parts and parts[0][0] == parts[-1][0]:
        yield "PY", f"{parts[0][0]:04d}"
    if not says_it_all(when) and (when.edtf or when.verbatim):
        yield "N1", f"published: {when.edtf or one_line(when.verbatim)}"


def _slashed(parts: list[int]) -> str:
    """Always three slashes: 2025/06/12/, 2025/06//, 2025///."""
    year, month, day = (*parts, None, None)[:3]
    return f"{year:04d}/{f'{month:02d}' if month else ''}/{f'{day:02d}' if day else ''}/"


def _ris(sources: Iterable[SourceOut]) -> Iterator[bytes]:
    return pieces(entry(source) for source in sources)


RIS = CitationFormat(
    "ris", "ris", "application/x-research-info-systems", "References for Zotero, EndNote and Mendeley (RIS)", _ris
)
