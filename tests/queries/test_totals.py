"""x"""
import pytest
from app.access.wall import guarded
from app.queries.totals import TotalsQuestion, totals
from tests.archives import TestArchive, REVIEWER, READER
from tests.builders import incident_in, an_act, carried_out_by, somebody, QUETTA

def test_smoke(archive: TestArchive) -> None:
    archive.report(incident_in(at=QUETTA, killed={"best":2}, acts=[an_act(outcome="killed", person=somebody("Gul Example")), an_act(outcome="killed", count={"min":2})], involvements=[carried_out_by("x")]))
    archive.report(incident_in(on="2025", killed={"min":2}))
    for v in (REVIEWER, READER):
        for by in ("month,kind", "area1,area2", "family,year,country", "actor_kind", "outcome,actor_kind,month", "verification"):
            with guarded(archive.engine, v) as s:
                print(v.role, by, totals(s, TotalsQuestion(by=by), v))
