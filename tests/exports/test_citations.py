"""References go out whole: what rispy, bibtexparser and a schema of CSL-JSON read back is what the archive says."""

import json
import logging
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import bibtexparser
import jsonschema
import pytest
import rispy
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exports import CITATIONS
from app.exports.citations import date_words, reference
from app.imports.sample import FOLDER
from app.records.blocks import DateOut, StatedDate
from app.records.keys import new_id
from app.records.publication import PublicationOut
from app.records.source import SourceIn, SourceOut
from app.vocabulary.edtf import QUALIFIERS, SPANS
from app.vocabulary.word import vocabulary
from tests.exports.csl import ITEMS

ID = UUID("01900000-0000-7000-8000-000000000001")
NO_DATE = StatedDate()


def shown(**told: Any) -> SourceOut:
    """A source as it goes out: kind, title ... as in `POST /sources`."""
    one = SourceIn.model_validate({"kind": "press", **told})
    when = one.published or NO_DATE
    named = {"publication": PublicationOut(name=one.publication.name, id=ID)} if one.publication else {}
    fields = one.model_dump(exclude={"published", "publication", "derived_from_source_id"})
    row = type("Row", (), when.columns())
    return SourceOut(**fields, id=new_id(), published=DateOut.of(row), **named)


def written(form: str, *sources: SourceOut) -> str:
    return b"".join(CITATIONS[form].write(sources)).decode()


def csl(*sources: SourceOut) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(written("csljson", *sources))
    jsonschema.validate(items, ITEMS)
    return items


def ris(*sources: SourceOut) -> list[dict[str, Any]]:
    return list(rispy.loads(written("ris", *sources)))


def bib(*sources: SourceOut, decoded: bool = True) -> list[Any]:
    more = [LatexDecodingMiddleware()] if decoded else []
    library = bibtexparser.parse_string(written("bib", *sources), append_middleware=more)
    assert library.failed_blocks == []
    assert len(library.entries) == len(library.blocks)
    return list(library.entries)


def one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else None


def check(source: SourceOut) -> None:
    """Title, author, date and address are the same in all three."""
    (item,), (entry,), (decoded,) = csl(source), ris(source), bib(source)
    raw = {name: field.value for name, field in bib(source, decoded=False)[0].fields_dict.items()}
    title, author = one_line(source.title), one_line(source.author)
    assert item["title"] == source.title
    assert entry["title"] == plain(decoded, "title") == title
    assert one_line("; ".join(map(named, item.get("author", [])))) == author
    assert (
        "; ".join(entry.get("authors", [])) == (plain(decoded, "author") or "").replace(" and ", "; ") == (author or "")
    )
    assert item.get("URL", "") == ";".join(entry.get("urls", [])) == raw.get("url", "") == (source.url or "")
    check_date(source.published, item, entry, raw)


def named(name: dict[str, str]) -> str:
    return name.get("literal") or f"{name['family']}, {name['given']}"


def plain(entry: Any, name: str) -> str | None:
    """A value as bibtexparser decodes it, which takes the circumflex for another character."""
    return entry[name].replace("\u02c6", "^") if name in entry.fields_dict else None


def check_date(when: DateOut | None, item: dict[str, Any], entry: dict[str, Any], raw: dict[str, str]) -> None:
    edtf = when.edtf if when else None
    if edtf is None:
        assert not {"issued", "date", "notes"} & {*item, *entry, *raw}
        return
    assert edtf == (item["issued"].get("edtf") or simple(item["issued"]["date-parts"][0]))
    noted = {f"published: {edtf}"}
    assert noted == {*entry.get("notes", [])} or edtf == entry["date"].rstrip("/").replace("/", "-")
    assert noted == {raw.get("note")} or edtf == raw["date"]


def simple(parts: list[int]) -> str:
    return "-".join([f"{parts[0]:04d}", *(f"{n:02d}" for n in parts[1:])])


def sample() -> Iterator[dict[str, Any]]:
    """Every source of the sample archive."""
    for file in sorted(FOLDER.glob("*.toml")):
        for told in tomllib.loads(file.read_text(encoding="utf-8"))["incident"]:
            for said in (told["report"]["according_to"], *told.get("accounts", [])):
                if "source" in said:
                    yield said["source"]


def test_every_source_of_the_sample_comes_back() -> None:
    sources = [shown(**told) for told in sample()]
    assert len(sources) > 100
    for source in sources:
        check(source)
    assert len(csl(*sources)) == len(ris(*sources)) == len(bib(*sources)) == len(sources)


# Any script; of the control characters those that people type.
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\u02c6\u00a0")
TEXT = st.text(LETTERS | st.sampled_from("\n\t\\{}%&#$_~^\"'`-@=,;ضکیںو"), min_size=1, max_size=200).filter(str.strip)
WORD = st.text(st.sampled_from("abcÄسی-'. "), min_size=1, max_size=12).map(str.strip).filter(bool)
NAMES = st.lists(st.builds("{}, {}".format, WORD, WORD) | WORD, min_size=1, max_size=3).map("; ".join)
ADDRESSES = st.from_regex(r"https?://[a-z]{1,9}\.example/[a-z0-9?=&%_~#.;/-]{0,40}", fullmatch=True)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@st.composite
def dates(draw: st.DrawFn) -> StatedDate:
    """A date of any shape: a day, a month, a year, a stretch, open at one end, about, uncertain."""
    written_ = draw(st.sampled_from(["2025", "2025-06", "2025-02", "0987", "202X", "2024/2026", "2025-03/2025-05", ""]))
    if written_:
        return StatedDate.model_validate(
            SourceIn.model_validate({"kind": "press", "title": "x", "published": written_}).published
        )
    first, last = sorted(draw(st.tuples(DAYS, DAYS)))
    ends = draw(st.sampled_from([(first, first), (first, last), (first, None), (None, last)]))
    return StatedDate(
        earliest=ends[0], latest=ends[1], span=draw(st.sampled_from(SPANS)), qualifier=draw(st.sampled_from(QUALIFIERS))
    )


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(list(vocabulary("source_kinds"))), TEXT, st.none() | NAMES, st.none() | ADDRESSES,
    st.none() | dates(), st.none() | TEXT,
)  # fmt: skip
def test_any_source_comes_back(
    kind: str, title: str, author: str | None, url: str | None, when: StatedDate | None, publication: str | None
) -> None:
    outlet = {"publication": {"name": publication}} if publication else {}
    check(shown(kind=kind, title=title, author=author, url=url, published=when, **outlet))


