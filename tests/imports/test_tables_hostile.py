"""Files made to do harm: each is one sentence, in little time and memory, and nothing outside of it is touched."""

import gzip
import io
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import Unreadable
from app.imports import tables
from app.imports.tables import wall
from app.imports.tables.hints import NONE
from app.imports.tables.limits import NETWORK_SINCE, locks
from app.imports.tables.reading import open_table
from tests.tables import SHEET_BEGINS, as_csv, as_json, as_kml, as_xlsx, as_zip, cell, with_sheet

SECONDS, KILOBYTES = 10, 1 << 20
CANARY = "TOP-SECRET-WITNESS"
SAID_ANEW = "damaged"
MANY = b"1,2\n" * 100_000


def _zip_bomb() -> bytes:
    return as_zip({"a.csv": b"a,b\n" + MANY * 100})


def _lying(whole: bytes, says: int = 1000) -> bytes:
    """The same zip, which says of everything large in it that it is small."""
    for one in zipfile.ZipFile(io.BytesIO(whole)).infolist():
        if one.file_size > 1_000_000:
            whole = whole.replace(struct.pack("<I", one.file_size), struct.pack("<I", says))
    return whole


def _sheet_bomb() -> bytes:
    return with_sheet([(b"<row>" + cell(b"A" * 24) * 100 + b"</row>") * 100] * 100)


