"""An archive with a mark in every field that is not public, of which two incidents are published and one was."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.db import reading, writing
from app.records import Actor, Incident, Involvement, Person, Source
from app.records.actor import A_PERSON
from app.vocabulary.sensitivity import CUSTODY, IDENTITY, INTERNAL, LOCATION_EXACT, PUBLIC, SOURCE_IDENTITY, Delicacy
from tests.access.marking import NAMED, SECOND, plant, tables
from tests.access.marks import Marks, written
from tests.api.walking import EVIDENCE, INCIDENTS
from tests.archives import TestArchive
from tests.builders import Json, a_source, an_act, an_incident, carried_out_by, somebody
from tests.pictures import a_photo

# Exact points: none of these digits may come out.
POINTS = {"published": (63.0544417, 26.0023331), "anonymised": (63.1544427, 26.1023342), "withdrawn": (63.2544437, 26.2023353),
          "restricted": (63.3544447, 26.3023364), "sealed": (63.4544457, 26.4023375), "internal": (63.5544467, 26.5023386)}  # fmt: skip
HELD = {"published": "public", "anonymised": "public_anonymised", "withdrawn": "public"}


@dataclass
class Grounds:
    """The archive, its marks, the ids inside it by kind of incident, and exact words that must not come out either."""

    archive: TestArchive
    marks: Marks
    known: dict[str, dict[str, str]]
    secrets: frozenset[str] = frozenset()


def made(answer: Any) -> Json:
    assert answer.status_code < 300, answer.text
    return dict(answer.json()) if answer.content else {}


class Planter:
    """Tells the service of incidents that are full of marks."""

    def __init__(self, client: TestClient, archive: TestArchive) -> None:
        self.client, self.archive, self.marks = client, archive, Marks()

    def new(self, kind: str, where: str, of: Delicacy) -> str:
        return self.marks.new(where, of, HELD.get(kind, kind))

    def person(self, name: str | None = None) -> Json:
        """Somebody whose every trait is a mark, and mostly the name."""
        texts = {trait: self.marks.new(f"reported {trait}", IDENTITY) for trait in ("nationality", "occupation")}
        return somebody(name or self.marks.new("reported name", IDENTITY), **texts)

    def report(self, kind: str) -> Json:
        """The body of a report, in which whoever is named and whoever speaks is a mark: history keeps such bodies."""
        new = self.new
        told = an_incident(
            new(kind, "reported title", INTERNAL), at=POINTS[kind], exactly="exact", sensitivity="restricted",
            place_name=new(kind, "reported place_name", LOCATION_EXACT), summary=new(kind, "reported summary", INTERNAL),
            source=a_source(f"A report, {kind}", f"Paper {kind}", author=self.marks.new("reported author", SOURCE_IDENTITY)),
            killed={"min": 1, "best": 1, "max": 2}, country="PAK",
        )  # fmt: skip
        told["according_to"] |= {
            "speaker": new(kind, "reported speaker", SOURCE_IDENTITY),
            "quote": new(kind, "reported quote", INTERNAL),
        }
        told["acts"] = [
            an_act(person=self.person(), method=new(kind, "reported method", INTERNAL)),
            an_act(group="villagers"),
        ]
        if kind == "published":
            told["acts"].append(an_act(person=self.person(NAMED)))
        accused = {"degree": "ordered", "person": self.person()}
        private = {
            "degree": "carried_out",
            "actor": {"name": self.marks.new("private actor", IDENTITY), "kind": "private_individual"},
        }
        in_words = {"degree": "suspected", "described_as": new(kind, "reported description", INTERNAL)}
        told["involvements"] = [carried_out_by(f"Unit {kind}"), accused, private, in_words]
        told["places"] = [
            {"role": "body_found_at", "country": "PAK", "place_name": new(kind, "reported place", LOCATION_EXACT)}
        ]
        told["cases"] = [self.case(kind)]
        return told

    def case(self, kind: str) -> Json:
        """A disappearance with all who told of it."""
        contact = {
            name: self.marks.new(f"reported {name}", CUSTODY) for name in ("submitter_contact", "family_contact")
        }
        named = {
            name: self.marks.new(f"reported {name}", SOURCE_IDENTITY)
            for name in ("submitter_name", "family_consent_by")
        }
        event = {
            "kind": "taken",
            "note": self.new(kind, "reported event", INTERNAL),
            "authority": self.new(kind, "authority", INTERNAL),
        }
        return {"person": self.person(), "events": [event], **contact, **named}

    def fill(self, kind: str, other: str | None) -> dict[str, str]:
        """An incident with everything that can hang on it."""
        client, new = self.client, self.new
        one = made(client.post(INCIDENTS, json=self.report(kind)))
        path = f"{INCIDENTS}/{one['id']}"
        hidden = {
            "kind": "testimony_witness",
            "title": new(kind, "testimony", PUBLIC),
            "author": self.marks.new("witness", SOURCE_IDENTITY),
        }
        said = {"summary": {"value": new(kind, "said", INTERNAL), "quote": new(kind, "said quote", INTERNAL)}}
        heard = made(
            client.post(f"{path}/accounts", json={"source": hidden, "said": said, "speaker": hidden["author"]})
        )
        made(client.post(f"{path}/comments", json={"note": "A note."}))
        photo = made(client.post(f"{path}/evidence", content=a_photo((len(kind), 9, 9))))
        body = new(kind, "file of evidence", SOURCE_IDENTITY)
        text = made(
            client.post(
                EVIDENCE.format(evidence_id=photo["id"]) + "/derived",
                params={"derivation": "transcript"},
                content=f"A transcript: {body}".encode(),
            )
        )
        person = one["acts"][-1 if kind == "published" else 0]["person"]["id"]
        self.agree({"persons": person, "sources": one["accounts"][0]["source_id"]})
        case = made(client.get(f"/api/v1/cases/{one['cases'][0]['id']}"))
        known = {
            "which": one["ref"], "incident_id": one["id"], "account_id": one["accounts"][0]["id"], "heard": heard["id"],
            "source_id": one["accounts"][0]["source_id"], "hidden": heard["source_id"], "person_id": person,
            "missing": case["person"]["id"], "actor_id": one["involvements"][0]["actor"]["id"], **self.unnamed(one["id"]),
            "case_id": case["id"], "evidence_id": text["id"], "noun": "incident", "record_id": one["id"],
        }  # fmt: skip
        if other is not None:
            made(
                client.post(
                    f"{path}/links", json={"kind": "precedes", "to": other, "note": new(kind, "link", INTERNAL)}
                )
            )
        return known

    def agree(self, subjects: dict[str, str]) -> None:
        """They agree to be named, and to be cited."""
        agreed = {"scope": "public_named", "method": "written", "given_on": "2025-01-02", "given_by": "a sister"}
        for noun, record in subjects.items():
            made(self.client.post(f"/api/v1/{noun}/{record}/consents", json=agreed))

    def unnamed(self, incident: str) -> dict[str, str]:
        """Those whom the incident accuses and nobody is told of at its address."""
        with reading(self.archive.engine) as session:
            mine = select(Involvement.pk).join(Incident).where(col(Incident.id) == UUID(incident))
            accused = select(Person.id).join(Involvement).where(col(Involvement.pk).in_(mine))
            private = (
                select(Actor.id).join(Involvement).where(col(Involvement.pk).in_(mine), col(Actor.kind) == A_PERSON)
            )
            return {"accused": str(session.exec(accused).one()), "private": str(session.exec(private).one())}

    def hold(self, session: Session, known: dict[str, str], kind: str) -> None:
        """Hold the incident as closely as its kind says, signed off; and what was heard in confidence, sealed."""
        told: Json = {"sensitivity": HELD.get(kind, kind), "stage": "approved", "verification": "corroborated"}
        session.execute(update(Incident).where(col(Incident.id) == UUID(known["incident_id"])).values(**told))
        sealed = [known["hidden"]] + ([known["source_id"]] if kind == "sealed" else [])
        session.execute(
            update(Source).where(col(Source.id).in_([UUID(one) for one in sealed])).values(sensitivity="sealed")
        )


def secrets_of(session: Session) -> frozenset[str]:
    """Exact words of the working archive that no mark can stand in: ids, references, exact points, people who work here."""
    found: set[str] = set()
    for table in tables() | {Person}:
        if "id" in table.model_fields:
            for one in session.exec(select(table.id)).all():  # type: ignore[attr-defined]
                found |= {str(one), one.hex}
    found |= set(session.exec(select(Incident.ref)).all())
    found |= {str(number)[:8] for point in POINTS.values() for number in point}
    return frozenset(found | {SECOND})


def lay_out(archive: TestArchive, reviewer: TestClient, second: TestClient) -> Grounds:
    """Everything: reported, marked, approved by a second person, published, and of one thing withdrawn again."""
    planter = Planter(reviewer, archive)
    known: dict[str, dict[str, str]] = {}
    for kind in reversed(POINTS):
        known[kind] = planter.fill(kind, known["restricted"]["incident_id"] if "restricted" in known else None)
    with writing(archive.engine) as session:
        for kind, ids in known.items():
            planter.hold(session, ids, kind)
        session.flush()
        plant(session, planter.marks, [known[kind]["incident_id"] for kind in HELD])
    for kind, place in (("published", "area2"), ("anonymised", "none"), ("withdrawn", "grid")):
        _approve(second, archive, planter.marks, known[kind], kind, place)
    made(second.post("/api/v1/publication"))
    seen = {"If-Match": archive.seen(known["withdrawn"]["incident_id"])}
    why = {"reason": planter.marks.new("withdrawal", INTERNAL, "public")}
    made(
        second.post(f"{INCIDENTS}/{known['withdrawn']['incident_id']}/public-version/withdraw", json=why, headers=seen)
    )
    made(second.post("/api/v1/releases", json={"name": "made-up@2026-11", "reason": "For the test."}))
    with writing(archive.engine) as session:
        secrets = secrets_of(session)
    return Grounds(archive, planter.marks, known, secrets)


def _approve(
    second: TestClient, archive: TestArchive, marks: Marks, ids: dict[str, str], kind: str, place: str
) -> None:
    gone = kind == "withdrawn"
    told = {
        "title": marks.new("withdrawn title", INTERNAL, "public") if gone else f"An alleged killing, {kind}",
        "summary": marks.new("withdrawn summary", INTERNAL, "public") if gone else "A summary for everybody.",
        "place": place, "cites": [ids["source_id"]], "names": [ids["person_id"]] if kind == "published" else [], "reason": marks.new("reason of approval", INTERNAL, "public"),
    }  # fmt: skip
    seen = {"If-Match": archive.seen(ids["incident_id"])}
    made(second.put(f"{INCIDENTS}/{ids['incident_id']}/public-version", json=told, headers=seen))


def first_word(number: int) -> str:
    """A mark as one types it into a search."""
    return written(number)[0]
