"""The commands: what there is, what the README promises, and what each refuses in a sentence."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.testclient import TestClient

from app.cli import cli
from app.cli.handbook import _all_commands
from tests.archives import TestArchive
from tests.builders import incident_in
from tests.cli.helping import Gawah

ROOT = Path(__file__).resolve().parents[2]
PROMISED = {
    "serve", "init", "migrate", "import", "export", "verify", "check", "test", "bench", "docs", "member add",
    "member disable", "member list", "token create",
}  # fmt: skip


def all_commands() -> dict[str, Any]:
    root = typer.main.get_command(cli)
    return dict(_all_commands(root, root.make_context("gawah", ["--help"], resilient_parsing=True)))


def promised_by(page: str) -> set[str]:
    """The commands that a page tells people to type, without their options."""
    text = (ROOT / page).read_text(encoding="utf-8")
    typed = re.findall(r"(?:gawah|python3 -m app)((?: [a-z]+)+)", text)
    known = {word for name in all_commands() for word in (name, name.split()[0])}
    return {next((n for n in (" ".join(t.split()[:2]), t.split()[0]) if n in known), t.strip()) for t in typed}


def test_help_lists_every_command(gawah: Gawah) -> None:
    said = gawah("--help")
    assert said.code == 0
    for name in PROMISED:
        assert name.split()[0] in said.out, name


def test_every_command_says_what_it_does(gawah: Gawah) -> None:
    found = all_commands()
    assert set(found) >= PROMISED
    for name, command in found.items():
        assert command.help, name
        said = gawah(*name.split(), "--help")
        assert said.code == 0, name
        assert " ".join(command.help.split()[:3]) in " ".join(said.out.split()), name


@pytest.mark.parametrize("page", ["README.md", "SECURITY.md", "CONTRIBUTING.md"])
def test_pages_name_only_commands_that_there_are(page: str) -> None:
    known = {word for name in all_commands() for word in (name, name.split()[0])}
    assert promised_by(page) <= known
    if page == "README.md":
        assert promised_by(page) >= {"init", "member add", "token create", "serve", "import", "test", "check"}


def test_an_unknown_command_and_option(gawah: Gawah) -> None:
    assert gawah("no-such-command").code == 2
    assert gawah("member", "list", "--no-such-option").code == 2
    assert gawah("member").code != 0


def test_without_an_archive_it_says_how_to_make_one(gawah: Gawah, nowhere: Path) -> None:
    for words in (("member", "list"), ("serve",), ("verify",), ("export", "csv"), ("migrate",)):
        said = gawah(*words)
        assert said.code == 2, words
        assert "gawah init" in said.err
        assert "Traceback" not in said.err
    assert not nowhere.exists()


@pytest.mark.parametrize("words", [(), ("--recovery-key", "keys", "--no-recovery-key")])
def test_init_asks_who_can_recover_the_archive(gawah: Gawah, nowhere: Path, words: tuple[str, ...]) -> None:
    Path("keys").touch()
    said = gawah("init", "--admin", "amna", *words)
    assert said.code == 2
    assert "--no-recovery-key" in said.err
    assert not nowhere.exists()


@pytest.mark.parametrize("held", [b"", b"# nothing\n", b"age1notakey\n", b"\xff\xfe"])
def test_init_with_keys_that_are_none_makes_nothing(gawah: Gawah, nowhere: Path, held: bytes) -> None:
    Path("keys").write_bytes(held)
    said = gawah("init", "--admin", "amna", "--recovery-key", "keys")
    assert said.code == 2
    assert "no usable keys" in said.err
    assert not nowhere.exists()


def test_init_of_an_archive_that_is_there(gawah: Gawah, home: Path, archive: TestArchive) -> None:
    said = gawah("init", "--admin", "amna", "--no-recovery-key")
    assert said.code == 2
    assert "There is an archive already" in said.err
    assert "amna" not in gawah("member", "list").out


def test_members_come_are_listed_and_go(gawah: Gawah, home: Path) -> None:
    assert gawah("member", "add", "bilal", "--role", "contributor").code == 0
    listed = [line.split("\t") for line in gawah("member", "list").out.splitlines()]
    assert ["bilal", "contributor", "active"] in [line[:3] for line in listed]
    assert gawah("member", "add", "bilal", "--role", "viewer").code == 2
    wrong = gawah("member", "add", "somebody", "--role", "no-such-role")
    assert wrong.code == 2
    assert "contributor" in wrong.err
    assert gawah("member", "disable", "bilal").code == 0
    listed = [line.split("\t")[:3] for line in gawah("member", "list").out.splitlines()]
    assert ["bilal", "contributor", "disabled"] in listed
    assert gawah("member", "disable", "nobody of that name").code == 2


def test_a_token_stands_alone_on_the_last_line_and_works(
    gawah: Gawah, home: Path, archive: TestArchive, door: Any
) -> None:
    gawah("member", "add", "bilal", "--role", "contributor")
    said = gawah("token", "create", "bilal", "--scope", "write")
    assert said.code == 0
    assert re.fullmatch(r"gwh_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n", said.out)
    assert said.out.strip() not in said.err
    client: TestClient = door(archive)
    headers = {"Authorization": f"Bearer {said.out.strip()}"}
    assert client.get("/api/v1/incidents", headers=headers).status_code == 200
    gawah("member", "disable", "bilal")
    assert client.get("/api/v1/incidents", headers=headers).status_code == 401


@pytest.mark.parametrize("words", [("nobody",), ("a viewer", "--scope", "all"), ("a viewer", "--days", "0"),
                                   ("a viewer", "--days", "367")])  # fmt: skip
def test_a_token_that_cannot_be(gawah: Gawah, home: Path, words: tuple[str, ...]) -> None:
    said = gawah("token", "create", *words)
    assert (said.code, said.out) == (2, "")
    assert said.err
    assert "Traceback" not in said.err


def test_serving_takes_options_then_environment_then_file(
    gawah: Gawah, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[dict[str, Any]] = []
    monkeypatch.setattr("uvicorn.run", lambda *_, **options: served.append(options))
    assert gawah("serve").code == 0
    Path("gawah.toml").write_text('port = 8010\nhost = "127.0.0.2"\n')
    gawah("serve")
    monkeypatch.setenv("GAWAH_PORT", "8020")
    gawah("serve")
    gawah("serve", "--port", "8030", "--host", "::1")
    seen = [(options["host"], options["port"]) for options in served]
    assert seen == [("127.0.0.1", 8000), ("127.0.0.2", 8010), ("127.0.0.2", 8020), ("::1", 8030)]


def test_several_processes_make_their_own_service(gawah: Gawah, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setenv("GAWAH_HOST", "127.0.0.1")  # `serve` sets it for its children; taken back after the test
    monkeypatch.setattr("uvicorn.run", lambda app, **options: served.append((app, options)))
    gawah("serve", "--workers", "3")
    app, options = served[0]
    assert (app, options["workers"], options["factory"]) == ("app.main:serve_from_settings", 3, True)


def test_a_setting_that_cannot_be_is_said(gawah: Gawah, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAWAH_PORT", "eighty")
    said = gawah("serve")
    assert said.code == 2
    assert "port" in said.err
    assert "Traceback" not in said.err


def test_export_and_verify_write_to_standard_output(gawah: Gawah, home: Path, archive: TestArchive) -> None:
    archive.report(incident_in())
    assert gawah("export", "docx").code == 2
    assert gawah("export", "csv", "--country", "nowhere").code == 2
    target = Path("out.csv")
    assert gawah("export", "csv", "-o", str(target)).code == 0
    assert target.read_text(encoding="utf-8-sig").startswith("ref,alleged,")
    said = gawah("verify")
    assert (said.code, said.out.startswith("History holds:")) == (0, True)
