"""Atom (RFC 4287): what was published last, for whoever reads feeds, with what was taken back (RFC 6721)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

from app.queries.public_changes import Entry
from app.queries.written import DISCLAIMER

MEDIA_TYPE = "application/atom+xml"
ATOM, TOMBSTONES = "http://www.w3.org/2005/Atom", "http://purl.org/atompub/tombstones/1.0"
# Characters that XML has no place for.
UNTOLD = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SPACE = UUID("b7c1f0a4-58f2-8a64-9d0f-6a1f0c7f5e21")
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def feed(entries: Sequence[Entry], log: str, self_: str, next_: str | None) -> bytes:
    """`log`: the name of the public log; `self_`, `next_`: addresses of this page and of the older one.

    Addresses are relative, and ids are those of the incidents: the feed is the same by whatever name it is fetched.
    """
    ET.register_namespace("", ATOM)
    ET.register_namespace("at", TOMBSTONES)
    root = ET.Element(f"{{{ATOM}}}feed")
    _add(root, "id", f"urn:uuid:{uuid5(SPACE, log)}")
    _add(root, "title", "Alleged incidents, as they are published")
    _add(root, "subtitle", DISCLAIMER)
    _add(root, "updated", _moment(max((one.at for one in entries), default=NEVER)))
    _add(_add(root, "author"), "name", "Gawah")
    _add(root, "link", rel="self", href=self_, type=MEDIA_TYPE)
    if next_ is not None:
        _add(root, "link", rel="next", href=next_, type=MEDIA_TYPE)
    for one in entries:
        _entry(root, one)
    told: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return told


def _entry(root: ET.Element, one: Entry) -> None:
    name = f"urn:uuid:{one.id}"
    if one.title is None:
        gone = ET.SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", {"ref": name, "when": _moment(one.at)})
        ET.SubElement(gone, f"{{{TOMBSTONES}}}comment").text = f"{one.ref}: withdrawn"
        return
    entry = _add(root, "entry")
    _add(entry, "id", name)
    _add(entry, "title", f"Alleged: {one.title}")
    _add(entry, "updated", _moment(one.at))
    _add(entry, "link", rel="alternate", href=f"/api/v1/incidents/{one.ref}", type="application/json")
    if one.kind is not None:
        _add(entry, "category", term=one.kind)
    _add(entry, "summary", one.summary or DISCLAIMER)


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    made.text = None if text is None else UNTOLD.sub("", text)
    return made


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
