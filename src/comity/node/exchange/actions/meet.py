"""meet: know the nodes of all whom the texts bind, by their cards; have them witness our log, and watch theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from comity.canon import ProofError, StrictJsonError
from comity.ledger import VerifierKey, read_public_key
from comity.messages import (
    Card,
    ChangedAfterSigning,
    MalformedMessage,
    MessageError,
    NotSigned,
    OlderCard,
    OtherParty,
    SignedByAnother,
    read_card,
    verify_card,
)
from comity.node.config import current
from comity.node.due import actions as due
from comity.node.exchange.client.agreed import Bound, others
from comity.node.exchange.client.calling import caller
from comity.node.exchange.client.partner import Partner
from comity.node.exchange.client.refusals import PartnerError
from comity.node.exchange.client.waiting import ask_for
from comity.node.exchange.codes import code_of
from comity.node.exchange.incoming.pausing import BAD_CARD, CARD, alarm, pause
from comity.node.exchange.models import Peer
from comity.node.exchange.outgoing import CallError
from comity.node.journal import actions as journal
from comity.node.journal.models import Witness
from comity.node.keyring import held
from comity.node.treaties.models import Flow

CARD_EVERY = dt.timedelta(minutes=5)  # a partner's new key counts after so long at the latest
AGAIN = dt.timedelta(seconds=30)

_FORGED = (SignedByAnother, NotSigned, ChangedAfterSigning, OlderCard, OtherParty)


class SharedWitness(ProofError):
    what = "the card of {party} is not taken"
    why = "its witness has the key of another's, and one word would count twice"
    do = "have {party} make a witness key of its own"


def meet(subject: str, now: dt.datetime) -> None:
    """A reaction: a text was accepted, and may bind somebody new."""
    del subject
    due.schedule("meet", "", now)


def meet_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """Due work: look round, or meet the one party that the facts name."""
    bound = {one.party.pk: one for one in others()}
    if "party" not in facts:
        _look_round(bound, now)
    elif one := bound.get(facts["party"]):
        _meet(one, now)


def _look_round(bound: Mapping[str, Bound], now: dt.datetime) -> None:
    for party, one in bound.items():
        peer, _ = Peer.objects.get_or_create(party_id=party)
        _forget_former(peer, one, now)
        if _stale(peer, one, now):
            ask_for("meet", party, now)
        _introduce(peer, one, now)
    for peer in Peer.objects.exclude(pk__in=bound):
        journal.remove_witness(peer.pk, now=now)
        journal.unwatch_log(peer.log_name)
    for party in Flow.objects.filter(partner__in=bound).values_list("partner", flat=True).distinct():
        ask_for("pull", party, now)


def _forget_former(peer: Peer, one: Bound, now: dt.datetime) -> None:
    """INVARIANT: a card counts as long as the key that signed it is the one that the newest text pins."""
    if not peer.card or read_card(bytes(peer.card)).signer == read_public_key(one.party.key):
        return
    journal.remove_witness(peer.pk, now=now)
    journal.unwatch_log(peer.log_name)
    peer.card, peer.serial, peer.fetched_at = b"", 0, None
    peer.log_name = peer.log_key = peer.witness_key = ""
    peer.save()


def _stale(peer: Peer, one: Bound, now: dt.datetime) -> bool:
    """Never fetched, long ago, by a clock that was set back since, or from where the node is no more."""
    if peer.fetched_at is None or not -CARD_EVERY < now - peer.fetched_at < CARD_EVERY:
        return True
    return read_card(bytes(peer.card)).url != one.party.url


def _meet(one: Bound, now: dt.datetime) -> None:
    """Raises: due.Again where its node cannot be reached, or shows no card that holds."""
    peer, _ = Peer.objects.get_or_create(party_id=one.party.pk)
    try:
        shown = Partner(one.party, caller()).card()
        card = _verified(shown, one, peer, now)
    except (CallError, PartnerError) as error:
        raise due.Again(now + AGAIN, code_of(error)) from error
    except (MalformedMessage, MessageError, StrictJsonError, SharedWitness) as error:
        if isinstance(error, _FORGED):
            alarm(BAD_CARD, peer.pk, now, shown)
        pause(peer.pk, CARD + code_of(error), now)
        raise due.Again(now + AGAIN, code_of(error)) from error
    _take(peer, card, now)
    _introduce(peer, one, now)


def _verified(shown: bytes, one: Bound, peer: Peer, now: dt.datetime) -> Card:
    card = verify_card(
        shown,
        read_public_key(one.party.key),
        one.party.pk,
        now,
        url=one.party.url,
        last_serial=peer.serial or None,
        development=current().development,
    )
    others = Peer.objects.exclude(pk=peer.pk).exclude(witness_key="").values_list("witness_key", flat=True)
    taken = [VerifierKey.parse(key).key for key in others] + [held().witness.verifier.key]
    if card.witness.key in taken:
        raise SharedWitness(party=one.party.pk)
    return card


def _take(peer: Peer, card: Card, now: dt.datetime) -> None:
    """INVARIANT: a serial never goes back, though two fetched at once (promise of `verify_card`'s last_serial)."""
    with transaction.atomic():
        row = Peer.objects.select_for_update().get(pk=peer.pk)
        if row.serial > card.serial:
            return
        if row.log_name and row.log_name != card.log.name:
            journal.unwatch_log(row.log_name)
        row.card, row.serial, row.fetched_at = bytes(card), card.serial, now
        row.log_name, row.log_key, row.witness_key = card.log.name, str(card.log), str(card.witness)
        if row.paused_why.startswith(CARD):
            row.paused_why = ""
        row.save()
    peer.refresh_from_db()


def _introduce(peer: Peer, one: Bound, now: dt.datetime) -> None:
    """Have it witness our log, where a text says that it does, and watch its log."""
    if not peer.log_key:
        return
    journal.watch_log(peer.log_name, key=peer.log_key)
    known = Witness.objects.filter(party=peer.pk).first()
    if not one.proves.witnesses:
        if known:
            journal.remove_witness(peer.pk, now=now)
    elif known is None or (known.key, known.url) != (peer.witness_key, one.party.url):
        key = VerifierKey.parse(peer.witness_key)
        journal.add_witness(key.name, party=peer.pk, key=peer.witness_key, url=one.party.url)
        due.schedule("witness", "", now)
