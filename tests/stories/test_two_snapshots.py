"""Two lists of the same deaths under different numbers: the second list is taken, and the likely doubles are named."""

from pathlib import Path
from typing import Any

import pytest

from app import imports
from app.access.viewer import Viewer
from app.imports.doubles import twice
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive

HEAD = "id,title,kind,source_kind,source_title,date,lon,lat,geo_precision,killed_best,country\n"


def take(archive: TestArchive, path: Path, *rows: str, **how: Any) -> imports.Outcome:
    path.write_text(HEAD + "\n".join(rows), encoding="utf-8")
    return imports.run(archive.engine, imports.plan(path, None, **how), REVIEWER)


def a_row(
    number: str, day: str = "2025-06-12", lon: float = 66.99, lat: float = 30.18, dead: str = "2", **of: str
) -> str:
    title, country = of.get("title", f"Alleged killing {number}"), of.get("country", "PAK")
    return f"{number},{title},killing,press,A made-up report,{day},{lon},{lat},settlement,{dead},{country}"


def told(outcome: imports.Outcome) -> list[tuple[int, str]]:
    return [(note.line, note.why) for note in outcome.notes if "likely the same" in note.why]


def test_the_second_list_names_what_is_likely_here_already(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path / "first.csv", a_row("a-1"), a_row("a-2", day="2024-01-01", dead="30"))
    (row, _) = archive.rows()
    second = [
        a_row("b-1", day="2025-06-14", lat=30.21), a_row("b-2", day="2025-06-12", lat=31.0), a_row("b-3", dead="9"),
        a_row("b-4", day="2025-06-20"), a_row("b-5", dead="3"), a_row("b-6", country="AFG"), a_row("b-7", dead=""),
    ]  # fmt: skip
    looked = take(archive, tmp_path / "second.csv", *second, dry_run=True)
    outcome = take(archive, tmp_path / "second.csv", *second)
    like = f"likely the same as {row['ref']}: "
    assert told(outcome) == told(looked) == [
        (2, f"{like}2 days apart, 3 km, same number of dead and missing"),
        (6, f"{like}the same day, the same spot, 3 and 2 dead and missing"),
        (8, f"{like}the same day, the same spot, no number of dead to compare"),
    ]  # fmt: skip
    assert (outcome.new, len(archive.rows())) == (7, 9)  # pointed out, never merged
    assert take(archive, tmp_path / "second.csv", *second).notes == []  # they are no news any more


def cites(
    number: str, page: str, day: str = "2025-06-12", lat: float = 30.18, dead: str = "2", land: str = "PAK"
) -> str:
    return f"{a_row(number, day, lat=lat, dead=dead, country=land)},https://news.example.org/{page}"


def take_cited(archive: TestArchive, path: Path, *rows: str, by: Viewer = REVIEWER, **how: Any) -> imports.Outcome:
    path.write_text(f"{HEAD.strip()},source_url\n" + "\n".join(rows), encoding="utf-8")
    return imports.run(archive.engine, imports.plan(path, None, **how), by)


def test_two_lists_that_draw_one_event_far_apart_and_cite_the_same_report(archive: TestArchive, tmp_path: Path) -> None:
    register = [cites(f"r-{n}", "register", lat=20 + n) for n in range(6)]
    take_cited(archive, tmp_path / "first.csv", cites("a-1", "one"), *register)
    row, listed = (next(r for r in archive.rows() if r["title"] == f"Alleged killing {n}") for n in ("a-1", "r-5"))
    second = [
        cites("b-1", "one", lat=31.0), cites("b-2", "one", day="2025-06-14", lat=36.0),
        cites("b-3", "one", lat=31.2, dead="9"), cites("b-4", "one", lat=36.0, dead="9"), cites("b-5", "two", lat=31.0),
        cites("b-6", "one", lat=31.0, land="AFG"), cites("b-7", "one", day="2025-06-19", lat=31.0),
        cites("b-8", "register", lat=33.0), cites("b-9", "register", lat=25.5), cites("b-10", "register", lat=25.5, dead="3"),
        cites("b-11", "one", day="2025-06-14", dead="9"),
    ]  # fmt: skip
    outcome = take_cited(archive, tmp_path / "second.csv", *second, dry_run=True)
    like = f"likely the same as {row['ref']}: "
    assert told(outcome) == [
        (2, f"{like}the same day, the same source, same number of dead and missing"),
        (3, f"{like}2 days apart, the same source, same number of dead and missing"),
        (4, f"{like}the same day, the same source, other numbers of dead and missing"),
        (
            10,
            f"likely the same as {listed['ref']}: the same day, 56 km, a source of many, same number of dead and missing",
        ),
        (12, f"{like}2 days apart, the same source, other numbers of dead and missing"),
    ]


