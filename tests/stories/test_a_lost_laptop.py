"""A laptop is lost on the road: what was backed up comes back, and somebody who was erased does not."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import an_act, an_incident, somebody
from tests.cli.helping import Gawah
from tests.dumps import traces
from tests.pictures import a_photo
from tests.upkeep.backing_up import a_place, clear, keys

ERASED = "Zarmina Example"


@pytest.fixture(autouse=True)
def _no_databases_left(archive: TestArchive) -> Iterator[None]:
    yield
    clear(archive)


def test_a_lost_laptop(
    archive: TestArchive, home: Path, tmp_path: Path, gawah: Gawah, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    # The officer has entered an incident with a person and a photograph.
    told = an_incident("An attack near a town", acts=[an_act(person=somebody(ERASED))])
    one = client.post("/api/v1/incidents", json=told).json()
    client.post(f"/api/v1/incidents/{one['id']}/evidence", content=a_photo())

    # Every week she backs it up, for herself and for a colleague abroad; one key alone is not enough.
    hers, theirs = keys(tmp_path, "hers"), keys(tmp_path, "theirs")
    copy = tmp_path / "week-1.gawah"
    alone = gawah("backup", str(copy), "--recipient", hers.public)
    assert (alone.code, copy.exists()) == (2, False)
    made = gawah("backup", str(copy), "--recipient", hers.public, "--recipient", theirs.public)
    assert made.code == 0, made.err
    assert "1 incidents" in made.err

    # Then the person's family asks that she be erased; the ledger is kept apart.
    person = one["acts"][0]["person"]["id"]
    assert gawah("erase", person, "--legal-basis", "A made-up law, article 17").code == 0
    monkeypatch.setenv("USER", "another colleague")
    done = gawah("erase", person, "--confirm")
    assert done.code == 0, done.err
    ledger = tmp_path / "ledger-kept-apart.jsonl"
    shutil.copy(home / "erasures.jsonl", ledger)

    # The laptop is lost, with her key on it. The colleague restores the backup into an empty place.
    place = a_place(archive, tmp_path / "elsewhere", monkeypatch)
    back = gawah("restore", str(copy), "--identity", str(theirs.file), "--ledger", str(ledger))
    assert back.code == 0, back.err
    assert "taken 20" in back.err
    assert "older than a ledger" in back.err
    assert "Verified" in back.err

    # Everything is there, it verifies, and who was erased stays erased.
    assert gawah("verify").code == 0
    with place.opened() as restored:
        assert restored.titles() == {"An attack near a town"}
        assert traces(restored.engine, [ERASED]) == []
