"""What the reviewers of a KoboToolbox server decided: a submission that is “Not approved” is none to take in."""

from collections.abc import Mapping
from typing import Any

STATUS = "_validation_status"
# As its API has it, and as its tables do.
NOT_APPROVED = frozenset({"validation_status_not_approved", "not approved"})
WHY, MEND = "not approved in KoboToolbox", "leave it out (--keep-good), or have it approved there"


def not_approved(submission: Mapping[str, Any]) -> bool:
    """Whether that is said of it. “On hold”, “Approved” and nothing are no refusal."""
    told = submission.get(STATUS)
    word = told.get("uid") if isinstance(told, dict) else told
    return isinstance(word, str) and word.strip().casefold() in NOT_APPROVED
