"""The outline of an area, as it comes through the wall."""

import pytest
import shapely

from app.imports.tables.outlines import MOST_CORNERS, OUTLINE, outline_of


def test_an_outline_with_too_many_corners_is_drawn_with_fewer() -> None:
    round_one = shapely.Point(69, 30).buffer(1, quad_segs=MOST_CORNERS)
    told = outline_of(round_one)[OUTLINE]
    assert told["mended"] == f"it has more than {MOST_CORNERS:,} corners"
    assert told["radius_m"] == pytest.approx(103_000, rel=0.02)
