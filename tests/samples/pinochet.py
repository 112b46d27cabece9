"""An importer written for one data set: deaths and disappearances under the regime of 1973 to 1990 in Chile."""

# Freire, Meadowcroft, Skarbek and Guerrero coded the report of the National Commission on Truth and Reconciliation
# (1991), one named victim a row: between which days, by whom, at up to six places in order, and on which page.
# "NA" stands in every cell of which nothing is known. Nothing is made up for it here: no day, no point, no country.

import re
from calendar import monthrange
from datetime import date
from typing import Any

from app.imports.importer import Draft, Finding, Importer, Row
from app.imports.tables import rows
from app.matching.folding import name_key

NEEDS = frozenset(
    {"individual_id", "start_date_daily", "end_date_daily", "start_date_monthly", "end_date_monthly", "last_name",
     "first_name", "violence", "perpetrator_affiliation", "perpetrator_affiliation_detail", "place_1", "location_1",
     "latitude_1", "longitude_1", "exact_coordinates_1", "page"}
)  # fmt: skip
LICENCE = "MIT, Freire, Meadowcroft, Skarbek and Guerrero"
DATASET = {
    "kind": "dataset",
    "title": "Deaths and Disappearances in the Pinochet Regime, coded from the report of the Chilean National "
    "Commission on Truth and Reconciliation (1991), by page",
    "author": "Freire, Meadowcroft, Skarbek, Guerrero",
    "url": "https://github.com/danilofreire/pinochet",
    "closeness": "tertiary",
    "external_id": "pinochet:chile",
    "licence": LICENCE,
}
# How the victims came to harm: the kind of violation, what to call it, and how things stood at the end of the act.
# The Commission speaks of a disappearance where agents of the State, or people in their service, took somebody.
DISAPPEARED, REPORTED_DEAD = "Disappearance", "Disappearance, Information of Death"
VIOLENCE: dict[str | None, tuple[str, str, str | None]] = {
    "Killed": ("killing", "killing", "killed"),
    DISAPPEARED: ("enforced_disappearance", "disappearance", "missing"),
    REPORTED_DEAD: ("enforced_disappearance", "disappearance", "missing"),
    "Unresolved": ("unexplained_killing", "death, not resolved", "unknown"),
    "Suicide": ("other", "suicide", "other"),
    None: ("unknown", "harm of an unknown kind", "unknown"),
}
CUSTODY = "In Custody"
PLACE_KINDS = {
    "In Public": "street", "Home": "home", CUSTODY: "detention_facility", "Work": "other", "Home or Work": "other",
    "In Hospital": "health_facility", "University": "school",
}  # fmt: skip
REGIME, OPPOSITION = "Regime", "Opposition"
# The first that fits: a mixed party is named whole, and belongs to the State if any of it does.
BODIES = (
    (re.compile(r"DINA|CNI|SICAR|SIM\b|DICOMCAR|Joint Command|[Ii]ntelligence"), "intelligence"),
    (re.compile(r"[Mm]ilitary|[Nn]avy|[Aa]ir [Ff]orce|[Bb]lack berets"), "armed_forces"),
    (re.compile(r"[Pp]olice"), "police"),
    (re.compile(r"COVEMA|Commando Unit"), "state_aligned_militia"),
    (re.compile(r"[Aa]gents|officials"), "state_other"),
    (re.compile(r"FPMR|MIR\b|Rebel Forces|armed group"), "armed_opposition"),
)
STATE_LINK = "The data set codes those alleged to be responsible as acting for the regime."
YES = "1"


def draft(row: Row) -> Draft:
    """One victim as a report, with an act, places in order, and for those who disappeared a case."""
    v = {name: _known(cell) for name, cell in row.values.items()}
    kind, called, _ = VIOLENCE[v["violence"]]
    found, warnings = places(v), list[Finding]()
    when = dates(row.line, v, warnings)
    report = {
        "title": f"Alleged {called}, Chile (no. {v['individual_id']} of the data set)",
        "summary": _summary(v),
        "kind": kind,
        "date": when,
        **_first_point(found),
        **_tallies(v),
        "external_id": f"pinochet:{v['individual_id']}",
        "licence": LICENCE,
        "according_to": _citation(v),
        "acts": _acts(v),
        "involvements": _involvements(v),
        "places": [{key: value for key, value in place.items() if key != "theirs"} for place in found],
        "cases": [_case(v, found)] if v["violence"] in {DISAPPEARED, REPORTED_DEAD} else [],
    }
    return Draft(_given(report), [], warnings)


def _known(cell: Any) -> str | None:
    text = str(cell).replace("\xa0", " ").strip()
    return None if text in {"", "NA", "?"} else text


def _given(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value not in (None, [], {}, "")}