def _far_cell() -> bytes:
    return with_sheet([b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'])


def _laughs() -> str:
    entities = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 20}">' for n in range(1, 12))
    return f'<!DOCTYPE k [<!ENTITY x0 "ha">{entities}]>'


def _vrt(source: str) -> bytes:
    layer = f'<OGRVRTLayer name="x"><SrcDataSource>{source}</SrcDataSource></OGRVRTLayer>'
    return f"<OGRVRTDataSource>{layer}<!-- <kml> --></OGRVRTDataSource>".encode()


def _outside(path: str) -> str:
    return f'<!DOCTYPE k [<!ENTITY x SYSTEM "file://{path}">]>'


# What is sent, given where a secret lies; and how the sentence begins, or what it says.
CORPUS: dict[str, tuple[Callable[[str], bytes], str]] = {
    "a gz bomb": (lambda _: gzip.compress(b"a,b\n" + MANY * 100), "Unpacked, the file would be larger"),
    "a zip bomb": (lambda _: _zip_bomb(), "Unpacked, the file would be larger"),
    "a zip bomb that lies": (lambda _: _lying(_zip_bomb()), SAID_ANEW),
    "a workbook bomb": (lambda _: _sheet_bomb(), "Unpacked, the file would be larger"),
    "a workbook bomb that lies": (lambda _: _lying(_sheet_bomb()), SAID_ANEW),
    "a cell at the end of the world": (lambda _: _far_cell(), "memory"),
    "a cell of 45 MB": (lambda _: b'a,b\n1,"' + b"x" * 45_000_000 + b'"\n', "In line 2 a cell has more than"),
    "a value of 45 MB": (lambda _: b'[{"a":"' + b"x" * 45_000_000 + b'"}]', "In row 1 a cell has more than"),
    "a sheet with a cell of 45 MB": (lambda _: with_sheet([cell(b"A" * 45_000_000)]), "Unpacked, the file would be"),
    "a zip that leads out": (lambda _: as_zip({"../../a.csv": b"a,b\n1,2\n"}), "The zip names files outside of itself"),
    "a zip of thousands": (lambda _: as_zip({f"{n}.csv": b"" for n in range(1001)}), "The zip holds more than 1,000"),
    "XXE in KML": (lambda secret: as_kml("&x;", before=_outside(secret)), "The KML file is damaged"),
    "XXE in a workbook": (
        lambda secret: with_sheet(
            [b"<row>" + cell(b"&x;") * 2 + b"</row>"], b'<?xml version="1.0"?>' + _outside(secret).encode() + SHEET_BEGINS[21:]
        ),
        "The workbook is damaged",
    ),
    "laughs in KML": (lambda _: as_kml("&x11;", before=_laughs()), "The KML file is damaged"),
    "a VRT as GeoJSON": (lambda secret: _vrt(secret).replace(b"<!-- <kml> -->", b""), "This is XML of a kind"),
    "a VRT as KML": (_vrt, "The KML file is damaged"),
    "a VRT of the network": (lambda _: _vrt("/vsicurl/http://127.0.0.1:9/x.geojson"), "The KML file is damaged"),
    "lists in lists": (lambda _: b"[" * 200_000, "The JSON holds what no table can"),
    "objects in objects": (lambda _: b'{"a":' * 100_000, "The JSON holds what no table can"),
    "a number without end": (lambda _: b'[{"a":' + b"1" * 5000 + b"}]", "The JSON holds what no table can"),
    "half a letter": (lambda _: b'[{"a":"\\ud800"}]', "The JSON holds what no table can"),
    "a cut workbook": (lambda _: as_xlsx([["a", "b"], ["c", "d"]])[:-200], "The zip or workbook file is cut off"),
    "a cut zip": (lambda _: as_zip({"a.csv": MANY})[:-30], "The zip or workbook file is cut off"),
    "a database that is none": (lambda _: b"SQLite format 3\0" + b"\0" * 4000, "The GPKG file is damaged"),
    "a map that is none": (lambda _: b"fgb\x03fgb\x00" + b"\xff" * 400, "The file holds no layer"),
    "an old workbook that is none": (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 4000, "The workbook is"),
    "a locked workbook": (
        lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "The workbook is locked",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", CORPUS)
def test_what_is_made_to_do_harm_does_none(tmp_path: Path, which: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text(f"name,kind\n{CANARY},x\n")
    path = tmp_path / "upload"
    make, said = CORPUS[which]
    path.write_bytes(make(str(secret)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with pytest.raises(Unreadable) as refused:
        list(tables.rows(path))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert said in refused.value.detail
    assert CANARY not in refused.value.detail
    assert str(tmp_path) not in refused.value.detail
    assert refused.value.detail.endswith((".", "?"))
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime <= SECONDS
    # A child begins as large as its parent, and others may have had larger ones.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after.ru_maxrss <= max(KILOBYTES, before.ru_maxrss, own)
    assert {one.name for one in tmp_path.iterdir()} == {"secret.csv", "upload"}


def test_a_kml_that_links_to_the_network_is_read_without_it(tmp_path: Path) -> None:
    link = "<NetworkLink><name>n</name><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    path = tmp_path / "upload"
    path.write_bytes(as_kml(inside=link))
    assert [row.values["Name"] for row in tables.rows(path)] == ["A place"]


SEEDS = [
    as_csv([["a", "b"], ["ñ", "2"], ["3", '4"']], ";", "cp1252"), as_csv([["a", "b"], ["1", "2"]], "\t", "utf-16"),
    as_json([["a", "b"], [1, "x"], [None, {"c": [1]}]]), b'{"a": 1}\n{"a": [1, {"b": null}]}\n',
    b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": 1}, "geometry": {}}]}',
]  # fmt: skip
PACKED = [as_xlsx([["a", "b"], ["c", 2], ["d", 3.5]]), as_zip({"a.csv": b"a,b\n1,2\n"}), gzip.compress(b"a,b\n1,2\n"),
          as_kml(), as_zip({"doc.kml": as_kml()})]  # fmt: skip
BYTES = st.binary(max_size=300)
CHANGES = st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 3)), min_size=1, max_size=6)


def mutated(whole: bytes, changes: list[tuple[int, bytes, int]]) -> bytes:
    """A file in which some bytes were put in, and some taken out."""
    for where, put_in, gone in changes:
        at = where % (len(whole) + 1)
        whole = whole[:at] + put_in + whole[at + gone :]
    return whole


def read(content: bytes) -> None:
    """Read behind no wall; a row or Unreadable is all that may come of it."""
    try:
        table = open_table(io.BytesIO(content), len(content), NONE, [])
        for line, cells in table.rows:
            assert line >= 1
            assert isinstance(cells, list)
    except Unreadable as refused:
        assert refused.detail


@settings(max_examples=100, deadline=None)
@given(BYTES | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_at_random_are_rows_or_unreadable(content: bytes) -> None:
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"PK", b"\xd0\xcf", b"fgb", b"SQLite")):
        read(content)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SEEDS), CHANGES)
