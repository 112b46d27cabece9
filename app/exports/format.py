"""What a format is: a name, a media type, and a way to write an answer as bytes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.errors import Fault, Invalid
from app.exports.pieces import PIECE
from app.queries.kept_rows import Kept
from app.queries.ready_rows import Ready
from app.queries.rows import FlatRow


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
    """What a file is made of: the incidents, one at a time and readable once, and what the file says of itself.

    `ready`: the same as far as they lie ready. `related`: what hangs on the incidents, by the name of the table; the
    rows are asked for when they are wanted.
    """

    rows: Iterable[FlatRow]
    heading: Heading
    ready: Ready | Kept | None = None
    related: Mapping[str, Callable[[], Iterable[FlatRow]]] = field(default_factory=dict)

    @property
    def piece(self) -> int:
        """So many bytes of a text go out at once."""
        return self.ready.piece if isinstance(self.ready, Ready) else PIECE


Write = Callable[[Answer], Iterator[bytes]]


@dataclass(frozen=True)
class Format:
    """`write` yields the file piece by piece, in constant memory.

    `most`: a format that can only be written whole takes memory with every row; so it holds that many, and no more.
    `packed`: it is compressed already.
    """

    name: str
    media_type: str
    about: str
    write: Write
    most: int | None = None
    packed: bool = False

    def check_holds(self, total: int) -> None:
        """Raises Invalid, before the first byte, for more incidents than this format holds."""
        if self.most is not None and total > self.most:
            mend = "ask a narrower question, or take parquet, geojson or csv, which hold any number"
            raise Invalid(
                f"A file of this format holds at most {self.most:,} incidents.", [Fault("format", "too many", mend)]
            )
