"""The front door, `python3 -m app`: stands up `.venv` when there is none, then steps inside."""

# Standard library only, and readable by older Pythons, so that they reach the sentence that turns them away.
from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

ROOT = Path(__file__).resolve().parent.parent
PINS = "requirements.txt"
WORKSHOP_PINS = "requirements-dev.txt"  # holds everything in PINS, and the tools
WORKSHOP = frozenset({"test", "check", "bench", "docs"})
HALF_BUILT = "half-built\n"
UNREACHABLE = ("Retrying (", "ConnectionPool", "ConnectionError", "Connection broken")  # as pip puts it


class Halt(Exception):
    """The front door cannot go on; the sentence says why and what to do, and the exit code is 2."""


@dataclass(frozen=True)
class Place:
    """Where things lie for one checkout."""

    root: Path
    windows: bool = os.name == "nt"

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def scripts(self) -> Path:
        """Where the virtual environment keeps its programs."""
        return self.venv / ("Scripts" if self.windows else "bin")

    @property
    def python(self) -> Path:
        """The interpreter inside."""
        return self.scripts / ("python.exe" if self.windows else "python")

    @property
    def packages(self) -> Path:
        """The site-packages inside."""
        scheme = "nt_venv" if self.windows else "posix_venv"
        return Path(sysconfig.get_path("purelib", scheme, {"base": str(self.venv)}))

    @property
    def mark(self) -> Path:
        """Says what the virtual environment was built from, or that its building has not ended."""
        return self.venv / "built-from.txt"

    @property
    def lock(self) -> Path:
        """Held by the one process that may build."""
        return self.venv / "building.lock"

    @property
    def log(self) -> Path:
        """What pip said while building."""
        return self.venv / "build.log"

    def inside(self) -> bool:
        """Whether this process already runs in the virtual environment."""
        return Path(sys.prefix).resolve() == self.venv.resolve()


def say(line: str) -> None:
    """One plain line on standard error: standard output belongs to the command."""
    print(line, file=sys.stderr, flush=True)


def read_mark(place: Place) -> str:
    """What the mark says; empty when there is none."""
    try:
        return place.mark.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def write_mark(place: Place, text: str) -> None:
    """Whole or not at all, also when the power fails."""
    draft = place.mark.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(place.mark)


def recipe(place: Place, pins: str) -> str:
    """What a virtual environment is built from: the pins, this Python, and where the checkout lies."""
    digest = hashlib.sha256((place.root / pins).read_bytes()).hexdigest()
    return f"{pins}\n{digest}\n{sys.implementation.cache_tag}\n{place.root}\n"


def wanted_pins(place: Place, arguments: list[str]) -> str:
    """The pins this command needs; an environment that once had the tools keeps them."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    has_tools = read_mark(place).startswith(WORKSHOP_PINS)
    return WORKSHOP_PINS if has_tools or command in WORKSHOP else PINS


def next_step(place: Place, pins: str) -> str:
    """`enter` when all is ready, `add` when packages are missing, `build` when it must be made afresh."""
    mark = read_mark(place)
    if place.inside() and not mark:
        return "enter"  # somebody made this environment by hand and knows what is in it
    if not place.python.exists():
        return "build"
    if mark in {recipe(place, pins), recipe(place, WORKSHOP_PINS)}:
        return "enter"
    if place.inside() or mark == recipe(place, PINS) or (not mark and can_adopt(place)):
        return "add"
    return "build"


def can_adopt(place: Place) -> bool:
    """Whether an environment that somebody made by hand runs on this Python and has a pip."""
    look = "import pip, sys; print(sys.implementation.cache_tag)"
    found = subprocess.run([place.python, "-c", look], capture_output=True, text=True, check=False)
    return found.stdout.strip() == sys.implementation.cache_tag


def make_ready(place: Place, arguments: list[str]) -> None:
    """Builds or completes the virtual environment, if anything is missing."""
    pins = wanted_pins(place, arguments)
    if next_step(place, pins) == "enter":
        return
    place.venv.mkdir(exist_ok=True)
    with locked(place):
        step = next_step(place, pins)  # again: another start may have built it meanwhile
        if step != "enter":
            begun = time.monotonic()
            build(place, pins, afresh=step == "build")
            say(f"Built in {time.monotonic() - begun:.0f} s.")


def build(place: Place, pins: str, *, afresh: bool) -> None:
    """Makes the environment, or adds to it; the mark says half-built until the last step is done."""
    if afresh:
        check_ensurepip()
        say("Building .venv, once; this takes a minute or two ...")
    else:
        say(f"Adding to .venv what {pins} asks for ...")
    write_mark(place, HALF_BUILT)
    if afresh:
        clear(place)
        create(place)
    install(place, pins)
    write_command_line(place)
    write_mark(place, recipe(place, pins))


def clear(place: Place) -> None:
    """Empties the environment, but keeps the lock that is held and the mark that says half-built."""
    for entry in place.venv.iterdir():
        if entry in {place.lock, place.mark}:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def create(place: Place) -> None:
    """An empty virtual environment with pip."""
    try:
        venv.create(place.venv, with_pip=True, symlinks=not place.windows)
    except subprocess.CalledProcessError as error:
        raise Halt(f"Python could not make a virtual environment in {place.venv}: {error}.") from error


def install(place: Place, pins: str) -> None:
    """Installs exactly the pinned files; wheels only, so no package's own code runs while installing."""
    options = "--require-hashes --only-binary :all: --no-input --disable-pip-version-check --progress-bar off"
    line = [str(place.python), *f"-m pip install {options} --requirement".split(), str(place.root / pins)]
    with place.log.open("w", encoding="utf-8") as log:
        env = {**os.environ, "PIP_USER": "0"}
        done = subprocess.run(line, stdout=log, stderr=log, env=env, close_fds=False, check=False)
    if done.returncode != 0:
        raise Halt(why_not(place.log.read_text(encoding="utf-8", errors="replace"), place.log))