def called(number: str, place: str, day: str = "2025-06-12", lat: str = "30.18", dead: str = "2") -> str:
    point = f"66.99,{lat},settlement" if lat else ",,"
    return f"{number},Alleged killing {number},killing,press,A made-up report,{day},{point},{dead},PAK,{place}"


def test_two_lists_that_call_the_place_the_same(archive: TestArchive, tmp_path: Path) -> None:
    """As a point on the middle of a district and one in a town of it; or as a list without any points."""
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    head = f"{HEAD.strip()},place_name\n"
    first.write_text(head + called("a-1", "Near the made-up pass"), encoding="utf-8")
    imports.run(archive.engine, imports.plan(first, None), REVIEWER)
    rows = [
        called("b-1", "near the Made-up  Pass.", lat="29.0"), called("b-2", "the made-up pass", lat="29.0"),
        called("b-3", "Near the made-up pass", lat="29.0", day="2025-06-13"),
        called("b-4", "Near the made-up pass", lat="", day="2025-06-13"),
        called("b-5", "Near the made-up pass", lat="29.0", dead="3"), called("b-6", "Near the made-up pass", lat="29.0", dead=""),
        called("b-7", "Near the made-up pass", lat="", day="2025-06-17"),
    ]  # fmt: skip
    second.write_text(head + "\n".join(rows), encoding="utf-8")
    outcome = imports.run(archive.engine, imports.plan(second, None, dry_run=True), REVIEWER)
    (row,) = archive.rows()
    like, same = f"likely the same as {row['ref']}: ", "the same words for the place, same number of dead and missing"
    assert told(outcome) == [(2, f"{like}the same day, {same}"), (5, f"{like}1 day apart, {same}")]


def test_a_source_that_somebody_may_not_see_tells_nothing(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "sealed.csv"
    path.write_text(f"{HEAD.strip()},source_url,sensitivity\n{cites('a-1', 'one')},sealed\n", encoding="utf-8")
    imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    second = tmp_path / "second.csv"
    assert len(told(take_cited(archive, second, cites("b-1", "one", lat=31.0), dry_run=True))) == 1
    assert told(take_cited(archive, second, cites("b-1", "one", lat=31.0), by=CONTRIBUTOR, dry_run=True)) == []


def test_one_list_that_says_the_same_twice_under_two_numbers(archive: TestArchive, tmp_path: Path) -> None:
    same = {"title": "Alleged killing of two men"}
    outcome = take(archive, tmp_path / "list.csv", a_row("1", **same), a_row("2", **same), a_row("3", dead="1", **same))
    assert told(outcome) == [
        (3, "likely the same as line 2: the same title, day, spot and numbers under another id"),
    ]  # fmt: skip


def test_of_very_many_some_are_told_and_all_are_counted(
    archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twice, "SHOWN", 2)
    take(archive, tmp_path / "first.csv", a_row("a-1"))
    outcome = take(archive, tmp_path / "second.csv", *(a_row(f"b-{n}") for n in range(5)))
    assert len(told(outcome)) == 2
    assert "5 rows may be here already under another id; the first 2 are told" in [note.why for note in outcome.notes]


def test_what_somebody_may_not_see_is_not_told(archive: TestArchive, tmp_path: Path) -> None:
    first, second = tmp_path / "sealed.csv", tmp_path / "second.csv"
    first.write_text(f"{HEAD.strip()},sensitivity\n{a_row('a-1')},sealed\n", encoding="utf-8")
    imports.run(archive.engine, imports.plan(first, None), REVIEWER)
    assert len(told(take(archive, second, a_row("b-1"), dry_run=True))) == 1
    assert told(imports.run(archive.engine, imports.plan(second, None, dry_run=True), CONTRIBUTOR)) == []
