"""Words to build reports with, so that a test says only what it is about."""

from typing import Any

from app.records.account import AccountIn
from app.records.act import ActIn
from app.records.incident import IncidentIn
from app.records.involvement import InvolvementIn
from app.records.place import PlaceIn

Json = dict[str, Any]

TURBAT = (63.0544, 26.0023)  # in Kech, Balochistan
QUETTA = (66.9905, 30.1834)
HOMS = (36.7137, 34.7324)


def a_source(title: str = "A made-up report", by: str | None = "The Example Paper", **more: Any) -> Json:
    """A newspaper article, unless told otherwise."""
    publication = {"publication": {"name": by}} if by else {}
    return {"kind": "press", "title": title, **publication, **more}


def an_incident(
    title: str = "An alleged killing",
    *,
    kind: str = "killing",
    on: object = "2025-06-12",
    at: tuple[float, float] | None = None,
    exactly: str = "settlement",
    source: Json | None = None,
    **more: Any,
) -> Json:
    """The body of `POST /incidents`. `on`: a date, None when unknown; `at`: longitude and latitude."""
    told: Json = {"title": title, "kind": kind, "according_to": {"source": source or a_source()}}
    if on is not None:
        told["date"] = on
    if at is not None:
        told |= {"lon": at[0], "lat": at[1], "geo_precision": exactly}
    return told | more


def an_account(source: Json | None = None, *, stance: str = "reports", **said: Any) -> Json:
    """A further source's version: `an_account(killed={"best": 3})`."""
    values = {name: {"value": value} for name, value in said.items()}
    return {"source": source or a_source("Another made-up report", "The Other Paper"), "stance": stance, "said": values}


def somebody(name: str, **more: Any) -> Json:
    """A person of that name."""
    return {"names": [{"full": name}], **more}


def an_act(kind: str = "killing", **more: Any) -> Json:
    """An act against a described group, unless a person is given."""
    against = {} if "person" in more else {"group": "villagers"}
    return {"kind": kind, **against, **more}


def carried_out_by(name: str, **more: Any) -> Json:
    """An involvement of an actor of that name."""
    return {"actor": {"name": name, "kind": "unidentified"}, "degree": "carried_out", **more}


def incident_in(*words: Any, **more: Any) -> IncidentIn:
    """The same as `an_incident`, read and checked."""
    return IncidentIn.model_validate(an_incident(*words, **more))


def account_in(*words: Any, **more: Any) -> AccountIn:
    return AccountIn.model_validate(an_account(*words, **more))


def act_in(*words: Any, **more: Any) -> ActIn:
    return ActIn.model_validate(an_act(*words, **more))


def involvement_in(*words: Any, **more: Any) -> InvolvementIn:
    return InvolvementIn.model_validate(carried_out_by(*words, **more))


def place_in(**more: Any) -> PlaceIn:
    return PlaceIn.model_validate(more)
