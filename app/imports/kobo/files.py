"""Take the files of submissions in as evidence of their incidents, each once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http.client import HTTPException

from pydantic import ValidationError
from sqlalchemy import Engine

from app.access.viewer import Viewer
from app.access.wall import guarded
from app.actions import evidence, vault
from app.db import chunks, now, writing
from app.errors import Refusal, Untimely
from app.imports.importer import Finding
from app.imports.kobo.fetching import File
from app.imports.kobo.server import Body, Server
from app.queries import pulled
from app.queries.pulled import Holding
from app.queries.vault import Vault
from app.records.evidence import Bearing, EvidenceIn

CHUNK = 200
LATER = "it is tried again at the next pull"
HOW = "form_server"
Wanted = tuple[str, File]


@dataclass
class Files:
    """What became of the files: how many are new here, and those that did not come."""

    new: int = 0
    failed: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Taker:
    """Where files come from, where they go, and in whose name."""

    server: Server
    engine: Engine
    vault: Vault
    by: Viewer

    def take(self, wanted: Iterable[Wanted]) -> Files:
        """Fetch what is not here yet. `wanted`: files by the external id of their incident; no incident, no file."""
        found = Files()
        for chunk in chunks(iter(wanted), CHUNK):
            with guarded(self.engine, self.by) as session:
                here = pulled.holdings(session, sorted({known for known, _ in chunk}), self.by)
            for known, file in chunk:
                if known in here and file.address not in here[known].addresses:
                    self._try(file, here[known], found)
        return found

    def _try(self, file: File, on: Holding, found: Files) -> None:
        try:
            found.new += self._take(file, on)
        except Refusal as refusal:
            found.failed.append(Finding(file.line, "_attachments", file.name[:100], refusal.detail, LATER))
        except ValidationError:
            why = "what the server says of the file cannot be recorded"
            found.failed.append(Finding(file.line, "_attachments", file.name[:100], why, LATER))

    def _take(self, file: File, on: Holding) -> bool:
        """Whether it was new; the same content under another address is the same file."""
        told = _told(file, on)
        with self.server.file(file.address) as body:
            stored = vault.store(self.vault, Whole(body))
        if stored.sha256 in on.contents:
            return False
        with writing(self.engine) as session:
            evidence.take_in(session, stored, told, Bearing(incident_id=on.incident), self.by)
        on.contents.add(stored.sha256)
        return True


@dataclass(frozen=True)
class Whole:
    """A body whose breaking off is the server's failure, and not one of our disk."""

    body: Body

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self.body.read(size)
        except (OSError, HTTPException):
            raise Untimely("The server broke off in the middle of the file.") from None


def _told(file: File, on: Holding) -> EvidenceIn:
    """What is said of it: fetched just now, from where, for which question; as closely held as its incident."""
    question = f": {file.question}" if file.question else ""
    told: EvidenceIn = EvidenceIn.model_validate(
        {
            "title": f"File of a submission{question}"[:500],
            "original_name": file.name[:500] or None,
            "original_url": file.address,
            "acquired_how": HOW,
            "acquired_at": now(),
            "sensitivity": "sealed" if on.sensitivity == "sealed" else "restricted",
        }
    )
    return told
