"""The list of the requirements of OGC API - Features that have a test, which `docs/ogc-conformance.md` tells."""

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., None])
MET: dict[str, str] = {}


def meets(*ids: str) -> Callable[[Test], Test]:
    """Says which requirements a test tries, by the names that the standard gives them."""

    def note(test: Test) -> Test:
        MET.update(dict.fromkeys(ids, test.__name__))
        return test

    return note
