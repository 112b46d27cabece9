"""For those who work on it: check, test, bench, docs."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli import handbook
from app.cli.say import complain, tell
from app.errors import Fault

commands = typer.Typer()
HOME = Path(__file__).resolve().parent.parent.parent
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
CHECKS: dict[str, list[str]] = {
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "ruff": ["-m", "ruff", "check", "."],
    "mypy": ["-m", "mypy"],
    "floors": ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
}


@commands.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """Run every test. What follows goes to pytest."""
    raise typer.Exit(_run("-m", "pytest", *context.args))


@commands.command()
def check(context: typer.Context, *, tests: Annotated[bool, typer.Option(help="Run the tests too")] = True) -> None:
    """Check format, style, types, floors, docs and tests. Changes nothing."""
    failed = [name for name, arguments in CHECKS.items() if _named(name, arguments)]
    stale = handbook.stale(HOME / "docs" / "reference", context.find_root())
    if stale:
        complain(
            "These pages are not what the code says: run `python3 -m app docs`.", [Fault(p, "stale") for p in stale]
        )
        failed.append("docs")
    if tests and _named("tests", ["-m", "pytest"]):
        failed.append("tests")
    tell("All is well." if not failed else f"Not well: {', '.join(failed)}")
    raise typer.Exit(1 if failed else 0)


@commands.command()
def docs(context: typer.Context) -> None:
    """Write the reference pages anew from the code."""
    for page in handbook.write(HOME / "docs" / "reference", context.find_root()):
        tell(f"written: {page}")


@commands.command(context_settings=PASS_ON)
def bench(context: typer.Context) -> None:
    """Measure speed and memory, as ratios within one run."""
    # Ctrl-C reaches it too, and it is left the time to drop its archives.
    signal.signal(signal.SIGINT, lambda *_: None)
    raise typer.Exit(_run("-m", "tests.benchmarks", *context.args))


def _named(name: str, arguments: list[str]) -> int:
    tell(f"== {name}")
    return _run(*arguments)


def _run(*arguments: str) -> int:
    return subprocess.run([sys.executable, *arguments], cwd=HOME, check=False).returncode
