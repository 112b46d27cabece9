"""Names: people who are called like somebody, spelt otherwise."""

from collections.abc import Iterator
from random import Random

from sqlalchemy import Engine
from sqlmodel import Session

from app.access.viewer import console
from app.actions import batches, indexing, people
from app.actions.indexing import Wording
from app.actions.people import Known
from app.db import chunks, reading, writing
from app.queries.people import PersonPage, persons
from app.records import Act, Incident
from app.records.keys import new_id
from app.records.person import NewPerson
from tests.benchmarks import synthetic
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import in_turn, spent
from tests.benchmarks.figures import Figure, Found
from tests.benchmarks.goals import GOALS, NAMES
from tests.benchmarks.grounds import settle
from tests.benchmarks.progress import tell

TIMES, CHUNK = 9, 2000
SYLLABLES = [
    "ab",
    "dul",
    "reh",
    "man",
    "ra",
    "mu",
    "ham",
    "mad",
    "na",
    "sir",
    "ba",
    "loch",
    "gu",
    "khan",
    "ka",
    "rim",
    "sha",
    "fi",
    "qa",
    "za",
    "mir",
    "be",
    "la",
    "wa",
    "li",
    "ya",
    "qub",
]
# Nobody is called so but one.
PLANTED, ASKED = "Qorvash Zemtirin Example", "Korvash Zemtirim Example"
COMMON = "Example"


def alike(bench: Bench) -> Iterator[Found]:
    """The one person who is meant, by a name that is spelt otherwise, against the same spelt as it is."""
    many = min(NAMES, bench.largest * 2)
    ground = bench.grounds.fresh()
    tell(f"filling an archive with {many:,} made-up names")
    _fill(ground.engine, many)
    settle(ground)
    with reading(ground.engine) as session:
        told, exact = in_turn(lambda: _ask(session, like=ASKED), lambda: _ask(session, q=PLANTED), TIMES)
    first = {names[0] if names else "" for _, names in [*told, *exact]}
    yield Figure(
        f"names that are alike, over {many:,}", "CPU-ms", [took for took, _ in told], [took for took, _ in exact],
        "all words as they are", GOALS["fuzzy"], "" if first == {PLANTED} else "not who was meant", at=many,
    )  # fmt: skip
    bench.grounds.drop([ground])


def _ask(session: Session, **asked: str) -> tuple[float, list[str]]:
    question = PersonPage.model_validate(asked)
    took, (found, _) = spent(lambda: persons(session, question, console("benchmark")))
    return took.cpu * 1000, [person.names[0].full for person in found]


def _fill(engine: Engine, many: int) -> None:
    """Write so many people, each the victim of an act in an incident, all called Example at the end."""
    random = Random(7)
    words = ["".join(random.choices(SYLLABLES, k=random.choice((2, 2, 3)))) for _ in range(5000)]
    with writing(engine) as session:
        about = {"format": "synthetic", "file_name": synthetic.MARK, "file_sha256": "0" * 64}
        pen, batch = batches.open_batch(session, console("synthetic"), about)
        scene, known = synthetic.Scene(random, towns=[synthetic.town()]), Known()
        for numbers in chunks(range(many), CHUNK):
            wordings = []
            for number in numbers:
                name = " ".join([*random.choices(words, k=2), COMMON]).title() if number else PLANTED
                row = synthetic._incident(pen, scene, number, synthetic.LATIN) | pen.entered()
                incident = pen.write(Incident, row)["pk"]
                person = people.enter_person(pen, NewPerson.model_validate({"names": [{"full": name}]}), known)
                act = {"pk": pen.number("act"), "id": new_id(), "incident_pk": incident, "person_pk": person["pk"]}
                pen.write(Act, act | {"kind": "killing"} | pen.entered())
                wordings.append(Wording(incident, ("made up",), (name,)))
            pen.put_down()
            indexing.index(session, wordings)
        batches.close_batch(pen, batch, {"rows": many, "new": many})
