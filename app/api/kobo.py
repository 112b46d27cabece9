"""/kobo: what is new on a KoboToolbox server, as its hook sends it."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body
from sqlalchemy import Engine

from app.access.policy import LINK, allow
from app.api.strict import StrictRoute
from app.depends import Database, Forms, Kept
from app.errors import Refusal
from app.imports.kobo import Form, forms, take_one

router = APIRouter(prefix="/kobo", tags=["Imports"], route_class=StrictRoute)
Submission = Annotated[dict[str, Any], Body(description="One submission, as KoboToolbox has it")]


@router.post("/{hook}", status_code=202)
@allow(LINK)
def take_submission(
    hook: str, submission: Submission, later: BackgroundTasks, database: Database, kept: Forms, folder: Kept
) -> dict[str, str]:
    """Take in one submission, soon: as an import, and once, however often it is sent.

    A submission that is refused is not told here; the next `gawah kobo pull` meets it again, and tells.
    """
    name, form = forms.of_hook(kept, hook)
    later.add_task(_take, database, submission, name, form, folder)
    return {"form": name}


def _take(database: Engine, submission: dict[str, Any], name: str, form: Form, folder: Path | None) -> None:
    with suppress(Refusal):
        take_one(database, submission, name, form, folder)
