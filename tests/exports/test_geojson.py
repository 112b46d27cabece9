"""GeoJSON as RFC 7946 has it: WGS 84, a box, ids, null where there is no point, and what it must say of itself."""

import json
import random
from typing import Any

import pytest

from app.db import now
from app.exports import FORMATS, Answer, Heading
from app.queries.rows import COLUMNS
from app.queries.written import DISCLAIMER
from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, incident_in

HEADING = Heading("a question", now())


def drawn(archive: TestArchive, **question: Any) -> dict[str, Any]:
    return json.loads(b"".join(FORMATS["geojson"].write(Answer(archive.rows(**question), HEADING))))


def lines(archive: TestArchive) -> list[dict[str, Any]]:
    text = b"".join(FORMATS["geojsonl"].write(Answer(archive.rows(), HEADING))).decode()
    return [json.loads(line) for line in text.splitlines()]


def test_the_collection_says_what_it_is(archive: TestArchive) -> None:
    archive.report(incident_in(at=QUETTA))
    found = drawn(archive)
    assert found["type"] == "FeatureCollection"
    assert (found["question"], found["asked_at"], found["alleged"]) == ("a question", HEADING.moment, True)
    assert found["disclaimer"] == DISCLAIMER
    assert "crs" not in found


def test_a_feature_is_a_point_with_the_columns_of_the_table(archive: TestArchive) -> None:
    made = archive.report(incident_in(at=QUETTA))
    (feature,) = drawn(archive)["features"]
    assert (feature["type"], feature["id"]) == ("Feature", made.ref)
    assert feature["geometry"] == {"type": "Point", "coordinates": list(QUETTA)}
    assert list(feature["properties"]) == [*COLUMNS, "disclaimer"]
    assert feature["properties"]["alleged"] is True
    assert feature["properties"]["disclaimer"] == DISCLAIMER


def test_longitude_comes_first_and_the_box_holds_every_point(archive: TestArchive) -> None:
    chance = random.Random(1)
    points = [(round(chance.uniform(-180, 180), 4), round(chance.uniform(-90, 90), 4)) for _ in range(25)]
    archive.report_all(incident_in(at=point) for point in points)
    found = drawn(archive)
    assert sorted(tuple(f["geometry"]["coordinates"]) for f in found["features"]) == sorted(points)
    lons, lats = zip(*points, strict=True)
    assert found["bbox"] == [min(lons), min(lats), max(lons), max(lats)]


def test_one_point_is_a_box_too(archive: TestArchive) -> None:
    archive.report(incident_in(at=HOMS))
    assert drawn(archive)["bbox"] == [*HOMS, *HOMS]


def test_what_has_no_point_is_counted_and_named(archive: TestArchive) -> None:
    archive.report(incident_in("placed", at=QUETTA))
    refs = {archive.report(incident_in(f"nowhere {n}")).ref for n in range(3)}
    found = drawn(archive)
    assert found["unlocated"]["count"] == 3
    assert set(found["unlocated"]["refs"]) == refs
    assert {f["id"] for f in found["features"] if f["geometry"] is None} == refs
    assert len(found["features"]) == 4


def test_without_any_point_there_is_no_box(archive: TestArchive) -> None:
    archive.report(incident_in())
    found = drawn(archive)
    assert "bbox" not in found
    assert found["features"][0]["geometry"] is None


def test_an_empty_answer_is_a_whole_collection(archive: TestArchive) -> None:
    found = drawn(archive)
    assert (found["features"], found["unlocated"]) == ([], {"count": 0, "refs": []})
    assert lines(archive) == []


@pytest.mark.parametrize("point", [(63.05440001234567, 26.00230009876543), (-0.00000004, 0.00000006), (1 / 3, 2 / 3)])
def test_at_most_seven_decimals(archive: TestArchive, point: tuple[float, float]) -> None:
    archive.report(incident_in(at=point))
    (feature,) = drawn(archive)["features"]
    for number, given in zip(feature["geometry"]["coordinates"], point, strict=True):
        assert number == round(given, 7)
        assert (feature["properties"]["lon"], feature["properties"]["lat"])[0] == round(point[0], 7)


def test_a_map_rounds_by_itself_too(archive: TestArchive) -> None:
    """Points are rounded when they come in; a database filled otherwise must not break the promise."""
    archive.report(incident_in(at=HOMS))
    long = archive.rows()[0] | {"lon": 36.123456789, "lat": -34.987654321}
    found = json.loads(b"".join(FORMATS["geojson"].write(Answer([long], HEADING))))
    assert found["features"][0]["geometry"]["coordinates"] == [36.1234568, -34.9876543]
    assert found["bbox"] == [36.1234568, -34.9876543, 36.1234568, -34.9876543]


def test_a_feature_a_line_is_the_same_map(archive: TestArchive) -> None:
    archive.report_all([incident_in("a\nb", at=QUETTA), incident_in("c\u2028d"), incident_in("عربی", at=HOMS)])
    text = b"".join(FORMATS["geojsonl"].write(Answer(archive.rows(), HEADING))).decode()
    assert [json.loads(line) for line in text.rstrip("\n").split("\n")] == drawn(archive)["features"]


def test_dates_and_unknown_values_are_plain_json(archive: TestArchive) -> None:
    archive.report(incident_in(on="2025-06"))
    (feature,) = drawn(archive)["features"]
    said = feature["properties"]
    assert (said["date_earliest"], said["date_latest"]) == ("2025-06-01", "2025-06-30")
    assert (said["killed_best"], said["lon"], said["country"]) == (None, None, None)
