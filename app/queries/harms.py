"""Which acts a tally counts, how many people are named in them, and what does not go together."""

from collections.abc import Iterable, Mapping, Sequence

from app.records.act import ActOut
from app.records.blocks import HARMS, TallyOut
from app.vocabulary.word import vocabulary

# The kinds of acts that speak of a harm where no outcome is given.
FAMILIES = {
    "killed": ("killing",),
    "injured": ("injury", "torture_ill_treatment", "mutilation"),
    "missing": ("enforced_disappearance", "abduction"),
    "detained": ("arbitrary_detention",),
}


def speaks_of(act: ActOut, harm: str) -> bool:
    """Whether an act is one of those that a tally of this harm counts: by its outcome, else by its kind."""
    if act.outcome in HARMS:
        return bool(act.outcome == harm)
    return act.kind in {word for code in FAMILIES[harm] for word in vocabulary("violations").family(code)}


def named(acts: Iterable[ActOut]) -> int:
    """How many different people are named; one person in two accounts is one."""
    return len({act.person.id for act in acts if act.person is not None})


def warn(tally: TallyOut, acts: Sequence[ActOut], harm: str) -> list[str]:
    """What does not go together: more people named than the highest number, or than the best."""
    people = named(acts)
    for which, number in (("highest", tally.max), ("best", tally.best)):
        if number is not None and people > number:
            return [f"{people} people are named as {harm}, more than the {which} number, {number}"]
    return []


def warnings(acts: Sequence[ActOut], tallies: Mapping[str, TallyOut]) -> list[str]:
    """All warnings about the numbers of one incident."""
    return [w for harm, tally in tallies.items() for w in warn(tally, [a for a in acts if speaks_of(a, harm)], harm)]
