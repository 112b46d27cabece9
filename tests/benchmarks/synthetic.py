"""Synthetic incidents, the same for the same seed, written straight into an archive and marked as synthetic."""
# ruff: noqa: RUF001, SIM905 - words in other scripts, and lists of them that can be read

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine

from app.access.viewer import console
from app.actions import batches, indexing
from app.actions.indexing import Wording
from app.actions.pen import Pen, Row, columns_of
from app.db import chunks, writing
from app.matching.folding import name_key, words
from app.records import Account, Actor, Incident, Involvement, Publication, Source
from app.records.account import AccountFields
from app.records.blocks import cell
from app.records.keys import new_id
from tests.benchmarks.progress import tell

ACCOUNT = columns_of(AccountFields)
MARK = "Synthetic, made up for measuring"
CHUNK, STEP = 2000, 100_000
NARRATIVE = 300
FIRST_DAY, DAYS = date(2010, 1, 1), 5843
KINDS = ("killing", "torture_ill_treatment", "armed_clash", "arbitrary_detention", "enforced_disappearance")
# A word that each so-many-th narrative holds and no other does.
RARE, RARE_EVERY = "heliotrope", 500
COMMON, COMMON_EVERY = "checkpoint", 10
LATIN = """the men of village were taken from road near old market at night and their families say that nobody told
them where soldiers had come before dawn with lists names houses searched burned shops closed teachers students
drivers witnesses spoke later to a paper which could not confirm how many people lost""".split()
ARABIC = """قال شهود إن رجالا من القرية اقتيدوا ليلا قرب السوق القديم ولم يخبر أحد عائلاتهم إلى أين وصل الجنود قبل
الفجر ومعهم قوائم بأسماء وفتشوا البيوت وأغلقوا المحلات المدرسة والطلاب والسائق""".split()
CYRILLIC = """свидетели говорят что мужчин из села увели ночью с дороги у старого рынка и семьям никто не сказал куда
солдаты пришли до рассвета со списками имён обыскивали дома закрывали лавки учителя студенты водители""".split()
SCRIPTS = (ARABIC, CYRILLIC, ARABIC, *[LATIN] * 7)  # 3 in 10 are not Latin


@dataclass
class Scene:
    """What the incidents share: towns, and the numbers of outlets and actors. `step`: days from one to the next."""

    random: Random
    step: float = 0
    towns: list[tuple[float, float]] = field(default_factory=list)
    outlets: list[int] = field(default_factory=list)
    actors: list[tuple[int, str]] = field(default_factory=list)


def fill(engine: Engine, incidents: int, *, seed: int = 7, in_order: bool = False) -> None:
    """Write so many incidents with two accounts and one involvement each, all in one transaction.

    `in_order`: they were entered much as they happened; otherwise in no order of time, which is the worst case.
    """
    by = console("synthetic")
    about = {"format": "synthetic", "file_name": MARK, "file_sha256": "0" * 64}
    with writing(engine) as session:
        pen, batch = batches.open_batch(session, by, about)
        scene = _scene(pen, Random(seed), DAYS / incidents if in_order else 0)
        for numbers in chunks(range(incidents), CHUNK):
            wordings = [_write(pen, scene, number) for number in numbers]
            pen.put_down()
            indexing.index(session, wordings)
            if numbers[-1] % STEP > STEP - 1 - CHUNK:
                tell(f"{numbers[-1] + 1:,} incidents of {incidents:,} are written")
        counts = {"rows": incidents, "new": incidents}
        batches.close_batch(pen, batch, counts)


