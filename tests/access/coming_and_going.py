"""A small model of who may come in, beside the real service: members, sign-ins, tokens, codes and time."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyotp
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlmodel import Session
from starlette.testclient import TestClient

from app.access import passwords, sessions, tokens
from app.actions import members, one_use, signing_in
from app.db import reading, writing
from tests.api.signing import A_PASSWORD, HOUSE, SECOND, SESSION, Clock
from tests.archives import TestArchive

ROLES = st.sampled_from(["viewer", "contributor", "reviewer", "admin", "auditor"])
NEEDY = {"reviewer", "admin"}
WAITS = st.sampled_from([20, 30, 61, 300, 29 * 60, 31 * 60, 6 * 3600])


@dataclass(eq=False)
class Somebody:
    """What the model knows of a member."""

    name: str
    role: str
    out: bool = False
    password: bool = False
    secret: str | None = None
    last_step: int = -1
    keys: list["Key"] = field(default_factory=list)

    @property
    def confined(self) -> bool:
        return self.role in NEEDY and self.secret is None


@dataclass(eq=False)
class Key:
    """A token, or the secret of a sign-in; `seen` is None for a token."""

    of: Somebody
    secret: str
    until: datetime
    seen: datetime | None = None
    csrf: str = ""
    ended: bool = False

    def opens(self, at: datetime) -> bool:
        idle = self.seen is not None and at >= self.seen + timedelta(minutes=30)
        return not (self.ended or self.of.out or idle or at >= self.until)


class People(RuleBasedStateMachine):
    """Members come, go and change, with their sign-ins, tokens and codes."""

    archive: TestArchive
    client: TestClient
    clock: Clock
    steps = 0
    names = 0

    def __init__(self) -> None:
        super().__init__()
        self.people: list[Somebody] = []
        self.clock.at = self.clock.at.replace(hour=0, minute=0, second=10, microsecond=0)  # each run begins alike

    def pick(self, data: st.DataObject, *, signed_in: bool = False) -> Any:
        if signed_in:
            return data.draw(st.sampled_from([key for key in self.keys if key.seen is not None]))
        return data.draw(st.sampled_from(self.people))

    @property
    def keys(self) -> list[Key]:
        return [key for one in self.people for key in one.keys]

    def do(self, action: Callable[..., Any], *words: Any, **more: Any) -> Any:
        with writing(self.archive.engine) as session:
            return action(session, *words, HOUSE, **more)

    def ask(self, method: str, path: str, key: Key | None = None, told: Any = None) -> Any:
        headers = {"Sec-Fetch-Site": "same-origin"}
        if key is not None and key.seen is not None:
            headers |= {"Cookie": f"__Host-gawah={key.secret}", "X-CSRF": key.csrf}
        elif key is not None:
            headers["Authorization"] = f"Bearer {key.secret}"
        self.client.app.state.tries.window.storage.reset()  # type: ignore[attr-defined]  # how often one may try is measured elsewhere
        answer = self.client.request(method, path, headers=headers, json=told)
        self.client.cookies.clear()
        if key is not None and key.seen is not None and key.opens(self.clock.at):
            key.seen = self.clock.at if self.clock.at - key.seen >= sessions.NOTED else key.seen
        return answer

    def end(self, one: Somebody, *, tokens_too: bool) -> None:
        for key in one.keys:
            key.ended = key.ended or tokens_too or key.seen is not None

    def begun(self, one: Somebody, answer: Any) -> None:
        (secret,) = re.findall("__Host-gawah=([^;]+)", answer.headers["Set-Cookie"])
        at = self.clock.at
        one.keys.append(Key(one, secret, at + timedelta(hours=12), at, answer.json()["csrf"]))

    @rule(role=ROLES, far=st.sampled_from(["named", "with a password", "signed in", "with a device"]))
    def add(self, role: str, far: str) -> None:
        """Let somebody in, and go some of the way with them: left to chance, few would get far."""
        type(self).names += 1
        one = Somebody(f"member {self.names}", role)
        with writing(self.archive.engine) as session:
            members.add(session, one.name, role, HOUSE)
            if far != "named":
                link = one_use.give_link(session, one.name, HOUSE).secret
                signing_in.use_link(session, link, passwords.hashed(A_PASSWORD))
        one.password = far != "named"
        self.people.append(one)
        if far in {"signed in", "with a device"}:
            self.begun(one, self.ask("POST", SESSION, told={"name": one.name, "password": A_PASSWORD}))
        if far == "with a device":
            self.enrol(one.keys[0])

    @precondition(lambda self: any(not one.out for one in self.people))
    @rule(data=st.data())
    def choose_password(self, data: st.DataObject) -> None:
        """By a link, which works once."""
        one = data.draw(st.sampled_from([one for one in self.people if not one.out]))
        link = self.do(one_use.give_link, one.name, reset=one.password).secret
        for status in (200, 410):
            told = {"link": link, "password": A_PASSWORD}
            assert self.ask("POST", "/api/v1/setup", told=told).status_code == status
        one.password = True
        self.end(one, tokens_too=False)

    @precondition(lambda self: self.people)
    @rule(data=st.data(), role=ROLES)
    def change_role(self, data: st.DataObject, role: str) -> None:
        one = self.pick(data)
        self.do(members.change_role, one.name, role)
        if role != one.role:
            self.end(one, tokens_too=True)
        one.role = role

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def disable(self, data: st.DataObject) -> None:
        one = self.pick(data)
        self.do(members.disable, one.name)
        one.out = True
        self.end(one, tokens_too=True)

    @precondition(lambda self: any(one.out for one in self.people))
    @rule(data=st.data())
    def enable(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from([one for one in self.people if one.out]))
        self.do(members.enable, one.name)
        one.out = False

    @precondition(lambda self: any(one.password for one in self.people))
    @rule(data=st.data(), right=st.sampled_from([True, True, True, False]), drift=st.sampled_from([0, 0, 1, -1, 2, -2]))
    def sign_in(self, data: st.DataObject, right: bool, drift: int) -> None:
        """Twice with the same code: the second time it is used up."""
        coming = [one for one in self.people if one.password]
        one = data.draw(st.sampled_from([one for one in coming if one.secret is not None and not one.out] or coming))
        told = {"name": one.name, "password": A_PASSWORD if right else "a made-up wrong one"}
        step = int(self.clock.at.timestamp()) // 30 + drift
        if one.secret is not None:
            told["code"] = pyotp.TOTP(one.secret).generate_otp(step)
        for _ in range(2):
            fits = one.secret is None or (abs(drift) <= 1 and step > one.last_step)
            answer = self.ask("POST", SESSION, told=told)
            expected = 200 if right and fits and not one.out else 401
            assert answer.status_code == expected, "a stale code, password or member came in"
            if expected == 200:
                one.last_step = step if one.secret is not None else one.last_step
                self.begun(one, answer)

    @precondition(lambda self: any(key.seen is not None for key in self.keys))
    @rule(data=st.data())
    def set_up_device(self, data: st.DataObject) -> None:
        key = self.pick(data, signed_in=True)
        if key.opens(self.clock.at) and key.of.secret is None:
            self.enrol(key)

    def enrol(self, key: Key) -> None:
        address = self.ask("POST", SECOND, key, {}).json()["address"]
        (secret,) = re.findall("secret=([A-Z2-7]+)", address)
        answer = self.ask("PUT", SECOND, key, {"code": pyotp.TOTP(secret).at(self.clock.at)})
        assert answer.status_code == 200
        self.end(key.of, tokens_too=False)
        key.of.secret, key.of.last_step = secret, int(self.clock.at.timestamp()) // 30
        self.begun(key.of, answer)

    @precondition(lambda self: any(key.seen is not None for key in self.keys))
    @rule(data=st.data(), path=st.sampled_from([SESSION, "/api/v1/sessions"]))
    def sign_out(self, data: st.DataObject, path: str) -> None:
        key = self.pick(data, signed_in=True)
        holds = key.opens(self.clock.at)
        assert self.ask("DELETE", path, key).status_code == (200 if holds else 401)
        if holds and path == SESSION:
            key.ended = True
        elif holds:
            self.end(key.of, tokens_too=False)

    @precondition(lambda self: any(not one.out for one in self.people))
    @rule(data=st.data(), days=st.just(1))
    def make_token(self, data: st.DataObject, days: int) -> None:
        one = data.draw(st.sampled_from([one for one in self.people if not one.out]))
        made = self.do(members.create_token, one.name, "read", days)
        one.keys.append(Key(one, made, self.clock.at + timedelta(days=days)))

    @precondition(lambda self: any(key.seen is None for key in self.keys))
    @rule(data=st.data())
    def revoke_token(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from([key for key in self.keys if key.seen is None]))
        self.do(members.revoke_token, key.secret.split("_")[1])
        key.ended = True

    @precondition(lambda self: any(key.seen is None for key in self.keys))
    @rule()
    def a_day_goes_by(self) -> None:
        self.clock.forward(hours=25)

    @rule(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        self.clock.forward(seconds=seconds)

    @precondition(lambda self: self.keys)
    @rule(data=st.data(), path=st.sampled_from(["/api/v1/tokens", SESSION, "/api/v1/members"]))
    def knock(self, data: st.DataObject, path: str) -> None:
        """By a key that may be over, at a door for all, for all who enter, and for admins."""
        key = data.draw(st.sampled_from(self.keys))
        confined = key.seen is not None and key.of.confined and path != SESSION
        scope = key.seen is not None and key.of.role == "admin"
        barred = confined or (path.endswith("members") and not scope)
        expected = (403 if barred else 200) if key.opens(self.clock.at) else 401
        answer = self.ask("GET", path, key)
        assert answer.status_code == expected, "stale access"
        if path == SESSION and expected == 200:
            assert (answer.json()["member"], answer.json()["role"]) == (key.of.name, key.of.role)

    @invariant()
    def every_key_opens_what_it_should(self) -> None:
        type(self).steps += 1
        with reading(self.archive.engine) as session:
            for key in self.keys:
                found = self.holder(session, key)
                expected = (key.of.name, key.of.role) if key.opens(self.clock.at) else None
                assert found == expected, "stale access"

    def holder(self, session: Session, key: Key) -> tuple[str, str] | None:
        if key.seen is None:
            viewer = tokens.holder(session, key.secret)
        else:
            here = sessions.holder(session, key.secret)
            assert here is None or here.confined == key.of.confined
            viewer = here.viewer if here is not None else None
        return (viewer.name, viewer.role) if viewer is not None else None
