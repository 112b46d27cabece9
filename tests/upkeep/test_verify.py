"""What `gawah verify` finds: rows changed past history, and files that are not what was taken in."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.actions import batches
from app.actions.vault import store
from app.db import reading, writing
from app.queries.vault import Vault
from app.records import Account
from app.records.account import AccountFields
from app.records.seals import NEVER_CHANGING
from app.upkeep.verifying import Verdict, verify
from tests.archives import REVIEWER, TestArchive
from tests.builders import a_source, an_account, an_act, an_incident
from tests.cli.helping import Gawah

Kept = dict[str, Any]
URL = "/api/v1"
CSV = "title,kind,source_kind,source_title,date,killed_best,id\nAlleged killing,killing,press,A report,2025-06-12,{},our-1\n"


@pytest.fixture
def incident(client: TestClient) -> Kept:
    """Two accounts, and a file on the second."""
    whole = {"speaker": "a neighbour", "quote": "They came at night", "locator": "p. 1", "claimed_as_of": "2025-06-13"}
    told = an_incident(killed={"best": 2}, acts=[an_act()])
    one = client.post(f"{URL}/incidents", json=told).json()
    account = client.post(f"{URL}/incidents/{one['id']}/accounts", json=an_account(killed={"best": 3}) | whole).json()
    assert client.post(f"{URL}/accounts/{account['id']}/evidence", content=b"A letter").status_code == 201
    return client.get(f"{URL}/incidents/{one['id']}").json()


def found(archive: TestArchive) -> Verdict:
    assert archive.vault is not None
    with reading(archive.engine) as session:
        return verify(session, archive.vault)


def change(archive: TestArchive, statement: str, **values: Any) -> None:
    with archive.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount == 1


def told(verdict: Verdict) -> list[tuple[str, str]]:
    return [(one.noun, one.what) for one in verdict.differences]


# Another value for each cell, fit for its column on both engines.
OTHER = {
    "pk": "99", "id": "'00000000000070008000000000000001'", "incident_pk": "2", "source_pk": "1", "said": "'{}'",
    "claimed_as_of": "'2025-06-14'", "entered_at": "'2025-06-14 00:00:00'", "batch_pk": "1", "stance": "'denies'",
    "locator_type": "'page'", "speaker_role": "'witness'", "credibility": "'probable'",
}  # fmt: skip


@pytest.mark.parametrize("cell", NEVER_CHANGING[Account])
def test_every_cell_of_an_account_that_never_changes_is_watched(
    client: TestClient, incident: Kept, archive: TestArchive, cell: str
) -> None:
    client.post(f"{URL}/incidents", json=an_incident("Another", source=a_source("Another source")))
    client.post(f"{URL}/imports", content=CSV.format(1).encode())
    assert found(archive).holds
    if cell == "pk":  # nothing may point at it
        change(archive, "UPDATE attachment SET account_pk = 1")
    account = incident["accounts"][1]["id"]
    other = OTHER.get(cell, "'other'")
    change(archive, f"UPDATE account SET {cell} = {other} WHERE pk = 2")
    verdict = found(archive)
    accounts = {(str(one.id), one.what) for one in verdict.differences if one.noun == "account"}
    if cell == "id":
        unknown = str(UUID(int=0x70008000000000000001))
        assert accounts == {(account, "it is gone"), (unknown, "no line of history tells of it")}
    else:
        assert accounts == {(account, "it has been changed since it was entered")}


def test_no_cell_is_forgotten() -> None:
    changing = {"standing", "standing_reason", "supersedes_pk"}
    assert set(NEVER_CHANGING[Account]) == set(Account.model_fields) - changing
    assert set(AccountFields.model_fields) <= set(NEVER_CHANGING[Account])


STATEMENTS = {
    "an account is gone": ("DELETE FROM account WHERE pk = 3", ("account", "it is gone")),
    "an account is added": (
        ("INSERT INTO account (pk, id, incident_pk, source_pk, stance, locator_type, said, standing, entered_at)"
        " SELECT 99, '00000000000070008000000000000001', 1, 1, 'reports', 'whole', '{}', 'accepted', entered_at"
        " FROM account WHERE pk = 1"),
        ("account", "no line of history tells of it"),
    ),
    "an account is added before all others": (
        ("INSERT INTO account (pk, id, incident_pk, source_pk, stance, locator_type, said, standing, entered_at)"
        " SELECT 0, '00000000000070008000000000000001', 1, 1, 'reports', 'whole', '{}', 'accepted', entered_at"
        " FROM account WHERE pk = 1"),
        ("account", "no line of history tells of it"),
    ),
    "an account stands otherwise": (
        "UPDATE account SET standing = 'rejected' WHERE pk = 2", ("account", "how it stands has been changed past history"),
    ),
    "the reason why": (
        "UPDATE account SET standing_reason = 'x' WHERE pk = 2", ("account", "how it stands has been changed past history"),
    ),
    "a file has another name": (
        "UPDATE evidence SET original_name = 'x'", ("evidence", "it has been changed since it was entered"),
    ),
    "a file hangs elsewhere": (
        "UPDATE attachment SET account_pk = 1", ("attachment", "it has been changed since it was entered"),
    ),
    "a file hangs nowhere": ("DELETE FROM attachment", ("attachment", "it is gone")),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "difference"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_what_was_changed_past_history_is_found(
    client: TestClient, incident: Kept, archive: TestArchive, statement: str, difference: tuple[str, str]
) -> None:
    client.post(f"{URL}/incidents/{incident['id']}/accounts", json=an_account(a_source("A third")))
    assert found(archive).holds
    change(archive, statement)
    assert told(found(archive)) == [difference]


def test_work_done_as_it_should_be_leaves_nothing_to_find(
    client: TestClient, incident: Kept, archive: TestArchive
) -> None:
    first, second = (account["id"] for account in incident["accounts"])
    url = f"{URL}/incidents/{incident['id']}"
    judged = client.post(f"{URL}/accounts/{second}/standing", json={"standing": "rejected", "reason": "A rumour."})
    assert judged.status_code == 200, judged.text
    client.post(f"{url}/accounts", json=an_account(a_source("Put right")) | {"supersedes_id": first})
    change_it = {"reason": "A correction.", "killed": {"best": 1}, "according_to": {"source": a_source("Corrected")}}
    headers = {"If-Match": client.get(url).headers["ETag"]}
    assert client.patch(url, json=change_it, headers=headers).status_code == 200
    for killed in (1, 2):
        batch = client.post(f"{URL}/imports", content=CSV.format(killed).encode()).json()["batch"]
    verdict = found(archive)
    assert verdict.holds, told(verdict)
    assert verdict.rows == {"account": 6, "evidence": 1, "attachment": 1}
    client.post(f"{URL}/imports/{batch}/undo")
    verdict = found(archive)
    assert verdict.holds, told(verdict)
    assert verdict.rows["account"] == 5
    for standing in ("accepted", "superseded"):
        with archive.engine.connect() as connection:
            count = text("SELECT count(*) FROM account WHERE standing = :standing")
            assert connection.execute(count, {"standing": standing}).scalar_one() == (
                3 if standing == "accepted" else 1
            )


def test_files_outlive_the_import_that_they_hung_on(client: TestClient, archive: TestArchive) -> None:
    batch = client.post(f"{URL}/imports", content=CSV.format(1).encode()).json()["batch"]
    ref = client.get(f"{URL}/incidents").json()["items"][0]["ref"]
    one = client.get(f"{URL}/incidents/{ref}").json()
    account = one["accounts"][0]
    file = client.post(f"{URL}/incidents/{one['id']}/evidence", content=b"A letter").json()
    for on in ({"account_id": account["id"]}, {"source_id": account["source_id"]}):
        client.post(f"{URL}/evidence/{file['id']}/attachments", json=on)
    assert client.post(f"{URL}/imports/{batch}/undo").status_code == 409
    with writing(archive.engine) as session:
        batches.undo(session, UUID(batch), REVIEWER, also_edited=True)
    left = client.get(f"{URL}/evidence/{file['id']}").json()["attached_to"]
    assert [bearing["source_id"] for bearing in left] == [account["source_id"]]
    assert found(archive).holds


def test_a_file_on_what_a_newer_row_replaces_hangs_on_the_incident(client: TestClient, archive: TestArchive) -> None:
    first = client.post(f"{URL}/imports", content=CSV.format(1).encode()).json()
    second = client.post(f"{URL}/imports", content=CSV.format(2).encode()).json()
    assert (first["new"], second["changed"]) == (1, 1)
    ref = client.get(f"{URL}/incidents").json()["items"][0]["ref"]
    one = client.get(f"{URL}/incidents/{ref}").json()
    newer = next(account for account in one["accounts"] if account["standing"] == "accepted")
    file = client.post(f"{URL}/accounts/{newer['id']}/evidence", content=b"A letter").json()
    assert client.post(f"{URL}/imports/{second['batch']}/undo").status_code == 200
    (bearing,) = client.get(f"{URL}/evidence/{file['id']}").json()["attached_to"]
    assert bearing["incident_id"] == one["id"]
    assert found(archive).holds


def test_records_from_before_the_first_seal_are_not_called_wrong(
    client: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("app.actions.pen.NEVER_CHANGING", {})
        client.post(f"{URL}/incidents", json=an_incident("Old"))
    assert found(archive).rows["account"] == 0
    client.post(f"{URL}/incidents", json=an_incident("New"))
    verdict = found(archive)
    assert (verdict.holds, verdict.rows["account"]) == (True, 1)


def a_stray(vault: Vault) -> None:
    (vault.folder / "ab").mkdir(exist_ok=True)
    (vault.folder / "ab" / "cdef").write_bytes(b"x")


def another_content(vault: Vault) -> None:
    (path,) = (path for path in vault.folder.rglob("*") if path.is_file())
    other = Vault(vault.folder.parent / "other", vault.key)
    with Path(__file__).open("rb") as body:
        made = store(other, body)
    path.chmod(0o600)
    path.write_bytes(other.path_of(made.sha256).read_bytes())


HARMS: dict[str, tuple[Callable[[Vault], object], str, str]] = {
    "a stray file": (a_stray, "ab/cdef", "strays"),
    "another file in its place": (another_content, "something else than was taken in", "damaged"),
}


@pytest.mark.parametrize(("harm", "word", "where"), HARMS.values(), ids=HARMS.keys())
def test_verify_names_what_is_wrong_with_files(
    incident: Kept, archive: TestArchive, home: Path, gawah: Gawah,
    harm: Callable[[Vault], object], word: str, where: str,
) -> None:  # fmt: skip
    assert archive.vault is not None
    said = gawah("verify")
    assert (said.code, "1 file." in said.out) == (0, True)
    harm(archive.vault)
    said = gawah("verify")
    assert (said.code, word in said.err) == (1, True)
    assert len(json.loads(gawah("verify", "--json").out)[where]) == 1


def test_without_the_key_the_files_are_not_taken_for_good(incident: Kept, archive: TestArchive) -> None:
    assert archive.vault is not None
    with reading(archive.engine) as session:
        verdict = verify(session, Vault(archive.vault.folder, None))
    assert [("GAWAH_KEY_FILE" in one.what) for one in verdict.damaged] == [True]
    with reading(archive.engine) as session:
        assert not verify(session, Vault(archive.vault.folder, "00" * 32)).holds
