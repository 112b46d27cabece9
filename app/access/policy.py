"""The table of who may do what: roles x sensitivity x classes of fields, and the policies that every route declares."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.vocabulary.sensitivity import Delicacy

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

# Nobody in particular. The public reads the published store alone; a partner reads by a link that a member gave out.
THE_PUBLIC = "public"
PARTNER = "partner"

EVERY_CLASS = frozenset(Delicacy)
OUTSIDE = frozenset({Delicacy.PUBLIC, Delicacy.LOCATION_EXACT, Delicacy.SYSTEM})
SHARED = frozenset({"partner", "public_anonymised", "public"})
INSIDE = SHARED | {"internal", "restricted"}


@dataclass(frozen=True)
class Clearance:
    """What a role reads: records of these sensitivities, and of them the fields of these classes."""

    sensitivities: frozenset[str]
    classes: frozenset[Delicacy]


NOTHING = Clearance(frozenset(), frozenset())
# Admin is not reader: who looks after members and keys reads no records. The auditor reads history and nothing else.
CLEARANCES: dict[str, Clearance] = {
    # Every record of the published store is public: its places are generalised, its names are agreed to.
    THE_PUBLIC: Clearance(frozenset({"public"}), OUTSIDE | {Delicacy.IDENTITY}),
    PARTNER: Clearance(SHARED, OUTSIDE),
    "viewer": Clearance(INSIDE, OUTSIDE | {Delicacy.INTERNAL}),
    "contributor": Clearance(INSIDE, EVERY_CLASS - {Delicacy.CUSTODY}),
    "reviewer": Clearance(INSIDE | {"sealed"}, EVERY_CLASS),
    "admin": NOTHING,
    "auditor": NOTHING,
}

READERS = frozenset({"viewer", "contributor", "reviewer"})
WRITERS = frozenset({"contributor", "reviewer"})
REVIEWERS = frozenset({"reviewer"})
MEMBERS = READERS | {"admin", "auditor"}


@dataclass(frozen=True)
class Policy:
    """Who is let in at a door. `scope`: what their key must allow; `told`: the sentence for those who are not.

    `anonymous`: `never`, `published` (answered from the published store) or `open` (nobody is asked who they are).
    `unproven`: also before somebody has set up the second factor that their role needs.
    `logged`: what a reader with the clearance for identities would see of them; such a read writes history first.
    """

    name: str
    about: str
    roles: frozenset[str]
    scope: str = "read"
    anonymous: str = "never"
    logged: bool = False
    unproven: bool = False
    told: str = "Your role does not do this: ask an admin for another."


NO_READER = "Your role does not read incidents: ask an admin for the role viewer."
NO_WRITER = "Your role may read but not change records: ask an admin for the role contributor."

OPEN = Policy("open", "anybody; nobody is asked who they are", frozenset(), anonymous="open")
LINK = Policy(
    "link", "whoever holds an export link, or the hook of a form: the secret in its address is the key",
    frozenset({PARTNER}), anonymous="open",
)  # fmt: skip
WORDS = Policy(
    "words", "every member, and the public: words, areas and formats", MEMBERS | {PARTNER}, anonymous="published"
)
READ = Policy(
    "read", "those who read records; the public from the published store", READERS, anonymous="published",
    logged=True, told=NO_READER,
)  # fmt: skip
WORK = Policy("work", "those who read records; never the public", READERS, logged=True, told=NO_READER)
HISTORY = Policy("history", "every member; what it tells depends on the role", MEMBERS, logged=True)
NAMES = Policy(
    "names", "those who read who people are", WRITERS, logged=True,
    told="Your role does not read the names of people: ask an admin for the role contributor.",
)  # fmt: skip
WRITE = Policy("write", "those who enter and correct records", WRITERS, scope="write", told=NO_WRITER)
REVIEW = Policy(
    "review", "those who check records and decide on publication", REVIEWERS, scope="write", logged=True,
    told="Only a reviewer does this: ask one, or an admin for the role reviewer.",
)  # fmt: skip
ERASE = Policy(
    "erase", "a second person, who confirms that somebody is erased for good", REVIEWERS | {"admin"}, scope="write",
    told="Only a reviewer or an admin confirms an erasure: ask one.",
)  # fmt: skip
ERASURES = Policy(
    "erasures", "those who ask for, confirm or check erasures: ids and no names", REVIEWERS | {"admin", "auditor"},
    told="Only reviewers, admins and auditors read the ledger of erasures.",
)  # fmt: skip
ADMINISTER = Policy(
    "administer", "those who look after members and keys", frozenset({"admin"}), scope="admin",
    told="Only an admin looks after members and keys: ask one.",
)  # fmt: skip
AUDIT = Policy(
    "audit", "those who read the history of changes and reads", frozenset({"auditor"}),
    told="Only an auditor reads the history of reads: ask an admin for the role auditor.",
)  # fmt: skip
# Not logged: a job tells of no record, and must be seen while an import holds the archive.
JOBS = Policy("jobs", "those who enter records: how far the work is that was left with the service", WRITERS)
OWN = Policy("own", "every member, for their own sign-ins and keys", MEMBERS)
ENTER = Policy("enter", "every member who has signed in, to prove who they are and to leave", MEMBERS, unproven=True)

POLICIES = (
    OPEN,
    LINK,
    WORDS,
    READ,
    WORK,
    HISTORY,
    NAMES,
    WRITE,
    REVIEW,
    ERASE,
    ERASURES,
    ADMINISTER,
    AUDIT,
    JOBS,
    OWN,
    ENTER,
)


def allow(policy: Policy) -> Callable[[Endpoint], Endpoint]:
    """Declare the policy of a route, under its decorator."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.policy = policy  # type: ignore[attr-defined]
        return endpoint

    return declare


def declared(endpoint: object) -> Policy | None:
    """The policy that a route declares; None when it declares none."""
    return getattr(endpoint, "policy", None)
