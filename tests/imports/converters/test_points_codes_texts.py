"""Points, codes, countries, areas, lists and addresses, each as it is found in real files."""
# ruff: noqa: RUF001 - letters of other scripts are what this file is about

from typing import Any

import pytest

from app.imports.converters import CONVERTERS, Unread

POINTS: list[tuple[Any, tuple[float, float]]] = [
    ("23.649993, 14.543594", (23.649993, 14.543594)), ("44.1 19.2", (44.1, 19.2)), ("(30.05, 69.92)", (30.05, 69.92)),
    ("30,05; 69,92", (30.05, 69.92)), ("30°03'N 69°55'E", (30.05, 69.9166667)), ("69°55'E 30°03'N", (30.05, 69.9166667)),
    ("30°3'15\"S, 69°55'12\"W", (-30.0541667, -69.92)), ([30.05, 69.92], (30.05, 69.92)), (["30.05", "69.92"], (30.05, 69.92)),
    ("30.05 69.92 1200 15", (30.05, 69.92)), ("٣٠.٠٥, ٦٩.٩٢", (30.05, 69.92)), ("POINT (69.92 30.05)", (30.05, 69.92)),
    ({"type": "Point", "coordinates": [69.92, 30.05]}, (30.05, 69.92)), ({"lat": 30.05, "lng": "69.92"}, (30.05, 69.92)),
]  # fmt: skip


def value(kind: str, cell: Any, **options: Any) -> Any:
    return CONVERTERS[kind].read(cell, options).value


@pytest.mark.parametrize(("cell", "where"), POINTS)
def test_a_point_in_any_writing(cell: Any, where: tuple[float, float]) -> None:
    found = value("point", cell)
    assert (found["lat"], found["lon"]) == pytest.approx(where)


@pytest.mark.parametrize(
    "cell", ["near town", "30.05", "95, 30", "95, 190", "30°75'N 69°E", [30.05], {"a": 1}, "1, 2, 3, 4"]
)
def test_what_is_no_point_is_not_made_one(cell: Any) -> None:
    with pytest.raises(Unread):
        value("point", cell)


def test_nothing_is_no_point() -> None:
    assert value("point", None) is value("point", [None, None]) is value("point", "NA") is None


def test_the_telephone_tells_how_far_off_it_may_be() -> None:
    assert value("point", "30.05 69.92 1200 15")["uncertainty_m"] == 15


def test_degrees_without_decimals_are_a_vague_place() -> None:
    cut = CONVERTERS["point"].read("30, 69", {"precision": "site"})
    assert cut.value["geo_precision"] == "linear_or_vague"
    assert cut.odd
    assert value("point", "30.05, 69.92", precision="site")["geo_precision"] == "site"


def test_an_exchanged_point_is_put_right_only_by_its_country_and_told() -> None:
    told = CONVERTERS["point"].read(["69.92, 30.05", "Pakistan"], {"swapped": "by_country"})
    assert (told.value["lat"], told.value["lon"]) == (30.05, 69.92)
    assert told.odd
    for pair, country in (("30.05, 69.92", "Pakistan"), ("69.92, 30.05", "Nowhere"), ("69.92, 30.05", None)):
        found = CONVERTERS["point"].read([pair, country], {"swapped": "by_country"})
        assert f"{found.value['lat']}, {found.value['lon']}" == pair
        assert not found.odd
    assert value("point", "69.92, 30.05", order="lon_lat")["lat"] == 30.05


def test_their_words_become_our_codes_by_a_table() -> None:
    codes = {"Homicidio": "killing", "Tortura": "torture_ill_treatment"}
    assert value("code", "homicidio ", codes=codes) == "killing"
    assert value("code", "Otro", codes=codes, otherwise="other") == "other"
    assert value("code", "Otro", codes=codes, otherwise="") is None
    assert value("code", "NA", codes=codes) is None
    with pytest.raises(Unread):
        value("code", "Otro", codes=codes)


def test_countries_and_areas() -> None:
    assert value("country", "Côte d&#039;Ivoire") == "CIV"
    assert value("country", "Pakistan") == value("country", "PK") == "PAK"
    assert value("area", "Balochistan", country="PAK") == value("area", "PK-BA") == "PK-BA"
    for kind, cell in (("country", "Atlantis"), ("area", "Atlantis")):
        with pytest.raises(Unread):
            value(kind, cell)


def test_yes_no_numbers() -> None:
    assert [value("yes_no", cell) for cell in ("1", "sí", "No", "نہیں", "", True)] == [
        True,
        True,
        False,
        False,
        None,
        True,
    ]
    assert value("number", "12,5") == 12.5
    assert value("whole", "0.22") == 0
    for kind, cell in (("yes_no", "perhaps"), ("number", "1.2.3"), ("whole", "old")):
        with pytest.raises(Unread):
            value(kind, cell)


def test_text_without_what_nobody_sees() -> None:
    assert value("text", " Evros\u200b  region\xa0\n\ufeff") == "Evros region"
    assert value("text", "Sheriff&#039;s", entities=True) == "Sheriff's"
    cut = CONVERTERS["text"].read("abcdef", {"longest": 4})
    assert (cut.value, cut.words) == ("abc…", "abcdef")


def test_lists_in_one_cell_or_many() -> None:
    assert value("split", "A; B;; A ") == [{"value": "A"}, {"value": "B"}]
    assert value("split", ["A", "B; C"]) == [{"value": "A"}, {"value": "B"}, {"value": "C"}]
    found = value("links", "http://a.example/1, https://b.example/2\xa0http://c.example")
    assert [one["url"] for one in found] == ["http://a.example/1", "https://b.example/2", "http://c.example"]
    mixed = CONVERTERS["links"].read(
        [{"url": "clips.example/Z", "text": ""}, {"url": "https://a.example (page 6)", "text": "x"}], {}
    )
    assert mixed.value == [{"text": "clips.example/Z"}, {"url": "https://a.example", "text": "x"}]
    assert mixed.odd
    assert value("address", "see https://a.example/1") == "https://a.example/1"
    with pytest.raises(Unread):
        value("address", "no address")


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p>One &amp; <b>two</b></p><p>three</p>", "One & two three"),
        ("plain, 3 < 4", "plain, 3 < 4"),
        ("<SCRIPT>x()</SCRIPT>told<style>p{}</style>", "told"),
        ("<!-- note -->told<br/>more<", "told more<"),
        ("<p", "<p"),
        ("<![if x]>told", "<![if x]>told"),
        ("<p></p>", None),
    ],
)
def test_the_words_of_a_page(page: str, words: str | None) -> None:
    assert CONVERTERS["text"].read(page, {"html": True}).value == words