def test_changed_texts_are_rows_or_unreadable(whole: bytes, changes: list[tuple[int, bytes, int]]) -> None:
    content = mutated(whole, changes)
    if not content.startswith((b"<", b"PK")):
        read(content)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PACKED), CHANGES)
def test_changed_files_are_rows_or_unreadable(
    tmp_path: Path, whole: bytes, changes: list[tuple[int, bytes, int]]
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(mutated(whole, changes))
    try:
        assert all(row.line >= 1 for row in tables.rows(path))
    except Unreadable as refused:
        assert refused.detail


WALLED = """
import mmap, os, socket, sys
from pathlib import Path
def can(what):
    try: what()
    except (OSError, MemoryError): return False
    return True
told = {
    "network": can(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[4])), timeout=3).close()),
    "other file": can(lambda: Path(sys.argv[5]).read_text()),
    "new file": can(lambda: Path(sys.argv[5] + ".new").write_text("x")),
    "memory": can(lambda: mmap.mmap(-1, 2 << 30)),
    "environment": os.environ.get("GAWAH_SECRET") is not None,
}
sys.stdout.write(repr(told))
"""


@pytest.mark.skipif(locks() < NETWORK_SINCE, reason="this system has not all of the locks: Linux 6.7 has them")
@pytest.mark.sockets
def test_behind_the_wall_there_is_no_network_no_file_and_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setenv("GAWAH_SECRET", CANARY)
    secret = tmp_path / "secret"
    secret.write_text(CANARY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        arguments = [str(wall.HOME), str(wall.HERE), '{"seconds": 20}', str(server.getsockname()[1]), str(secret)]
        outside = _try(wall.BEGIN[: wall.BEGIN.index("from app.imports.tables.limits")], arguments, wall.environment())
        inside = _try(wall.BEGIN[: wall.BEGIN.index("from app.imports.tables.behind")], arguments, wall.environment())
    assert outside == {"network": True, "other file": True, "new file": True, "memory": True
                       , "environment": False}  # fmt: skip
    assert not any(inside.values()), inside


def _try(begin: str, arguments: list[str], env: dict[str, str]) -> dict[str, bool]:
    line = [sys.executable, "-I", "-B", "-c", begin + WALLED, *arguments]
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=True)
    told: dict[str, bool] = eval(done.stdout)
    return told


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("while True: pass", "Reading the file takes longer than is allowed (1 seconds of work)"),
        ("import time; time.sleep(60)", "Reading the file does not come to an end"),
        ("import os; os.abort()", "Reading the file takes more memory than is allowed (1 GiB)"),
        ("import os; os.kill(os.getpid(), 11)", "The file is damaged, or made to do harm"),
        ("print('no JSON')", "The file is damaged, or made to do harm"),
        ("print('[1, 2]')", "The file is damaged, or made to do harm"),
        ('print(\'{"names": ["a"], "read_as": "x"}\')', "The file is damaged, or made to do harm"),
        ("bytearray(2 << 30)", "The file is damaged, or made to do harm"),
    ],
)
def test_a_child_that_dies_or_hangs_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, said: str
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(b"{}")
    monkeypatch.setattr(
        wall, "BEGIN", wall.BEGIN.replace("from app.imports.tables.behind import main\nmain(told)", does)
    )
    monkeypatch.setattr(wall, "SECONDS", 1)
    monkeypatch.setattr(wall, "IDLE", 8)  # a second of work may take many on a machine that is busy
    with pytest.raises(Unreadable) as refused:
        list(tables.rows(path))
    assert refused.value.detail.startswith(said)
