"""A made-up crowd of incidents, the same for the same seed: every precision, every kind of date, every gap in a number."""

from random import Random
from typing import Any

from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, a_source, an_act, carried_out_by, incident_in

# Places on the lines between tiles of every zoom, at the ends of the map, and ordinary ones.
POINTS = (TURBAT, QUETTA, HOMS, (0.0, 0.0), (180.0, 10.0), (-180.0, 10.0), (45.0, 66.51326044311186), (90.0, 89.9),
          (-90.0, -89.9), (66.99, 30.18), (36.75, 34.75))  # fmt: skip
PRECISIONS = ("exact", "site", "settlement", "near_settlement", "area2", "area1", "country", "linear_or_vague")
DATES = ("2025-06-12", "2025-06-30", "2025-06", "2025", "2024-12-31", "2024-12-31/2025-01-01", "2023/2025", "../2025-03",
         "2025-03/..", None)  # fmt: skip
KINDS = ("killing", "summary_execution", "enforced_disappearance", "armed_clash")
TALLIES = (
    {"best": 3},
    {"min": 2},
    {"max": 4},
    {"min": 1, "best": 2, "max": 5},
    {"min": 0, "best": 0, "max": 0},
    None,
    None,
)
OUTCOMES = ("killed", "injured", "missing", None)
ACTORS = ("unidentified", "police", "armed_opposition")


def fill(archive: TestArchive, many: int, seed: int) -> None:
    random = Random(seed)
    archive.report_all(_one(random, number) for number in range(many))


def _one(random: Random, number: int) -> Any:
    told: dict[str, Any] = {"source": a_source(f"Report {number % 5}", f"Paper {number % 5}")}
    for harm in ("killed", "injured"):
        if (tally := random.choice(TALLIES)) is not None:
            told[harm] = tally
    where = random.choice(PRECISIONS)
    if where == "country":
        told |= {"country": random.choice(("PAK", "SYR")), "geo_precision": "country"}
    elif random.random() < 0.9:
        told |= {"at": random.choice(POINTS), "exactly": where}
    told["acts"] = [
        an_act(outcome=random.choice(OUTCOMES), count=random.choice(TALLIES)) for _ in range(random.randrange(3))
    ]
    told["acts"] = [{k: v for k, v in act.items() if v is not None} for act in told["acts"]]
    told["involvements"] = [
        carried_out_by(f"Unit {kind}") | {"actor": {"name": f"Unit {kind}", "kind": kind}}
        for kind in random.sample(ACTORS, random.randrange(3))
    ]
    title = f"Alleged, number {number}"
    return incident_in(title, kind=random.choice(KINDS), on=random.choice(DATES), **told)
