"""What the form for the field collected, as KoboToolbox gives it out: JSON, or CSV with XML values."""

from datetime import date
from typing import Any

from app.imports.approval import MEND, STATUS, WHY, not_approved
from app.imports.importer import Draft, Finding, Importer, Row, RowRefused
from app.imports.spreadsheet import SPREADSHEET
from app.imports.spreadsheet import draft as draft_of_table
from app.imports.tables import rows

NEEDS = frozenset({"_uuid", "title", "kind", "date_known", "source_kind"})
# The first stays when a submission is edited; where there is none, edits are new submissions.
IDS = ("meta/rootUuid", "_uuid")
OUTSIDE = "outside the form"
DATES = {
    "day": ("date_day", 10),
    "month": ("date_month", 7),
    "year": ("date_year", 4),
}
PERSON = {"victim_sex": "sex", "identity_protection": "identity_protection", "victim_age": "age_at_event"}
GROUP = {"victim_group": "group", "victim_sex": "sex"}
VICTIM = {"victim_status": "civilian_status", "victim_outcome": "outcome"}


def draft(row: Row) -> Draft:
    """One submission as a report."""
    if not_approved(row.values):
        raise RowRefused(Finding(row.line, STATUS, "", WHY, MEND))
    answers = _by_question(row.values)
    told = {name: value for name, value in answers.items() if not isinstance(value, list | dict)}
    told |= {"id": _identity(row), "date": _date(row, answers), **_point(row, answers)}
    made = draft_of_table(Row(row.line, told))
    acts = [_act(_by_question(victim), made.report["kind"]) for victim in _victims(row, answers)]
    return Draft(made.report | ({"acts": acts} if acts else {}), warnings=made.warnings)


def _victims(row: Row, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers of the repeated group; a CSV holds them in a table of its own, and not in a cell."""
    victims = answers.get("victims", [])
    if isinstance(victims, list) and all(isinstance(victim, dict) for victim in victims):
        return victims
    raise _refused(row, "victims", "not the answers of a repeated group", "export the submissions as JSON")


def _by_question(values: dict[str, Any]) -> dict[str, Any]:
    """The answers by the names of their questions, without the groups and repeats that they stand in."""
    answered = {name: value for name, value in values.items() if value is not None and value != ""}
    return {name.rpartition("/")[2]: value for name, value in answered.items() if not name.startswith("meta/")}


def _identity(row: Row) -> str:
    found = next((str(row.values[name]) for name in IDS if row.values.get(name)), None)
    if found is None:
        raise _refused(row, "_uuid", "the submission has no _uuid", "export it again with its system fields")
    return f"kobo:{found.removeprefix('uuid:')}"


def _date(row: Row, answers: dict[str, Any]) -> str:
    known = answers.get("date_known")
    if known == "between":
        return f"{_day(row, answers, 'date_first')}/{_day(row, answers, 'date_last')}"
    if known in DATES:
        question, letters = DATES[known]
        return _day(row, answers, question)[:letters]
    if known != "unknown":
        raise _refused(row, "date_known", f"the answer is {OUTSIDE}", "export with XML values, not with labels")
    return ""


def _day(row: Row, answers: dict[str, Any], question: str) -> str:
    try:
        return date.fromisoformat(str(answers.get(question, ""))[:10]).isoformat()
    except ValueError:
        raise _refused(row, question, "not a day, though the form asks for one", "mend it in KoboToolbox") from None


def _point(row: Row, answers: dict[str, Any]) -> dict[str, str]:
    """Latitude and longitude as the form has them: "30.05 69.92 1500 5", the latter two in metres and not used."""
    if "point" not in answers:
        return {}
    told = str(answers["point"]).split()
    if len(told) < 2:
        raise _refused(
            row, "point", "not a latitude and a longitude", "export it as one column, such as 30.05 69.92 0 0"
        )
    return {"lat": told[0], "lon": told[1]}


def _act(victim: dict[str, Any], kind: str) -> dict[str, Any]:
    told = {"kind": kind} | _named(victim, VICTIM)
    if "victim_name" in victim:
        person = _named(victim, PERSON) | {"names": [{"full": victim["victim_name"]}]}
        return told | {"person": person}
    count = {"count": {"best": victim["victim_count"]}} if "victim_count" in victim else {}
    return told | _named(victim, GROUP) | count


def _named(victim: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {ours: victim[question] for question, ours in names.items() if question in victim}


def _refused(row: Row, column: str, why: str, suggestion: str) -> RowRefused:
    return RowRefused(Finding(row.line, column, str(row.values.get(column, ""))[:100], why, suggestion))


FIELD_FORM = Importer(
    name="field_form",
    about="What our form for KoboToolbox and ODK collected, as JSON or as CSV with XML values",
    needs=NEEDS,
    read=rows,
    draft=draft,
    columns=SPREADSHEET.columns | {"date": "date_known", "lat": "point", "lon": "point", "acts": "victims",
                                   "external_id": "_uuid"},
)  # fmt: skip
