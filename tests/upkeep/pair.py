"""Two PostgreSQL servers of our own on loopback, a primary and its streaming standby, thrown away at the end."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

PROGRAMS = Path(os.environ.get("GAWAH_POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))
OWNER = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
# They hold nothing but tests, so they need not survive a power cut.
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
shared_buffers = 32MB
max_wal_senders = 4
wal_level = replica
wal_keep_size = 256MB
fsync = off
full_page_writes = off
jit = off
dynamic_shared_memory_type = mmap
autovacuum = off
"""


def run(program: str, *words: str) -> None:
    """One program of PostgreSQL, in words that a failed test shows."""
    # Not through a pipe: a server that is started would keep its end open.
    with tempfile.TemporaryFile() as said:
        line = [str(PROGRAMS / program), *words]
        done = subprocess.run(line, user=OWNER, group=OWNER, cwd="/", stdout=said, stderr=said, check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode()


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """One of the two."""

    folder: Path
    port: int
    password: str

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://gawah:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        run("pg_ctl", "start", "--wait", "-D", str(self.folder), "-l", f"{self.folder}.log", "-o", f"-p {self.port}")

    def stop(self) -> None:
        run("pg_ctl", "stop", "--wait", "-D", str(self.folder), "-m", "immediate")

    def runs(self) -> bool:
        return (self.folder / "postmaster.pid").exists()

    def ask(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        told = {"host": "127.0.0.1", "port": self.port, "user": "gawah", "password": self.password}
        with psycopg.connect(**told, dbname=database, autocommit=True) as connection:  # type: ignore[arg-type]
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Pair:
    """A primary and its standby."""

    primary: Server
    standby: Server


@contextmanager
def running() -> Iterator[Pair]:
    """Both of them, up and following; stopped and deleted at the end, whatever happens."""
    if not (PROGRAMS / "pg_basebackup").exists():
        pytest.skip("PostgreSQL 15 is not installed here")
    # Not in the folder of the tests: nobody but their owner may enter it, and the servers run as another user.
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix="gawah-pair-", dir=memory if memory.is_dir() else "/tmp"))
    primary, standby = (Server(home / name, free_port(), secrets.token_hex(16)) for name in ("primary", "standby"))
    standby = Server(standby.folder, standby.port, primary.password)
    try:
        if OWNER is not None:
            os.chown(home, pwd.getpwnam(OWNER).pw_uid, -1)
        _make(primary, home)
        run("pg_basebackup", "-D", str(standby.folder), "-R", "-X", "stream", "-c", "fast", "--no-sync",
            "-d", f"host=127.0.0.1 port={primary.port} user=gawah password={primary.password}")  # fmt: skip
        standby.start()
        yield Pair(primary, standby)
    finally:
        for server in (standby, primary):
            if server.runs():
                server.stop()
        shutil.rmtree(home)


def _make(primary: Server, home: Path) -> None:
    told = home / "password"
    told.write_text(primary.password)
    if OWNER is not None:
        os.chown(told, pwd.getpwnam(OWNER).pw_uid, -1)
    run("initdb", "-D", str(primary.folder), "--username", "gawah", "--pwfile", str(told), "--auth", "scram-sha-256",
        "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")  # fmt: skip
    with (primary.folder / "postgresql.conf").open("a", encoding="ascii") as settings:
        settings.write(SETTINGS)
    primary.start()
