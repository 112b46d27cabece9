"""Passwords and codes: how they are hashed, what is too weak, and that a code works once."""

import time
from datetime import UTC, datetime

import pyotp
import pytest

from app.access import passwords, second_factor
from app.access.limits import BY_NAME, BY_PEER, Tries, peer_of
from app.errors import Invalid, TooMany

LONG = "seven made-up words in a row"
AT = datetime(2026, 1, 1, 12, 0, 15, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(pyotp.TOTP(SECRET).timecode(AT) + step)


def test_a_hash_is_argon2id_at_the_parameters_we_chose() -> None:
    kept = passwords.hashed(LONG)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits(LONG, kept) == (True, None)
    assert passwords.fits(LONG + "x", kept)[0] is False
    assert passwords.hashed(LONG) != kept


def test_a_weaker_hash_is_made_anew_when_it_fits() -> None:
    weak = passwords.Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(LONG)
    fits, better = passwords.fits(LONG, weak)
    assert fits
    assert better is not None
    assert better.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.fits("x", weak) == (False, None)


def test_the_same_letters_fit_from_every_keyboard() -> None:
    assert passwords.fits("cafe\u0301 " + LONG, passwords.hashed("caf\u00e9 " + LONG))[0]


def test_for_a_name_that_nobody_has_the_same_work_is_done() -> None:
    kept = passwords.hashed(LONG)

    def took(hashed: str | None) -> float:
        begun = time.process_time()
        assert passwords.fits("a made-up wrong one", hashed)[0] is False
        return time.process_time() - begun

    known, unknown = (min(took(hashed) for _ in range(5)) for hashed in (kept, None))
    assert 0.5 < unknown / known < 2
    assert passwords.fits("", None)[0] is False


@pytest.mark.parametrize("password", ["", "eleven char", "x" * 201, "Bilal Example", "bilal EXAMPLE"])
def test_what_is_too_weak_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check_fit(password, "Bilal Example")
    assert not password or password not in str(refused.value.faults) + refused.value.detail


def test_what_is_long_enough_is_taken() -> None:
    passwords.check_fit("twelve chars", "Bilal Example")


def test_two_at_a_time_and_the_third_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "LONGEST_WAIT_S", 0.05)
    with passwords.turn(), passwords.turn(), pytest.raises(TooMany), passwords.turn():
        pass
    with passwords.turn():
        pass


@pytest.mark.parametrize(
    ("typed", "code"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("١٢٣٤٥٦", "123456"),
     ("۱۲۳۴۵۶", "123456"), ("12345", ""), ("1234567", ""), ("12345a", ""), ("", ""), ("½23456", ""), ("x" * 999, "")],
)  # fmt: skip
def test_a_code_is_read_as_people_type_it(typed: str, code: str) -> None:
    assert second_factor.normalised(typed) == code


def test_a_code_fits_within_one_step_and_works_once() -> None:
    here = pyotp.TOTP(SECRET).timecode(AT)
    for step in (-1, 0, 1):
        assert second_factor.step_of(SECRET, code_at(step), AT, None) == here + step
        assert second_factor.step_of(SECRET, code_at(step), AT, here + step) is None
    for step in (-2, 2, 100):
        assert second_factor.step_of(SECRET, code_at(step), AT, None) is None
    assert second_factor.step_of(SECRET, "", AT, None) is None


def test_after_a_fast_clock_no_earlier_code_works() -> None:
    used = second_factor.step_of(SECRET, code_at(1), AT, None)
    assert second_factor.step_of(SECRET, code_at(0), AT, used) is None
    assert second_factor.step_of(SECRET, code_at(-1), AT, used) is None


def test_the_library_alone_would_take_a_code_twice() -> None:
    """Why the step is kept."""
    clock = pyotp.TOTP(SECRET)
    assert clock.verify(code_at(0), for_time=AT)
    assert clock.verify(code_at(0), for_time=AT)


def test_a_device_reads_the_address_from_the_picture() -> None:
    address = second_factor.address(second_factor.fresh(), "Bilal Example")
    assert address.startswith("otpauth://totp/Gawah:Bilal%20Example?secret=")
    assert second_factor.picture(address).startswith("data:image/svg+xml")
    assert len(second_factor.fresh()) == 32


@pytest.mark.parametrize(
    ("host", "peer"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
     (None, "unknown"), ("testclient", "testclient")],
)  # fmt: skip
def test_under_which_peer_one_counts(host: str | None, peer: str) -> None:
    assert peer_of(host) == peer


def test_a_name_under_attack_stays_open_to_who_has_not_failed() -> None:
    tries = Tries()
    for number in range(30):
        tries.failed("Bilal", f"192.0.2.{number}")
    tries.check("Bilal", "198.51.100.1")
    with pytest.raises(TooMany):
        tries.check("Bilal", "192.0.2.1")
    tries.check("Nazia", "192.0.2.1")


def test_ten_tries_a_peer_whatever_the_name() -> None:
    tries = Tries()
    for number in range(10):
        tries.check(f"name {number}", "192.0.2.1")
        tries.failed(f"name {number}", "192.0.2.1")
    with pytest.raises(TooMany) as refused:
        tries.check("another", "192.0.2.1")
    assert 0 < int(refused.value.headers["Retry-After"]) <= 300
    assert (BY_PEER.amount, BY_NAME.amount, BY_PEER.get_expiry()) == (10, 10, 300)
