"""The page about conformance names the tests that there are, and the classes that the service claims."""

import re
from pathlib import Path

from app.api.ogc.documents import CONFORMS
from tests.ogc import test_conformance as documents
from tests.ogc import test_conformance_items as items
from tests.ogc.requirements import MET

LISTED = Path(__file__).resolve().parents[2] / "docs" / "ogc-conformance.md"


def test_the_list_in_the_docs_is_of_these_tests() -> None:
    assert set(MET.values()) <= set(dir(documents)) | set(dir(items))
    rows = re.findall(r"^\| `(/req/[^`]+)` \| ([^|]+) \| `(\w+)` \|$", LISTED.read_text(encoding="utf-8"), re.MULTILINE)
    assert {id: test for id, _, test in rows} == MET
    assert len(rows) == len(MET) >= 40
    assert all(len(what) > 10 for _, what, _ in rows)
    told = LISTED.read_text(encoding="utf-8")
    assert [name for name in CONFORMS if f"`{name.removeprefix('http://www.opengis.net/spec')}`" not in told] == []
