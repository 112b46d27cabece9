"""Which type a kind of source has in CSL-JSON, RIS and BibTeX, and which kind one of their types means."""

from functools import cache

from app.vocabulary.word import vocabulary

# What a type means when nothing else is said. Several kinds share one, and some types mean more to others than to us:
# a web page is not a post, and a map is not a satellite image.
MEANS: dict[str, dict[str, str]] = {
    "csl": {
        "interview": "testimony_witness", "report": "ngo_report", "document": "other", "graphic": "photo",
        "article-newspaper": "press", "article-magazine": "press", "broadcast": "press", "post": "social_post",
        "post-weblog": "social_post", "legal_case": "court_record", "hearing": "court_record", "figure": "photo",
        "motion_picture": "video", "song": "audio", "dataset": "dataset", "personal_communication": "phone_call",
    },
    "ris": {
        "PCOMM": "phone_call", "RPRT": "ngo_report", "CASE": "court_record", "HEAR": "court_record",
        "GOVDOC": "official_statement", "NEWS": "press", "MGZN": "press", "BLOG": "social_post", "FIGURE": "photo",
        "VIDEO": "video", "MPCT": "video", "SOUND": "audio", "DATA": "dataset", "DBASE": "dataset", "AGGR": "dataset",
    },
    "bib": {
        "article": "press", "techreport": "ngo_report", "report": "ngo_report", "dataset": "dataset",
        "jurisdiction": "court_record", "video": "video", "movie": "video", "image": "photo", "audio": "audio",
        "music": "audio",
    },
}  # fmt: skip
BIB = {"press": "article", "ngo_report": "techreport", "un_report": "techreport", "social_post": "online"}
ELSE = {"csl": "document", "ris": "GEN", "bib": "misc"}


def type_of(scheme: str, kind: str) -> str:
    """The type of a kind of source. `scheme`: csl, ris or bib."""
    if scheme == "bib":
        return BIB.get(kind, ELSE["bib"])
    return str(vocabulary("source_kinds")[kind].traits.get(scheme, ELSE[scheme]))


def genre_of(scheme: str, kind: str) -> str | None:
    """What must be said besides the type, in English, so that the kind is not lost; None where the type says it."""
    if kind_of(scheme, type_of(scheme, kind)) == kind:
        return None
    return vocabulary("source_kinds")[kind].named()


def kind_of(scheme: str, type_name: str, genre: str | None = None) -> str:
    """The kind that a type means, unless `genre` is the name of a kind in one of our languages; other if unknown."""
    named = _by_label().get(genre.strip().casefold()) if genre else None
    return named or MEANS[scheme].get(type_name, "other")


@cache
def _by_label() -> dict[str, str]:
    kinds = vocabulary("source_kinds").values()
    return {label.casefold(): kind.code for kind in kinds for label in kind.label.values()}
