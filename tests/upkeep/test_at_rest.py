"""Two hundred names go through the whole house, and not one lies readable in its folder, its temporary files or logs."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlmodel import Session, create_engine

from app.actions import incidents
from app.exports import FORMATS
from app.upkeep import schema
from tests.archives import REVIEWER
from tests.builders import a_source, an_account, an_act, an_incident, incident_in, somebody
from tests.dumps import forms

pytestmark = [pytest.mark.sockets, pytest.mark.filterwarnings("ignore::ResourceWarning")]
ROOT = Path(__file__).resolve().parents[2]
URL = "/api/v1"
GIVEN = ("Zarmina", "Palwasha", "Íñigo", "Ömer", "Łucja", "Ngọc", "زرمینہ", "نصیر", "Ваня", "ზურა")
FAMILY = (
    "Beispielzai", "Musterkhel", "Ejemplález", "Örnekoğlu", "Przykładowska", "Vídụ", "بیسپلزئی", "مثالوف",
    "Примеров", "მაგალითი", "Exemplard", "Voorbeeldsma", "Esempiucci", "Primjerović", "Príkladný", "Mintafalvi",
    "Παράδειγμα", "דוגמאי", "उदाहरणे", "見本太",
)  # fmt: skip
NAMES = [f"{given} {family}" for family in FAMILY for given in GIVEN]


class House:
    """A real archive in a folder of its own: its commands, its service, and all that they print."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.outside = folder / "house", folder / "outside"
        (self.folder / "tmp").mkdir(parents=True)
        self.outside.mkdir()
        self.printed = self.folder / "printed.log"
        told = {"GAWAH_DATA_DIR": str(self.folder / "var"), "TMPDIR": str(self.folder / "tmp"), "USER": "tests"}
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("GAWAH_")} | told
        self.token = ""
        self.port = 0

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command as people type it; what it says on standard error is kept among the logs."""
        said = subprocess.run(
            [sys.executable, "-m", "app.cli", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        with self.printed.open("a", encoding="utf-8") as log:
            log.write(said.stderr)
        return said

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        told = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | headers
        connection.request(method, path, raw, {name.replace("_", "-"): value for name, value in told.items()})
        answer = connection.getresponse()
        content, given = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, json.loads(content) if b"{" in content[:2] else content, given

    def serve(self) -> subprocess.Popen[bytes]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        words = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)]
        process = subprocess.Popen(
            words, cwd=ROOT, env=self.environment, stdout=self.printed.open("ab"), stderr=subprocess.STDOUT
        )
        for _ in range(300):
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return process
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.printed.read_text())


def found_in(folder: Path, names: list[str]) -> dict[str, set[str]]:
    """Which names lie readable in which files below a folder, in any of the forms in which they may."""
    sought = {(name, form) for name in names for form in forms([name]).values()}
    # Twenty words are looked for faster than two hundred names, and no name is without one of them.
    words = set(forms(FAMILY).values())
    assert all(any(word in form for word in words) for _, form in sought)
    found: dict[str, set[str]] = {}
    for file in (path for path in folder.rglob("*") if path.is_file()):
        raw = file.read_bytes()
        if any(word in raw for word in words) and (hits := {name for name, form in sought if form in raw}):
            found[str(file.relative_to(folder))] = hits
    return found


def begin(house: House) -> None:
    assert house.run("init", "--admin", "an admin", "--no-recovery-key").returncode == 0
    assert house.run("member", "add", "a reviewer", "--role", "reviewer").returncode == 0
    made = house.run("token", "create", "a reviewer", "--scope", "write")
    assert made.returncode == 0, made.stderr
    house.token = made.stdout.split()[-1]


def work(house: House) -> None:
    """Everything that a house does with a name."""
    made = []
    for start in range(0, len(NAMES), 5):
        names = NAMES[start : start + 5]
        told = an_incident(
            f"The alleged taking of {names[0]}", summary=" and ".join(names),
            source=a_source(f"Where is {names[1]}?", author=names[2]),
            acts=[an_act(person=somebody(name, occupation="midwife")) for name in names],
            cases=[{"person": somebody(names[3]), "submitter_name": names[4], "submitter_contact": names[4],
                    "events": [{"kind": "taken", "note": names[0]}]}],
        )  # fmt: skip
        status, answer, _ = house.ask("POST", f"{URL}/incidents", told)
        assert status == 201, answer
        made.append((answer["id"], names))
    for incident, names in made[::4]:
        url = f"{URL}/incidents/{incident}"
        tag = {"If_Match": house.ask("GET", url)[2]["etag"]}
        assert house.ask("PATCH", url, {"reason": f"{names[1]} says so.", "summary": names[1]}, **tag)[0] == 200
        assert house.ask("POST", f"{url}/accounts", an_account(a_source(names[3]), title=names[4]))[0] == 201
        assert house.ask("POST", f"{url}/comments", {"note": f"Call {names[2]}"})[0] == 201
        title, content = quote(f"Photo of {names[0]}"), f"A letter of {names[0]}".encode() * 1000
        assert house.ask("POST", f"{url}/evidence?title={title}&original_name={title}.txt", content)[0] == 201
        assert house.ask("GET", f"{URL}/incidents?q={quote(names[0])}")[1]["total"] >= 1
        assert house.ask("GET", f"{URL}/persons?q={quote(names[1])}")[1]["total"] >= 1
        err(house, url, names)
    rows = [f'"{name} vanished",killing,press,"About {name}"' for name in NAMES]
    table = "\n".join(["title,kind,source_kind,source_title", *rows]).encode()
    status, answer, _ = house.ask("POST", f"{URL}/imports?name={quote(NAMES[0])}.csv", table)
    assert status in {200, 201}, answer
    for form in FORMATS.keys() - {"geojsonl"}:  # what a format is made of comes to lie nowhere on its way out
        assert house.ask("GET", f"{URL}/incidents.{form}")[0] == 200


def err(house: House, url: str, names: list[str]) -> None:
    """What goes wrong, with the name in it."""
    for method, path, body in (
        ("POST", f"{URL}/incidents", {"title": names[0], names[1]: names[2]}),
        ("POST", f"{URL}/persons", {"names": [{"full": names[0], "script": names[1]}]}),
        ("PATCH", url, {"reason": names[0], "title": names[1]}),
        ("GET", f"{URL}/incidents/{quote(names[0])}", None),
        ("GET", f"{URL}/incidents?kind={quote(names[0])}", None),
        ("POST", f"{URL}/imports", f"nothing,{names[0]}\n1,2\n".encode()),
        ("POST", f"{URL}/incidents", f'{{"title": "{names[0]}"'.encode()),
    ):
        assert 400 <= house.ask(method, path, body)[0] < 500


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    begin(made)
    process = made.serve()
    yield made
    process.terminate()
    process.wait(timeout=30)


def test_of_two_hundred_names_none_lies_readable(house: House) -> None:
    assert len(set(NAMES)) == 200
    work(house)
    exported = house.run("export", "csv")
    (house.outside / "all.csv").write_text(exported.stdout, encoding="utf-8")
    table = house.outside / "table.csv"
    table.write_text(
        "title,kind,source_kind,source_title\n" + f'"{NAMES[7]}, again",killing,press,"x"\n', encoding="utf-8"
    )
    assert house.run("import", str(table)).returncode == 0
    for words in (("verify",), ("import", str(house.outside / "all.csv"), "--format", "x"), ("history",)):
        house.run(*words)
    looked_at = {path.name for path in house.folder.rglob("*") if path.is_file()}
    assert {"archive.db", "archive.key", "printed.log"} <= looked_at
    assert found_in(house.folder, NAMES) == {}
    assert len(found_in(house.outside, NAMES)["all.csv"]) > 50  # the same look finds what was taken out


def test_an_archive_without_its_cipher_is_noticed(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.db'}", module=sqlcipher)
    schema.migrate(engine)
    with Session(engine) as session, session.begin():
        told = incident_in(f"About {NAMES[0]}", acts=[an_act(person=somebody(NAMES[6]))])
        incidents.report(session, told, REVIEWER)
    engine.dispose()
    assert found_in(tmp_path, NAMES)["plain.db"] >= {NAMES[0], NAMES[6]}
