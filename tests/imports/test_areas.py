"""Files of areas: which rows are taken, which are refused and why, in every form that maps come in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import geography
from app.actions import areas as actions
from app.actions import batches
from app.db import reading, writing
from app.errors import Forbidden, Unreadable
from app.geography import areas_at
from app.geography.points import shape_of
from app.imports import Outcome, areas
from app.queries.places import AreaSearch
from app.queries.places import areas as look_up
from app.records import AreaLayer
from app.upkeep import reference
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive
from tests.cli.helping import Gawah
from tests.imports.maps_of_areas import (
    CROSSED,
    EXAMPLE,
    TWO,
    as_geopackage,
    as_shapefile,
    collection,
    district,
)
from tests.shelves import only

LIST = """\
Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date
#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start
PAK,2,PKX11,Example District,PKX1,2026-07-01
PAK,1,PKX1,Baluchistan,PAK,2026-07-01
PAK,2,PKX12,Barkhan,PKX1,2026-07-01
PAK,2,PKX12,Kech,PKX1,2026-07-01
XYZ,1,XY1,Nowhere,XYZ,2026-07-01
PAK,2,PKX14,,PKX1,2026-07-01
PAK,2,PKX15,Orphan,PKX9,2026-07-01
PAK,7,PKX16,Too deep,PKX1,2026-07-01
PAK,2,PKX17,Late,PKX1,soon
PAK,1,PKX18,Below itself,PKX12,2026-07-01
PAK,2,,Quetta,PKX1,2026-07-01
PAK,2,,Nobody knows it,PKX1,2026-07-01
"""
REFUSED = {
    6: "the code stands in line 5 already",
    7: "not a country we know",
    8: "it has no name",
    9: "the area above it is known neither here nor in the rows above it",
    10: "only levels 1 to 3 are taken",
    11: "not a day that we can read",
    12: "the area above it is known neither here nor in the rows above it",
    14: "it has no code, and no area of this name that no other row means is known here",
}


# The same on every engine: tests/stories/test_new_districts.py and the real files try both.
pytestmark = only("sqlite")


@pytest.fixture(autouse=True)
def _old_map() -> Iterator[None]:
    yield
    geography.lay_over("", ())


@pytest.fixture
def take(archive: TestArchive, tmp_path: Path) -> Any:
    def taken(raw: bytes | Path, **how: Any) -> Outcome:
        path = raw
        if isinstance(raw, bytes):
            path = tmp_path / "areas"
            path.write_bytes(raw)
        by = how.pop("by", REVIEWER)
        told = {"name": "a made-up map", "source": "Example Mappers", "licence": "CC0", **how}
        return areas.run(archive.engine, areas.Layer(path, **told), by)

    return taken


def reasons(outcome: Outcome) -> dict[int, str]:
    return {finding.line: finding.why for finding in outcome.errors}


def test_each_row_of_a_list_is_new_changed_or_refused_with_a_reason(take: Any, archive: TestArchive) -> None:
    only_checked = take(LIST.encode())
    assert reasons(only_checked) == REFUSED
    assert not only_checked.recorded
    assert archive.count(AreaLayer) == 0
    outcome = take(LIST.encode(), keep_good=True)
    assert outcome.counts() | {"warnings": 0} == {
        "rows": 12, "new": 1, "changed": 3, "unchanged": 0, "refused": 8, "warnings": 0,
    }  # fmt: skip
    assert all(finding.suggestion for finding in outcome.errors if finding.line != 8)
    with reading(archive.engine) as session:
        (new,) = look_up(session, AreaSearch(q="Example District"))
        (known,) = look_up(session, AreaSearch(q="Barkhan", level=2))
    assert (new.code, new.parent, new.country, new.level) == ("PKX11", "PK-BA", "PAK", 2)
    assert (known.code, known.codes) == ("geonames:6641912", ["PKX12"])
    assert geography.area_named("PKX1") is geography.area_named("PK-BA")


def test_a_layer_may_give_an_area_another_name_and_loses_none(take: Any, archive: TestArchive) -> None:
    head = "Location,Admin Level,P-Code,Name,Parent P-Code\n"
    take(f"{head}PAK,2,PKX12,Barkhan,PK-BA\n".encode())
    outcome = take(f"{head}PAK,2,PKX12,New Barkhan,PK-BA\n".encode(), name="a later one")
    assert [(one.field, one.before, one.after) for one in outcome.changes if one.field == "name"] == [
        ("name", "Barkhan", "New Barkhan")
    ]
    with reading(archive.engine) as session:
        assert [one.name for one in look_up(session, AreaSearch(q="Barkhan", level=2))] == ["New Barkhan"]
    assert take(f"{head}PAK,1,PKX12,Barkhan,PAK\n".encode()).errors[0].why.startswith("the code is that of New Barkhan")


def test_an_outline_is_put_right_or_refused(take: Any) -> None:
    drawn = collection(
        district("PKX01", "Barkhan", CROSSED),
        district("PKX02", "A road", [[69.4, 29.8], [69.6, 30.0]], kind="LineString"),
        district("PKX03", "In metres", [[7e6, 3e6], [7e6, 4e6], [8e6, 4e6], [7e6, 3e6]]),
        district("PKX04", "No surface", [[69.4, 29.8], [69.6, 29.8], [69.4, 29.8], [69.4, 29.8]]),
        district("PKX05", "By name only"),
    )
    outcome = take(drawn, keep_good=True)
    assert reasons(outcome) == {
        2: "its outline cannot be taken: it is a LineString, and no polygon",
        3: "its outline cannot be taken: it lies beyond 180 degrees east or west or beyond the poles: it is not in "
        "degrees of WGS 84",
        4: "its outline cannot be taken: it has no surface",
    }  # fmt: skip
    assert [(note.line, note.why) for note in outcome.notes] == [(1, "its line crosses itself")]
    assert shape_of("PKX01").is_valid
    assert shape_of("PKX05") is None


@pytest.mark.parametrize("written", [as_geopackage, as_shapefile])
def test_every_form_says_the_same(take: Any, tmp_path: Path, written: Any) -> None:
    assert take(TWO).recorded
    first = areas_at(69.7, 29.9)
    again = take(written(TWO, tmp_path))
    assert (again.unchanged, again.refused, again.recorded) == (2, 0, False)
    assert areas_at(69.7, 29.9) == first
    assert first.area2_code == "PKX99"


def test_the_latest_layer_holds_and_the_one_below_comes_back(take: Any, archive: TestArchive) -> None:
    take(TWO)
    later = take(collection(district("PKX98", "A later district", EXAMPLE)), name="a later map")
    assert (areas_at(69.7, 29.9).area2, areas_at(69.7, 29.9).layer) == ("A later district", "a later map")
    from_below = areas_at(69.5, 29.9)
    assert (from_below.area2_code, from_below.area3) == ("geonames:6641912", "Barkhan")
    with writing(archive.engine) as session:
        batches.undo(session, later.batch, REVIEWER)
    actions.keep_up(archive.engine)
    assert areas_at(69.7, 29.9).area2 == "Example District"


def test_what_is_no_file_of_areas_is_said_to_be_none(take: Any, archive: TestArchive) -> None:
    with pytest.raises(Unreadable, match="No columns of areas"):
        take(b"title,kind\nA made-up title,killing\n")
    with pytest.raises(Forbidden):
        take(TWO, by=CONTRIBUTOR)
    assert archive.count(AreaLayer) == 0


def test_the_command_tells_and_takes_back(gawah: Gawah, home: Path, archive: TestArchive) -> None:
    Path("areas.csv").write_text(LIST, encoding="utf-8")
    how = ("--source", "Example Mappers", "--licence", "CC0", "--as-of", "2026-07-01")
    said = gawah("areas", "import", "areas.csv", *how, "--refused", "refused.csv")
    assert said.code == 3
    assert "line 6, P-Code: the code stands in line 5 already (give each area a code of its own)" in said.err
    assert len(Path("refused.csv").read_text(encoding="utf-8").splitlines()) == 2 + len(
        REFUSED
    )  # the headings and their tags
    said = gawah("areas", "import", "areas.csv", *how, "--keep-good")
    batch = said.out.split()[-1]
    assert gawah("areas", "list").out == f"{batch}\tareas\t2026-07-01\t4 areas, 0 outlines\tCC0\tExample Mappers\n"
    assert "Taken back: the layer of areas" in gawah("import", "undo", batch).err
    assert gawah("areas", "list").out == ""
    assert archive.broken() is None


def test_it_survives_an_upgrade_of_the_areas_we_ship(
    take: Any, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(TWO)
    some = [area for area in geography.areas() if area.parent == "PK-BA"]
    monkeypatch.setattr(reference.geography, "areas", lambda: some)
    monkeypatch.setattr(reference.geography, "settlements", list)
    with writing(archive.engine) as session:
        assert reference.load(session) is False
        monkeypatch.setattr(reference, "fingerprint", lambda: "another")
        assert reference.load(session) is True
    with reading(archive.engine) as session:
        assert [one.code for one in look_up(session, AreaSearch(q="Example District"))] == ["PKX99"]
        assert [one.codes for one in look_up(session, AreaSearch(q="Barkhan", level=2))] == [["PKX01"]]
