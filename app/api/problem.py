"""An error as RFC 9457 has it: what, where and how to mend it, and never a word of what was sent."""

from collections.abc import Iterable
from typing import Any

from fastapi.responses import JSONResponse

from app.errors import UNKNOWN, Fault

PROBLEM = "application/problem+json"


def problem(status: int, title: str, detail: str, faults: list[Fault]) -> JSONResponse:
    """An error as RFC 9457 has it. It never holds what was sent."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [fault.as_json() for fault in faults],
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, media_type=PROBLEM, headers=headers)


def faults_of(errors: Iterable[Any]) -> list[Fault]:
    """What pydantic found, field by field, without the values."""
    return [_fault(found) for found in errors]


def _fault(found: dict[str, Any]) -> Fault:
    where = ".".join(str(part) for part in found["loc"] if part not in ("body", "query", "path", "header"))
    if found["type"] == "extra_forbidden":
        return Fault(_own(where, found), *UNKNOWN)
    return Fault(where or "body", str(found["msg"]).removeprefix("Value error, "))


def _own(where: str, found: dict[str, Any]) -> str:
    """An unknown name came from outside: only its place is said, not the name."""
    return "query" if found["loc"][0] == "query" else ".".join(where.split(".")[:-1]) or "body"
