"""What a format is: a name, a media type, and a way to write an answer as bytes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.queries.rows import FlatRow

DISCLAIMER = (
    "Every incident is alleged, according to the sources it names. "
    "Gawah repeats what they say; it does not judge, and a point is no more exact than its precision says."
)


@dataclass(frozen=True)
class Heading:
    """What a file says of itself: the question in words, when it was answered, and whether HXL tags are wanted."""

    question: str
    asked_at: datetime
    hxl: bool = False

    @property
    def moment(self) -> str:
        return self.asked_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Answer:
    """What a file is made of: the incidents, one at a time and readable once, and what the file says of itself."""

    rows: Iterable[FlatRow]
    heading: Heading


Write = Callable[[Answer], Iterator[bytes]]


@dataclass(frozen=True)
class Format:
    """`write` yields the file piece by piece, in constant memory."""

    name: str
    media_type: str
    about: str
    write: Write
