"""Every requirement is pinned, hashed and free of addresses, and the tools come on top of the product."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(
    r"(?P<name>[a-z0-9-]+(?:\[[a-z0-9,-]+\])?)==(?P<version>[\w.+]+)(?: ; (?P<marker>[^\\]+?))?(?: --hash=sha256:[0-9a-f]{64})+"
)


def requirements(name: str) -> list[str]:
    """One line a requirement, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (re.sub(r"\s+", " ", re.sub(r"(^|\s)#.*", "", line)).strip() for line in text.splitlines())
    return [line for line in lines if line]


def canonical(name: str) -> str:
    """A distribution's name as an index spells it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name, maxsplit=1)[0]).lower()


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    loose = [line[:60] for line in requirements(name) if not PINNED.fullmatch(line)]
    assert not loose
    assert len(requirements(name)) > 20


@pytest.mark.parametrize("name", FILES)
def test_no_address_is_kept(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", re.sub(r"^\s*--hash=.*$", "", text, flags=re.MULTILINE), re.MULTILINE)


def test_the_tools_come_on_top() -> None:
    product, tools = ({line.split(" ")[0] for line in requirements(name)} for name in FILES)
    assert product <= tools, "requirements-dev.txt must hold all of requirements.txt, at the same pins"


def test_what_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {
        "requirements.txt": project["dependencies"],
        "requirements-dev.txt": project["dependencies"] + project["optional-dependencies"]["dev"],
    }
    for name, wanted in asked.items():
        pinned = {canonical(line) for line in requirements(name)}
        assert {canonical(one) for one in wanted} <= pinned, f"{name} is older than pyproject.toml"
