"""What CSL-JSON requires of an item: our own short account of the schema of citationstyles.org (input, csl-data.json)."""

from typing import Any

TYPES = [
    "article",
    "article-journal",
    "article-magazine",
    "article-newspaper",
    "bill",
    "book",
    "broadcast",
    "chapter",
    "classic",
    "collection",
    "dataset",
    "document",
    "entry",
    "entry-dictionary",
    "entry-encyclopedia",
    "figure",
    "graphic",
    "hearing",
    "interview",
    "legal_case",
    "legislation",
    "manuscript",
    "map",
    "motion_picture",
    "musical_score",
    "pamphlet",
    "paper-conference",
    "patent",
    "performance",
    "periodical",
    "personal_communication",
    "post",
    "post-weblog",
    "regulation",
    "report",
    "review",
    "review-book",
    "software",
    "song",
    "speech",
    "standard",
    "thesis",
    "treaty",
    "webpage",
]
# Those that a source of ours can need; the schema has more, and allows no others.
TEXTS = [
    "title",
    "container-title",
    "publisher",
    "authority",
    "archive",
    "archive_location",
    "genre",
    "language",
    "URL",
]
NAME = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["literal"]}, {"required": ["family", "given"]}],
    "properties": {part: {"type": "string", "minLength": 1} for part in ("family", "given", "literal")},
}
NUMBERS: dict[str, Any] = {
    "type": "array", "minItems": 1, "maxItems": 3,
    "prefixItems": [{"minimum": 1, "maximum": 9999}, {"minimum": 1, "maximum": 12}, {"minimum": 1, "maximum": 31}],
    "items": {"type": "integer"},
}  # fmt: skip
DATE = {
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "date-parts": {"type": "array", "minItems": 1, "maxItems": 2, "items": {**NUMBERS, "items": False}},
        "circa": {"type": "boolean"},
        "literal": {"type": "string"},
        "edtf": {"type": "string", "pattern": "[0-9]"},
    },
}
ITEMS = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "id"],
        "properties": {
            "type": {"enum": TYPES},
            "id": {"type": "string"},
            "author": {"type": "array", "items": NAME},
            "issued": DATE,
            "accessed": DATE,
            **{name: {"type": "string", "minLength": 1} for name in TEXTS},
        },
    },
}
