"""One-time codes by time (RFC 6238), as allauth reckons them: which time step a code belongs to."""

from __future__ import annotations

import datetime as dt

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value


def step_at(at: dt.datetime) -> int:
    """The number of the time step at an instant (RFC 6238 section 4.2)."""
    return int(at.timestamp()) // int(app_settings.TOTP_PERIOD)


def code(secret: str, step: int) -> str:
    """The code of one step. `secret` is in base32."""
    return str(format_hotp_value(hotp_value(secret, step)))


def matching_step(secret: str, typed: str, at: dt.datetime) -> int | None:
    """The step whose code was typed, of those taken at `at`: the present one and one on either side."""
    around = int(app_settings.TOTP_TOLERANCE)
    steps = range(step_at(at) - around, step_at(at) + around + 1)
    return next((step for step in steps if compare_user_code(actual=typed, expected=code(secret, step))), None)
