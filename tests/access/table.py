"""The table of the matrix, written by hand: who is let in where, and for whom a record is there."""

from tests.access.matrix import CLASSES, PRINCIPALS
from tests.api.walking import Door

IN, WHO, NO, GONE = "in", 401, 403, 404
Verdict = int | str

# Policy: what each asker meets, in the order of PRINCIPALS; `in` is let in.
TABLE: dict[str, tuple[Verdict, ...]] = {
    #             nobody viewer contr. review admin auditor partner disabl. expired read only
    "open":       (IN,  IN,  IN,  IN,  IN,  IN,  IN,  IN,  IN,  IN),
    "link":       (IN,  IN,  IN,  IN,  IN,  IN,  IN,  IN,  IN,  IN),
    "words":      (IN,  IN,  IN,  IN,  IN,  IN,  WHO, WHO, WHO, IN),
    "read":       (IN,  IN,  IN,  IN,  NO,  NO,  WHO, WHO, WHO, IN),
    "work":       (WHO, IN,  IN,  IN,  NO,  NO,  WHO, WHO, WHO, IN),
    "history":    (WHO, IN,  IN,  IN,  IN,  IN,  WHO, WHO, WHO, IN),
    "names":      (WHO, NO,  IN,  IN,  NO,  NO,  WHO, WHO, WHO, IN),
    "write":      (WHO, NO,  IN,  IN,  NO,  NO,  WHO, WHO, WHO, NO),
    "review":     (WHO, NO,  NO,  IN,  NO,  NO,  WHO, WHO, WHO, NO),
    "erase":      (WHO, NO,  NO,  IN,  IN,  NO,  WHO, WHO, WHO, NO),
    "erasures":   (WHO, NO,  NO,  IN,  IN,  IN,  WHO, WHO, WHO, NO),
    "administer": (WHO, NO,  NO,  NO,  IN,  NO,  WHO, WHO, WHO, NO),
    "audit":      (WHO, NO,  NO,  NO,  NO,  IN,  WHO, WHO, WHO, NO),
    "jobs":       (WHO, NO,  IN,  IN,  NO,  NO,  WHO, WHO, WHO, IN),
    "own":        (WHO, IN,  IN,  IN,  IN,  IN,  WHO, WHO, WHO, IN),
    "enter":      (WHO, IN,  IN,  IN,  IN,  IN,  WHO, WHO, WHO, IN),
}  # fmt: skip
# Class of object: for whom of those who are let in it is there. The public finds public ids, and no inner ones.
THERE: dict[str, set[str]] = {
    "public": set(PRINCIPALS),
    "internal": set(PRINCIPALS) - {"nobody"},
    "restricted": set(PRINCIPALS) - {"nobody"},
    "sealed": {"reviewer"},
    "withdrawn": set(PRINCIPALS) - {"nobody"},
    "absent": set(),
    "here": set(PRINCIPALS),
    "-": set(PRINCIPALS),
}
# Route: its policy. What is not named here is `read` for a GET and `write` for everything else.
EXCEPTIONS: dict[str, str] = {
    "GET /": "open",
    "GET /openapi.json": "open",
    "GET /docs": "open",
    "GET /docs.css": "open",
    "GET /healthz": "open",
    "GET /readyz": "open",
    "GET /api/v1/shared/{secret}/incidents.{form}": "link",
    "HEAD /api/v1/shared/{secret}/incidents.{form}": "link",
    "POST /api/v1/kobo/{hook}": "link",
    "GET /api/v1/changes.atom": "words",
    "GET /api/v1/releases": "words",
    "POST /api/v1/releases": "review",
    "GET /api/v1/releases/{release}": "words",
    "POST /api/v1/releases/{release}/recall": "review",
    "GET /api/v1/releases/{release}/{file}": "words",
    "GET /api/v1/export-links": "own",
    "POST /api/v1/export-links/{export_link_id}/revoke": "own",
    "POST /api/v1/session": "open",
    "POST /api/v1/session/by-link": "open",
    "POST /api/v1/setup": "open",
    "GET /api/v1/oidc/start": "open",
    "GET /api/v1/oidc/return": "open",
    "PUT /api/v1/members/{member_id}/oidc": "administer",
    "GET /api/v1/session": "enter",
    "DELETE /api/v1/session": "enter",
    "POST /api/v1/session/password": "enter",
    "POST /api/v1/session/second-factor": "enter",
    "PUT /api/v1/session/second-factor": "enter",
    "GET /api/v1/sessions": "own",
    "DELETE /api/v1/sessions": "enter",
    "DELETE /api/v1/sessions/{sign_in_id}": "enter",
    "GET /api/v1/tokens": "own",
    "POST /api/v1/tokens": "own",
    "DELETE /api/v1/tokens/{public}": "own",
    "GET /api/v1/members": "administer",
    "POST /api/v1/members": "administer",
    "POST /api/v1/members/{member_id}/disable": "administer",
    "POST /api/v1/members/{member_id}/enable": "administer",
    "POST /api/v1/members/{member_id}/role": "administer",
    "POST /api/v1/members/{member_id}/links": "administer",
    "DELETE /api/v1/members/{member_id}/second-factor": "administer",
    "GET /api/v1/members/{member_id}/tokens": "administer",
    "POST /api/v1/persons/{person_id}/erasure": "review",
    "POST /api/v1/erasures/{erasure_id}/confirm": "erase",
    "GET /api/v1/erasures": "erasures",
    "GET /api/v1/persons/{person_id}/consents": "names",
    "GET /api/v1/sources/{source_id}/consents": "names",
    "GET /api/v1/incidents/{incident_id}/public-version": "review",
    "PUT /api/v1/incidents/{incident_id}/public-version": "review",
    "GET /api/v1/incidents/{incident_id}/public-version/preview": "review",
    "POST /api/v1/incidents/{incident_id}/public-version/withdraw": "review",
    "POST /api/v1/publication": "review",
    "GET /api/v1/areas": "words",
    "GET /api/v1/areas/{code}": "words",
    "GET /api/v1/area-layers": "words",
    "GET /api/v1/settlements": "words",
    "POST /api/v1/imports/areas": "review",
    **{f"GET /ogc{path}": "words" for path in ("", "/api", "/conformance", "/collections", "/collections/incidents")},
    "GET /api/v1/field-form.xlsx": "words",
    "GET /api/v1/vocabularies": "words",
    "GET /api/v1/vocabularies/{name}": "words",
    "GET /api/v1/imports/formats": "words",
    "GET /api/v1/incidents.{name}": "words",
    "GET /api/v1/incidents/{which}/history": "work",
    "GET /api/v1/incidents/{which}/versions": "work",
    "GET /api/v1/incidents/{which}/diff": "work",
    "GET /api/v1/incidents/{which}/reviews": "work",
    "GET /api/v1/reviews/queue": "work",
    "GET /api/v1/actors/{actor_id}/history": "work",
    "GET /api/v1/cases": "work",
    "GET /api/v1/cases/readiness": "work",
    "GET /api/v1/cases/{case_id}": "work",
    "GET /api/v1/cases/{case_id}/readiness": "work",
    "GET /api/v1/cases/{case_id}/history": "work",
    "GET /api/v1/imports": "work",
    "GET /api/v1/imports/mappings": "work",
    "GET /api/v1/imports/{batch_id}": "work",
    "GET /api/v1/jobs": "jobs",
    "GET /api/v1/jobs/{job_id}": "jobs",
    "GET /api/v1/jobs/{job_id}/names": "names",
    "GET /api/v1/jobs/{job_id}/names.csv": "names",
    "GET /api/v1/evidence": "work",
    "GET /api/v1/evidence/{evidence_id}": "work",
    "GET /api/v1/evidence/{evidence_id}/custody": "work",
    "GET /api/v1/evidence/{evidence_id}/working-copy": "work",
    "GET /api/v1/evidence/{evidence_id}/file": "names",
    "GET /api/v1/persons": "names",
    "GET /api/v1/persons/{person_id}": "names",
    "GET /api/v1/persons/{person_id}/history": "names",
    "GET /api/v1/history": "audit",
    "GET /api/v1/history/{noun}/{record_id}": "history",
    "GET /api/v1/history/{noun}/{record_id}/diff": "work",
}
EVERYBODY = frozenset(PRINCIPALS)
HTTPS, BY_TOKEN = (422, EVERYBODY), (409, EVERYBODY)  # passwords come by https, and sign-ins are for people
# What a route itself refuses some of those who are let in, whatever they ask for.
FIRST: dict[str, tuple[Verdict, frozenset[str]]] = {
    "GET /api/v1/incidents.{name}": (GONE, EVERYBODY),  # there is no such format
    "GET /api/v1/evidence/{evidence_id}/custody": (NO, EVERYBODY - {"reviewer"}),
    "GET /api/v1/history/{noun}/{record_id}": (NO, frozenset({"admin", "auditor"})),  # of an incident
    "POST /api/v1/export-links": (NO, frozenset({"contributor"})),  # for a partner
    "POST /api/v1/export-links/{export_link_id}/revoke": (GONE, EVERYBODY - {"reviewer", "admin"}),  # of a reviewer
    "DELETE /api/v1/tokens/{public}": (GONE, EVERYBODY - {"reviewer", "admin"}),
    "POST /api/v1/tokens": (409, EVERYBODY - {"admin"}),  # a token does not make tokens
    "POST /api/v1/session": HTTPS,
    "POST /api/v1/session/by-link": HTTPS,
    "POST /api/v1/setup": HTTPS,
    "GET /api/v1/oidc/start": HTTPS,
    "GET /api/v1/oidc/return": HTTPS,
    "DELETE /api/v1/session": BY_TOKEN,
    "POST /api/v1/session/password": BY_TOKEN,
    "POST /api/v1/session/second-factor": BY_TOKEN,
    "PUT /api/v1/session/second-factor": BY_TOKEN,
    "DELETE /api/v1/sessions": BY_TOKEN,
    "DELETE /api/v1/sessions/{sign_in_id}": BY_TOKEN,
}
UNPUBLISHED = frozenset(CLASSES) - {"public"}
CONTRIBUTOR, OPENLY = frozenset({"contributor"}), frozenset({"public"})
VERSION = "/api/v1/incidents/{incident_id}/public-version"
# What it refuses of a record that is there: to whom, and of which classes.
THEN: dict[str, tuple[Verdict, frozenset[str], frozenset[str]]] = {
    "POST /api/v1/incidents/{incident_id}/verification": (NO, CONTRIBUTOR, frozenset(CLASSES)),
    "POST /api/v1/involvements/{involvement_id}/disclosure": (NO, CONTRIBUTOR, frozenset(CLASSES)),
    "POST /api/v1/incidents/{incident_id}/moves": (409, EVERYBODY, frozenset({"withdrawn", "public"})),
    "POST /api/v1/incidents/{incident_id}/redirect": (NO, CONTRIBUTOR, OPENLY),  # what is public is a reviewer's
    "POST /api/v1/erasures/{erasure_id}/confirm": (NO, frozenset({"reviewer"}), frozenset({"here"})),  # who asked
    "POST /api/v1/jobs/{job_id}/cancel": (NO, CONTRIBUTOR, frozenset({"here"})),  # a reviewer's
    "PUT /api/v1/jobs/{job_id}/decisions": (NO, CONTRIBUTOR, frozenset({"here"})),
    f"GET {VERSION}": (GONE, EVERYBODY, UNPUBLISHED),
    f"GET {VERSION}/preview": (GONE, EVERYBODY, UNPUBLISHED),
    f"POST {VERSION}/withdraw": (GONE, EVERYBODY, UNPUBLISHED),
    # The collection holds no withdrawn incident, and a map would not say that it is.
    "GET /ogc/collections/incidents/items/{which}": (410, EVERYBODY, frozenset({"withdrawn"})),
    f"PUT {VERSION}": (409, EVERYBODY, UNPUBLISHED),  # nobody has signed it off
}
# The same where one line does not do.
WITHDRAWING = {("contributor", "public"): NO, ("contributor", "withdrawn"): 409, ("reviewer", "withdrawn"): 409}


def policy_of(door: Door) -> str:
    """By the table, not by what the route says of itself."""
    return EXCEPTIONS.get(str(door), "write" if door.writes else "read")


def expected(door: Door, principal: str, kind: str) -> Verdict:
    met = TABLE[policy_of(door)][PRINCIPALS.index(principal)]
    if met != IN:
        return met
    verdict, whom = FIRST.get(str(door), (IN, frozenset()))
    if principal in whom:
        return verdict
    if principal not in THERE[kind]:
        return GONE
    if door.path.endswith("{incident_id}/withdraw"):
        return WITHDRAWING.get((principal, kind), IN)
    verdict, whom, of = THEN.get(str(door), (IN, frozenset(), frozenset()))
    return verdict if principal in whom and kind in of else IN
