"""Small files, short functions, and one sentence over every module."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for part in ("app", "tests") for path in (ROOT / part).rglob("*.py"))
MOST_LINES_IN_A_FILE = 300
MOST_LINES_IN_A_FUNCTION = 40  # the aim is 25


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def is_one_sentence(text: str) -> bool:
    """One line, one full stop, at the end."""
    return "\n" not in text and text.endswith((".", "?")) and not any(end in text[:-1] for end in (". ", "? ", "! "))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_fits_in_the_head(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES_IN_A_FILE, f"{named(path)} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_function_fits_on_the_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= MOST_LINES_IN_A_FUNCTION, f"{named(path)}: {node.name} has {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_module_says_in_one_sentence_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body:
        says = ast.get_docstring(tree, clean=False)
        assert says, f"{named(path)} does not say what it is"
        assert is_one_sentence(says), f"{named(path)}: one sentence on one line, please: {says!r}"


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("The words.", True),
        ("Who may see `app.db`, version 1.2?", True),
        ("No stop", False),
        ("One. Two.", False),
        ("One,\ntwo.", False),
    ],
)
def test_what_one_sentence_is(text: str, one: bool) -> None:
    assert is_one_sentence(text) is one
