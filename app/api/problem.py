"""An error as RFC 9457 has it: what, where and how to mend it, and never a word of what was sent."""

from fastapi.responses import JSONResponse

from app.errors import Fault

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
