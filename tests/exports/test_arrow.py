"""Arrow holds the same values as the page, in types."""

from datetime import UTC, date, datetime

import pytest
from shapely import from_wkb

from app.exports.arrow import SCHEMA, batches
from app.queries.rows import COLUMNS
from tests.archives import TestArchive
from tests.builders import TURBAT, incident_in


@pytest.fixture
def rows(archive: TestArchive) -> list[dict[str, object]]:
    archive.report_all([incident_in("One", at=TURBAT, on="2025-06", killed={"best": 4}), incident_in("Two", on=None)])
    return list(archive.rows())


def test_every_column_keeps_its_value(rows: list[dict[str, object]]) -> None:
    (batch,) = batches(rows)
    assert batch.schema == SCHEMA
    for row, kept in zip(rows, batch.to_pylist(), strict=True):
        moment = datetime.strptime(str(row["updated_at"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert {name: kept[name] for name in COLUMNS} == {**row, "updated_at": moment}
    located, other = sorted(batch.to_pylist(), key=lambda row: row["geometry"] is None)
    assert from_wkb(located["geometry"]).coords[0] == (located["lon"], located["lat"]) == TURBAT
    assert located["date_earliest"] == date(2025, 6, 1)
    assert other["geometry"] is None


def test_no_more_than_a_batch_at_once(rows: list[dict[str, object]]) -> None:
    assert [batch.num_rows for batch in batches(rows * 3, size=4)] == [4, 2]
    assert list(batches([])) == []
