"""Made-up rows of our own template, the same for the same seed, and marked as synthetic."""

import csv
from pathlib import Path
from random import Random

from tests.benchmarks.synthetic import KINDS, LATIN, MARK


def write(file: Path, rows: int, seed: int = 7) -> None:
    """A table of so many incidents, each with a source of its own."""
    random = Random(seed)
    with file.open("w", encoding="utf-8", newline="") as text:
        found = (_row(random, number) for number in range(rows))
        first = next(found)
        writer = csv.DictWriter(text, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(found)


def _row(random: Random, number: int) -> dict[str, str]:
    killed = random.randrange(1, 20)
    day = f"20{random.randrange(10, 26)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
    return {
        "id": f"synthetic-{number}", "title": f"{MARK} {number}: {' '.join(random.choices(LATIN, k=6))}",
        "summary": " ".join(random.choices(LATIN, k=50)), "kind": random.choice(KINDS), "date": day,
        "place_name": f"Synthetic Town {number % 40}", "country": "PAK", "lon": f"{random.uniform(62, 70):.5f}",
        "lat": f"{random.uniform(25, 31):.5f}", "geo_precision": "settlement", "killed_min": str(killed),
        "killed_best": str(killed), "killed_max": str(killed + 1), "victim_group": "villagers",
        "victim_status": "civilian", "alleged_responsible": f"Synthetic Group {number % 20}", "degree": "carried_out",
        "sensitivity": "internal", "licence": "CC0", "source_kind": "press",
        "source_title": f"{MARK}: report {number}", "publication": f"Synthetic Paper {number % 20}",
        "source_published": day, "source_url": f"https://example.org/synthetic/{number}", "speaker": "a neighbour",
        "stance": "alleges", "quote": " ".join(random.choices(LATIN, k=12)), "locator_type": "paragraph",
        "locator": "3",
    }  # fmt: skip
