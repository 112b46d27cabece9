"""Verify the whole archive: history line by line, the rows it vouches for, and every file of evidence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.actions import keeping
from app.errors import Damaged, NoKey
from app.queries import history, releases
from app.queries.history import Break
from app.queries.sealed import Difference, Sealed, compare
from app.queries.vault import Vault, check, strays
from app.records import Evidence, tallying


@dataclass
class Verdict:
    """What was read, and all that is wrong. Only when history holds are the rows compared with it."""

    lines: int
    broken: Break | None
    rows: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    files: int = 0
    damaged: list[Difference] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return self.broken is None and not (self.differences or self.damaged or self.strays)


def verify(session: Session, vault: Vault, advance: Callable[[int], None] = lambda _: None) -> Verdict:
    """Read everything again. `advance`: is told the bytes of each file that was read."""
    sealed = Sealed()
    lines, broken = history.check_chain(session, sealed.hear)
    verdict = Verdict(lines, broken)
    if broken is None:
        verdict.rows, verdict.differences = compare(session, sealed)
        _check_releases(session, verdict)
        _check_sheets(session, verdict)
        _check_texts(session, verdict)
    _check_files(session, vault, verdict, advance)
    return verdict


def _check_releases(session: Session, verdict: Verdict) -> None:
    """Each release is made again, and has to come to what history sealed."""
    number, wrong = releases.differences(session)
    if number or wrong:
        verdict.rows = verdict.rows | {releases.NOUN: number}
        verdict.differences += wrong


def _check_sheets(session: Session, verdict: Verdict) -> None:
    """The tally sheets say what one gets by counting."""
    for sheet, rows in tallying.differences(session.connection()).items():
        what = f"{rows} rows are not what its incidents come to"
        verdict.differences.append(Difference(noun=sheet, id=UUID(int=0), what=what))


def _check_texts(session: Session, verdict: Verdict) -> None:
    """What lies ready for members is what each of them would get if it were made now."""
    number = keeping.differences(cast("Engine", session.get_bind()))
    if number:
        what = f"{number} texts are not what their incidents come to"
        verdict.differences.append(Difference(noun="ready_feature", id=UUID(int=0), what=what))


def bytes_held(session: Session) -> int:
    """How much there is to read."""
    return sum(size for _, size in _files(session))


def _files(session: Session) -> set[tuple[str, int]]:
    rows = session.execute(select(Evidence.sha256, Evidence.size).distinct()).all()
    return {(sha256, size) for sha256, size in rows}


def _check_files(session: Session, vault: Vault, verdict: Verdict, advance: Callable[[int], None]) -> None:
    there = strays(vault, set())  # before the records: a file comes before its record
    wrong: dict[tuple[str, int], str] = {}
    known = _files(session)
    for sha256, size in sorted(known):
        try:
            check(vault, sha256, size)
        except (Damaged, NoKey) as refusal:
            wrong[sha256, size] = refusal.detail
        advance(size)
    verdict.files = len(known)
    if vault.key is not None:
        ours = {vault.path_of(sha256) for sha256, _ in known}
        verdict.strays = [path.relative_to(vault.folder).as_posix() for path in there if path not in ours]
    asked = select(Evidence.id, Evidence.sha256, Evidence.size).order_by(col(Evidence.pk))
    for record, sha256, size in session.execute(asked).all() if wrong else ():
        if (sha256, size) in wrong:
            verdict.damaged.append(Difference(noun="evidence", id=record, what=wrong[sha256, size]))
