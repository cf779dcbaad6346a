"""Pausing a partner: nothing more of it is read until a person has looked. What we tell it still goes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.node.exchange.models import Peer
from comity.node.journal import actions as journal

CARD = "card:"  # how the reason begins where the partner's card does not hold: the next one that does ends the pause
BAD_CARD, BAD_PROOF, BAD_MESSAGE = "bad-card", "bad-proof", "bad-message"  # alarms


def pause(party: str, why: str, now: dt.datetime) -> None:
    """The first reason stands. `why`: a code."""
    with transaction.atomic():
        if Peer.objects.filter(pk=party, paused_why="").update(paused_why=why):
            facts = {"partner": party, "reason": why}
            journal.record("exchange:partner:paused", party, kind="suspension", facts=facts, now=now)


def is_paused(party: str) -> bool:
    return Peer.objects.filter(pk=party).exclude(paused_why="").exists()


def alarm(code: str, party: str, now: dt.datetime, evidence: bytes = b"") -> None:
    """About a partner's log, or about the partner where its log is not known.

    INVARIANT: evidence lies unsealed, so it holds proofs, cards and digests, and nothing of material.
    """
    log = Peer.objects.filter(pk=party).values_list("log_name", flat=True).first()
    with transaction.atomic():
        journal.raise_alarm(code, log or party, now, evidence=evidence)
