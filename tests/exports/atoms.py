"""What RFC 4287 asks of a feed, so that a test can hold one against it."""

import re
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
GONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


def check_is_atom(feed: ET.Element) -> None:
    """What RFC 4287 asks of a feed and its entries, and RFC 6721 of what was deleted."""
    assert feed.tag == f"{ATOM}feed"
    for parent in (feed, *feed.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = parent.findall(f"{ATOM}{name}")
            assert found.text
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", str(parent.findtext(f"{ATOM}id")))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", str(parent.findtext(f"{ATOM}updated")))
    assert feed.findtext(f"{ATOM}author/{ATOM}name")
    assert [link.attrib["rel"] for link in feed.findall(f"{ATOM}link")].count("self") == 1
    for entry in feed.iter(f"{ATOM}entry"):
        assert [link.attrib["rel"] for link in entry.findall(f"{ATOM}link")] == ["alternate"]
        assert entry.findtext(f"{ATOM}summary")
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    ids += [gone.attrib["ref"] for gone in feed.iter(GONE)]
    assert len(ids) == len(set(ids))
    assert all(gone.attrib["when"] for gone in feed.iter(GONE))