def bounds(v: dict[str, str | None]) -> tuple[date | None, date | None]:
    """The first and last day, each from its day or else from its month; None where neither is told."""
    first, last = v["start_date_daily"], v["end_date_daily"]
    from_month, to_month = v["start_date_monthly"], v["end_date_monthly"]
    earliest = date.fromisoformat(first or from_month) if first or from_month else None  # type: ignore[arg-type]
    if last:
        return earliest, date.fromisoformat(last)
    return earliest, _end_of(date.fromisoformat(to_month)) if to_month else None


def _end_of(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def dates(line: int, v: dict[str, str | None], warnings: list[Finding]) -> dict[str, Any] | None:
    """Between which days it happened, as exactly as the row says. Reversed days are kept as the stretch they span."""
    earliest, latest = bounds(v)
    if earliest and latest and earliest > latest:
        why = "the event starts after it ends"
        warnings.append(Finding(line, "start_date_daily", str(v["start_date_daily"]), why, "kept as the days between"))
        earliest, latest = latest, earliest
    comment = _comment(v)
    spoken = comment if comment and "around the year" in comment else None
    if not (earliest or latest or spoken):
        return None
    return _given(
        {"earliest": earliest and earliest.isoformat(), "latest": latest and latest.isoformat(), "verbatim": spoken}
    )


def beginning(v: dict[str, str | None]) -> dict[str, Any] | None:
    """When somebody was taken: the day, or the days of the month, or only that it was not after the end."""
    earliest, latest = bounds(v)
    if earliest and latest and earliest > latest:
        return {"earliest": latest.isoformat(), "latest": earliest.isoformat()}
    if v["start_date_daily"]:
        return {"earliest": v["start_date_daily"], "latest": v["start_date_daily"]}
    if earliest is not None:
        month = _end_of(earliest)
        return {"earliest": earliest.isoformat(), "latest": min(month, latest or month).isoformat()}
    return {"latest": latest.isoformat()} if latest else None


def _comment(v: dict[str, str | None]) -> str | None:
    return (v.get("additional_comments") or "").removeprefix("NA").strip() or None


def _summary(v: dict[str, str | None]) -> str:
    told = [f"Coded as “{v['violence'] or 'not known'}” in group {v['group_id']}."]
    told += [f"Alleged method: {v['method']}."] if v["method"] else []
    told += ["Brought before a war tribunal."] if v["war_tribunal"] == YES else []
    told += [comment] if (comment := _comment(v)) else []
    return " ".join(told)


def _citation(v: dict[str, str | None]) -> dict[str, Any]:
    where = ("page", v["page"]) if v["page"] else ("table_cell", f"individual {v['individual_id']}")
    quoted = ("violence", "start_date_daily", "end_date_daily", "location_1", "perpetrator_affiliation_detail")
    return {
        "source": DATASET,
        "speaker": "the coders of the data set",
        "speaker_role": "researcher",
        "stance": "reports",
        "quote": ", ".join(f"{name} {v[name] or 'NA'}" for name in quoted),
        "locator_type": where[0],
        "locator": where[1],
    }


def _tallies(v: dict[str, str | None]) -> dict[str, Any]:
    one = {"min": 1, "best": 1, "max": 1}
    return {"Killed": {"killed": one}, DISAPPEARED: {"missing": one}, REPORTED_DEAD: {"missing": one}}.get(
        str(v["violence"]), {}
    )


def _person(v: dict[str, str | None]) -> dict[str, Any]:
    full = " ".join(part for part in (v["first_name"], v["last_name"]) if part)
    name = {"full": full, "script": "Latn", "language": "es", "kind": "as_written_in_source"}
    told = {
        "names": [name],
        "sex": {"1": "male", "0": "female"}.get(str(v["male"])),
        "nationality": v["nationality"],
        "occupation": (v["occupation_detail"] or v["occupation"] or "")[:200],
        "external_id": f"pinochet:person:{v['individual_id']}",
    }
    return _given(told)


def _acts(v: dict[str, str | None]) -> list[dict[str, Any]]:
    kind, _, outcome = VIOLENCE[v["violence"]]
    belongs = ": ".join(part for part in (v["victim_affiliation"], v["victim_affiliation_detail"]) if part)
    shared = {
        "person": _person(v),
        "age_at_event": int(float(v["age"])) if v["age"] else None,  # a baby of 0.22 years is 0 years old
        "age_group": {"1": "child", "0": "adult"}.get(str(v["minor"])),
        "characteristics": f"affiliation {belongs}" if belongs else None,
    }
    acts = [{"kind": kind, "kind_verbatim": v["violence"], "method": v["method"], "outcome": outcome, **shared}]
    suffered = [name for name in ("torture", "mistreatment") if v[name] == YES]
    if suffered:
        acts.append({"kind": "torture_ill_treatment", "kind_verbatim": ", ".join(suffered), **shared})
    return [_given(act) for act in acts]


def _involvements(v: dict[str, str | None]) -> list[dict[str, Any]]:
    side, detail = v["perpetrator_affiliation"], v["perpetrator_affiliation_detail"]
    if detail is None:
        whole = {"name": "Agents of the State, not told apart", "kind": "state_other", "is_specific": False}
        return [_carried_out(actor=whole)] if side == REGIME else []
    kind = next((kind for pattern, kind in BODIES if pattern.search(detail)), None)
    if kind is None:
        return [_carried_out(described_as=detail)]
    return [_carried_out(actor={"name": detail, "kind": kind, "is_specific": False})]


def _carried_out(**who: Any) -> dict[str, Any]:
    if actor := who.get("actor"):
        actor["external_id"] = f"pinochet:actor:{name_key(actor['name'])}"
    return {"degree": "carried_out", **who}


def places(v: dict[str, str | None]) -> list[dict[str, Any]]:
    """The places in their order, each with its role; `theirs` is the data set's own word for the kind."""
    found = [place for number in range(1, 7) if (place := _place(v, number))]
    vanished = v["violence"] in {DISAPPEARED, REPORTED_DEAD}
    held = [at for at, place in enumerate(found) if place["theirs"] == CUSTODY]
    for at, place in enumerate(found):
        if at in held:
            place["role"] = "held_at" if at == held[0] else "transferred_to"
        elif at == 0 and (held or vanished):
            place["role"] = "taken_from"
        else:
            place["role"] = "last_seen_at" if vanished and at == len(found) - 1 else "occurred_at"
    return found


def _place(v: dict[str, str | None], number: int) -> dict[str, Any]:
    theirs, said = v[f"place_{number}"], v[f"location_{number}"]
    lat, lon = v[f"latitude_{number}"], v[f"longitude_{number}"]
    place = _given({"place_name": said, "place_kind": PLACE_KINDS[theirs] if theirs else None})
    if lat and lon:
        # Theirs is exact for a building or a street corner; otherwise it may be the middle of a town or a region.
        exact = "site" if v[f"exact_coordinates_{number}"] == YES else "near_settlement"
        place |= {"lat": float(lat), "lon": float(lon), "geo_precision": exact}
        place["geocode_method"] = "source_coordinates"
    return place | {"theirs": theirs} if place else {}


def _where(place: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in place.items() if name not in {"theirs", "role"}}


def _first_point(found: list[dict[str, Any]]) -> dict[str, Any]:
    return _where(next((place for place in found if "lat" in place), next(iter(found), {})))


def _case(v: dict[str, str | None], found: list[dict[str, Any]]) -> dict[str, Any]:
    described = v["perpetrator_affiliation"] == REGIME and any("actor" not in who for who in _involvements(v))
    told = {
        "person": _person(v),
        "external_id": f"pinochet:case:{v['individual_id']}",
        "last_seen_in_detention": True if any(place["theirs"] == CUSTODY for place in found) else None,
        "state_link": STATE_LINK if described else None,
        "events": life_line(v, found),
    }
    return _given(told)


def life_line(v: dict[str, str | None], found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Taken, seen in custody place by place, last seen, and what was learnt later."""
    first, last = sorted(bounds(v), key=lambda day: day or date.max) if all(bounds(v)) else bounds(v)
    between = _given({"earliest": first and first.isoformat(), "latest": last and last.isoformat()})
    from_where = _where(found[0]) if found and found[0]["theirs"] != CUSTODY else {}
    events: list[dict[str, Any]] = [{"kind": "taken", "date": beginning(v), **from_where}]
    held = [place for place in found if place["theirs"] == CUSTODY]
    for at, place in enumerate(held):
        events += [{"kind": "transferred", "date": between, **_where(place)}] if at else []
        events.append({"kind": "sighted_in_custody", "date": between, **_where(place)})
    if found and (not from_where or first != last):
        ended = {"earliest": v["end_date_daily"], "latest": v["end_date_daily"]} if v["end_date_daily"] else between
        events.append({"kind": "last_seen", "date": ended, **_where(found[-1])})
    if v["violence"] == REPORTED_DEAD:
        note = "The data set says that information of the death was obtained later, not when."
        events.append({"kind": "reported_dead", "note": note})
    return [_given(event) for event in events]


PINOCHET = Importer(
    name="pinochet-chile",
    about="Deaths and Disappearances in the Pinochet Regime, one victim a row",
    needs=NEEDS,
    read=rows,
    draft=draft,
    columns={"date": "start_date_daily", "lat": "latitude_1", "lon": "longitude_1", "according_to": "page"},
)