def holding(incidents: int, every: int) -> int:
    """How many of so many incidents hold the word that each `every`-th does."""
    return -(-incidents // every)


def town(seed: int = 7) -> tuple[float, float]:
    """Where the first town lies: longitude and latitude."""
    return next(_towns(Random(seed)))


def _towns(random: Random) -> Iterator[tuple[float, float]]:
    while True:
        yield random.uniform(60, 78), random.uniform(24, 37)


def _scene(pen: Pen, random: Random, step: float) -> Scene:
    towns = _towns(random)
    scene = Scene(random, step, [next(towns) for _ in range(40)])
    for n in range(20):
        name = f"Synthetic Paper {n}"
        row = {"pk": pen.number("publication"), "id": new_id(), "name": name, "name_key": name_key(name)}
        scene.outlets.append(pen.write(Publication, row | pen.entered())["pk"])
        name = f"Synthetic Group {n}"
        row = {"pk": pen.number("actor"), "id": new_id(), "name": name, "name_key": name_key(name), "aliases": []}
        scene.actors.append((pen.write(Actor, row | pen.entered())["pk"], name))
    return scene


def _write(pen: Pen, scene: Scene, number: int) -> Wording:
    script = SCRIPTS[scene.random.randrange(10)]
    incident = pen.write(Incident, _incident(pen, scene, number, script) | pen.entered())
    actor, called = scene.random.choice(scene.actors)
    first = _source(pen, scene, number, script)
    for source in (first, scene.random.randint(1, first)):
        _account(pen, incident["pk"], source, incident["summary"][:80])
    involved = {
        "pk": pen.number("involvement"), "id": new_id(), "incident_pk": incident["pk"], "actor_pk": actor,
        "degree": "carried_out",
    }  # fmt: skip
    pen.write(Involvement, involved | pen.entered())
    return Wording(incident["pk"], (*indexing.texts_of(incident), called))


def _incident(pen: Pen, scene: Scene, number: int, script: list[str]) -> Row:
    random = scene.random
    place = random.randrange(len(scene.towns))
    lon, lat = (round(random.gauss(middle, 0.3), 6) for middle in scene.towns[place])
    return {
        "pk": pen.number("incident"), "id": new_id(), "ref": f"IR-0000-{number + 1:06d}",
        "title": f"{MARK}: {' '.join(random.choices(script, k=6))}", "summary": _narrative(random, number, script),
        "kind": random.choice(KINDS), "external_id": f"synthetic:{number}", "licence": MARK,
        **_when(scene, number), **_tallies(random), "place_name": f"Synthetic Town {place}",
        "lon": lon, "lat": lat, "geo_precision": "near_settlement", "uncertainty_m": 5000.0, "cell": cell(lon, lat),
        "country": "ZZZ", "area1": f"Synthetic Province {place % 8}", "area2": None, "area3": None,
        "independent_sources": 2, "decisions": {}, "updated_at": pen.at,
        "origin_hash": hashlib.sha256(str(number).encode()).hexdigest(),
    }  # fmt: skip


def _narrative(random: Random, number: int, script: list[str]) -> str:
    """300 characters in one script, with the words that searches look for."""
    planted = [word for word, every in ((RARE, RARE_EVERY), (COMMON, COMMON_EVERY)) if number % every == 0]
    return " ".join([*planted, *random.choices(script, k=90)])[:NARRATIVE]


def _when(scene: Scene, number: int) -> dict[str, Any]:
    """A day; for one in five a month in which it was."""
    random = scene.random
    day = number * scene.step + random.randrange(60) if scene.step else random.randrange(DAYS)
    first = FIRST_DAY + timedelta(days=int(day))
    last = first + timedelta(days=30 if random.random() < 0.2 else 0)
    return {"date_earliest": first, "date_latest": last, "date_span": "sometime_within"}


def _tallies(random: Random) -> dict[str, int]:
    best = random.randrange(20)
    return {"killed_min": best, "killed_best": best, "killed_max": best + random.randrange(5)}


def _source(pen: Pen, scene: Scene, number: int, script: list[str]) -> int:
    title = f"{MARK} {number}: {' '.join(scene.random.choices(script, k=8))}"
    row = {
        "pk": pen.number("source"), "id": new_id(), "kind": "press", "title": title, "licence": MARK,
        "url": f"https://example.org/synthetic/{number}", "publication_pk": scene.random.choice(scene.outlets),
        "fingerprint": hashlib.sha256(title.encode()).hexdigest(), "words_key": " ".join(words(title)),
        "date_earliest": FIRST_DAY, "date_latest": FIRST_DAY, "date_span": "sometime_within",
    }  # fmt: skip
    return int(pen.write(Source, row | pen.entered())["pk"])


def _account(pen: Pen, incident: int, source: int, quote: str) -> None:
    row = ACCOUNT(AccountFields(stance="reports", quote=quote)) | {
        "pk": pen.number("account"), "id": new_id(), "incident_pk": incident, "source_pk": source, "said": {},
    }  # fmt: skip
    pen.write(Account, row | pen.entered())
