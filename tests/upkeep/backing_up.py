"""What the tests of backups share: keys of age, an empty place to restore to, and a digest of every row."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from app.errors import Refusal, Unreadable
from app.records import METADATA
from app.settings import Settings
from app.upkeep import backups, restoring
from app.upkeep.engines import connect, open_vault
from tests.archives import TestArchive


@dataclass(frozen=True)
class Keys:
    """A pair of age: the public part, and the file with the secret one."""

    public: str
    file: Path

    @property
    def recipient(self) -> pyrage.x25519.Recipient:
        return pyrage.x25519.Recipient.from_str(self.public)


def keys(folder: Path, name: str) -> Keys:
    pair = pyrage.x25519.Identity.generate()
    file = folder / f"{name}.txt"
    file.write_text(f"# made by a test\n{pair}\n", encoding="ascii")
    return Keys(str(pair.to_public()), file)


@dataclass(frozen=True)
class Place:
    """Where an archive may be restored to."""

    settings: Settings

    @contextmanager
    def opened(self) -> Iterator[TestArchive]:
        engine = connect(self.settings)
        try:
            yield TestArchive(engine, {}, open_vault(self.settings))
        finally:
            engine.dispose()

    def is_empty(self) -> bool:
        """Whether not a file and not a table is there."""
        left = list(self.settings.data_dir.rglob("*")) if self.settings.data_dir.exists() else []
        return left == [] and tables(self.settings.database_url) == set()


def tables(url: str | None) -> set[str]:
    if url is None:
        return set()
    engine = create_engine(url)
    with engine.connect() as connection:
        asked = "SELECT tablename FROM pg_tables WHERE schemaname IN ('public', 'published')"
        found = set(connection.execute(text(asked)).scalars())
    engine.dispose()
    return found - {"spatial_ref_sys"}


_MADE: list[str] = []


def a_place(archive: TestArchive, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty folder (and database), to which the settings lead from now on."""
    monkeypatch.setenv("GAWAH_DATA_DIR", str(folder / "var"))
    if archive.engine.dialect.name == "postgresql":
        url = make_url(archive.engine.url.render_as_string(hide_password=False))
        name = f"{url.database}_restored_{len(_MADE)}"
        _MADE.append(name)
        run(archive, f"CREATE DATABASE {name}")
        monkeypatch.setenv("GAWAH_DATABASE_URL", url.set(database=name).render_as_string(hide_password=False))
    folder.mkdir(exist_ok=True)
    return Place(Settings())


def clear(archive: TestArchive) -> None:
    """Drop the databases that were made."""
    while _MADE:
        run(archive, f"DROP DATABASE IF EXISTS {_MADE.pop()} WITH (FORCE)")


def run(archive: TestArchive, statement: str) -> None:
    engine = create_engine(archive.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def digests(engine: Engine) -> dict[str, str]:
    """The SHA-256 over all rows of each table, as they lie."""
    found = {}
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            key = ", ".join(column.name for column in table.primary_key.columns)
            rows = connection.execute(text(f"SELECT * FROM {table.name} ORDER BY {key}"))
            seen = hashlib.sha256()
            for row in rows:
                seen.update(repr(tuple(row)).encode())
            found[table.name] = seen.hexdigest()
    return found


def take(archive: TestArchive, file: Path, pairs: list[Keys]) -> Path:
    backups.back_up(archive.engine, Settings(), file, [pair.recipient for pair in pairs], lambda _: None)
    return file


def bring(place: Place, file: Path, pair: Keys) -> restoring.Restored:
    return restoring.restore(place.settings, file, restoring.identities(pair.file), None, lambda _: None)


def refused(place: Place, copy: Path, pair: Keys, error: type[Refusal] = Unreadable) -> None:
    with pytest.raises(error):
        bring(place, copy, pair)
    assert place.is_empty()


def files_of(plain: bytes) -> list[tuple[str, bytes]]:
    """As any tar reader sees it."""
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return [(told.name, tar.extractfile(told).read()) for told in tar.getmembers()]  # type: ignore[union-attr]


def sealed(plain: bytes, beside: Path, pairs: list[Keys]) -> Path:
    """A backup that somebody made by hand: everybody may know a public key."""
    made = beside.with_name("crafted.gawah")
    made.write_bytes(pyrage.encrypt(plain, [pair.recipient for pair in pairs]))
    return made


def entry(name: str, type: bytes = tarfile.REGTYPE, content: bytes = b"", link: str = "") -> bytes:
    told = tarfile.TarInfo(name)
    told.type, told.size, told.linkname = type, len(content), link
    return told.tobuf(tarfile.GNU_FORMAT) + content + bytes(-len(content) % 512)
