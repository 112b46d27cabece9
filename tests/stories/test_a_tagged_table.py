"""A partner sends a table with a row of HXL tags: it is taken in by its tags, in whatever language its headings are."""

from pathlib import Path

import pytest

from app.records import Incident
from tests.archives import TestArchive
from tests.cli.helping import Gawah, settle
from tests.tables import as_xlsx

HEADINGS = [
    "Quand",
    "Jusqu'à",
    "Tués",
    "Blessés",
    "Nord",
    "Est",
    "P-code",
    "Province",
    "Zone",
    "Quoi",
    "Numéro",
    "D'après",
    "Interne",
]
TAGS = ["#date+start", "#date +end", "#Affected+Killed", "#affected+ind+injured", "#geo+lat", "#geo+lon", "#adm1+code+v_pcode",
        "#adm1+name", "#adm2+name", "#event+type", "#event+id", "#meta+source", ""]  # fmt: skip
ROWS = [
    [
        "2025-06-12",
        "2025-06-13",
        "3",
        "dozens",
        "30.05",
        "69.92",
        "XX01",
        "Exemple",
        "Nord",
        "killing",
        "E-1",
        "A Paper; B Radio",
        "x",
    ],
    ["2025-06-20", "", "", "2", "", "", "XX01", "Exemple", "Sud", "Bastonnade", "E-2", "", "y"],
]


def as_text(*rows: list[str]) -> str:
    return "\n".join("\t".join(row) for row in rows) + "\n"


@pytest.fixture(autouse=True)
def home(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return settle(archive, tmp_path, monkeypatch)


def test_a_tagged_table_needs_no_mapping(gawah: Gawah, archive: TestArchive) -> None:
    Path("juin.tsv").write_text(as_text(HEADINGS, ["(jour)"] * 2 + [""] * 11, TAGS, *ROWS), encoding="utf-8")
    taken = gawah("import", "juin.tsv")
    assert "2 rows, 2 new, 0 changed, 0 unchanged, 0 refused" in taken.out
    assert "HXL tags in line 3" in taken.out + taken.err
    one, two = sorted((archive.see(row["ref"]) for row in archive.rows()), key=lambda told: str(told.external_id))
    assert (one.kind, one.killed.best, one.date.edtf) == ("killing", 3, "[2025-06-12..2025-06-13]")
    assert (one.injured.best, one.accounts[0].quote) == (None, "Blessés: dozens")
    assert (one.lat, one.lon, one.geo_precision) == (30.05, 69.92, "near_settlement")
    assert [account.source.title for account in one.accounts[1:]] == ["A Paper", "B Radio"]
    assert (two.kind, two.injured.best, two.place_name, two.area1, two.area1_code) == (
        "unknown",
        2,
        "Sud",
        "Exemple",
        "XX01",
    )
    # The next delivery has another name, another row, and is a workbook: nothing is doubled.
    more = ["2025-07-01", "", "1", "", "", "", "XX01", "Exemple", "Nord", "attack", "E-3", "A Paper", ""]
    Path("juillet.xlsx").write_bytes(as_xlsx([HEADINGS, TAGS, *ROWS, more]))
    again = gawah("import", "juillet.xlsx")
    assert "3 rows, 1 new, 0 changed, 2 unchanged, 0 refused" in again.out
    assert archive.count(Incident) == 3


def test_what_was_refused_comes_back_with_its_tags(gawah: Gawah, archive: TestArchive) -> None:
    long = ["2025-06-21", "", "1", "", "99", "69.92", "XX01", "Exemple", "Sud", "attack", "E-4" * 100, "", ""]
    Path("juin.csv").write_text(as_text(HEADINGS, TAGS, ROWS[0], long), encoding="utf-8")
    first = gawah("import", "juin.csv", "--keep-good", "--refused", "refused.csv")
    assert "1 new, 0 changed, 0 unchanged, 1 refused" in first.out
    mended = Path("refused.csv").read_text(encoding="utf-8-sig").replace("E-4" * 100, "E-4")
    Path("refused.csv").write_text(mended, encoding="utf-8")
    assert "1 rows, 1 new, 0 changed, 0 unchanged, 0 refused" in gawah("import", "refused.csv").out
    assert archive.count(Incident) == 2


def test_tags_alone_may_be_the_heading(gawah: Gawah, archive: TestArchive) -> None:
    Path("tags.csv").write_text(
        "#date+occurred,#affected+killed,#loc+name,#event+name\n2025-06-12,3,Example Town,A raid\n"
    )
    assert "1 rows, 1 new" in gawah("import", "tags.csv").out
    (row,) = archive.rows()
    assert (row["title"], row["place_name"]) == ("Alleged incident: A raid", "Example Town")


def test_tags_are_the_strongest_evidence_of_a_suggestion(gawah: Gawah) -> None:
    heading, tags = "date,killed,when,note", "#date+reported,#affected+killed+children,#date+occurred,#description"
    Path("odd.csv").write_text(f"{heading}\n{tags}\n2025-07-01,1,2025-06-12,A raid\n")
    told = gawah("import", "suggest", "odd.csv").out
    assert 'date = { column = "when"' in told
    assert "# “when”: sure; by its HXL tag #date+occurred." in told
    assert "“note”: sure; by its HXL tag #description" in told


def test_too_few_tags_are_said_so(gawah: Gawah) -> None:
    Path("areas.csv").write_text("Code,Name,Valid\n#adm1+code,#adm1+name,#date+start\nXX01,Exemple,2025-01-01\n")
    said = gawah("import", "areas.csv")
    assert said.code == 2
    assert "suggest" in said.err
    asked = gawah("import", "suggest", "areas.csv")
    assert asked.code == 2
    assert "no table of incidents: none of its columns tells what happened" in asked.err
