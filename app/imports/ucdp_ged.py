"""UCDP GED: organised violence with at least one death, one event a row, with the articles it was coded from."""

# Columns as in Sundberg & Melander (2013), "Introducing the UCDP Georeferenced Event Dataset", Journal of Peace
# Research 50(4), and the codebooks of versions 19 to 25.

import re
from datetime import date
from typing import Any

from app import geography
from app.imports.importer import Draft, Finding, Importer, Row, RowRefused
from app.imports.tables import flat_rows
from app.vocabulary.certainty import precision
from app.vocabulary.word import vocabulary

NEEDS = frozenset(
    {"id", "type_of_violence", "side_a", "side_b", "source_article", "where_prec", "latitude", "longitude", "country",
     "date_prec", "date_start", "date_end", "best", "low", "high"}
)  # fmt: skip
LICENCE = "CC BY 4.0, Uppsala Conflict Data Program (UCDP GED; Sundberg & Melander 2013)"
DATASET = {
    "kind": "dataset",
    "title": "UCDP Georeferenced Event Dataset (GED)",
    "author": "Uppsala Conflict Data Program",
    "url": "https://ucdp.uu.se/downloads/",
    "closeness": "tertiary",
    "external_id": "ucdp:ged",
    "licence": LICENCE,
    "publication": {"name": "Uppsala Conflict Data Program", "kind": "research_project", "country": "SWE"},
}
ARTICLE = re.compile(r'"([^",]*),\s*(\d{4}-\d{2}-\d{2}),(.*?)"(?=;"|;?\s*$)', re.DOTALL)
QUOTED = (
    "low",
    "best",
    "high",
    "deaths_a",
    "deaths_b",
    "deaths_civilians",
    "deaths_unknown",
    "date_start",
    "date_end",
)
ONE_SIDED = "3"
# GED's own word for where the point lies; its 1 is the middle of a named place, not the spot.
PRECISIONS = {
    "1": "settlement", "2": "near_settlement", "3": "area2", "4": "area1", "5": "linear_or_vague", "6": "country",
    "7": "offshore",
}  # fmt: skip
# Whose dead, in which column.
DEAD = (
    ("deaths_civilians", "civilians", "civilian"),
    ("deaths_a", None, "fighter"),
    ("deaths_b", None, "fighter"),
    ("deaths_unknown", "people of unknown status", "unknown"),
)


def draft(row: Row) -> Draft:
    """One event as a report by the data set, with one more account for every article it cites."""
    v = row.values
    warnings: list[Finding] = []
    one_sided = _choice(row, "type_of_violence", ("1", "2", "3")) == ONE_SIDED
    killed = {"min": _number(row, "low"), "best": _number(row, "best"), "max": _number(row, "high")}
    _look_at_numbers(row, killed, warnings)
    report = {
        "title": _title(v, one_sided=one_sided),
        "summary": _summary(v),
        "kind": "attack_on_civilians" if one_sided else "armed_clash",
        "nature": "pattern" if v.get("event_clarity") == "2" else "event",
        "date": _dates(row, warnings),
        **_where(row, warnings),
        "killed": killed,
        "external_id": f"ucdp:ged:{v['id'].strip()}",
        "licence": LICENCE,
        "according_to": _dataset(row),
        "acts": _acts(row),
        "involvements": _involvements(v, one_sided=one_sided),
    }
    return Draft({k: x for k, x in report.items() if x not in (None, [], "")}, _articles(v), warnings)


def _refuse(row: Row, column: str, why: str, suggestion: str) -> RowRefused:
    return RowRefused(Finding(row.line, column, str(row.values.get(column, ""))[:100], why, suggestion))


def _choice(row: Row, column: str, allowed: tuple[str, ...]) -> str:
    value = str(row.values[column]).strip()
    if value not in allowed:
        raise _refuse(row, column, "not a code of UCDP GED", f"write one of {', '.join(allowed)}")
    return value


def _number(row: Row, column: str) -> int | None:
    text = str(row.values.get(column) or "").strip()
    if not text:
        return None
    try:
        number = int(float(text))
    except (ValueError, OverflowError):
        number = -1
    if number < 0:
        raise _refuse(row, column, "not a whole number of people", "write a number, or leave it empty")
    return number


def _degrees(row: Row, column: str) -> float:
    try:
        return float(row.values[column])
    except ValueError:
        raise _refuse(row, column, "not a number of degrees", "write decimal degrees, such as 34.802462") from None


def _look_at_numbers(row: Row, killed: dict[str, int | None], warnings: list[Finding]) -> None:
    low, best, high = killed["min"], killed["best"], killed["max"]
    keep = "kept as it is; ask UCDP, or amend it with a reason"
    if low is not None and best is not None and low > best:
        warnings.append(Finding(row.line, "low", str(low), "low is above best", keep))
    if high is not None and best is not None and high < best:
        warnings.append(Finding(row.line, "high", str(high), "high is below best", keep))


