"""Sign-in by another house: OpenID Connect, for organisations that keep their people's sign-ins elsewhere."""

import hmac
import secrets
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from app.errors import NotSignedIn, Untimely

# What a provider may sign with. None of them is a shared secret, and "none" is not among them.
ALGORITHMS = ("RS256", "ES256", "PS256")
# How a provider says that more than a password was asked (RFC 8176).
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sc", "fpt", "face", "iris", "retina", "vbm"})
WAIT = 10.0
LEEWAY = 60
NO_FIT = "The other house did not bear out who you are: begin again with GET /api/v1/oidc/start."


@dataclass(frozen=True)
class Provider:
    """A provider as the operator names it. `issuer`: its address, letter for letter as it stands in its tokens."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Flow:
    """One way there and back. All of it follows from a secret that only this browser holds; nothing is kept here."""

    secret: str

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        return hmac.digest(self.secret.encode(), purpose.encode(), "sha256").hex()


@dataclass(frozen=True)
class Identity:
    """Whom a provider has let in. Never an e-mail address: those change hands."""

    issuer: str
    subject: str
    second_factor: bool


def is_installed() -> bool:
    """Whether the extra that speaks to providers is there."""
    return all(find_spec(name) is not None for name in ("authlib", "joserfc", "httpx"))


def begin() -> Flow:
    return Flow(secrets.token_urlsafe(32))


def address_to_go(provider: Provider, flow: Flow, back: str) -> str:
    """Where the browser is sent. `back`: the address of our return. Raises Untimely: the provider is out of reach."""
    told = _discover(provider)
    address: str
    with _client(provider, back) as client:
        address, _ = client.create_authorization_url(
            told["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
        )
    return address


def identity(provider: Provider, flow: Flow, back: str, told: dict[str, str]) -> Identity:
    """Who came back. `told`: the query of the return. Raises NotSignedIn for whatever does not fit, and Untimely."""
    if not hmac.compare_digest(told.get("state", "").encode(), flow.state.encode()) or not told.get("code"):
        raise NotSignedIn(NO_FIT)
    known = _discover(provider)
    wrong: tuple[type[Exception], ...] = (import_module("authlib.oauth2.base").OAuth2Error, *_out_of_reach())
    with _client(provider, back) as client:
        try:
            answer = client.fetch_token(known["token_endpoint"], code=told["code"], code_verifier=flow.verifier)
        except wrong:
            raise NotSignedIn(NO_FIT) from None
    return _checked(provider, known, str(answer.get("id_token", "")), flow)


def _checked(provider: Provider, known: dict[str, Any], token: str, flow: Flow) -> Identity:
    """The claims of an id token whose signature, issuer, audience, times and nonce all hold."""
    jwk, jwt, errors = (import_module(f"joserfc.{name}") for name in ("jwk", "jwt", "errors"))
    try:
        keys = jwk.KeySet.import_key_set(_fetch(provider, known["jwks_uri"]))
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": provider.issuer},
            aud={"essential": True, "value": provider.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": flow.nonce},
        ).validate(claims)
    except (errors.JoseError, ValueError, KeyError):
        raise NotSignedIn(NO_FIT) from None
    if "azp" in claims and claims["azp"] != provider.client_id:
        raise NotSignedIn(NO_FIT)
    methods = claims.get("amr", [])
    proven = isinstance(methods, list) and not SECOND_FACTORS.isdisjoint(map(str, methods))
    return Identity(provider.issuer, str(claims["sub"]), proven)


def _discover(provider: Provider) -> dict[str, Any]:
    told = _fetch(provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != provider.issuer:
        raise Untimely("The provider calls itself something else than GAWAH_OIDC_ISSUER says: mend the setting.")
    return told


def _fetch(provider: Provider, address: str) -> dict[str, Any]:
    httpx = import_module("httpx")
    wrong: tuple[type[Exception], ...] = (*_out_of_reach(), ValueError)
    try:
        with httpx.Client(timeout=WAIT, follow_redirects=False) as client:
            answer = client.get(address)
            answer.raise_for_status()
            told = answer.json()
    except wrong:
        raise Untimely(
            "The provider of sign-ins does not answer just now: try again, or sign in with a password."
        ) from None
    if not isinstance(told, dict):
        raise Untimely(f"The provider {provider.issuer} does not speak OpenID Connect: mend GAWAH_OIDC_ISSUER.")
    return told


def _client(provider: Provider, back: str) -> Any:
    """Imported late: most archives have no provider, and the extra `oidc` is then not installed at all."""
    made = import_module("authlib.integrations.httpx_client").OAuth2Client
    return made(
        provider.client_id, provider.client_secret, scope="openid", redirect_uri=back, timeout=WAIT,
        code_challenge_method="S256",
    )  # fmt: skip


def _out_of_reach() -> tuple[type[Exception], ...]:
    httpx = import_module("httpx")
    return httpx.HTTPError, httpx.InvalidURL
