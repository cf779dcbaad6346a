"""pull: visit a partner, and take what it has for us: its releases first, then its messages about ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import structlog

from comity.canon import InputError, printable
from comity.messages import read_card
from comity.node import clock
from comity.node.config import current
from comity.node.due import actions as due
from comity.node.exchange.arrivals import Arrivals
from comity.node.exchange.client.calling import caller
from comity.node.exchange.client.partner import Partner
from comity.node.exchange.client.refusals import PartnerError
from comity.node.exchange.client.walking import Visit
from comity.node.exchange.codes import code_of
from comity.node.exchange.models import Peer
from comity.node.exchange.outgoing import CallError
from comity.node.treaties.models import Flow

VISIT = dt.timedelta(seconds=20)  # real time: a lease has a minute
REST = dt.timedelta(seconds=2)  # before what a visit left is read
SOON = dt.timedelta(seconds=5)  # before a visit that did not go through is made again: it may not know us yet
NO_CARD, PAUSED, MORE = "no-card", "paused", "more-to-read"

log = structlog.get_logger(__name__)


class NoPartner(InputError):
    what = "{party} is not visited"
    why = "no agreement makes it a partner of ours"
    do = "look at the partners for whom there are"
    http_status = 404


def pull(party: str, now: dt.datetime) -> None:
    """Have a partner visited now. Raises: NoPartner."""
    if not Flow.objects.filter(partner=party).exists():
        raise NoPartner(party=printable(party))
    due.schedule("pull", party, now, {"party": party})


def pull_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work: visit the partner that the facts name, and again after `pull_every`. Killed anywhere, it is taken up
    after the last page that was kept.

    Raises: due.Again where the visit did not go through, with a code that says why.
    """
    party, every = facts["party"], dt.timedelta(seconds=current().pull_every)
    if not Flow.objects.filter(partner=party).exists():
        return
    peer = Peer.objects.select_related("party").filter(pk=party).first()
    if peer is None or not _shows_card(peer, now):
        due.schedule("meet", party, now, {"party": party})
        raise due.Again(now + min(SOON, every), NO_CARD)
    if peer.paused_why:
        raise due.Again(now + every, PAUSED)
    visit = Visit(Partner(peer.party, caller()), Arrivals(peer.party), until=clock.real() + VISIT)
    try:
        held_up = visit.make(now)
    except (CallError, PartnerError) as error:
        log.warning("exchange:pull:failed", partner=party, reason=code_of(error))
        raise due.Again(now + min(SOON, every), code_of(error)) from error
    if held_up:
        raise due.Again(now + (REST if held_up == MORE else every), held_up)
    Peer.objects.filter(pk=party).update(visited_at=now)
    due.schedule("pull", party, now + every, {"party": party})


def _shows_card(peer: Peer, now: dt.datetime) -> bool:
    """Whether its card still holds: without its log's key nothing that it sends can be verified."""
    return bool(peer.log_key) and now < read_card(bytes(peer.card)).valid_until
