"""Real time that a test moves on by itself. Sign-in goes by it, and never by the business clock."""

from __future__ import annotations

import datetime as dt
import time
from base64 import b32decode

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from comity.node import clock

STEP = dt.timedelta(seconds=30)


class Real:
    """Stands still, five seconds into a time step."""

    def __init__(self) -> None:
        machine = dt.datetime.now(dt.UTC).timestamp()
        self.at = dt.datetime.fromtimestamp(machine - machine % 30 + 5, dt.UTC)

    def move(self, by: dt.timedelta) -> dt.datetime:
        self.at += by
        return self.at


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Real:
    """allauth asks `time.time`, and we `clock.real`; databases and sessions keep the machine's time."""
    real = Real()
    monkeypatch.setattr(clock, "real", lambda: real.at)
    monkeypatch.setattr(time, "time", lambda: real.at.timestamp())  # noqa: PLW0108 -- it moves
    return real


def app(secret: str, at: dt.datetime) -> str:
    """An authenticator app: another implementation than the one that checks."""
    made = TOTP(b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 -- RFC 6238 says SHA-1
    return made.generate(int(at.timestamp())).decode()
