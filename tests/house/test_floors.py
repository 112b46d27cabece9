"""The floors: who may import whom, and which floors may hold a table."""

import ast
import importlib
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "app").rglob("*.py"))
TABLELESS = ("exports", "reports", "api", "web")
UPSTAIRS = [path for path in MODULES if path.relative_to(ROOT).parts[1] in TABLELESS]


def named(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def imports_of_ours(tree: ast.AST) -> Iterator[int]:
    """The lines on which a tree imports a module of `app`."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["app" if node.level else node.module or ""]
        if any(name.split(".")[0] == "app" for name in names):
            yield node.lineno  # type: ignore[attr-defined] # only imports have names here


def hidden_imports(source: str) -> list[int]:
    """The lines on which one of our own modules is imported inside a function."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    inside = [node for node in ast.walk(ast.parse(source)) if isinstance(node, functions)]
    return sorted({line for function in inside for line in imports_of_ours(function)})


def test_nobody_imports_upwards() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert contracts["root_package"] == "app"
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert linter, "lint-imports is not installed beside this Python"
    checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_import_is_hidden(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not hidden_imports(source), f"{named(path)}: a hidden import means that the floor is wrong"
    assert "TYPE_CHECKING" not in source, f"{named(path)}: TYPE_CHECKING means that the floor is wrong"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("from app.db import open\n", []),
        ("def f():\n    import orjson\n", []),
        ("def f():\n    import app.db\n", [2]),
        ("def f():\n    def g():\n        from app import db\n", [3]),
        ("class A:\n    async def f(self):\n        from . import db\n", [3]),
        ("def f():\n    from application import db\n", []),
    ],
)
def test_the_law_sees_hidden_imports(source: str, lines: list[int]) -> None:
    assert hidden_imports(source) == lines


@pytest.mark.parametrize("path", UPSTAIRS, ids=named)
def test_tables_stay_below(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    tables = [name for name, held in vars(module).items() if isinstance(held, type) and hasattr(held, "__table__")]
    assert not tables, f"{named(path)} holds tables; it may see ...In and ...Out"
