"""The reference pages, written from the code so that they cannot say anything else."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi.routing import iter_route_contexts
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from app.access.policy import CLEARANCES, POLICIES, Policy, declared
from app.access.visibility import delicacy
from app.errors import Refusal
from app.exports import CITATIONS, FORMATS
from app.imports import IMPORTERS, spreadsheet
from app.imports.citations import LIBRARIES
from app.main import create_app
from app.queries.filter import IncidentFilter
from app.queries.rows import COLUMNS
from app.records import METADATA
from app.settings import Settings
from app.vocabulary.sensitivity import Delicacy
from app.vocabulary.word import names, vocabulary

WHO_MAY = (
    "One table in the code decides it, and a route that names no policy does not start. The public reads the "
    "published store alone, and a partner by an export link; `noted` reads write a line of history first when the "
    "reader may see who people or sources are. What a route lets in is not all that it shows: records and fields are "
    "those of the two tables here.\n"
)
NOTE = "<!-- Written by `python3 -m app docs` from the code; change it there. -->"


def pages(root: Any) -> dict[str, str]:
    """Every reference page by its file name. `root`: the context of the whole command line."""
    found = {
        "vocabularies.md": _vocabularies(),
        "filters.md": _filters(),
        "exports.md": _exports(),
        "imports.md": _imports(),
        "settings.md": _settings(),
        "fields.md": _fields(),
        "commands.md": _commands(root),
        "routes.md": _routes(),
        "who-may.md": _who_may(),
        "errors.md": _errors(),
    }
    return {name: f"{NOTE}\n\n{text.rstrip()}\n" for name, text in found.items()}


def write(folder: Path, root: Any) -> list[str]:
    """Write every page. Their names."""
    folder.mkdir(parents=True, exist_ok=True)
    written = pages(root)
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(written)


def stale(folder: Path, root: Any) -> list[str]:
    """The pages that are not what the code says, and those that nothing writes."""
    wanted = pages(root)
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def _table(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    columns = list(heading)
    lines = [columns, ["---"] * len(columns), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def _vocabularies() -> str:
    about = (
        "The words that coded fields may hold. `GET /api/v1/vocabularies/{name}` has them with labels in English, "
        "Urdu, Arabic, Spanish and French, and with crosswalks."
    )
    parts = [f"# Vocabularies\n\n{about}\n"]
    for name in names():
        rows = [(f"`{w.code}`", w.named(), w.family, w.definition) for w in vocabulary(name).values()]
        parts.append(f"## {name}\n\n{_table(('code', 'label', 'family', 'definition'), rows)}")
        if any("moves" in word.traits for word in vocabulary(name).values()):
            parts.append(_moves(name))
    return "\n".join(parts)


def _moves(name: str) -> str:
    """The moves between the words of a list, as a diagram: who may make each."""
    words = vocabulary(name)
    lines = [f"    [*] --> {next(iter(words))}"]
    for word in words.values():
        lines += [f"    {word.code} --> {onward}: {' or '.join(who)}" for onward, who in word.traits["moves"].items()]
    return "\n".join(("The moves there are, and whose they are:\n", "```mermaid", "stateDiagram-v2", *lines, "```\n"))


def _filters() -> str:
    rows = [
        (f"`{name}`", f"`--{name.replace('_', '-')}`", "yes" if field.default == () else "", field.description)
        for name, field in IncidentFilter.model_fields.items()
    ]
    table = _table(("address", "command line", "repeatable", "meaning"), rows)
    return f"# Filters\n\nThe same in every address, file and command. An unknown one is an error.\n\n{table}"


def _exports() -> str:
    head = ("format", "media type", "about")
    formats = _table(head, [(f.name, f.media_type, f.about) for f in FORMATS.values()])
    cited = _table(head, [(f.name, f.media_type, f.about) for f in CITATIONS.values()])
    columns = _table(("column", "HXL"), [(f"`{name}`", f"`{tag}`") for name, tag in COLUMNS.items()])
    return (
        f"# Formats we write\n\n{formats}\n## References\n\nThe sources that the incidents cite, each once.\n\n{cited}"
        f"\n## Columns\n\nIn this order, in every table and map.\n\n{columns}"
    )


def _imports() -> str:
    rows = [(i.name, i.about) for i in IMPORTERS.values()] + [(i.name, i.about) for i in LIBRARIES.values()]
    formats = _table(("format", "about"), rows)
    needed = [
        (f"`{name}`", "yes" if name in spreadsheet.NEEDS else "", what) for name, what in spreadsheet.COLUMNS.items()
    ]
    columns = _table(("column", "needed", "what to write"), needed)
    return (
        f"# Formats we read\n\n{formats}\n## Our own table (`spreadsheet`)\n\nCSV in UTF-8; columns in any order, "
        f"those not needed may be left out. One row is one incident according to one source.\n\n{columns}"
    )


def _settings() -> str:
    rows = [
        (f"`GAWAH_{name.upper()}`", f"`{name}`", field.default, field.description)
        for name, field in Settings.model_fields.items()
    ]
    table = _table(("environment", "in `gawah.toml`", "default", "meaning"), rows)
    return f"# Settings\n\nThe environment wins over the file `gawah.toml` in the working folder.\n\n{table}"


def _fields() -> str:
    parts = ["# Fields\n\nEvery table and how delicate each field is.\n"]
    for model in sorted(_models(), key=lambda m: str(m.__tablename__)):
        rows = [
            (f"`{name}`", str(model.__table__.columns[name].type), delicacy(model, name).value, field.description)
            for name, field in model.model_fields.items()
        ]
        parts.append(f"## {model.__tablename__}\n\n{_table(('field', 'type', 'class', 'note'), rows)}")
    return "\n".join(parts)


def _models() -> list[Any]:
    """Every table class, found by way of the classes they derive from."""
    found, left = [], list(SQLModel.__subclasses__())
    while left:
        model = left.pop()
        left += model.__subclasses__()
        if hasattr(model, "__table__") and model.__table__.key in METADATA.tables and model not in found:
            found.append(model)
    return found


def _commands(root: Any) -> str:
    parts = ["# Commands\n\n`gawah COMMAND --help` says the same.\n"]
    for path, command in _all_commands(root.command, root):
        options = [(f"`{', '.join(p.opts)}`", getattr(p, "help", None)) for p in command.params if p.name != "help"]
        table = _table(("option", "meaning"), options) if options else ""
        parts.append(f"## gawah {path}\n\n{command.help or ''}\n\n{table}")
    return "\n".join(parts)


def _all_commands(group: Any, context: Any, before: str = "") -> Iterable[tuple[str, Any]]:
    for name in sorted(group.list_commands(context)):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _all_commands(command, context, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _routes() -> str:
    described = create_app(create_engine("sqlite://")).openapi()
    rows = [
        (f"`{method.upper()} {path}`", told.get("description", told.get("summary", "")))
        for path, methods in described["paths"].items()
        for method, told in methods.items()
    ]
    return f"# Routes\n\n`/openapi.json` describes them with every field.\n\n{_table(('route', 'what it does'), rows)}"


def _who_may() -> str:
    """The table of `access/policy.py`: what each role reads, and who is let in at every route."""
    read = {role: (told.sensitivities, told.classes) for role, told in CLEARANCES.items()}
    held = _yes_and_no(vocabulary("sensitivities"), {role: found for role, (found, _) in read.items()})
    classes = _yes_and_no([kind.value for kind in Delicacy], {role: found for role, (_, found) in read.items()})
    policies = [(f"`{p.name}`", p.about, _let_in(p), p.scope, "yes" if p.logged else "") for p in POLICIES]
    routes = [
        (f"`{method} {route.path}`", policy.name, _let_in(policy))
        for route in iter_route_contexts(create_app(create_engine("sqlite://")).routes)
        if (policy := declared(route.endpoint)) is not None
        for method in route.methods or ()
    ]
    routes.sort(key=_by_path)
    return (
        f"# Who may\n\n{WHO_MAY}\n## Records, by how closely they are held\n\n{held}"
        f"\n## Fields, by their class\n\n{classes}\nEach field's class stands in `fields.md`.\n"
        f"\n## Policies\n\n{_table(('policy', 'who', 'let in', 'scope of the key', 'noted'), policies)}"
        f"\n## Routes\n\n{_table(('route', 'policy', 'let in'), routes)}"
    )


def _by_path(row: tuple[str, str, str]) -> tuple[str, str]:
    method, _, path = row[0].strip("`").partition(" ")
    return path, method


def _yes_and_no(columns: Iterable[str], roles: dict[str, Iterable[str]]) -> str:
    asked = list(columns)
    return _table(
        ("role", *asked), ((role, *("yes" if c in set(may) else "" for c in asked)) for role, may in roles.items())
    )


def _let_in(policy: Policy) -> str:
    """Everybody whom a policy names, and the public where it is answered."""
    if policy.anonymous == "open":
        return "anybody"
    public = ["public"] if policy.anonymous == "published" else []
    return ", ".join([*public, *(role for role in CLEARANCES if role in policy.roles)])


def _errors() -> str:
    rows = sorted({(kind.status, kind.title) for kind in Refusal.__subclasses__()})
    return (
        "# Errors\n\nEvery error is `application/problem+json` (RFC 9457) with `type, title, status, detail, errors[]`; "  # noqa: E501
        "each of the errors says where, what and how to mend it, and none repeats what was sent.\n\n"
        f"{_table(('status', 'title'), rows)}"
    )
