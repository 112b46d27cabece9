"""Made-up rows of our template, and what befalls them in a file: refused, repeated, changed, taken for another."""

import csv
from collections.abc import Callable
from pathlib import Path
from random import Random

# So many of the first are on record already.
HERE = 40
TOWNS = [("66.9905", "30.1834"), ("67.0099", "24.8615"), ("74.3587", "31.5204")]


def a_row(random: Random, number: int) -> dict[str, str]:
    lon, lat = random.choice(TOWNS)
    killed = str(random.randrange(3))
    return {
        "id": f"made-up-{number}", "title": f"Alleged killing {number}", "kind": "killing", "source_kind": "press",
        "source_title": f"A report {number}", "date": f"2025-06-{random.randrange(1, 29):02d}", "country": "PAK",
        "lon": lon, "lat": lat, "geo_precision": "settlement", "killed_best": killed, "degree": "carried_out",
        "alleged_responsible": f"armed men {random.randrange(6)}", "source_url": f"https://example.org/{number}",
    }  # fmt: skip


# What befalls a row: it is refused, changed, repeated, as another, wrong in its numbers, outside of its country.
FATES: dict[str, Callable[[Random, dict[str, str]], dict[str, str]]] = {
    "refused": lambda _, row: row | {"kind": "beating_up"},
    "without an id": lambda _, row: row | {"id": ""},
    "changed": lambda random, row: row | {"id": f"made-up-{random.randrange(HERE)}"},
    "repeated": lambda random, row: row | {"id": f"twice-{random.randrange(3)}"},
    "at sea": lambda _, row: row | {"lon": "0", "lat": "0"},
    "exchanged": lambda _, row: row | {"lon": row["lat"], "lat": row["lon"]},
    "like another": lambda random, row: row | {"title": f"Alleged raid {random.randrange(2)}", "date": "2025-06-01"},
    "falling": lambda _, row: row | {"killed_best": "4", "killed_max": "3"},
    "of others": lambda random, row: row | {"alleged_responsible": f"a force {random.randrange(400)}; armed man 1"},
}


def a_table(path: Path, seed: int) -> Path:
    random = Random(seed)
    often = random.sample(sorted(FATES), random.randrange(5))
    rows = [a_row(random, HERE + number) for number in range(random.randrange(4, 60))]
    for number, row in enumerate(rows):
        if often and random.random() < 0.4:
            rows[number] = FATES[random.choice(often)](random, row)
    rows += random.sample(rows, random.choice([0, 0, 2]))
    return written(path, rows)


def written(path: Path, rows: list[dict[str, str]]) -> Path:
    heading = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, heading)
        writer.writeheader()
        writer.writerows(rows)
    return path
