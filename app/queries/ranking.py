"""The best first: how well the texts of an incident answer the words that were asked for."""

# Reckoned here and not by the index. What the index knows of how rare a word is, or how long an entry, tells of sealed
# incidents and of names too, and an order would show it to whoever may search for neither. Both engines agree, besides.

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.wall import IN_ROWS
from app.matching.folding import fold, words
from app.queries import by_words
from app.queries.among import among
from app.queries.filter import IncidentPage
from app.queries.order import resume
from app.records import Incident

# So many of the newest that hold the words are compared; of a commoner word, older ones are not looked at.
MOST = 500
BODY: tuple[Any, ...] = (Incident.summary, Incident.place_name, Incident.area1, Incident.area2, Incident.area3)
# Made once: to put a question together for so many numbers takes as long as to answer it.
TEXTS = select(Incident.pk, Incident.title, *BODY).where(among(col(Incident.pk), "pks")).execution_options(**IN_ROWS)
# A word in the title weighs as much as this many in the text, and one that stands in neither (in the name of a group,
# an actor or a person) as much as that.
IN_TITLE, ELSEWHERE = 2.0, 0.5
# How soon saying it again adds little, and from how many words on a text is a long one.
SATED, LONG = 1.2, 60


def best(session: Session, question: IncidentPage, conditions: list[ColumnElement[bool]], viewer: Viewer) -> list[int]:
    """The numbers of a page and the one after it, the best first, the newer of two that are alike. Raises Invalid."""
    newest = question.model_copy(update={"sort": "-date_earliest", "cursor": None})
    found = by_words.first(session, newest, conditions, viewer, MOST)
    start = None if question.cursor is None else resume(session, question.sort, question.cursor)[1]
    if start is not None and start not in found:  # newer ones have taken its place since
        found.append(start)
    ranks = _ranks(session, found, words(question.q or ""))
    in_order = sorted(found, key=lambda pk: -ranks.get(pk, 0))
    first = 0 if start is None else in_order.index(start) + 1
    return in_order[first : first + question.limit + 1]


def _ranks(session: Session, pks: Sequence[int], asked: Sequence[str]) -> dict[int, float]:
    return {
        pk: _rank(title, words(" ".join([text for text in body if text])), asked)
        for pk, title, *body in session.execute(TEXTS, {"pks": pks}).all()
    }


def _rank(title: str, body: list[str], asked: Sequence[str]) -> float:
    """Each word adds its share: whether it is in the title, and how often in the text for its length."""
    folded = fold(title)
    # Most titles hold none of the words, and need not be taken apart.
    of_title = words(folded) if any(word in folded for word in asked) else []
    sated = SATED * (0.25 + 0.75 * len(body) / LONG)
    rank = 0.0
    for word in dict.fromkeys(asked):
        in_title, often = word in of_title, body.count(word)
        rank += IN_TITLE * in_title + often / (often + sated)
        rank += 0 if in_title or often else ELSEWHERE
    return rank
