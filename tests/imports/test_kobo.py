"""A KoboToolbox server in bad moods, and what must not happen then."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import Forbidden, Invalid, NotFound, Refusal, TooLarge, Untimely
from app.imports import mappings, plan, run
from app.imports.kobo import Form, Pull, Pulled, fetching, forms, pull
from app.imports.kobo import server as asking
from app.imports.kobo.server import Server, checked_address, checked_token
from app.records import Incident, Revision
from tests.archives import REVIEWER, TestArchive
from tests.field_server import FORM, TOKEN, FieldServer, serving

pytestmark = pytest.mark.sockets


@pytest.fixture
def field(monkeypatch: pytest.MonkeyPatch) -> Iterator[FieldServer]:
    monkeypatch.setattr(asking, "WAITS", (0.0, 0.0))
    with serving() as server:
        yield server


def pulled(archive: TestArchive, field: FieldServer, token: str = TOKEN, **asked: object) -> Pulled:
    assert archive.vault is not None
    return pull(archive.engine, archive.vault, Pull(Form(server=field.address, form=FORM), token, **asked), REVIEWER)


def test_page_by_page_and_patiently(archive: TestArchive, field: FieldServer) -> None:
    field.most = 2
    for _ in range(5):
        field.receive()
    field.trouble = [429, 500, 0, b'{"count": 5, "resu']
    assert pulled(archive, field).outcome.new == 5
    assert len(field.asked) == 3 + 3


@pytest.mark.parametrize(
    ("trouble", "refusal"),
    [
        ([0, 500, 500, 500], Untimely),
        ([0, 404], NotFound),
        ([0, 403], Forbidden),
        ([0, 302], Untimely),
        ([0, b"half", b"half", b"half"], Untimely),
    ],
)
def test_a_server_that_fails_half_way_records_nothing(
    archive: TestArchive, field: FieldServer, trouble: list[int | bytes], refusal: type[Refusal]
) -> None:
    field.most = 1
    field.receive()
    field.receive()
    lines = archive.count(Revision)
    field.trouble = list(trouble)
    with pytest.raises(refusal):
        pulled(archive, field)
    assert (archive.count(Incident), archive.count(Revision)) == (0, lines)
    assert "/elsewhere" not in field.asked


def test_a_wrong_token_is_said_and_not_repeated(archive: TestArchive, field: FieldServer) -> None:
    with pytest.raises(Forbidden) as refused:
        pulled(archive, field, "another-token")
    assert "another-token" not in str(refused.value)
    assert "another-token" not in repr(Server(field.address, "another-token"))
    with pytest.raises(Invalid):
        checked_token("two words")


def test_too_much_is_refused(archive: TestArchive, field: FieldServer, monkeypatch: pytest.MonkeyPatch) -> None:
    field.receive(summary="long " * 100)
    monkeypatch.setattr(fetching, "LARGEST", 100)
    with pytest.raises(TooLarge):
        pulled(archive, field)
    monkeypatch.setattr(asking, "LARGEST_PAGE", 100)
    with pytest.raises(TooLarge):
        pulled(archive, field)
    assert archive.count(Incident) == 0


def test_a_list_that_shrinks_meanwhile_is_not_taken(field: FieldServer) -> None:
    field.most = 1
    for _ in range(3):
        field.receive()
    reading = Server(field.address, TOKEN).pages(FORM)
    next(reading)
    del field.submissions[0]
    with pytest.raises(Untimely, match="pull again"):
        next(reading)


def test_a_part_by_day_and_a_form_without_any(archive: TestArchive, field: FieldServer) -> None:
    assert pulled(archive, field).outcome.rows == 0
    field.receive()
    field.receive()
    found = pulled(archive, field, since="2025-06-02")
    assert (found.outcome.new, found.gone) == (1, 0)
    field.submissions.clear()
    assert pulled(archive, field).gone == 1


def test_one_bad_submission_stops_all_or_only_itself(archive: TestArchive, field: FieldServer) -> None:
    field.receive()
    field.receive(date_known="sometime")
    assert (found := pulled(archive, field)).outcome.refused == 1
    assert not found.outcome.recorded
    assert pulled(archive, field, keep_good=True).outcome.new == 1
    assert pulled(archive, field).gone == 0


def test_another_form_comes_by_the_mapping_and_is_edited(archive: TestArchive, field: FieldServer) -> None:
    known = {
        "_id": 1,
        "_submission_time": "2025-06-12T10:00:00",
        "_uuid": "77-1",
        "what_happened_short": "a made-up raid",
    }
    field.submissions = [known]
    assert pulled(archive, field).outcome.new == 1
    assert archive.see(archive.rows()[0]["ref"]).external_id == "kobo:77-1"
    field.submissions = [known | {"_uuid": "77-2", "meta/rootUuid": "uuid:77-1", "what_happened_short": "another"}]
    found = pulled(archive, field, mapping=mappings.named("kobotoolbox"))
    assert (found.outcome.new, found.outcome.changed, found.gone) == (0, 1, 0)


def test_a_file_elsewhere_is_not_fetched(archive: TestArchive, field: FieldServer) -> None:
    field.attach(one := field.receive(), "door.png")
    one["_attachments"][0]["download_url"] = "http://127.0.0.1:9/door.png"
    found = pulled(archive, field)
    assert found.outcome.new == 1
    assert ["another server" in failed.why for failed in found.files.failed] == [True]


def test_the_same_picture_twice_is_one_piece_of_evidence(archive: TestArchive, field: FieldServer) -> None:
    one = field.receive()
    field.attach(one, "door.png")
    field.attach(one, "again.png")
    assert pulled(archive, field).files.new == 1
    lines = archive.count(Revision)
    assert pulled(archive, field).files.new == 0
    assert archive.count(Revision) == lines


@pytest.mark.parametrize(
    "address",
    [
        "http://kobo.example.org", "ftp://kobo.example.org", "https://a:b@kobo.example.org", "https://", "kobo.example.org",
        "https://kobo.example.org/?x=1", "https://kobo.example.org:nine", "file:///etc/hosts", "http://127.0.0.1.example.org",
    ],
)  # fmt: skip
def test_no_token_goes_to_such_an_address(address: str) -> None:
    with pytest.raises(ValueError):
        checked_address(address)


def test_kept_forms_are_a_small_file(tmp_path: Path) -> None:
    form = Form(server="https://kobo.example.org/", form=FORM, token_file='a "file"')
    forms.keep(tmp_path, "north", form)
    forms.keep(tmp_path, "south", form)
    forms.forget(tmp_path, "north")
    assert forms.listed(tmp_path) == {"south": form}
    assert form.server == "https://kobo.example.org"
    with pytest.raises(NotFound):
        forms.named(tmp_path, "north")
    with pytest.raises(Invalid):
        forms.keep(tmp_path, "North!", form)
    (tmp_path / forms.FILE).write_text("[south]\nserver = 3")
    with pytest.raises(Invalid):
        forms.listed(tmp_path)


def test_what_is_not_approved_there_is_left_out(archive: TestArchive, field: FieldServer) -> None:
    field.attach(refused := field.receive(), "photo.png")
    field.judge(refused)
    for word in ("On Hold", "Approved"):
        field.judge(field.receive(), word)
    found = pulled(archive, field)
    assert (found.outcome.new, found.outcome.refused, found.left_out, found.files.new) == (2, 0, 1, 0)
    field.judge(refused, "Approved")
    found = pulled(archive, field)
    assert (found.outcome.new, found.left_out, found.files.new) == (1, 0, 1)
    field.judge(refused)  # too late: the record stays, and the submission is not gone
    found = pulled(archive, field)
    assert (found.outcome.unchanged, found.left_out, found.gone, archive.count(Incident)) == (2, 1, 0, 3)


@pytest.mark.parametrize("mapped", [False, True])
def test_a_file_of_submissions_refuses_what_is_not_approved(
    archive: TestArchive, field: FieldServer, tmp_path: Path, *, mapped: bool
) -> None:
    field.judge(field.receive())
    field.judge(field.receive(), "On Hold")
    path, mapping = tmp_path / "submissions.json", mappings.named("kobotoolbox") if mapped else None
    path.write_text(json.dumps(field.submissions), encoding="utf-8")
    outcome = run(archive.engine, plan(path, None, keep_good=True, mapping=mapping), REVIEWER)
    assert (outcome.new, [(one.line, one.column.partition(".")[0]) for one in outcome.errors]) == (
        1,
        [(1, "_validation_status")],
    )
    path.write_text(
        "_uuid,_submission_time,title,_validation_status\n1,2025-06-12,A raid,Not approved\n2,2025-06-12,B,\n"
    )
    outcome = run(archive.engine, plan(path, None, keep_good=True, mapping=mappings.named("kobotoolbox")), REVIEWER)
    assert (outcome.new, [one.line for one in outcome.errors]) == (1, [2])