@pytest.mark.parametrize("title", ["!`", "?`", "a--b", "``so''", "!`?`---"])
def test_no_two_characters_become_one(title: str) -> None:
    check(shown(title=title))


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXT, min_size=2, max_size=5))
def test_entries_do_not_run_into_each_other(titles: list[str]) -> None:
    sources = [shown(title=title, publication={"name": title}) for title in titles]
    assert len(csl(*sources)) == len(ris(*sources)) == len(bib(*sources)) == len(titles)
    assert len({entry.key for entry in bib(*sources)}) == len(titles)


@pytest.mark.parametrize(
    "author", ["Salt and Pepper", "A and B, C and D", "{Broken", "O'Neil, X.; نام، دوسرا", "et al.", " ; "]
)
def test_names_are_not_taken_apart(author: str) -> None:
    source = shown(title="x", author=author)
    entry = bib(source)[0]
    assert "; ".join(map(named, csl(source)[0]["author"])) == author
    assert "; ".join(ris(source)[0].get("authors", [])) == one_line(author)
    assert entry["author"].count(" and ") == author.count(" and ") + author.count("; ") - (author == " ; ")


@pytest.mark.parametrize("kind", list(vocabulary("source_kinds")))
def test_every_kind_has_a_type_in_each(kind: str) -> None:
    source = shown(kind=kind, title="x", publication={"name": "An Example"}, archive_url="https://a.example/b")
    word = vocabulary("source_kinds")[kind]
    item, entry = csl(source)[0], ris(source)[0]
    assert (item["type"], entry["type_of_reference"]) == (word.traits["csl"], word.traits["ris"])
    assert rispy.config.TYPE_OF_REFERENCE_MAPPING[entry["type_of_reference"]]
    assert (item["archive"], item["archive_location"]) == ("a.example", "https://a.example/b")
    assert {"container-title", "publisher", "authority"} & set(item)
    assert item.get("genre") in (None, word.named())


def test_ris_lines_end_as_ris_wants_them() -> None:
    text = written("ris", shown(title="Two\nlines\r\nER  - "), shown(title="x"))
    assert text.count("\r\n") == text.count("\n")
    assert not text.startswith("\ufeff")
    assert [line[:2] for line in text.split("\r\n")].count("ER") == 2


def test_braces_are_balanced_however_one_counts_them() -> None:
    """BibTeX counts every brace, also one behind a backslash."""
    for title in ("a } b", "{", "}{", "\\}", "\\{ {{", "x" * 400 + "}"):
        text = written("bib", shown(title=title, author=title))
        assert text.count("{") == text.count("}")


def test_an_address_cannot_break_an_entry() -> None:
    source = shown(title="x", url="https://x.example/{a}\\b")
    assert bib(source, decoded=False)[0]["url"] == "https://x.example/%7Ba%7D%5Cb"


def test_keys_never_say_who_wrote_it() -> None:
    source = shown(title="x", author="Muster, Laila", published="2025", publication={"name": "دی ایگزیمپل Täglich"})
    assert bib(source)[0].key == f"taglich2025-{source.id}"


@pytest.mark.parametrize("form", list(CITATIONS))
def test_without_sources_it_is_a_file_all_the_same(form: str) -> None:
    assert written(form) == ("[]\n" if form == "csljson" else "")


@pytest.mark.parametrize("form", list(CITATIONS))
def test_it_streams(form: str) -> None:
    def without_end() -> Iterator[SourceOut]:
        source = shown(title="x")
        while True:
            yield source

    pieces = CITATIONS[form].write(without_end())
    assert max(len(next(pieces)) for _ in range(5)) < 100_000


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("2025-06-12", "12 June 2025"), ("2025-06", "June 2025"), ("2025", "2025"), ("2025-06~", "around June 2025"),
        ("2025-06-01..2025-06-20", "on an unknown day between 1 and 20 June 2025"),
        ("2025-06-01/..", "from 1 June 2025 onwards"), ("[2025-06-01..]", "on or after 1 June 2025"),
        ({"verbatim": "last\nsummer"}, "last summer"),
    ],
)  # fmt: skip
def test_a_date_in_a_reference_is_no_more_exact_than_it_is_known(told: Any, words: str) -> None:
    source = shown(title="x", published=told)
    assert date_words(source.published).removeprefix("on an unknown day ") == words.removeprefix("on an unknown day ")


def test_a_reference_in_one_line() -> None:
    full = shown(
        title="A\ntitle", author="A; B", publication={"name": "P"}, published="2025", url="https://u.example",
        archive_url="https://a.example/1", received_on="2025-07-01",
    )  # fmt: skip
    assert reference(full) == (
        "A; B, “A title”, P, 2025, https://u.example, archived at https://a.example/1, accessed 1 July 2025."
    )
    assert reference(shown(kind="testimony_family", author="x").model_copy(update={"author": None})) == (
        "[Testimony of family], undated."
    )


@pytest.fixture(autouse=True)
def _quiet_readers() -> None:
    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
