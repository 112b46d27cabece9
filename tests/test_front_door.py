"""The front door builds `.venv` once, mends what was interrupted, and says plainly what it cannot do."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import __main__ as door

HERE = door.Place(door.ROOT)
Builds = list[tuple[str, bool]]


@pytest.fixture
def place(tmp_path: Path) -> door.Place:
    """A checkout with pins and nothing built, in a folder with a blank in its name."""
    root = tmp_path / "a checkout"
    (root / "app").mkdir(parents=True)
    (root / door.PINS).write_text("one==1\n")
    (root / door.WORKSHOP_PINS).write_text("one==1\ntool==1\n")
    shutil.copy(door.__file__, root / "app")
    (root / "app/__init__.py").touch()
    (root / "app/cli.py").write_text("import sys\ndef main(): print(sys.argv[1:], sys.prefix)\n")
    return door.Place(root)


@pytest.fixture
def builds(place: door.Place, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """What was installed, and whether afresh; no pip runs."""
    done: Builds = []
    fresh = [False]

    def create(place: door.Place) -> None:
        fresh[0] = True
        place.scripts.mkdir(parents=True, exist_ok=True)
        place.python.symlink_to(sys.executable)
        place.packages.mkdir(parents=True)

    def install(place: door.Place, pins: str) -> None:
        assert door.read_mark(place) == door.HALF_BUILT
        done.append((pins, fresh[0]))
        fresh[0] = False

    monkeypatch.setattr(door, "create", create)
    monkeypatch.setattr(door, "install", install)
    return done


def test_it_builds_once_and_then_just_enters(place: door.Place, builds: Builds) -> None:
    for _ in range(3):
        door.make_ready(place, ["open"])
    assert builds == [("requirements.txt", True)]
    assert door.read_mark(place) == door.recipe(place, door.PINS)


def test_changed_pins_are_built_afresh(place: door.Place, builds: Builds) -> None:
    door.make_ready(place, ["open"])
    (place.packages / "left_over.py").touch()
    (place.root / door.PINS).write_text("one==2\n")
    door.make_ready(place, ["open"])
    assert builds == [("requirements.txt", True), ("requirements.txt", True)]
    assert not (place.packages / "left_over.py").exists()


def test_another_python_is_built_afresh(place: door.Place, builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    door.make_ready(place, ["open"])
    monkeypatch.setattr(sys.implementation, "cache_tag", "cpython-399")
    door.make_ready(place, ["open"])
    assert [fresh for _, fresh in builds] == [True, True]


def test_a_copy_elsewhere_does_not_run_the_code_of_the_first(place: door.Place, builds: Builds) -> None:
    door.make_ready(place, ["open"])
    other = door.Place(place.root.with_name("copy"))
    shutil.copytree(place.root, other.root, symlinks=True)
    door.make_ready(other, ["open"])
    assert [fresh for _, fresh in builds] == [True, True]


@pytest.mark.parametrize("command", sorted(door.WORKSHOP))
def test_the_tools_are_added_when_first_needed_and_then_kept(place: door.Place, builds: Builds, command: str) -> None:
    for arguments in (["open"], ["--verbose", command], ["open"], [command]):
        door.make_ready(place, arguments)
    assert builds == [("requirements.txt", True), ("requirements-dev.txt", False)]
    (place.root / door.WORKSHOP_PINS).write_text("one==1\ntool==2\n")
    door.make_ready(place, ["open"])
    assert builds[2:] == [("requirements-dev.txt", True)]


def test_a_half_built_environment_is_built_afresh(
    place: door.Place, builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.make_ready(place, ["open"])
    (place.root / door.PINS).write_text("one==2\n")
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(door, "install", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        door.make_ready(place, ["open"])
    assert door.read_mark(place) == door.HALF_BUILT
    assert place.python.exists()
    door.make_ready(place, ["open"])
    assert [fresh for _, fresh in builds] == [True, True]
    assert door.read_mark(place) == door.recipe(place, door.PINS)


def test_an_environment_made_by_hand_is_added_to(place: door.Place, builds: Builds) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place.venv], check=True)
    pip = place.packages / "pip.py"
    pip.touch()
    (place.packages / "mine.py").touch()
    door.make_ready(place, ["open"])
    assert builds == [("requirements.txt", False)]
    assert (place.packages / "mine.py").exists()
    pip.unlink()
    place.mark.unlink()
    door.make_ready(place, ["open"])
    assert builds[1:] == [("requirements.txt", True)]


def test_inside_an_environment_made_by_hand_nothing_is_touched(
    place: door.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(place.venv))
    assert door.next_step(place, door.PINS) == "enter"
    place.venv.mkdir()
    door.write_mark(place, door.HALF_BUILT)
    place.scripts.mkdir()
    place.python.touch()
    assert door.next_step(place, door.PINS) == "add"  # never cleared under our own feet


def test_of_two_starts_at_once_one_builds(place: door.Place, builds: Builds) -> None:
    place.venv.mkdir()
    hold = "import sys, time; from app import __main__ as door; place = door.Place(door.Path(sys.argv[1]))\n"
    hold += "with door.locked(place): print('held', flush=True); time.sleep(60)"
    line = [sys.executable, "-c", hold, str(place.root)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, cwd=door.ROOT) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with place.lock.open("a+b") as file:
            assert not door.grasp(file.fileno())
        other.kill()
    begun = time.monotonic()
    door.make_ready(place, ["open"])  # the lock of a process that died is free
    assert time.monotonic() - begun < 30
    assert len(builds) == 1


def missing_ensurepip(monkeypatch: pytest.MonkeyPatch, *, root: bool, debian: bool = True) -> list[str]:
    """A Python without ensurepip; returns the commands that it runs."""
    ran: list[str] = []
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get" if debian else None)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000, raising=False)
    monkeypatch.setattr("subprocess.run", lambda line, **_: ran.append(" ".join(line)))
    return ran


@pytest.mark.skipif(os.name == "nt", reason="Debian")
def test_without_ensurepip_it_says_the_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = missing_ensurepip(monkeypatch, root=False)
    with pytest.raises(door.Halt, match="run `sudo apt-get install python3-venv`, then this again"):
        door.check_ensurepip()
    assert not ran


@pytest.mark.skipif(os.name == "nt", reason="Debian")
def test_without_ensurepip_root_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = missing_ensurepip(monkeypatch, root=True)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: ran[1:] or None)
    door.check_ensurepip()
    assert ran == ["apt-get --quiet=2 update", "apt-get --quiet=2 install --yes python3-venv"]


@pytest.mark.skipif(os.name == "nt", reason="Debian")
def test_when_apt_brings_nothing_it_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    missing_ensurepip(monkeypatch, root=True)
    with pytest.raises(door.Halt, match=rf"install the package python3\.{sys.version_info[1]}-venv"):
        door.check_ensurepip()


def test_without_ensurepip_and_apt_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    missing_ensurepip(monkeypatch, root=True, debian=False)
    with pytest.raises(door.Halt, match="This Python lacks ensurepip"):
        door.check_ensurepip()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "WARNING: Retrying (Retry(total=4)) after\nERROR: No matching distribution",
            "connect to the network",
        ),
        (
            "WARNING: x\nERROR: No matching distribution found for one==1",
            "No matching distribution found for one==1 (",
        ),
        (
            "Retrying (x\nERROR: THESE PACKAGES DO NOT MATCH THE HASHES. Why",
            "DO NOT MATCH THE HASHES (build.log)",
        ),
        ("", "it gave no reason"),
    ],
)
def test_a_failed_pip_is_one_sentence(said: str, sentence: str) -> None:
    answer = door.why_not(said, Path("build.log"))
    assert sentence in answer
    assert "\n" not in answer


@pytest.mark.parametrize(
    ("windows", "python", "command"),
    [(False, "bin/python", "bin/gawah"), (True, "Scripts/python.exe", "Scripts/gawah.cmd")],
)
def test_both_kinds_of_system_have_their_paths(place: door.Place, windows: bool, python: str, command: str) -> None:
    there = door.Place(place.root, windows=windows)
    assert there.python == place.venv / python
    assert there.packages.name == "site-packages"
    there.packages.mkdir(parents=True)
    there.scripts.mkdir(exist_ok=True)
    door.write_command_line(there)
    assert (place.venv / command).exists()
    way_up = (there.packages / "gawah.pth").read_text().strip()
    assert (there.packages / way_up).resolve() == place.root.resolve()


def test_on_windows_the_child_has_the_last_word(place: door.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[None] = []

    class Child:
        def __init__(self, line: list[str]) -> None:
            assert line[1:] == ["-m", "app", "export", "csv"]

        def wait(self) -> int:
            waits.append(None)
            if len(waits) == 1:
                raise KeyboardInterrupt
            return 7

    monkeypatch.setattr("subprocess.Popen", Child)
    with pytest.raises(SystemExit, match="7"):
        door.hand_over(door.Place(place.root, windows=True), ["export", "csv"])


def start(place: door.Place, *arguments: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    """A real start in a process of its own, by the interpreter that the tests' own was made from."""
    python = Path(sys.base_prefix, "python.exe" if os.name == "nt" else "bin/python3")
    line = [str(python), "-m", "app", *arguments]
    env = {**os.environ, **surroundings}
    return subprocess.run(line, cwd=place.root, env=env, capture_output=True, text=True, check=False)


def test_for_real(place: door.Place) -> None:
    for pins in (door.PINS, door.WORKSHOP_PINS):
        (place.root / pins).write_text("")
    first = start(place)
    assert (first.returncode, first.stdout) == (0, f"['open'] {place.venv}\n")
    assert first.stderr.startswith("Building .venv, once")
    second = start(place, "export", "csv")
    assert (second.stdout, second.stderr) == (f"['export', 'csv'] {place.venv}\n", "")
    elsewhere = place.root.parent / "elsewhere"
    (elsewhere / "app").mkdir(parents=True)
    (elsewhere / "app/__init__.py").touch()
    command = place.scripts / ("gawah.cmd" if os.name == "nt" else "gawah")
    said = subprocess.run([command, "a b", "c"], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert said.stdout == f"['a b', 'c'] {place.venv}\n"


def test_for_real_with_no_packages_to_be_had(place: door.Place) -> None:
    (place.root / door.PINS).write_text(f"one==1 --hash=sha256:{'0' * 64}\n")
    answer = start(place, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(place.root))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert len(answer.stderr.splitlines()) == 2
    assert "pip could not install the packages: No matching distribution found for one==1" in answer.stderr
    assert door.read_mark(place) == door.HALF_BUILT
