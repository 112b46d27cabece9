"""The refusals people can meet; each knows its HTTP status."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where it stands, what it is, and how to mend it. Never the input itself."""

    where: str
    what: str
    mend: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


# The same words for a field that is not there and for one that the asker may not read.
WHERE_TO_LOOK = "See errors for what, where and how to mend it."
UNKNOWN = ("unknown parameter", "see the fields and filters in /openapi.json")


class Refusal(Exception):
    """A request that is understood and not done. The text is for the person who asked."""

    status = 400
    title = "Not possible"
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, detail: str, faults: list[Fault] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults or []


class NotAsked(Refusal):
    """A question that cannot be asked, where a standard wants 400 and not 422."""

    title = "This cannot be asked"


class Unauthorised(Refusal):
    status = 401
    title = "A token is needed"


class NotSignedIn(Unauthorised):
    title = "Not signed in"


class Forbidden(Refusal):
    status = 403
    title = "Not allowed"


class NotFound(Refusal):
    status = 404
    title = "Not found"


class Conflict(Refusal):
    status = 409
    title = "Already there"


class Untimely(Refusal):
    """What may well be done, but not with the record as it stands."""

    status = 409
    title = "Not possible as things stand"


class Gone(Refusal):
    status = 410
    title = "Taken back"


class Stale(Refusal):
    status = 412
    title = "Changed by somebody else"


class TooSlow(Refusal):
    """A body that did not keep coming."""

    status = 408
    title = "Too slow"
    headers: Mapping[str, str] = MappingProxyType({"Connection": "close"})


class TooLarge(Refusal):
    status = 413
    title = "Too large"


class TooLong(Refusal):
    """An address longer than any question needs."""

    status = 414
    title = "Too long"


class OutOfRange(Refusal):
    """A part of a file that it does not have. `size`: of the whole file, in bytes."""

    status = 416
    title = "No such part"

    def __init__(self, detail: str, size: int) -> None:
        super().__init__(detail)
        self.headers = {"Content-Range": f"bytes */{size}"}


class Invalid(Refusal):
    status = 422
    title = "Something is wrong with what was sent"


class MatchRequired(Refusal):
    status = 428
    title = "Say which version you saw"


class TooMany(Refusal):
    """Too often, or too many at once. `seconds`: how long to wait."""

    status = 429
    title = "Too many tries"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(max(1, seconds))}


class NotBegun(Refusal):
    """An archive that nobody looks after yet answers nothing."""

    status = 503
    title = "Not begun"


class Unreadable(Refusal):
    """A file that cannot be read as what it claims to be."""

    status = 422
    title = "The file cannot be read"


class Damaged(Refusal):
    """A file of evidence that is not what was taken in; it is never handed out."""

    status = 409
    title = "The file is damaged"


class NotStored(Refusal):
    """A file that the disk did not take."""

    status = 507
    title = "Not stored"


class NotKept(Refusal):
    """A change that the disk did not take."""

    status = 503
    title = "Not kept"


class NotNoted(Refusal):
    """A read that could not be written into history is not answered."""

    status = 503
    title = "Not written down"


class NoKey(Refusal):
    """Evidence cannot be read or written without the key of the archive."""

    status = 503
    title = "The key is missing"
