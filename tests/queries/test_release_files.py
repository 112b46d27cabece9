"""The files of a release are the same bytes as on the first day, whatever is changed around them."""

from app.queries.codebook import codebook
from app.queries.release_files import MEDIA_TYPES, Frozen, write
from app.queries.rows import COLUMNS

ROW = dict.fromkeys(COLUMNS) | {
    "ref": "PI-AAAAAAAAAAAA", "alleged": True, "kind": "killing", "title": "@made up, تربت", "lon": 63.05441234567,
    "lat": 26.0, "killed_best": 3, "location_generalised": False, "updated_at": "2026-01-02T00:00:00Z",
}  # fmt: skip
FRAME = {
    "name": "made-up@1", "dataset": "made-up", "question": "alleged incidents", "query": "", "previous": None,
    "as_of": "2026-01-02T00:00:00Z", "columns": dict(COLUMNS), "codebook": [["ref", "#event+id", "", "the ref"]],
    "changes": [], "disclaimer": "Alleged.", "recalled": [],
}  # fmt: skip


FIRST_DAY = {
    "incidents.csv": "af88404a74a2",
    "incidents.geojson": "9a3ba0aa6d98",
    "codebook.csv": "b9a98b0d06dd",
    "CHANGES.csv": "f1985f980ea5",
    "README.txt": "db54181bf304",
    "manifest.json": "e5826ddf69d4",
    "SHA256SUMS": "b4f4f6a60273",
}


def test_the_bytes_are_those_of_the_first_day() -> None:
    """Whoever changes how a release is written gives it another shape, and leaves this one as it is."""
    rows = [ROW, ROW | {"ref": "PI-BBBBBBBBBBBB", "lon": None, "lat": None}]
    made = write(Frozen(FRAME, 1, lambda: iter(rows)))
    assert {file.name: file.sha256[:12] for file in made} == FIRST_DAY


def test_every_file_has_its_media_type() -> None:
    assert [file.name for file in write(Frozen(FRAME, 1, lambda: iter([])))] == list(MEDIA_TYPES)


def test_the_codebook_knows_every_column() -> None:
    assert list(dict.fromkeys(row[0] for row in codebook())) == list(COLUMNS)
    assert all(meaning for *_, meaning in codebook())
