"""The forms that are pulled regularly, kept by name in a small file of the data folder, without a token."""

import json
import re
import secrets
import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from app.access.export_links import SHAPE, fresh
from app.access.tokens import digest
from app.errors import Fault, Invalid, NotFound
from app.imports.kobo.server import checked_address

FILE = "kobo.toml"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
NOTE = "# The forms that `gawah kobo pull` knows by name. No token stands here.\n"


class Form(BaseModel):
    """A form on a server. `form`: its id, as in the addresses of KoboToolbox. `token_file`: where its token lies.

    `hook`: the SHA-256 of the secret in the address to which KoboToolbox sends new submissions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: Annotated[str, AfterValidator(checked_address)]
    form: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")
    mapping: str | None = Field(None, min_length=1, max_length=300)
    token_file: str | None = Field(None, min_length=1, max_length=1000)
    hook: str | None = Field(None, pattern="^[0-9a-f]{64}$")

    @property
    def called(self) -> str:
        """What its pulls are called among the imports."""
        return f"{self.form} at {self.server.partition('://')[2]}"


def listed(folder: Path) -> dict[str, Form]:
    """Every kept form by its name. Raises Invalid when somebody broke the file by hand."""
    path = folder / FILE
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return {name: Form.model_validate(form) for name, form in sorted(told.items())}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError):
        fault = Fault(FILE, "not what we wrote there", "mend it, or delete it and keep the forms anew")
        raise Invalid("The list of kept forms cannot be read.", [fault]) from None


def named(folder: Path, name: str) -> Form:
    """The form of this name. Raises NotFound."""
    found = listed(folder).get(name)
    if found is None:
        raise NotFound("No form is kept under this name: see `gawah kobo list`.")
    return found


def keep(folder: Path, name: str, form: Form) -> None:
    """Keep a form under a name; an older one of that name is replaced. Raises Invalid."""
    if not NAME.fullmatch(name):
        fault = Fault("NAME", "not a name for a form", "small letters, digits and hyphens: monitors-north")
        raise Invalid("The form was not kept.", [fault])
    _write(folder, listed(folder) | {name: form})


def open_hook(folder: Path, name: str) -> str:
    """A new secret for the hook of a form, to be shown once; an older one opens nothing any more. Raises NotFound."""
    form = named(folder, name)
    secret, kept = fresh()
    _write(folder, listed(folder) | {name: form.model_copy(update={"hook": kept})})
    return secret


def of_hook(folder: Path | None, secret: str) -> tuple[str, Form]:
    """The form whose hook has this secret. Raises NotFound, alike for what never was and what is over."""
    found = listed(folder) if folder is not None and SHAPE.fullmatch(secret) else {}
    for name, form in found.items():
        if form.hook is not None and secrets.compare_digest(form.hook, digest(secret)):
            return name, form
    raise NotFound("There is nothing at this address.")


def forget(folder: Path, name: str) -> None:
    """Keep a form no longer; what it brought stays. Raises NotFound."""
    named(folder, name)
    _write(folder, {other: form for other, form in listed(folder).items() if other != name})


def _write(folder: Path, forms: dict[str, Form]) -> None:
    """The file, which is the old or the new one at every moment."""
    fresh = folder / f".{FILE}"
    fresh.write_text(NOTE + "".join(map(_table, forms, forms.values())), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(folder / FILE)


def _table(name: str, form: Form) -> str:
    """One form as TOML, whose texts in quotes are those of JSON."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in form.model_dump(exclude_none=True).items()]
    return "\n".join((f"\n[{name}]", *lines, ""))
