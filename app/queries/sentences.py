"""Say a question in words."""

from datetime import date
from typing import Any

from app import geography
from app.vocabulary.word import vocabulary


def say(question: Any) -> str:
    """The question of an IncidentFilter as one English sentence without a full stop."""
    parts = [_kinds(question), _harms(question), _where(question), _when(question), *_further(question)]
    return " ".join(part for part in parts if part)


def _either(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


def _kinds(question: Any) -> str:
    if not question.kind:
        return "alleged incidents"
    return "alleged incidents of " + _either([vocabulary("violations")[k].named().lower() for k in question.kind])


def _harms(question: Any) -> str:
    return f"with people {_either(list(question.harm))}" if question.harm else ""


def _where(question: Any) -> str:
    parts = []
    if question.area:
        area = geography.area_named(question.area)
        parts.append(f"in {area.name if area else f'the area {question.area}'}")
    if question.country:
        parts.append(f"in {geography.country_name(question.country) or question.country}")
    if question.near:
        lon, lat, km = question.near
        parts.append(f"within {km:g} km of {lat:g}, {lon:g}")
    if question.bbox:
        west, south, east, north = question.bbox
        parts.append(f"on the map from {south:g}, {west:g} to {north:g}, {east:g}")
    return " ".join(parts)


def _when(question: Any) -> str:
    first, last = question.date_from, question.date_to
    surely = "certainly " if question.date_match == "within" and (first or last) else ""
    if first and last:
        return f"{surely}{_between(first, last)}"
    if first:
        return f"{surely}from {first} on"
    return f"{surely}until {last}" if last else ""


def _between(first: date, last: date) -> str:
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"in {first.year}" if first.year == last.year else f"between {first.year} and {last.year}"
    return f"on {first}" if first == last else f"between {first} and {last}"


def _further(question: Any) -> list[str]:
    said = [
        (question.actor, f"naming the actor “{question.actor}”"),
        (question.person, f"naming “{question.person}”"),
        (question.source, f"according to “{question.source}”"),
        (question.stage, f"at the stage {question.stage}"),
        (question.assigned_to, f"looked after by “{question.assigned_to}”"),
        (
            question.verification,
            f"assessed as {_either(_verifications(question))}" if question.verification else "",
        ),
        (question.min_sources is not None, f"with at least {question.min_sources} independent sources"),
        (question.located is True, "with a point on the map"),
        (question.located is False, "without a point on the map"),
        (question.updated_since, f"changed since {question.updated_since}"),
        (question.q, f"mentioning “{question.q}”"),
    ]
    return [words for asked, words in said if asked]


def _verifications(question: Any) -> list[str]:
    return [vocabulary("verifications")[code].named().lower() for code in question.verification]
