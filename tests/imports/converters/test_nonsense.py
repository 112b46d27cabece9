"""Whatever stands in a cell: a value, nothing, or a finding; and never a number that was not written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.imports.converters import CONVERTERS, Read, Unread
from app.imports.converters.reading import plain
from app.records.blocks import StatedDate, TallyOut

PIECES = [
    "1", "12", "4", "2020", "0", "-", "/", ".", ",", " ", " to ", "at least ", "about ", "dozens", "June", "يونيو", "٣", "°", "'",
    "N", "E", "(", ")", "?", ">", "between ", " and ", "before ", "http://a.example/", "NA", "\u200b", "\n", "00", "99999999999", "+",
]  # fmt: skip
WRITTEN = st.one_of(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.text(max_size=30))
CELLS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WRITTEN),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["lat", "lon", "url", "text", "coordinates"]), inner),
    ),
    max_leaves=6,
)
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "date": [{}, {"order": "dmy", "pivot": 2030, "excel": True}, {"order": "mdy", "whole": "month"}],
    "point": [{}, {"swapped": "by_country", "precision": "site"}],
    "about": [{"days": {"1": 3}, "months": ["2"]}],
    "code": [{"codes": {"1": "killing"}}, {"codes": {}, "otherwise": "other"}],
}


@pytest.mark.parametrize("kind", CONVERTERS)
@given(cell=CELLS)
@settings(max_examples=120, deadline=None)
def test_no_cell_breaks_a_converter(kind: str, cell: Any) -> None:
    for options in OPTIONS.get(kind, [{}]):
        try:
            found = CONVERTERS[kind].read(cell, options)
        except Unread as no:
            assert no.why
            assert no.mend
        else:
            assert isinstance(found, Read)
            if kind in {"date", "span", "about"} and found.value:
                StatedDate.model_validate(found.value)


@given(written=WRITTEN)
@settings(max_examples=400, deadline=None)
def test_no_number_comes_out_that_was_not_written(written: str) -> None:
    try:
        found = CONVERTERS["count"].read(written, {}).value or {}
    except Unread:
        return
    digits = "".join(c for c in plain(written) if c.isdigit())
    for number in found.values():
        assert str(number) in digits.lstrip("0") or str(number) in digits
    assert TallyOut.model_validate(found).in_order()
    json.dumps(found)