def why_not(said: str, log: Path) -> str:
    """One sentence for a failed pip."""
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    if any(sign in said for sign in UNREACHABLE) and "DO NOT MATCH THE HASHES" not in said:
        return f"The package index cannot be reached: connect to the network, then run this again ({log})."
    reason = errors[-1].removeprefix("ERROR: ").split(". ")[0] if errors else "it gave no reason"
    return f"pip could not install the packages: {reason} ({log})"


def write_command_line(place: Place) -> None:
    """`.venv/bin/gawah`, from any directory since a .pth names the checkout. Each worker of `serve` reads it again."""
    way_up = os.path.relpath(place.root, place.packages)
    place.packages.joinpath("gawah.pth").write_text(way_up + "\n", encoding="ascii")
    body = 'import sys\n\nif __name__ == "__main__":\n    from app.cli import main\n\n    sys.exit(main())\n'
    if place.windows:
        place.scripts.joinpath("gawah-cli.py").write_text(body, encoding="ascii")
        line = '@"%~dp0python.exe" "%~dp0gawah-cli.py" %*\r\n'
        place.scripts.joinpath("gawah.cmd").write_text(line, encoding="ascii", newline="")
        return
    # Read twice: sh runs the second line, Python takes it for text. A path with blanks is no good after #!.
    twice = f"#!/bin/sh\n'''exec' {shlex.quote(str(place.python))} \"$0\" \"$@\"\n' '''\n"
    place.scripts.joinpath("gawah").write_text(twice + body, encoding="utf-8")
    place.scripts.joinpath("gawah").chmod(0o755)


def check_ensurepip() -> None:
    """Debian keeps this part of Python in a package of its own."""
    if importlib.util.find_spec("ensurepip"):
        return
    if shutil.which("apt-get") is None:
        raise Halt("This Python lacks ensurepip: install your system's venv package, then run this again.")
    if sys.platform == "win32" or os.geteuid() != 0:
        raise Halt("A part of Python is missing: run `sudo apt-get install python3-venv`, then this again.")
    say("A part of Python is missing; fetching it: apt-get install python3-venv ...")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in ("update", "install --yes python3-venv"):
        line = ["apt-get", "--quiet=2", *words.split()]
        subprocess.run(line, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
    importlib.invalidate_caches()
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Halt(f"apt-get did not bring it: install the package {package}, then run this again.")


@contextlib.contextmanager
def locked(place: Place) -> Iterator[None]:
    """One builder at a time; the system lets go of the lock when its holder dies."""
    with place.lock.open("a+b") as file:
        os.set_inheritable(file.fileno(), True)  # a pip that outlives a killed start keeps the others waiting
        if not grasp(file.fileno()):
            say("Another start is building .venv; waiting for it ...")
            while not grasp(file.fileno()):
                time.sleep(0.2)
        yield


def grasp(descriptor: int) -> bool:
    """Tries once to take the lock, without waiting."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def hand_over(place: Place, arguments: list[str]) -> None:
    """Goes on as the Python inside; does not return."""
    line = [str(place.python), "-m", "app", *arguments]
    if not place.windows:
        os.execv(line[0], line)
    child = subprocess.Popen(line)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C reaches the child too, and it decides
            sys.exit(child.wait())


def enter(place: Place) -> None:
    """Returns only inside the virtual environment, with the command in sys.argv."""
    if sys.version_info < (3, 11):  # noqa: UP036 - the one place that older Pythons do reach
        sys.exit(f"Gawah needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    sys.argv[1:] = sys.argv[1:] or ["open"]
    try:
        make_ready(place, sys.argv[1:])
    except (Halt, OSError) as reason:
        say(str(reason))
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit("Stopped; the next start begins again.")
    if not place.inside():
        hand_over(place, sys.argv[1:])


if __name__ == "__main__":
    enter(Place(ROOT))
    from app.cli import main

    main()
