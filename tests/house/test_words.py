"""Names that say something, and no trace of the machines we work on."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "app").rglob("*.py"))
EMPTY_WORDS = frozenset({"utils", "helpers", "common", "base", "manager", "service", "handler", "data", "process"})
EMPTY_ENDINGS = ("Manager", "Service", "Handler", "Helper", "Utils")
# In pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.:/~-])/(?:work|root|mnt|Users)" + "/")
INDEX_HOSTS = re.compile("py" + r"pi\.org|python" + r"hosted\.org|dev" + "pi|arti" + "factory", re.IGNORECASE)


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def texts() -> list[Path]:
    """Every text file that is or could be committed."""
    line = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:  # not a git checkout: a downloaded archive of the sources
        pytest.skip("git does not know this folder")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_names_say_something(path: Path) -> None:
    empty = EMPTY_WORDS.intersection(path.relative_to(ROOT).with_suffix("").parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            says_nothing = node.name.strip("_") in EMPTY_WORDS or node.name.endswith(EMPTY_ENDINGS)
            empty |= {node.name} if says_nothing else set()
    assert not empty, f"{named(path)}: say what it is: {', '.join(sorted(empty))}"


def test_no_machine_is_named() -> None:
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if MACHINE_PATHS.search(line) or INDEX_HOSTS.search(line):
                found.append(f"{named(path)}:{number}")
    assert not found, f"Paths of a machine, or addresses of a package index: {found[:20]}"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see /wo" + "rk/x", True),
        ("'/ro" + "ot/x'", True),
        ("network/x", False),
        ("https://example.org/wo" + "rk/12", False),
        ("app/ro" + "ot/x", False),
    ],
)
def test_what_a_machine_path_is(line: str, found: bool) -> None:
    assert bool(MACHINE_PATHS.search(line)) is found
