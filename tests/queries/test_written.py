"""A flat row is cut out of its feature as it lies there, byte for byte, whatever its words are."""

import orjson
import pytest

from app.queries.kept_rows import EXAMPLE
from app.queries.written import DISCLAIMED, PROPERTIES, feature, flat_row, row_text


@pytest.mark.parametrize(
    "title", ["In Turbat", '"', PROPERTIES.decode(), DISCLAIMED.decode(), "}}", "تربت", "\\", "", None]
)
@pytest.mark.parametrize("lon", [63.05, None])
def test_a_row_is_cut_out_of_its_feature(title: str | None, lon: float | None) -> None:
    row = EXAMPLE | {"title": title, "lon": lon}
    text = feature(row).text
    assert row_text(text) == orjson.dumps(row)
    assert flat_row(text) == row
