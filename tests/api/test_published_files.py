"""Published files are made once, sent whole or in parts, and gone as soon as the store changes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.exports import FORMATS
from app.upkeep import moments, public_files
from app.upkeep import published as store_of
from app.upkeep.public_files import PublicFiles
from tests.access.opening import words
from tests.archives import TestArchive
from tests.upkeep.test_published import bundles

URL = "/api/v1/incidents"
AT = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def laid(published: TestArchive) -> TestArchive:
    """A store that holds five incidents."""
    store_of.change(store(published), bundles(published), [], AT)
    return published


def store(archive: TestArchive) -> Any:
    assert archive.published is not None
    return archive.published


def held(archive: TestArchive) -> list[Path]:
    folder = store(archive).files.folder
    return sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_sent_well(laid: TestArchive, public: TestClient, form: str) -> None:
    path = f"{URL}.{form}"
    whole = public.get(path)
    day = moments.as_of(store(laid).engine).date()
    size, tag = len(whole.content), whole.headers["ETag"]
    assert (whole.status_code, whole.headers["Content-Length"]) == (200, str(size))
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Encoding"]) == ("bytes", "identity")
    assert whole.headers["Content-Disposition"] == f'attachment; filename="incidents-{day}.{form}"'
    head = public.head(path)
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(size), b"")
    parts = [
        public.get(path, headers={"Range": f"bytes={at}-{at + size // 3}"}) for at in range(0, size, size // 3 + 1)
    ]
    assert {part.status_code for part in parts} == {206}
    assert b"".join(part.content for part in parts) == whole.content
    assert parts[0].headers["Content-Range"] == f"bytes 0-{size // 3}/{size}"
    assert public.get(path, headers={"If-None-Match": tag}).status_code == 304
    if store(laid).files.folder is not None:
        (kept,) = held(laid)
        assert kept.read_bytes() == whole.content
        kept.unlink()
    assert public.get(path).content == whole.content  # made anew it is the same


@pytest.mark.parametrize(
    ("wanted", "status", "told"),
    [("bytes=0-4", 206, "whole[0:5]"), ("bytes=-7", 206, "whole[-7:]"), ("bytes=5-", 206, "whole[5:]"),
     ("bytes=0-999999999", 206, "whole"), ("bytes=999999999-", 416, ""), ("bytes=-0", 416, ""), ("bytes=5-2", 200, "whole"),
     ("bytes=0-1,4-5", 200, "whole"), ("pages=1-2", 200, "whole"), ("bytes=-", 200, "whole"), ("", 200, "whole")],
)  # fmt: skip
def test_which_part_is_sent(laid: TestArchive, public: TestClient, wanted: str, status: int, told: str) -> None:
    whole = public.get(f"{URL}.csv").content
    answer = public.get(f"{URL}.csv", headers={"Range": wanted})
    assert answer.status_code == status
    if told:
        assert answer.content == eval(told, {"whole": whole})
    else:
        assert answer.headers["Content-Range"] == f"bytes */{len(whole)}"
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_part_of_another_file_is_not_sent(laid: TestArchive, public: TestClient) -> None:
    tag = public.get(f"{URL}.csv").headers["ETag"]
    for known, status in ((tag, 206), ('"another"', 200), ("Fri, 02 Jan 2026 00:00:00 GMT", 200)):
        assert public.get(f"{URL}.csv", headers={"Range": "bytes=0-4", "If-Range": known}).status_code == status
    for known, status in ((f'"x", W/{tag}', 304), ("*", 304), ('"x"', 200)):
        assert public.get(f"{URL}.csv", headers={"If-None-Match": known}).status_code == status


def test_another_question_or_format_is_another_file(laid: TestArchive, public: TestClient) -> None:
    paths = [f"{URL}.csv", f"{URL}.csv?hxl=true", f"{URL}.csv?kind=killing", f"{URL}.xlsx", f"{URL}.csv?kind=attack"]
    assert len({public.get(path).headers["ETag"] for path in paths}) == len(paths)
    same = [f"{URL}.csv?kind=killing&country=PAK", f"{URL}.csv?country=PAK&kind=killing"]
    assert len({public.get(path).headers["ETag"] for path in same}) == 1


def test_what_is_withdrawn_is_in_no_file_any_more(laid: TestArchive, public: TestClient) -> None:
    (first, *_) = public.get(URL).json()["items"]
    which = UUID(public.get(f"{URL}/{first['ref']}").json()["id"])
    tags = {form: public.get(f"{URL}.{form}").headers["ETag"] for form in FORMATS}
    before = moments.as_of(store(laid).engine)
    store_of.change(store(laid), [], [which], AT)  # at a clock that stands still
    assert moments.as_of(store(laid).engine) > before
    assert held(laid) == []
    for form, tag in tags.items():
        answer = public.get(f"{URL}.{form}", headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert first["ref"] not in words(answer.content), form


def test_a_file_made_while_the_store_changed_is_not_kept(tmp_path: Path) -> None:
    files = PublicFiles(tmp_path / "files")
    with files.open("a", lambda: iter([b"old"]), lambda: False) as made:
        assert made.read() == b"old"
    assert list((tmp_path / "files").iterdir()) == []

    def pieces() -> Iterator[bytes]:
        yield b"half"
        files.clear()
        yield b" whole"

    with files.open("a", pieces, lambda: True) as made:
        assert made.read() == b"half whole"
    assert list((tmp_path / "files").iterdir()) == []


def test_a_file_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    files = PublicFiles(tmp_path / "files")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        files.open("a", pieces, lambda: True)
    assert list((tmp_path / "files").iterdir()) == []


def test_no_more_are_kept_than_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_files, "MOST_FILES", 3)
    monkeypatch.setattr(public_files, "MOST_BYTES", 25)
    files = PublicFiles(tmp_path / "files")
    for name, size in (("a", 5), ("b", 5), ("c", 5), ("d", 5), ("e", 18), ("f", 99)):
        files.open(name, lambda size=size: iter([b"x" * size]), lambda: True).close()  # type: ignore[misc]
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == []
    files.open("g", lambda: iter([b"x"]), lambda: True).close()
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


def test_a_member_gets_no_kept_file(laid: TestArchive, client: TestClient) -> None:
    for form in FORMATS:
        answer = client.get(f"{URL}.{form}")
        assert answer.status_code == 200
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    assert held(laid) == []
