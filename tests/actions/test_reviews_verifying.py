"""Every verification by every role against a table written out by hand, and what must lie under each."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from app.actions import accounts, incidents, reviews, steps
from app.actions.pen import Pen
from app.db import writing
from app.errors import Forbidden, Invalid, Untimely
from app.records import Review
from app.records.account import AccountIn
from app.records.review import VerificationIn
from tests.actions.reviewing import BOTH, ROLES, as_role, refusal, reported, set_to
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive
from tests.builders import a_source, an_account, incident_in

LOOKED_INTO = {"not_substantiated", "found_not_to_have_occurred"}
BORNE_OUT = {"single_source", "corroborated", "contested", "established"}
WEIGHED: dict[str, set[str]] = {
    "unreviewed": {"under_verification", "out_of_scope"} | BORNE_OUT,
    "under_verification": {"out_of_scope"} | BORNE_OUT | LOOKED_INTO,
    "single_source": ({"under_verification", "out_of_scope"} | BORNE_OUT | LOOKED_INTO) - {"single_source"},
    "corroborated": {"under_verification", "single_source", "contested", "established", "out_of_scope"},
    "contested": ({"under_verification", "out_of_scope"} | BORNE_OUT | LOOKED_INTO) - {"contested"},
    "established": {"under_verification", "contested"},
    "not_substantiated": {"under_verification", "found_not_to_have_occurred", "out_of_scope"},
    "found_not_to_have_occurred": {"under_verification"},
    "out_of_scope": {"under_verification"},
}


@pytest.fixture
def one(archive: TestArchive) -> UUID:
    return reported(archive)


@pytest.mark.parametrize("here", WEIGHED)
def test_every_verification_by_every_role(archive: TestArchive, one: UUID, here: str) -> None:
    found, expected = {}, {}
    for onward in WEIGHED:
        for role in ROLES:
            with Session(archive.engine) as session:
                etag = set_to(session, one, verification=here)
                told = VerificationIn(verification=onward, note="Weighed.")
                found[onward, role] = refusal(session, reviews.verify, one, told, etag, as_role(role))
            may = onward in WEIGHED[here]
            wrong = Forbidden if role not in BOTH or (may and role != "reviewer") else Untimely
            expected[onward, role] = None if may and role == "reviewer" else wrong
    assert found == expected


@pytest.mark.parametrize(
    ("source", "stance", "speaker_role", "enough"),
    [
        ("court_record", "reports", None, True),
        ("un_report", "confirms", None, True),
        ("medical_record", "reports", "health_worker", True),
        ("death_certificate", "reports", None, True),
        ("court_record", "denies", None, False),
        ("court_record", "gives_alternative_explanation", None, False),
        ("official_statement", "confirms", None, True),
        ("official_statement", "claims_responsibility", "party_to_conflict", True),
        ("official_statement", "reports", None, False),
        ("official_statement", "confirms", "official", False),
        ("official_statement", "confirms", "victim", False),
        ("press", "claims_responsibility", "party_to_conflict", True),
        ("press", "claims_responsibility", None, False),
        ("press", "denies", "party_to_conflict", False),
        ("testimony_witness", "confirms", "witness", False),
    ],
)
def test_what_establishes_an_allegation(
    archive: TestArchive, source: str, stance: str, speaker_role: str | None, enough: bool
) -> None:
    which = archive.report(incident_in()).id
    told = an_account(a_source("A document", None, kind=source), stance=stance) | {"speaker_role": speaker_role}
    weighed = VerificationIn(verification="established", note="It is found.")
    with writing(archive.engine) as session:
        accounts.add_account(session, which, AccountIn.model_validate(told), CONTRIBUTOR)
        found = refusal(session, reviews.verify, which, weighed, set_to(session, which), REVIEWER)
    assert found is (None if enough else Untimely)


@pytest.mark.parametrize(
    ("verification", "sources", "lowered"),
    [
        ("corroborated", 2, "corroborated"),
        ("corroborated", 1, "single_source"),
        ("corroborated", 0, "under_verification"),
        ("single_source", 1, "single_source"),
        ("single_source", 0, "under_verification"),
        ("established", 3, "corroborated"),
        ("established", 1, "single_source"),
        ("contested", 0, "contested"),
        ("unreviewed", 0, "unreviewed"),
    ],
)
def test_a_verification_falls_as_far_as_its_accounts_bear_it(
    archive: TestArchive, verification: str, sources: int, lowered: str
) -> None:
    which = archive.report(incident_in()).id
    with writing(archive.engine) as session:
        set_to(session, which, verification=verification, independent_sources=sources)
        steps.lower_if_unsupported(Pen(session, CONTRIBUTOR), incidents.find(session, which, REVIEWER))
    shown = archive.see(which)
    assert shown.verification == lowered
    changed = lowered != verification
    assert archive.count(Review) == changed
    assert (shown.verified_on == datetime.now(UTC).date()) is changed
    assert archive.broken() is None


def test_single_source_needs_one(archive: TestArchive) -> None:
    denied = incident_in()
    denied.according_to.stance = "denies"
    which = archive.report(denied).id
    told = VerificationIn(verification="single_source", note="One source.")
    with writing(archive.engine) as session, pytest.raises(Untimely, match="this record has 0"):
        reviews.verify(session, which, told, set_to(session, which), REVIEWER)


def test_nothing_is_verified_on_a_day_to_come(archive: TestArchive, one: UUID) -> None:
    today = datetime.now(UTC).date()
    with writing(archive.engine) as session:
        etag = set_to(session, one)
        told = VerificationIn(verification="contested", note="Two.", verified_on=today + timedelta(days=3))
        with pytest.raises(Invalid):
            reviews.verify(session, one, told, etag, REVIEWER)
        reviews.verify(session, one, told.model_copy(update={"verified_on": date(2020, 1, 1)}), etag, REVIEWER)
    assert archive.see(one).verified_on == date(2020, 1, 1)
