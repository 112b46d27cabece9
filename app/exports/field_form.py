"""The form for the field: an XLSForm for KoboToolbox and ODK, in English and Urdu."""

# It asks for nothing that tells of the phone or of who fills it in.

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from app.exports import workbook
from app.exports.cells import TEXT, text_row
from app.exports.workbook import Sheet, sheet_file
from app.exports.zipped import zipped
from app.geography import country_names
from app.records.blocks import HARMS
from app.vocabulary.word import vocabulary

FORM, FILE = "gawah_incident", "gawah-field-form.xlsx"
VERSION = "1"
LANGUAGES = {"en": "English (en)", "ur": "اردو (ur)"}
SURVEY = (
    "type", "name", *(f"{what}::{language}" for what in ("label", "hint", "constraint_message")
                      for language in LANGUAGES.values()),
    "required", "relevant", "constraint", "appearance", "default",
)  # fmt: skip
CHOICES = ("list_name", "name", *(f"label::{language}" for language in LANGUAGES.values()))
SETTINGS = {"form_title": "Gawah: an alleged incident", "form_id": FORM, "version": VERSION}
SETTINGS |= {"default_language": LANGUAGES["en"]}
WIDE, NARROW = 40, 14
Question = dict[str, Any]


def xlsform() -> Iterator[bytes]:
    """The form as a workbook, piece by piece: the sheets survey, choices and settings."""
    return zipped(_files())


@cache
def questions() -> tuple[Question, ...]:
    """Every question in its order, those on each harm after the one that chooses harms."""
    told = _read()
    found: list[Question] = []
    for question in told["questions"]:
        found.append(question)
        if question["name"] == "harms":
            found += [_about(harm, tally) for harm in HARMS for tally in told["tallies"]]
    return tuple(found)


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _about(harm: str, tally: Question) -> Question:
    """The question on one harm."""
    named = _read()["lists"]["harms"][harm]
    told = {key: value.replace("{harm}", harm) if isinstance(value, str) else value for key, value in tally.items()}
    return told | {"label": {code: text.replace("{name}", named[code]) for code, text in tally["label"].items()}}


def _files() -> Iterator[tuple[str, Iterable[bytes]]]:
    sheets = {
        "survey": (SURVEY, list(_survey())),
        "choices": (CHOICES, list(_choices())),
        "settings": (tuple(SETTINGS), [tuple(SETTINGS.values())]),
    }
    for number, (columns, lines) in enumerate(sheets.values(), 1):
        yield sheet_file(number), _sheet(columns, lines, is_first=number == 1)
    yield from workbook.frame([Sheet(name) for name in sheets])


def _sheet(columns: tuple[str, ...], lines: list[tuple[str, ...]], *, is_first: bool) -> Iterator[bytes]:
    widths = [WIDE if "::" in column else NARROW for column in columns]
    yield workbook.table_head(columns, widths, is_first=is_first).encode()
    for number, line in enumerate(lines, 2):
        yield text_row(number, line, TEXT).encode()
    yield workbook.table_end(len(columns), len(lines) + 1).encode()


def _survey() -> Iterator[tuple[str, ...]]:
    for question in questions():
        if question.get("type") != "repeat":
            yield _line(question, _type(question))
            continue
        yield _line(question, "begin repeat")
        for one in question["within"]:
            yield _line(one, _type(one))
        yield ("end repeat",)


def _type(question: Question) -> str:
    if "type" in question:
        return str(question["type"])
    return f"select_{'multiple' if question.get('of') == 'many' else 'one'} {list_of(question)}"


def list_of(question: Question) -> str:
    """The list that a question chooses from."""
    return str(question.get("words") or question["list"])


def _line(question: Question, kind: str) -> tuple[str, ...]:
    said = [
        question.get(what, {}).get(code, "") for what in ("label", "hint", "constraint_message") for code in LANGUAGES
    ]
    needed = "yes" if question.get("required") else ""
    asked = [question.get(what, "") for what in ("when", "constraint", "appearance", "default")]
    return (kind, question["name"], *said, needed, *asked)


def _choices() -> Iterator[tuple[str, ...]]:
    """Each list once, in the order in which it is asked for."""
    asked = [one for question in questions() for one in (question, *question.get("within", ())) if "type" not in one]
    for name, question in {list_of(one): one for one in asked}.items():
        for code, label in _words(name).items():
            if code not in question.get("but", ()):
                yield (name, code, *(label.get(language) or label["en"] for language in LANGUAGES))


def _words(name: str) -> dict[str, dict[str, str]]:
    own = _read()["lists"]
    if name in own:
        return dict(own[name])
    if name == "countries":
        return {code: {"en": called} for code, called in country_names().items()}
    return {code: vocabulary(name)[code].label for code in vocabulary(name).in_use()}
