"""witness: ask each partner's node to cosign our log, as soon as it has grown and now and then while it rests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import structlog

from comity.canon import ComityError
from comity.node.due import actions as due
from comity.node.exchange.client.calling import QUICK, caller
from comity.node.exchange.client.partner import ask_witness
from comity.node.exchange.client.waiting import ask_for
from comity.node.exchange.codes import code_of
from comity.node.journal import actions as journal
from comity.node.journal.models import Witness

AGAIN = dt.timedelta(seconds=5)  # proof goes stale while it is away; and one that was just met may not know us yet

log = structlog.get_logger(__name__)


def witness_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work: ask all who have not cosigned our newest checkpoint, each by a piece of work of its own, so that nobody
    waits for one that is away; or the one witness that the facts name.
    """
    if "party" not in facts:
        for witness in journal.to_ask(now):
            ask_for("witness", witness.party, now)
        journal.watch_freshness(now)
    elif one := Witness.objects.filter(party=facts["party"]).first():
        _ask(one, now)


def _ask(witness: Witness, now: dt.datetime) -> None:
    """Raises: due.Again where it cannot be reached or does not cosign; what it says of another tree is in an alarm."""
    calling, first = caller(QUICK), witness.asked_at is None

    def post(request: bytes) -> tuple[int, bytes]:
        reply = ask_witness(calling, witness.party, request)
        return reply.status, reply.body

    try:
        journal.ask(witness, post, now)
    except ComityError as error:
        log.warning("exchange:witness:failed", witness=witness.party, reason=code_of(error))
        raise due.Again(now + AGAIN, code_of(error)) from error
    if first and journal.may_sign():
        due.schedule("sequence", "", now)  # what waited for the gate