def _dates(row: Row, warnings: list[Finding]) -> dict[str, str]:
    days = [_day(row, column) for column in ("date_start", "date_end")]
    if days[0] > days[1]:
        raise _refuse(row, "date_start", "the event starts after it ends", "exchange date_start and date_end")
    theirs = str(row.values["date_prec"]).strip()
    if vocabulary("date_precisions").crosswalk("ucdp", theirs) != precision(*days):
        why = "the days do not span what date_prec says"
        warnings.append(Finding(row.line, "date_prec", theirs, why, "the days are kept; precision follows from them"))
    return {"earliest": days[0].isoformat(), "latest": days[1].isoformat(), "span": "sometime_within"}


def _day(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(str(row.values[column]).strip()[:10])
    except ValueError:
        raise _refuse(row, column, "not a day of the calendar", "write it as 2016-01-31") from None


def _where(row: Row, warnings: list[Finding]) -> dict[str, Any]:
    v = row.values
    exact = PRECISIONS[_choice(row, "where_prec", tuple(PRECISIONS))]
    country = geography.country_named(v.get("iso3") or v["country"])
    if country is None:
        warnings.append(Finding(row.line, "country", v["country"], "not a country we know", "the point is kept"))
    return {
        "place_name": v.get("where_coordinates") or v.get("where_description"),
        "lon": _degrees(row, "longitude"),
        "lat": _degrees(row, "latitude"),
        "geo_precision": exact,
        "geocode_method": "area_centroid" if exact in {"area1", "area2", "country"} else "source_coordinates",
        "country": country,
        "area1": None if exact in {"country", "offshore"} else v.get("adm_1") or None,
        "area2": None if exact in {"area1", "country", "offshore"} else v.get("adm_2") or None,
    }


def _title(v: dict[str, Any], *, one_sided: bool) -> str:
    where = v.get("where_coordinates") or v["country"]
    if one_sided:
        return f"Alleged attack on civilians by {v['side_a']}, {where}"[:500]
    return f"Alleged clash between {v['side_a']} and {v['side_b']}, {where}"[:500]


def _summary(v: dict[str, Any]) -> str:
    told = f"Coded by UCDP as event {v['id']}"
    return f"{told} of the conflict “{v['conflict_name']}”." if v.get("conflict_name") else f"{told}."


def _dataset(row: Row) -> dict[str, Any]:
    """The data set's own account: the numbers of the row are its words."""
    v = row.values
    return {
        "source": DATASET,
        "speaker": "UCDP coders",
        "speaker_role": "researcher",
        "stance": "reports",
        "quote": ", ".join(f"{name} {v[name]}" for name in QUOTED if v.get(name)),
        "locator_type": "table_cell",
        "locator": f"event {v['id']}",
    }


def _articles(v: dict[str, Any]) -> list[dict[str, Any]]:
    """One account an article, with its headline for a quote; older rows are one free-text citation."""
    text = (v.get("source_article") or "").strip()
    speaker = (v.get("source_original") or "").strip()[:500] or None
    found = ARTICLE.findall(text)
    sources = [_article(*parts) for parts in found] if found else [_free_text(text)] if text else []
    told: dict[str, dict[str, Any]] = {}
    for source in sources:
        account = {"source": source, "stance": "reports", "quote": source.get("title"), "speaker": speaker}
        told.setdefault(repr(source), {key: value for key, value in account.items() if value})
    return list(told.values())


def _article(office: str, day: str, headline: str) -> dict[str, Any]:
    source: dict[str, Any] = {"kind": "press", "title": headline.strip()[:2000] or None, "published": day}
    if office.strip():
        source["publication"] = {"name": office.strip()[:300]}
    try:
        date.fromisoformat(day)
    except ValueError:
        del source["published"]
    return {key: value for key, value in source.items() if value}


def _free_text(text: str) -> dict[str, Any]:
    return {"kind": "press", "title": text.strip('"')[:2000]}


def _acts(row: Row) -> list[dict[str, Any]]:
    acts = []
    for column, group, status in DEAD:
        number = _number(row, column)
        if number:
            who = group or f"people of {row.values['side_' + column[-1]]}"
            acts.append(
                {"kind": "killing", "group": who[:500], "count": {"best": number}, "civilian_status": status,
                 "outcome": "killed"}
            )  # fmt: skip
    return acts


def _involvements(v: dict[str, Any], *, one_sided: bool) -> list[dict[str, Any]]:
    """Only one-sided violence has a direction; in a clash both sides take part."""
    if one_sided:
        return [{"actor": _actor(v, "a"), "degree": "carried_out"}]
    return [{"actor": _actor(v, side), "degree": "party_to_clash"} for side in ("a", "b") if v[f"side_{side}"].strip()]


def _actor(v: dict[str, Any], side: str) -> dict[str, Any]:
    name = v[f"side_{side}"].strip()
    number = (v.get(f"side_{side}_new_id") or v.get(f"side_{side}_dset_id") or name).strip()
    kind = "state_other" if name.startswith("Government of") else "unknown"
    return {"name": name[:300], "kind": kind, "external_id": f"ucdp:actor:{number}"}


UCDP_GED = Importer(
    name="ucdp-ged",
    about="UCDP Georeferenced Event Dataset, CSV with 41 to 49 columns, with or without a row of HXL tags, also .gz",
    needs=NEEDS,
    read=flat_rows,
    draft=draft,
    columns={"lat": "latitude", "lon": "longitude", "place_name": "where_coordinates", "according_to": "id"},
)
