"""What tells a page of ours in a browser from any other: a cookie that only we set, and proof that the page is ours."""

import hmac
import ipaddress

from starlette.requests import Request

from app.errors import Fault, Forbidden, Invalid

SAFE = frozenset({"GET", "HEAD"})
# No other name of the domain, and no plain http, can set a cookie of this name.
OVER_TLS = "__Host-gawah"
# Browsers differ in whether they keep a Secure cookie that came over plain http, even from their own machine; what
# goes over loopback leaves no machine, so there the cookie does without.
ON_LOOPBACK = "gawah"


def cookie_name(request: Request) -> str | None:
    """The name of the session's cookie; None where it could be read on its way: plain http over a network."""
    if request.url.scheme == "https":
        return OVER_TLS
    there = request.client.host if request.client is not None else ""
    return ON_LOOPBACK if _is_loopback(request.url.hostname or "") and _is_loopback(there) else None


def check_way_is_safe(request: Request) -> str:
    """The name of the cookie. Raises Invalid where passwords and cookies could be read on their way."""
    name = cookie_name(request)
    if name is None:
        fault = Fault("address", "plain http", "open the archive by https, or on its own machine by http://127.0.0.1")
        raise Invalid("Passwords are taken over https alone.", [fault])
    return name


def check_same_origin(request: Request, *, needed: bool = True) -> None:
    """Raises Forbidden for what a page of another site sent. `needed`: also where nothing says which page it was."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        fits = site == "same-origin"
    elif origin is not None:
        fits = origin == f"{request.url.scheme}://{request.url.netloc}"
    else:
        fits = not needed
    if not fits:
        raise Forbidden("This came from another site: open the archive itself, and try again there.")


def check_page_is_ours(request: Request, csrf: str) -> None:
    """Raises Forbidden for a change that no page of ours asked for. Reading needs no proof."""
    if request.method in SAFE:
        return
    check_same_origin(request)
    if not hmac.compare_digest(request.headers.get("X-CSRF", "").encode(), csrf.encode()):
        raise Forbidden("The header X-CSRF does not fit: take `csrf` from GET /api/v1/session, and send it along.")


def set_cookie(name: str, secret: str) -> str:
    """The header that begins a sign-in. Without an age: the browser forgets it when it closes."""
    return f"{name}={secret}; {_words(name)}"


def drop_cookie(name: str) -> str:
    """The header that ends it."""
    return f"{name}=; Max-Age=0; {_words(name)}"


def _words(name: str) -> str:
    return "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if name.startswith(OVER_TLS) else "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
