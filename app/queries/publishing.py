"""What may be public: approved versions, what stands in their way, and what a publication would change."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.queries.consents import consent_of, covers, last_word
from app.queries.public_ids import PublicIds
from app.queries.public_rows import Bundle, Row, compose
from app.records import Archive, Consent, Incident, Person, PublicVersion, Source
from app.records.public_version import PublicationChange

PUBLIC_SENSITIVITIES = ("public", "public_anonymised")
NOT_WORKED_ON = ("draft", "withdrawn")
SIGNED_OFF = ("approved", "published")
# Who speaks in a source of these kinds does so at a risk, and is asked first.
ASKED_FIRST = frozenset({"testimony_victim", "testimony_witness", "testimony_family", "phone_call", "own_observation"})
NOT_COMPARED = frozenset({"updated_at", "origin_hash", "pk", "id"})
TAKEN_BACK = "the record is withdrawn or leads to another"
AMENDED = "changed since its approval: approve it again"


@dataclass
class Plan:
    """What a publication does: incidents to write, those to take out, and the versions that become public."""

    changes: list[PublicationChange] = field(default_factory=list)
    bundles: list[Bundle] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    released: list[tuple[PublicVersion, Incident]] = field(default_factory=list)


def public_ids(session: Session) -> PublicIds:
    return PublicIds(session.exec(select(Archive.public_secret)).one())


def living(session: Session, incident: int) -> PublicVersion | None:
    """The version of an incident that is approved and not withdrawn."""
    found: PublicVersion | None = session.exec(
        _versions(incident).where(col(PublicVersion.withdrawn_at).is_(None))
    ).first()
    return found


def _versions(incident: int) -> Any:
    return select(PublicVersion).where(col(PublicVersion.incident_pk) == incident)


def obstacle(session: Session, version: PublicVersion, incident: Incident, on: date) -> str | None:
    """Why an approved version may not be public on this day; None when nothing stands in its way."""
    if incident.stage in NOT_WORKED_ON or incident.redirect_to is not None:
        return TAKEN_BACK
    return danger(session, version, incident, on)


def danger(session: Session, version: PublicVersion, incident: Incident, on: date) -> str | None:
    """The same as far as somebody is to be protected by it."""
    if incident.sensitivity not in PUBLIC_SENSITIVITIES:
        return "the record is no longer public: its sensitivity was raised"
    if any(not agrees(session, person, on) for person in _people(session, version.names)):
        return "a person who is named does not (or no longer) agree to it"
    if any(refuses(session, source, on) for source in _sources(session, version.cites)):
        return "a source that is cited does not (or no longer) agree to it"
    return None


def _people(session: Session, ids: Sequence[str]) -> Sequence[Person]:
    wanted = [UUID(str(one)) for one in ids]
    return session.exec(select(Person).where(col(Person.id).in_(wanted))).all() if wanted else []


def _sources(session: Session, ids: Sequence[str]) -> Sequence[Source]:
    wanted = [UUID(str(one)) for one in ids]
    return session.exec(select(Source).where(col(Source.id).in_(wanted))).all() if wanted else []


def agrees(session: Session, person: Person, on: date) -> bool:
    """Whether the name of a person may be public: agreed to, and not sealed since."""
    agreed = covers(consent_of(session, on=on, person_pk=person.pk), "public_named")
    return agreed and person.identity_protection != "sealed" and person.sensitivity != "sealed"


def refuses(session: Session, source: Source, on: date) -> bool:
    """Whether a source may not be cited in public: sealed, at risk and not asked, or refused."""
    if source.sensitivity == "sealed":
        return True
    if source.kind in ASKED_FIRST:
        return not covers(consent_of(session, on=on, source_pk=source.pk), "public_anonymous")
    word = last_word(session, source_pk=source.pk)
    return word is not None and not covers(consent_of(session, on=on, source_pk=source.pk), "public_anonymous")


def plan(session: Session, held: dict[UUID, Row], on: date) -> Plan:
    """What a publication on this day would do to a store that holds these incidents."""
    ids, made = public_ids(session), Plan()
    alive = select(PublicVersion, Incident).join(Incident).where(col(PublicVersion.withdrawn_at).is_(None))
    seen = set()
    for version, incident in session.execute(alive.order_by(col(PublicVersion.pk))).all():
        seen.add(ids.id(Incident, incident.id))
        _weigh(session, made, held, (version, incident), ids, on)
    _withdraw(session, made, {uid: row for uid, row in held.items() if uid not in seen}, ids)
    return made


def still_public(session: Session, on: date, advance: Callable[[int], None]) -> list[Bundle]:
    """What was published before and may be public on this day, as it was published; nothing that only waits for it.

    What was amended since is not as it was, and cannot be told again before it is approved again. `advance`: is told
    of each that was looked at.
    """
    ids, once = public_ids(session), select(PublicVersion, Incident).join(Incident)
    once = once.where(col(PublicVersion.withdrawn_at).is_(None), col(PublicVersion.published_at).is_not(None))
    found = []
    for version, incident in session.execute(once.order_by(col(PublicVersion.pk))).all():
        advance(1)
        if _is_as_approved(version, incident) and obstacle(session, version, incident, on) is None:
            bundle = compose(session, version, ids)
            bundle.incident |= {"updated_at": version.published_at, "entered_at": version.published_at}
            found.append(bundle)
    return found


def _weigh(
    session: Session, made: Plan, held: dict[UUID, Row], pair: tuple[PublicVersion, Incident], ids: PublicIds, on: date
) -> None:
    version, incident = pair
    uid, here = ids.id(Incident, incident.id), incident.ref
    told: dict[str, Any] = {"ref": here, "public_ref": ids.ref(incident.id)}
    reason = obstacle(session, version, incident, on)
    if reason is not None:
        made.gone += [uid] if uid in held else []
        made.changes.append(PublicationChange(**told, change="withdrawn" if uid in held else "waiting", reason=reason))
    elif not _is_as_approved(version, incident):
        change = "unchanged" if uid in held else "waiting"
        made.changes.append(PublicationChange(**told, change=change, reason=AMENDED))
    else:
        bundle = compose(session, version, ids)
        fields = differ(held.get(uid), bundle)
        change = "new" if uid not in held else "changed" if fields else "unchanged"
        made.changes.append(PublicationChange(**told, change=change, fields=fields if uid in held else []))
        if change != "unchanged":
            made.bundles.append(bundle)
        if change != "unchanged" or version.published_at is None:
            made.released.append(pair)


def _is_as_approved(version: PublicVersion, incident: Incident) -> bool:
    return incident.version == version.incident_version and incident.stage in SIGNED_OFF


def differ(before: Row | None, bundle: Bundle) -> list[str]:
    """The public fields in which an incident differs from what the store holds; `parts` for what hangs on it."""
    if before is None or before["origin_hash"] == bundle.incident["origin_hash"]:
        return []
    after = bundle.incident
    differ = [n for n in after if n in before and n not in NOT_COMPARED and before[n] != after[n] and n != "entered_at"]
    return differ or ["parts"]


def _withdraw(session: Session, made: Plan, left: dict[UUID, Row], ids: PublicIds) -> None:
    """What the store holds without an approval that stands."""
    once = select(Incident.id, Incident.ref).join(PublicVersion).distinct()
    refs = {ids.id(Incident, record): ref for record, ref in session.execute(once).all()}
    for uid, row in left.items():
        made.gone.append(uid)
        made.changes.append(
            PublicationChange(
                ref=refs.get(uid, ""), public_ref=row["ref"], change="withdrawn", reason="its approval was withdrawn"
            )
        )


def no_longer(session: Session, on: date) -> dict[UUID, str | None]:
    """The public ids of everything that was published once and may not be public on this day, and whom that protects.

    None where nobody is in danger by it, and it was only taken back.
    """
    suspects = _suspects(session, on)
    if not suspects:
        return {}
    ids = public_ids(session)
    gone: dict[UUID, str | None] = {}
    for incident in suspects:
        version = living(session, incident.pk)
        last = version or session.exec(_versions(incident.pk).order_by(col(PublicVersion.pk).desc()).limit(1)).one()
        if version is None or obstacle(session, version, incident, on) is not None:
            gone[ids.id(Incident, incident.id)] = danger(session, last, incident, on)
    return gone


def _suspects(session: Session, on: date) -> Sequence[Incident]:
    """Published once, and something has happened since that may take it out: found without walking through all."""
    once = select(PublicVersion.incident_pk)
    if session.exec(once.limit(1)).first() is None:  # after every change this is asked; most archives publish later
        return ()
    changed = or_(
        col(Incident.stage).in_(NOT_WORKED_ON), col(Incident.redirect_to).is_not(None),
        col(Incident.sensitivity).not_in(PUBLIC_SENSITIVITIES),
        col(Incident.pk).in_(select(PublicVersion.incident_pk).where(col(PublicVersion.withdrawn_at).is_not(None))),
        col(Incident.pk).in_(list(_named_without_consent(session, on))),
    )  # fmt: skip
    return session.exec(select(Incident).where(col(Incident.pk).in_(once), changed)).all()


def _named_without_consent(session: Session, on: date) -> Iterable[int]:
    """The incidents whose approved version names or cites somebody whose consent was withdrawn or has run out."""
    lapsed = or_(col(Consent.withdrawn_at).is_not(None), col(Consent.expires_on) < on)
    asked = select(Person.id).join(Consent, col(Consent.person_pk) == Person.pk).where(lapsed)
    sealed = select(Person.id).where(
        or_(col(Person.identity_protection) == "sealed", col(Person.sensitivity) == "sealed")
    )
    cited = select(Source.id).join(Consent, col(Consent.source_pk) == Source.pk).where(lapsed)
    hushed = select(Source.id).where(col(Source.sensitivity) == "sealed")
    them = {str(one) for question in (asked, sealed, cited, hushed) for one in session.exec(question).all()}
    if not them:
        return
    versions = select(PublicVersion.incident_pk, PublicVersion.names, PublicVersion.cites)
    for pk, names, cites in session.execute(versions.where(col(PublicVersion.withdrawn_at).is_(None))).all():
        if not them.isdisjoint({str(one) for one in (*names, *cites)}):
            yield pk
