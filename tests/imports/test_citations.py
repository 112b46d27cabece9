"""Libraries of references come in: as other programs write them, odd ones with a note, broken ones not at all."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.actions.sources import enter_sources
from app.db import writing
from app.errors import Forbidden, Invalid, Unreadable
from app.exports import CITATIONS
from app.imports import Outcome, citations
from app.imports.references import offer
from app.records import ImportBatch, Revision, Source
from app.records.source import SourceIn
from app.vocabulary.word import vocabulary
from tests.archives import CONTRIBUTOR, READER, TestArchive
from tests.builders import a_source, incident_in
from tests.exports.test_citations import sample, shown

BIB = r"""% Encoding: UTF-8
@comment{jabref-meta: databaseType:bibtex;}
@string{two = "2"}
@string{paper = "The Example " # {Paper}}

@article{muster2025,
	title = {{Missing} in {K}ech: 50\% rise \& more},
	author = {M{\"u}ster, Zo\"e and {Example and Sons} and B\'eispiel, \'{A}nna},
	journal = paper, year = 2025, month = jun, day = {2},
	url = {https://paper.example/a_b?c=1\&d}, urldate = {2025-07-01},
	language = {en},
}
@techreport(ngo, title = "A {"}quoted{"}, {{report}}" # " " # two, institution = {An Organisation}, date = {2024-03/2024-05})
@misc{web, title = {A page}, howpublished = {\url{https://page.example/x}}, year = {in press}}
"""
RIS = """
TY  - JOUR
T1  - A scholarly
article about it
A1  - Muster, Anna
AU  - Beispiel, Bo
JF  - A Journal
PY  - 2020/03//
DO  - 10.1000/xyz
ER  - \nTY  - ELEC
TI  - A page
DA  - Jun 12
PY  - 2025
UR  - ftp://page.example/x
ER  - """
CSL: list[dict[str, Any]] = [
    {
        "id": "http://zotero.org/users/1/items/ABC", "type": "article-newspaper", "title": "A headline",
        "author": [{"family": "Berg", "given": "An", "non-dropping-particle": "van den"}, {"literal": "A Desk"}],
        "container-title": "The Paper", "issued": {"date-parts": [["2025", 6, "12"]]}, "URL": "https://p.example/1",
        "accessed": {"date-parts": [["2025", 7, 1]]}, "language": "en-GB", "page": 3,
    },
    {"id": 7, "type": "post-weblog", "title": "A post", "issued": {"raw": "2025-06"}},
    {"id": "x", "type": "book", "title": "A book", "issued": {"date-parts": [[2020], [2021]], "circa": True}},
    {"id": "y", "type": "report", "title": "A report", "issued": "2024~", "genre": "Rapport d'un organe de l'ONU"},
    {"id": "z", "type": "webpage", "title": "A page", "issued": {"literal": "last summer"}, "DOI": "10.1/2"},
]  # fmt: skip


def read(text: str, form: str) -> list[SourceIn]:
    return [offer(entry).told for entry in citations.LIBRARIES[form].read(text)]


def take(archive: TestArchive, told: bytes | str, form: str | None = None, by: Viewer = CONTRIBUTOR) -> Outcome:
    raw = told if isinstance(told, bytes) else told.encode()
    library = citations.library_of(raw, "a file", form)
    return citations.take(archive.engine, citations.Delivery(raw, library, "a file"), by)


def said(source: SourceIn) -> dict[str, Any]:
    return source.model_dump(mode="json", exclude_unset=True)


def test_bibtex_as_others_write_it() -> None:
    article, report, page = map(said, read(BIB, "bib"))
    assert article == {
        "kind": "press", "title": "Missing in Kech: 50% rise & more", "language": "en", "external_id": "muster2025",
        "author": "Müster, Zoë; Example and Sons; Béispiel, Ánna", "publication": {"name": "The Example Paper"},
        "published": "2025-06-02", "received_on": "2025-07-01", "url": "https://paper.example/a_b?c=1&d",
    }  # fmt: skip
    assert (report["kind"], report["published"]) == ("ngo_report", "2024-03/2024-05")
    assert report["title"] == 'A "quoted", report 2'
    assert (page["kind"], page["url"]) == ("other", "https://page.example/x")
    assert page["published"] == {"verbatim": "in press", "span": "sometime_within"}


def test_ris_as_others_write_it() -> None:
    article, page = map(said, read(RIS, "ris"))
    assert article == {
        "kind": "other", "title": "A scholarly article about it", "author": "Beispiel, Bo; Muster, Anna",
        "publication": {"name": "A Journal"}, "published": "2020-03", "url": "https://doi.org/10.1000/xyz",
    }  # fmt: skip
    assert (page["kind"], page["published"], page.get("url")) == ("other", "2025", None)


def test_csl_json_as_others_write_it() -> None:
    paper, post, book, report, page = map(said, read(json.dumps(CSL), "csljson"))
    assert paper == {
        "kind": "press", "title": "A headline", "author": "van den Berg, An; A Desk", "language": "en-GB",
        "publication": {"name": "The Paper"}, "published": "2025-06-12", "received_on": "2025-07-01",
        "url": "https://p.example/1", "external_id": "http://zotero.org/users/1/items/ABC",
    }  # fmt: skip
    assert (post["kind"], post["published"], post["external_id"]) == ("social_post", "2025-06", "7")
    assert (book["kind"], book["published"]) == ("other", "[2020~..2021~]")
    assert (report["kind"], report["published"]) == ("un_report", "2024~")
    assert page["published"]["verbatim"] == "last summer"


def test_what_is_odd_is_noted_and_taken(archive: TestArchive) -> None:
    outcome = take(archive, RIS + "\nTY  - NEWS\nTI  - x\nDA  - 12 of never\nLA  - " + "e" * 40 + "\nER  -")
    assert (outcome.rows, outcome.new, outcome.refused, outcome.recorded) == (3, 3, 0, True)
    assert [note.column for note in outcome.notes] == ["entry 2, url", "entry 3, date", "entry 3, language"]
    assert all(note.why and note.suggestion for note in outcome.notes)


def test_a_list_of_very_many_authors_is_cut_with_a_note() -> None:
    (entry,) = citations.LIBRARIES["bib"].read(
        "@misc{k, title=x, author={" + " and ".join(["Muster, Anna"] * 90) + "}}"
    )
    told = offer(entry).told
    assert told.author is not None
    assert told.author.endswith("; et al.")
    assert len(told.author) <= 500
    assert "90" in entry.odd[0].why


@pytest.mark.parametrize("form", list(CITATIONS))
def test_every_source_of_the_sample_goes_out_and_comes_back(form: str) -> None:
    for told in sample():
        there = shown(**told)
        (back,) = read(b"".join(CITATIONS[form].write([there])).decode(), form)
        asked = (there.kind, there.title, there.author, there.url, there.language, there.archive_url, there.received_on)
        assert asked == (
            back.kind, back.title, back.author, back.url, back.language, back.archive_url, back.received_on
        )  # fmt: skip
        assert (back.publication and back.publication.name) == (there.publication and there.publication.name)
        when = back.published.columns() if back.published else {}
        if there.published and there.published.edtf:
            assert (when["date_earliest"], when["date_latest"]) == (there.published.earliest, there.published.latest)
            assert (when["date_span"], when["date_qualifier"]) == (there.published.span, there.published.qualifier)


@pytest.mark.parametrize("form", list(CITATIONS))
@pytest.mark.parametrize("kind", list(vocabulary("source_kinds")))
def test_every_kind_comes_back_as_it_was(kind: str, form: str) -> None:
    (back,) = read(b"".join(CITATIONS[form].write([shown(kind=kind, title="x")])).decode(), form)
    assert back.kind == kind


@pytest.mark.parametrize("language", ["en", "ur", "ar", "es", "fr"])
def test_a_kind_may_be_named_in_any_language(language: str) -> None:
    label = vocabulary("source_kinds")["death_certificate"].label[language]
    (told,) = read(f"TY  - GEN\nTI  - x\nM3  - {label}\nER  -", "ris")
    assert told.kind == "death_certificate"


BROKEN: dict[str, tuple[bytes, str | None]] = {
    "bib cut off": (b"@article{a, title={x}}\n@article{b, title={y", None),
    "bib without a comma": (b"@article{a, title={x} year=2020}", None),
    "bib without a key": (b"@article{title={x}}", None),
    "bib only braces": (b"@a{k, t={" + b"{" * 1_000_000, None),
    "bib of 3 MB": (b"@a{k, title={" + b"x" * 3_000_000 + b"}}", None),
    "bib that doubles itself": (b"@string{a={" + b"x" * 900_000 + b"}}\n" + b"@string{a=a#a}\n" * 15, None),
    "bib of blocks in blocks": (b"@a{k, t={" + b"\n@a{" * 200_000, None),
    "ris without its end": (b"TY  - NEWS\nTI  - x\n", None),
    "ris with two beginnings": (b"TY  - NEWS\nTI  - x\nTY  - NEWS\nTI  - y\nER  - ", None),
    "ris of 3 MB": (b"TY  - NEWS\nTI  - " + b"x" * 3_000_000 + b"\nER  - ", None),
    "ris without an entry": (b"nothing here", "ris"),
    "json cut off": (b'[{"type": "book", "id": 1', None),
    "json with one item": (b'{"type": "book", "id": 1, "title": "x"}', None),
    "json of something else": (b'[{"a": 1}]', None),
    "json of numbers": (b"[1, 2]", "csljson"),
    "json nested deeply": (b"[" * 1_000_000, "csljson"),
    "json with half a character": (b'[{"type": "book", "id": 1, "title": "\\ud800"}]', None),
    "nothing": (b"", "bib"),
    "blanks": (b" \n" * 100_000, "ris"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "ris"),
    "utf-16": ("TY  - NEWS".encode("utf-16"), "ris"),
    "latin-1": ("TY  - NEWS\nTI  - Übel\nER  - ".encode("latin-1"), None),
    "an unknown format": (b"x", "endnote"),
    "a text": (b"dear all", None),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_file_is_refused_in_one_sentence_and_at_once(archive: TestArchive, name: str) -> None:
    raw, form = BROKEN[name]
    before = archive.counts(Source, Revision, ImportBatch)
    begun = time.monotonic()
    with pytest.raises((Unreadable, Invalid)) as refused:
        take(archive, raw, form)
    assert time.monotonic() - begun < 10
    assert str(refused.value).endswith((".", "?"))
    assert "xxx" not in str(refused.value)
    assert archive.counts(Source, Revision, ImportBatch) == before


@pytest.mark.parametrize(
    ("raw", "form", "where"),
    [
        (b"@misc{k, year=2020}", "bib", "(the entry)"),
        (b"@misc{k, title={" + b"x" * 2001 + b"}}", "bib", "title"),
        (b"@misc{k, title=x, author={" + b"y" * 600 + b"}}", "bib", "author"),
        (b"TY  - NEWS\nTI  - x\nT2  - " + b"y" * 301 + b"\nER  - ", "ris", "publication"),
        (b'[{"type": "book", "id": "k", "title": "a\\u0000b"}]', "csljson", "(the entry)"),
        (b'[{"type": "book", "id": "k", "title": {"a": 1}, "author": "x", "issued": []}]', "csljson", "(the entry)"),
    ],
)
def test_a_bad_entry_is_refused_with_its_place(archive: TestArchive, raw: bytes, form: str, where: str) -> None:
    outcome = take(archive, raw, form)
    (finding,) = outcome.errors
    assert finding.column == f"entry 1, {where}"
    assert finding.why
    assert finding.suggestion
    assert (outcome.recorded, archive.count(Source)) == (False, 0)


def test_the_same_twice_in_one_file_is_one_source(archive: TestArchive) -> None:
    outcome = take(archive, "@misc{a, title=x}\n@misc{a, title=x}\n@misc{b, title=x}")
    assert (outcome.rows, outcome.new, outcome.unchanged) == (3, 1, 2)
    assert archive.count(Source) == 1


def test_a_source_that_an_incident_cites_already_is_not_doubled(archive: TestArchive) -> None:
    archive.report(incident_in(source=a_source("A headline", "The Paper", url="https://p.example/1")))
    item = {"id": "k", "type": "article-newspaper", "title": "A headline", "container-title": "The Paper"}
    item["URL"] = "https://p.example/1"
    assert take(archive, json.dumps([item])).unchanged == 1


def test_who_may_not_write_brings_nothing_in(archive: TestArchive) -> None:
    with pytest.raises(Forbidden):
        take(archive, RIS, by=READER)
    assert archive.count(Source) == 0


def test_each_new_source_has_a_line_in_history_with_its_place(archive: TestArchive) -> None:
    take(archive, json.dumps(CSL))
    with Session(archive.engine) as session:
        *lines, last = session.exec(select(Revision).order_by(col(Revision.seq).desc()).limit(6)).all()[::-1]
    told = [(line.action, line.noun, line.row_number) for line in lines]
    assert told == [("entered", "source", number) for number in range(1, 6)]
    assert (last.action, last.noun, last.what["new"]) == ("imported", "import_batch", 5)
    assert archive.broken() is None


@pytest.mark.parametrize(
    ("head", "name", "form"),
    [
        (b"\xef\xbb\xbf\r\n TY  - NEWS", "x", "ris"), (BIB.encode(), "x.txt", "bib"), (b"\n@article{", "x.csv", "bib"),
        (b'[\n {"id"', "x", "csljson"), (b"[]", "x", "csljson"), (b"junk", "x.RIS", "ris"), (b"junk", "x.csv", None),
        (b"title,kind\n@somebody (a handle),killing\n", "x.csv", None), (b"title\nTY  - x", "x.csv", None),
        (b"[a],b\n", "x.csv", None),
    ],
)  # fmt: skip
def test_a_library_is_known_by_how_it_begins(head: bytes, name: str, form: str | None) -> None:
    found = citations.recognise(head, name)
    assert (found.name if found else None) == form


def test_nothing_is_half_written_when_one_derives_from_nothing(archive: TestArchive) -> None:
    told = [{"kind": "press", "title": "x"}, {"kind": "press", "title": "y", "derived_from_source_id": str(uuid4())}]
    before = archive.counts(Source, Revision)
    with pytest.raises(Invalid), writing(archive.engine) as session:
        enter_sources(session, [SourceIn.model_validate(one) for one in told], CONTRIBUTOR)
    assert archive.counts(Source, Revision) == before
