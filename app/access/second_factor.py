"""The second factor: six digits of a clock that a member's own device shares with the archive."""

import secrets
import unicodedata
from datetime import datetime

import pyotp
import segno

from app.records import Member

# Those who read what is sealed, and those who give out keys.
REQUIRED_OF = frozenset({"reviewer", "admin"})
DRIFT = 1
DIGITS = 6


def is_set_up(member: Member) -> bool:
    return member.totp_secret is not None


def fresh() -> str:
    """A new secret of 160 bits."""
    return pyotp.random_base32()


def normalised(code: str) -> str:
    """The digits of a code in any script, without what people put between them; empty when it is no code."""
    found = [character for character in code if not (character.isspace() or character in "-\u2010\u2011.")]
    digits = "".join(str(unicodedata.digit(character, "x")) for character in found)
    return digits if len(digits) == DIGITS and digits.isdigit() else ""


def step_of(secret: str, code: str, at: datetime, last: int | None) -> int | None:
    """The step of 30 seconds that a code stands for, if it comes after `last`; None for a wrong or used code.

    The clocks may differ by one step. Keep the step: only what comes after it is taken, so each code works once.
    """
    clock, given = pyotp.TOTP(secret), normalised(code)
    here = clock.timecode(at)
    taken = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        same = secrets.compare_digest(clock.generate_otp(step), given)
        if same and (last is None or step > last):
            taken = step
    return taken


def address(secret: str, name: str) -> str:
    """What an authenticator app reads: `otpauth://...`."""
    return pyotp.TOTP(secret, name=name, issuer="Gawah").provisioning_uri()


def picture(told: str) -> str:
    """The same as a QR code, drawn here: an SVG in a `data:` address."""
    return segno.make(told, error="m").svg_data_uri(scale=5, border=4)
