"""How often somebody may try: counted by name and by peer, in the memory of one process."""

import ipaddress
import math
import threading
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.errors import TooMany

# Only what failed is counted. Several processes count each for itself: with four, there are four times as many tries.
BY_PEER = RateLimitItemPerMinute(10, 5, namespace="peer")
BY_NAME = RateLimitItemPerMinute(10, 5, namespace="name")
BY_BOTH = RateLimitItemPerMinute(1, 5, namespace="both")
BY_CODE = RateLimitItemPerMinute(5, 5, namespace="code")


def peer_of(host: str | None) -> str:
    """The peer under which to count: an address, of IPv6 the network that one household or office has."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


class Tries:
    """The tries of the last five minutes that failed."""

    def __init__(self) -> None:
        self.window = MovingWindowRateLimiter(MemoryStorage())
        self.lock = threading.Lock()

    def check(self, name: str, peer: str) -> None:
        """Raises TooMany for a peer that has failed too often, and where a name is under attack.

        A name that many failed at makes those wait who failed at it: its own member, who has not, still comes in.
        """
        with self.lock:
            self._check(BY_PEER, peer)
            if not self.window.test(BY_BOTH, name, peer):
                self._check(BY_NAME, name)

    def failed(self, name: str, peer: str) -> None:
        with self.lock:
            for item, words in ((BY_PEER, (peer,)), (BY_NAME, (name,)), (BY_BOTH, (name, peer))):
                self.window.hit(item, *words)

    def check_code(self, member: str) -> None:
        """Raises TooMany for a member whose codes were wrong too often: whoever gets here knows their password."""
        with self.lock:
            self._check(BY_CODE, member)

    def failed_code(self, member: str) -> None:
        with self.lock:
            self.window.hit(BY_CODE, member)

    def _check(self, item: RateLimitItem, *words: str) -> None:
        if not self.window.test(item, *words):
            left = self.window.get_window_stats(item, *words).reset_time - time.time()
            raise TooMany("Too many tries have failed: wait a few minutes, then try again.", math.ceil(left))
