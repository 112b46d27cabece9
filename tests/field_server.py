"""A stand-in for a KoboToolbox server: small, real, on loopback; it behaves as the API v2 of kpi does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-made-up-token-of-the-office"
FORM = "aMadeUpForm"
DATA = f"/api/v2/assets/{FORM}/data/"
PICTURE = b"\x89PNG\r\n\x1a\n a made-up picture"


class FieldServer:
    """What the server holds, what it was asked, and what it is to do wrongly, each once."""

    def __init__(self) -> None:
        self.submissions: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.trouble: list[int | bytes] = []
        self.most = 1000
        self.address = ""

    def receive(self, **answers: Any) -> dict[str, Any]:
        """A submission to our form, as a phone sends it."""
        number = len(self.submissions) + 1
        submission = {
            "_id": number, "_uuid": f"0000-{number}", "meta/rootUuid": f"uuid:0000-{number}",
            "meta/instanceID": f"uuid:0000-{number}", "_submission_time": f"2025-06-{number:02d}T10:00:00",
            "_validation_status": {}, "_attachments": [], "_geolocation": [None, None], "_xform_id_string": FORM,
            "title": f"Alleged killing in village {number}", "kind": "killing", "date_known": "day",
            "date_day": "2025-06-12", "source_kind": "testimony_witness", "source_title": f"A made-up talk {number}",
            "stance": "reports", "sensitivity": "restricted", **answers,
        }  # fmt: skip
        self.submissions.append(submission)
        return submission

    def edit(self, submission: dict[str, Any], **answers: Any) -> None:
        """As KoboToolbox does: another `_uuid`, the same `_id`, root and time of submission."""
        old = submission["_uuid"]
        submission |= {"_uuid": f"{old}-edited", "meta/deprecatedID": f"uuid:{old}", **answers}

    def judge(self, submission: dict[str, Any], word: str = "Not Approved") -> None:
        """As a reviewer does on the server."""
        uid = f"validation_status_{word.lower().replace(' ', '_')}"
        submission["_validation_status"] = {"uid": uid, "label": word, "color": "#ff0000", "by_whom": "made-up-account"}

    def attach(self, submission: dict[str, Any], name: str, content: bytes = PICTURE) -> None:
        path = f"{DATA}{submission['_id']}/attachments/att{len(self.files)}/"
        self.files[path] = content
        submission["_attachments"] = [*submission["_attachments"], {
            "download_url": self.address + path, "filename": f"made-up-account/attachments/x/{name}",
            "media_file_basename": name, "question_xpath": "photo", "mimetype": "image/png", "uid": "att",
        }]  # fmt: skip

    def page(self, query: dict[str, list[str]]) -> dict[str, Any]:
        start, limit = int(query["start"][0]), min(int(query["limit"][0]), self.most)
        told = json.loads(query.get("query", ["{}"])[0])
        since = told.get("_submission_time", {}).get("$gte", "")
        found = [one for one in self.submissions if one["_submission_time"] >= since]
        following = f"{self.address}{DATA}?start={start + limit}" if start + limit < len(found) else None
        return {"count": len(found), "next": following, "previous": None, "results": found[start : start + limit]}


class Listening(ThreadingHTTPServer):
    """The door of a stand-in server."""

    def __init__(self, held: FieldServer) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.held = held
        held.address = f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    """One request: first the trouble that was ordered, then the token, then what is there."""

    server: Listening

    def do_GET(self) -> None:
        held, asked = self.server.held, urlsplit(self.path)
        held.asked.append(asked.path)
        trouble = held.trouble.pop(0) if held.trouble else None
        if isinstance(trouble, bytes):
            self.say(200, trouble, len(trouble) + 10)
        elif trouble:
            self.say(trouble, b"{}")
        elif self.headers["Authorization"] != f"Token {TOKEN}":
            self.say(401, b'{"detail": "Invalid token."}')
        elif asked.path == DATA:
            self.say(200, json.dumps(held.page(parse_qs(asked.query))).encode())
        else:
            self.say(200 if asked.path in held.files else 404, held.files.get(asked.path, b"{}"))

    def say(self, code: int, body: bytes, length: int | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if 300 <= code < 400:
            self.send_header("Location", f"{self.server.held.address}/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Tests look at what was asked, not at a log."""


@contextmanager
def serving() -> Iterator[FieldServer]:
    held = FieldServer()
    with Listening(held) as listening:
        thread = Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield held
        listening.shutdown()
        thread.join()
