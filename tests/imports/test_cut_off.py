"""An import that is killed in the middle: nothing of it is there, the chain holds, and it can be run again."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.say import tell
from app.records import Incident
from tests.archives import TestArchive
from tests.builders import incident_in
from tests.cli.helping import Gawah
from tests.dumps import digests

ROOT = Path(__file__).resolve().parents[2]
ROWS, CHUNK = 6000, 1000
HEAD = "id,title,kind,source_kind,source_title\n"
# The command as it is, but that it kills itself, as hard as a power cut, before it writes so many history lines.
KILLED = """
import os, signal, sys
from app.actions.pen import Pen
from app.cli import main
note, left = Pen.note, int(sys.argv.pop(1))
def dying(self, *told, **more):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    note(self, *told, **more)
Pen.note = dying
main()
"""


@pytest.mark.usefixtures("home")
def test_a_killed_import_leaves_nothing_and_can_be_run_again(gawah: Gawah, archive: TestArchive) -> None:
    archive.report(incident_in("Here before"))
    lines = (f"{n},Alleged killing {n},killing,press,A made-up report\n" for n in range(ROWS))
    Path("table.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    before = digests(archive.engine, memory=True)
    row = random.randint(CHUNK + 1, ROWS)  # after a chunk was written
    tell(f"killed at row {row}")
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(row), "import", "table.csv"],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert digests(archive.engine, memory=True) == before
    assert archive.broken() is None
    assert gawah("import", "table.csv").code == 0
    assert archive.count(Incident) == ROWS + 1
    assert archive.broken() is None
