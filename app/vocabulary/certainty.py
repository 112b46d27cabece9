"""When something happened, as exactly as it is known and no more exactly."""

from dataclasses import dataclass
from datetime import date

from app.vocabulary import date_words
from app.vocabulary.edtf import QUALIFIERS, SAYS, SOMETIME_WITHIN, SPANS, THROUGHOUT, edtf, read

__all__ = ["QUALIFIERS", "SOMETIME_WITHIN", "SPANS", "THROUGHOUT", "When", "edtf", "parse", "precision"]


@dataclass(frozen=True, slots=True)
class When:
    """The first and last day it may have been (None: no bound), and how the days between are meant.

    `exact` is False when these facts say less than what was written (a gap, a season, a time of day): the
    caller then keeps the writing itself. ValueError for reversed days or an unknown span or qualifier.
    """

    earliest: date | None
    latest: date | None
    span: str
    qualifier: str | None
    exact: bool = True

    def __post_init__(self) -> None:
        """Refuse what no calendar holds."""
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError(SAYS["reversed"])
        if self.span not in SPANS:
            raise ValueError(SAYS["span"])
        if self.qualifier not in QUALIFIERS:
            raise ValueError(SAYS["qualifier"])

    @property
    def edtf(self) -> str | None:
        """The canonical EDTF of these facts, which `parse` reads back as they were; None if none is known."""
        return edtf(self.earliest, self.latest, self.span, self.qualifier)

    @property
    def precision(self) -> str:
        """The length of the stretch: day, days, week, month, year, longer, open or unknown."""
        return precision(self.earliest, self.latest)

    def words(self, language: str = "en") -> str:
        """Say it in a sentence: "on an unknown day in June 2025". ValueError for an unknown language."""
        return date_words.words(self.earliest, self.latest, self.span, self.qualifier, language)


def parse(text: str) -> When:
    """Read a date as `edtf.read` does; the message of its ValueError never holds the text."""
    if len(text) == 10 and text[4] == "-" == text[7]:  # so not "2025-W24-4", which fromisoformat would take
        day = _plain_day(text)
        if day:
            return When(day, day, SOMETIME_WITHIN, None)
    return When(*read(text))


def _plain_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # holds the text, so it must not be the context of another
        return None


def precision(earliest: date | None, latest: date | None) -> str:
    """How long from one day to the other, in the classes of UCDP GED: 1 day; 2-6; 7; 8-31; 32-366; longer."""
    if earliest is None or latest is None:
        return "unknown" if earliest is latest else "open"
    days = (latest - earliest).days + 1
    if days == 1:
        return "day"
    if days < 7:
        return "days"
    if days == 7:
        return "week"
    if days < 32:
        return "month"
    return "year" if days < 367 else "longer"
