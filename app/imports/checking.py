"""Check rows: each becomes a report that could be recorded, or a finding that says why not."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app import geography
from app.actions import placing
from app.actions.composing import Report
from app.geography import Located
from app.imports.doubles import Twice
from app.imports.importer import Draft, Finding, Importer, Repeated, Row, RowRefused
from app.imports.numbering import LINES, Numbering
from app.imports.tables import check_shape
from app.records.account import AccountIn
from app.records.act import ActIn
from app.records.incident import IncidentIn
from app.records.involvement import InvolvementIn
from app.vocabulary.word import vocabulary

LENIENT = {"imported": True}
REPEATED: dict[str, TypeAdapter[Any]] = {
    "acts": TypeAdapter(list[ActIn]),
    "involvements": TypeAdapter(list[InvolvementIn]),
}
# So many of them are kept.
MOST_REPEATED = 2048
# A point with the country that is stated beside it: country, longitude, latitude.
Point = tuple[str, float, float]
# So many rows on one spot, and such a share of all, is a centroid rather than a place.
PILE_ROWS, PILE_SHARE = 25, 0.10


@dataclass
class Checked:
    """What a check has found so far; `reports` and `strange`, the words not mapped, are those of the chunk at hand."""

    reports: list[Report] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    spots: Counter[tuple[float, float]] = field(default_factory=Counter)
    ids: dict[str, tuple[int, str]] = field(default_factory=dict)
    repeated: int = 0
    strange: list[Finding] = field(default_factory=list)
    twice: Twice = field(default_factory=Twice)
    numbering: Numbering = LINES
    repeated_lists: dict[int, tuple[Repeated, Any]] = field(default_factory=dict)

    def read(self, report: dict[str, Any]) -> IncidentIn:
        """A report as it comes in. Raises ValidationError."""
        known = report
        for name in REPEATED:
            if isinstance(part := report.get(name), Repeated):
                known = known | {name: self._known(name, part)}
        told: IncidentIn = IncidentIn.model_validate(known, context=LENIENT)
        return told

    def in_short(self) -> "Checked":
        """What is needed of it to join it to what was found in earlier rows."""
        twice = Twice(found=self.twice.found, rows=self.twice.rows, shown=self.twice.shown)
        return Checked([], self.errors, self.warnings, self.spots, self.ids, self.repeated, twice=twice)

    def anew(self) -> "Checked":
        """An empty one for the rows that follow, which remembers what was read of the archive."""
        twice = Twice(self.twice.before, numbering=self.numbering)
        return Checked(twice=twice, numbering=self.numbering, repeated_lists=self.repeated_lists)

    def is_apart_from(self, later: "Checked") -> bool:
        """Whether no row of these would have changed what was found in those."""
        ours, theirs = self.twice.rows.keys(), later.twice.rows.keys()
        return self.ids.keys().isdisjoint(later.ids) and ours.isdisjoint(theirs)

    def join(self, later: "Checked") -> None:
        """Add what was found in later rows of the same file, from which these are apart."""
        left = {id(finding) for finding in self.twice.join(later.twice)}
        self.errors += later.errors
        self.warnings += [finding for finding in later.warnings if id(finding) not in left]
        self.spots.update(later.spots)
        self.repeated += later.repeated
        self.ids |= later.ids

    def _known(self, name: str, told: Repeated) -> Any:
        """What such a list was read as when it was met first; what is wrong with it is found with its row."""
        known = self.repeated_lists.get(id(told))
        if known is None:
            if len(self.repeated_lists) >= MOST_REPEATED:
                self.repeated_lists.clear()
            try:
                known = told, REPEATED[name].validate_python(told, context=LENIENT)
            except ValidationError:
                return told
            self.repeated_lists[id(told)] = known  # with the list itself, so that its number is no other's
        return known[1]


def check(importer: Importer, rows: Iterable[Row], width: int, found: Checked) -> list[Report]:
    """The rows of one chunk that could be recorded; the rest goes to `found.errors`."""
    found.strange.clear()
    drafts = list(_drafts(importer, rows, width, found))
    stated = [report.told for _, _, report in drafts]
    located = placing.locate_all(stated)
    exchanged = _exchanged(stated, located)
    reports = []
    for (row, draft, report), areas in zip(drafts, located, strict=True):
        report.located, told = areas, report.told
        if _first_of_its_id(report, found):
            found.warnings += [*draft.warnings, *_look_at_place(row, told, importer, exchanged)]
            found.strange += draft.strange
            _see_spot(told, found)
            reports.append(report)
    return reports


def _drafts(importer: Importer, rows: Iterable[Row], width: int, found: Checked) -> Iterator[tuple[Row, Draft, Report]]:
    for row in rows:
        try:
            check_shape(row, width)
            draft = importer.draft(row)
            told = found.read(draft.report)
            more = draft.accounts
            accounts = tuple([AccountIn.model_validate(a, context=LENIENT) for a in more]) if more else ()
        except RowRefused as refused:
            found.errors.append(refused.finding)
        except ValidationError as problem:
            found.errors += _explain(importer, row, problem)
        else:
            report = Report(told, draft.raw, accounts, row.line)
            _ = report.origin_hash  # worked out while its words are at hand: to fetch them again takes longer
            yield row, draft, report


def _explain(importer: Importer, row: Row, problem: ValidationError) -> Iterator[Finding]:
    """One finding, for the first thing that is wrong with the row: mending it often mends the rest."""
    error = problem.errors(include_url=False, include_input=False)[0]
    column = _column(importer, row, error["loc"])
    why = str(error["msg"]).removeprefix("Value error, ")
    suggestion = "see the columns of the format in docs/reference/imports.md"
    yield Finding(row.line, column, str(row.values.get(column, ""))[:100], why, suggestion)


def _column(importer: Importer, row: Row, loc: tuple[int | str, ...]) -> str:
    """The column that a field came from: the nearest of its name, or what the importer says of the field it is in.

    A `kind` within a source or an act is not the column `kind`, which is that of the report.
    """
    if not loc:
        return "(the row)"
    within = (part for part in reversed(loc[1:]) if part not in IncidentIn.model_fields)
    own = next((str(part) for part in within if part in row.values), str(loc[0]))
    return importer.columns.get(own, own)


def _first_of_its_id(report: Report, found: Checked) -> bool:
    """Whether this id was not in an earlier row; the same row again is passed over, another is refused."""
    key = report.told.external_id
    if key is None:
        return True
    line, mark = found.ids.setdefault(key, (report.row_number or 0, report.origin_hash))
    if line == report.row_number:
        return True
    if mark == report.origin_hash:
        found.repeated += 1
        return False
    why = f"{found.numbering.at(line)} has the same id with other values"
    found.errors.append(Finding(report.row_number or 0, "id", key[:100], why, "keep one of the two rows"))
    return False


def _look_at_place(row: Row, told: IncidentIn, importer: Importer, exchanged: set[Point]) -> Iterator[Finding]:
    if told.lon is None or told.lat is None:
        return
    if told.lon == 0 and told.lat == 0:
        why, mend = "0, 0 lies in the sea off Africa", "leave the point out if unknown"
    elif (told.country, told.lon, told.lat) in exchanged:
        why, mend = "the point lies outside the country, and inside it when swapped", "exchange latitude and longitude"
    else:
        return
    yield Finding(row.line, importer.columns.get("lat", "lat"), f"{told.lat}, {told.lon}", why, mend)


def _exchanged(stated: list[IncidentIn], located: list[Located]) -> set[Point]:
    """The points that lie outside the stated country, and inside it when swapped; all are looked up at once."""
    outside = {
        (told.country, told.lon, told.lat)
        for told, areas in zip(stated, located, strict=True)
        if areas.country != told.country
        and told.country and told.lon is not None and told.lat is not None and abs(told.lon) <= 90
    }  # fmt: skip
    points = list(outside)
    swapped = geography.areas_at_many([lat for _, _, lat in points], [lon for _, lon, _ in points]) if points else []
    return {point for point, areas in zip(points, swapped, strict=True) if areas.country == point[0]}


def _see_spot(told: IncidentIn, found: Checked) -> None:
    """Points of areas pile up by nature; only what claims to be a spot is counted."""
    if told.geo_precision in _pins() and told.lon is not None and told.lat is not None:
        found.spots[told.lon, told.lat] += 1


@cache
def _pins() -> frozenset[str]:
    return frozenset(word.code for word in vocabulary("geo_precisions").values() if word.traits.get("pin"))


def piles(found: Checked) -> list[Finding]:
    """Spots on which so many rows lie that they are likely the middle of an area, once each."""
    located = found.spots.total()
    return [
        Finding(0, "lat", f"{lat}, {lon}", f"{n} of {located} points lie on this one spot",
                "is it the middle of an area? then give that precision")
        for (lon, lat), n in found.spots.most_common(20)
        if n >= PILE_ROWS and n >= PILE_SHARE * located
    ]  # fmt: skip
