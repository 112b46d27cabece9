"""Questions made up by chance, the same ones every time: every filter, with words of what is public and of what is not."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.walking import INCIDENTS
from tests.builders import Json

PATHS = (
    INCIDENTS,
    "/ogc/collections/incidents/items",
    *(f"{INCIDENTS}.{form}" for form in ("csv", "geojson", "geojsonl", "csljson", "ris", "bib")),
)
# Words of what is public, of what is not, and of nothing.
WORDS = st.sampled_from([
    "shots", "السوق", "market", "Kech", "Example Verborgen", "Verborgen", "secret quarry", "枪声", "villagers", "unit", "a", "zzz",
    "The Example Paper", "Testimony of a neighbour",
]) | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=12)  # fmt: skip
DEGREES = st.sampled_from([60.0, 63.05, 66.99, 36.7, 24.0, 26.0, 30.2, 34.7]) | st.floats(-90, 90, width=32)
KINDS = st.sampled_from(["killing", "torture_ill_treatment", "attack", "enforced_disappearance", "nonsense"])
DAYS = st.sampled_from(["2024", "2025", "2025-06", "2025-06-12", "2030", "1999-13"])
# One way to ask for every filter there is; a new filter needs one more.
ASKED: dict[str, st.SearchStrategy[Any]] = {
    "bbox": st.tuples(DEGREES, DEGREES, DEGREES, DEGREES).map(lambda box: ",".join(map(str, box))),
    "near": st.tuples(DEGREES, DEGREES, st.floats(0.1, 500)).map(lambda circle: ",".join(map(str, circle))),
    "area": st.sampled_from(["PK", "PK-BA", "PAK", "SY", "XX", "PK2"]), "country": st.sampled_from(["PAK", "SYR", "FRA", "pk"]),
    "date_from": DAYS, "date_to": DAYS, "date_match": st.sampled_from(["overlaps", "within"]), "kind": st.lists(KINDS, min_size=1, max_size=2),
    "harm": st.sampled_from(["killed", "injured", "missing"]), "actor": WORDS, "person": WORDS, "source": WORDS,
    "stage": st.sampled_from(["published", "approved", "draft"]), "assigned_to": st.sampled_from(["a reviewer", "nobody"]),
    "verification": st.sampled_from(["corroborated", "unreviewed"]), "min_sources": st.integers(0, 4),
    "located": st.sampled_from(["true", "false"]), "updated_since": DAYS, "q": WORDS, "limit": st.integers(0, 9),
    "datetime": st.sampled_from(["2025-06-12", "2024-01-01/..", "../2025-06-12T00:00:00Z", "yesterday"]),
    "filter": st.sampled_from([
        "killed_best > 2", "title LIKE '%market%'", "NOT (country = 'PAK')", "stage = 'approved'", "date_latest IS NULL",
        "S_INTERSECTS(geometry, POLYGON((60 24,70 24,70 31,60 24)))", "T_AFTER(updated_at, DATE('2020-01-01'))", "(",
    ]),
    "sort": st.sampled_from(["-date_earliest", "date_earliest", "-updated_at", "ref"]), "hxl": st.sampled_from(["true", "false"]),
}  # fmt: skip


def questions() -> Any:
    return st.tuples(st.sampled_from(PATHS), st.lists(st.sampled_from(sorted(ASKED)), max_size=3, unique=True)).flatmap(
        lambda found: st.tuples(st.just(found[0]), st.fixed_dictionaries({name: ASKED[name] for name in found[1]}))
    )


def made_up(many: int) -> list[tuple[str, Json]]:
    """As many questions, no two alike, and the same ones every time."""
    found: dict[str, tuple[str, Json]] = {}

    @settings(
        max_examples=many * 5 // 4,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(questions())
    def draw(question: tuple[str, Json]) -> None:
        found[str(question)] = question

    draw()
    assert len(found) >= many
    return list(found.values())[:many]
