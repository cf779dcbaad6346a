"""Forget what is over: sessions, tokens, counters of tries. They name staff, and serve nobody any more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from allauth.idp.oidc.models import Token
from django.contrib.sessions.models import Session

from comity.node import clock
from comity.node.people.models import Counter


def forget_expired(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work, idempotent. Sign-in goes by real time, so neither argument decides anything."""
    del facts, now
    real = clock.real()
    Session.objects.filter(expire_date__lt=real).delete()
    Token.objects.filter(expires_at__lt=real).delete()
    Counter.objects.filter(expires__lt=real).delete()
