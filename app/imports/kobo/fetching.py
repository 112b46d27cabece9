"""Fetch the submissions of a form into one JSON list, and remember what hangs on each."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import TooLarge
from app.imports.approval import not_approved
from app.imports.kobo.server import Server, Submission

LARGEST = 512 * 1024**2
PREFIX = "kobo:"
# The first stays when a submission is edited; servers of before 2025 give it to edited ones alone.
ROOTS = ("meta/rootUuid", "_uuid")


@dataclass(frozen=True)
class File:
    """A file that hangs on a submission. `line`: the place of the submission in the list, from 1."""

    line: int
    address: str
    name: str
    question: str


@dataclass
class Fetched:
    """What a server gave: how many submissions, the questions answered in any of them, and their files.

    `left_out`: how many it has that are not approved there.
    """

    rows: int = 0
    left_out: int = 0
    questions: dict[str, None] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    files: list[File] = field(default_factory=list)

    def see(self, submission: Submission) -> None:
        self.rows += 1
        self.questions |= dict.fromkeys(submission)
        self._know(submission)
        self.files += _files(self.rows, submission.get("_attachments"))

    def leave_out(self, submission: Submission) -> None:
        """It is there, and is not taken in."""
        self.left_out += 1
        self._know(submission)

    def _know(self, submission: Submission) -> None:
        root = next((str(submission[name]) for name in ROOTS if submission.get(name)), None)
        self.ids |= {PREFIX + root.removeprefix("uuid:")} if root else set()


def fetch(server: Server, form: str, since: str | None, path: Path) -> Fetched:
    """Write every submission to `path`, but what is not approved. Raises what `Server.pages` raises, and TooLarge."""
    fetched = Fetched()
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for page in server.pages(form, since):
            for submission in page:
                if not_approved(submission):
                    fetched.leave_out(submission)
                    continue
                file.write((",\n" if fetched.rows else "") + json.dumps(submission, ensure_ascii=False))
                fetched.see(submission)
            if file.tell() > LARGEST:
                raise TooLarge(f"The form has more than {LARGEST // 1024**2} MiB of submissions: pull with --since.")
        file.write("]\n")
    return fetched


def _files(line: int, told: Any) -> list[File]:
    """The files of a submission, without those that were deleted at the server."""
    listed = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return [
        File(line, str(one["download_url"]), _plain_name(one), str(one.get("question_xpath") or ""))
        for one in listed
        if one.get("download_url") and not one.get("is_deleted")
    ]


def _plain_name(told: dict[str, Any]) -> str:
    """The name of a file without its folders: those name the account on the server."""
    return str(told.get("media_file_basename") or told.get("filename") or "").rpartition("/")[2]
