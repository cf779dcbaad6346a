"""What a partner sends, by our pull or by its post: bills, the objects that they list, and messages about them.

Both ways end here, so that both are held to the same rules. Nothing is used before it is verified: a release waits
sealed until all of it has come, and then goes to `border.receive` whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction

from comity.canon import ComityError, ProofError, StrictJsonError, dumps, loads
from comity.ledger import VerifierKey, read_public_key
from comity.messages import MESSAGES, Bill, MalformedMessage, Message, Retraction, message_of, verify_retraction
from comity.node.border import actions as border
from comity.node.border.models import Collection
from comity.node.exchange.client.agreed import witnesses_of
from comity.node.exchange.codes import code_of
from comity.node.exchange.incoming import messages, strays
from comity.node.exchange.incoming.bills import TOO_FEW_WITNESSES, NotGenuine, check_genuine, wanting
from comity.node.exchange.incoming.parcels import (
    MOST_WAITING,
    PATIENCE,
    REFUSED,
    STORED,
    WAITING,
    ObjectDiffers,
    Open,
    Parcels,
)
from comity.node.exchange.incoming.pausing import BAD_MESSAGE, BAD_PROOF, alarm, is_paused, pause
from comity.node.exchange.models import Parcel, Peer
from comity.node.treaties.models import Party, Text

PAUSED, TOO_MANY_WAITING, NO_CARD, CHANGED = "paused", "too-many-waiting", "no-card", "object-changed"
ANOTHER_BILL = "another-bill"
NOT_AN_OBJECT, NO_MESSAGE, REFUSED_BEFORE, RETRACTED = "invalid-object", "no-message", "refused", "retracted"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one object that came."""

    id: str  # "" where it says none
    version: str
    code: str  # "": taken; else why not


def take(party: Party, collection: Collection, objects: Sequence[bytes], *, now: dt.datetime) -> list[Taken]:
    """Take what a partner posted into one of the collections that it writes: one answer for each object, in order.

    Again is no harm. What is posted among the messages and is none is not taken.
    """
    return Arrivals(party).take(objects, now=now, only_messages=collection.kind == "messages")


@dataclass(slots=True)
class _Came:
    """One object that came."""

    body: bytes
    content: dict[str, Any] | None  # None: no JSON object
    message: Message | None = None
    code: str = ""

    @property
    def taken(self) -> Taken:
        content = self.content or {}
        object_id, version = content.get("id"), strays.version_of(content)
        name = object_id[:120] if isinstance(object_id, str) else ""
        return Taken(id=name, version=(version or "")[:40], code=self.code)


class _Lie(Exception):
    """What the partner signed, or should have, does not hold."""

    def __init__(self, code: str, bill: Bill) -> None:
        super().__init__(code)
        self.code, self.bill = code, bill


class _NotNow(Exception):
    """Nothing of this batch is kept, and it may be sent again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Arrivals:
    """What one partner sends, for the time of one visit or one post.

    Args: party: whose it is, as its signature proved.
    """

    def __init__(self, party: Party) -> None:
        self._party = party
        self._parcels = Parcels(party)

    def take(
        self,
        objects: Sequence[bytes],
        *,
        now: dt.datetime,
        only_messages: bool = False,
        also: Callable[[], None] = lambda: None,
    ) -> list[Taken]:
        """Take what came: messages are acted upon, releases wait until they are whole, strays are set apart.

        Again is no harm. A partner whose proofs do not hold is paused, an alarm is kept, and nothing of this is.

        Args:    only_messages: whether nothing else was agreed to come this way.
                 also: written in the same transaction as what is kept; not where nothing may be.
        Returns: one for each object, in their order.
        """
        came = [_read(body) for body in objects]
        for one in came:
            if one.message is not None and not isinstance(one.message, Bill):
                one.code = self._act(one.message, now)
        if only_messages:
            _mark(came, NO_MESSAGE)
        elif is_paused(self._party.pk):
            _mark(came, PAUSED)
        else:
            try:
                with transaction.atomic():
                    self._keep(came, now)
                    also()
            except _NotNow as error:
                _mark(came, error.code)
            except _Lie as lie:
                self._refuse(lie, now)
                _mark(came, lie.code)
            self.settle(now)
        return [one.taken for one in came]

    def settle(self, now: dt.datetime) -> None:
        """Hand over every release that is whole, or has been waited for long enough. Not from a paused partner."""
        for one in self._parcels.over(now):
            if is_paused(self._party.pk):
                return
            self._settle(one, now)

    def _act(self, message: Message, now: dt.datetime) -> str:
        """Returns: why it was not taken; "" where it was."""
        if messages.came_before(self._party, message):
            return ""
        try:
            if isinstance(message, Retraction) and self._retract(message, now):
                return ""
            messages.act(self._party, message, now)
        except border.NoSuchRelease as error:
            return code_of(error)
        except ProofError as error:
            told = {"message": message.id, "digest": message.digest, "reason": code_of(error)}
            alarm(BAD_MESSAGE, self._party.pk, now, dumps(told))
            pause(self._party.pk, f"message:{code_of(error)}", now)
            return code_of(error)
        return ""

    def _retract(self, retraction: Retraction, now: dt.datetime) -> bool:
        """Of a release that is under way: what was withdrawn does not come any more, so it goes as it is.

        Returns: whether that was all: nothing of it had been received, and now nothing of it will be.
        Raises:  a MessageError.
        """
        parcel = self._parcels.waiting.get(retraction.bill_id)
        if parcel is None:
            return False
        self._settle(parcel, now)
        if parcel.row.pk not in self._parcels.waiting:
            return False
        asked = verify_retraction(retraction, read_public_key(self._party.key), parcel.bill)
        if asked.ids < {line["id"] for line in parcel.listed}:
            return False
        self._parcels.close(parcel, state=REFUSED, reason=RETRACTED, now=now)
        return True

    def _keep(self, came: Sequence[_Came], now: dt.datetime) -> None:
        """Raises: _Lie, _NotNow."""
        for one in came:
            if isinstance(one.message, Bill):
                one.code = self._open(one.message, now)
        kept: list[tuple[Open, int, bytes]] = []
        apart: list[tuple[str, bytes, str]] = []
        for one in came:
            if one.message is not None:
                continue
            places = self._places(one)
            if places is not None:
                kept += [(parcel, place, one.body) for parcel, place in places if parcel.row.state == WAITING]
                one.code = "" if any(parcel.row.state != REFUSED for parcel, _ in places) else REFUSED_BEFORE
                continue
            one.code = NOT_AN_OBJECT if one.content is None else strays.refusal_of(self._party, one.content)
            if one.code in (NOT_AN_OBJECT, strays.NO_BILL):
                apart.append((one.taken.id, one.body, one.code))
        self._parcels.keep(kept, now)
        strays.set_apart(self._party, apart, now)

    def _open(self, bill: Bill, now: dt.datetime) -> str:
        """A parcel for a bill that is not known yet. Returns: why there is none; "". Raises: _Lie, _NotNow."""
        known = Parcel.objects.filter(pk=bill.id, party=self._party).first()
        if known is not None:
            self._same(known, bill)
            if known.pk not in self._parcels.waiting:
                self._parcels.know(known, bill)
            return REFUSED_BEFORE if known.state == REFUSED else ""
        if len(self._parcels.waiting) >= MOST_WAITING:
            raise _NotNow(TOO_MANY_WAITING)
        peer = self._peer()
        if peer is None:
            raise _NotNow(NO_CARD)
        try:
            check_genuine(bill, peer)
        except NotGenuine as error:
            raise _Lie(error.code, bill) from error
        self._parcels.open(bill, now=now)
        return ""

    def _same(self, known: Parcel, bill: Bill) -> None:
        """Raises: _Lie where what is kept of the bill that came before says something else (attack A73)."""
        before = self._parcels.bill_of(known)
        if before is not None and before.digest != bill.digest:
            raise _Lie(ANOTHER_BILL, bill)
        try:
            border.received(bill)
        except border.AnotherBill as error:
            raise _Lie(ANOTHER_BILL, bill) from error

    def _places(self, one: _Came) -> list[tuple[Open, int]] | None:
        """Raises: _Lie."""
        if one.content is None:
            return None
        try:
            return self._parcels.place(one.content)
        except ObjectDiffers as error:
            raise _Lie(CHANGED, error.parcel.bill) from error

    def _settle(self, one: Open, now: dt.datetime) -> None:
        peer, late = self._peer(), now >= one.row.first_seen + PATIENCE
        if peer is None:
            return
        try:
            lacking = wanting(one.bill, peer) or self._receive(one, peer, now)
        except _Lie as lie:
            self._refuse(lie, now)
        except NotGenuine as error:
            self._refuse(_Lie(error.code, one.bill), now)
        else:
            self._after(one, lacking, now, late=late)

    def _after(self, one: Open, lacking: str, now: dt.datetime, *, late: bool) -> None:
        if not lacking:
            self._parcels.close(one, state=STORED, now=now)
        elif late and lacking == TOO_FEW_WITNESSES:  # a release that nobody saw (attack A72)
            self._refuse(_Lie(lacking, one.bill), now)
        elif late:
            self._parcels.close(one, state=REFUSED, reason=lacking, now=now)
        else:
            Parcel.objects.filter(pk=one.row.pk).update(reason=lacking)

    def _receive(self, one: Open, peer: Peer, now: dt.datetime) -> str:
        """Returns: what it waits for; "" where it was received. Raises: _Lie."""
        text = Text.objects.get(digest=one.bill.content["agreement"]["digest"])
        objects = one.objects()
        try:
            border.receive(
                self._party,
                one.bill,
                objects,
                log_key=VerifierKey.parse(peer.log_key),
                policy=witnesses_of(text, self._party.pk),
                absent=frozenset(line["id"] for line in one.gone()),
                now=now,
            )
        except (border.NoSuchFlow, border.NotOfThisTime) as error:
            return code_of(error)
        except ProofError as error:
            raise _Lie(code_of(error), one.bill) from error
        except ComityError as error:
            log.warning("exchange:parcel:not-received", bill=one.bill.id, reason=code_of(error))
            return code_of(error)
        return ""

    def _refuse(self, lie: _Lie, now: dt.datetime) -> None:
        """Nothing that came with it is kept, nothing more is read, and a person is told."""
        bill, logged = lie.bill, lie.bill.content.get("logged", {})
        told = {"bill": bill.id, "digest": bill.digest, "reason": lie.code}
        alarm(BAD_PROOF, self._party.pk, now, dumps(told | {m: logged[m] for m in ("entry", "proof") if m in logged}))
        self._parcels = Parcels(self._party)  # what was rolled back is not there
        parcel = self._parcels.waiting.get(bill.id)
        if parcel is not None and lie.code != ANOTHER_BILL:
            self._parcels.close(parcel, state=REFUSED, reason=lie.code, now=now)
        elif lie.code != ANOTHER_BILL:  # of that id there is a parcel, which stays as it is
            with transaction.atomic():
                self._parcels.open(bill, state=REFUSED, reason=lie.code, now=now)
        pause(self._party.pk, lie.code, now)

    def _peer(self) -> Peer | None:
        """Its node, once we have its card: without its log's key no bill can be verified."""
        return Peer.objects.select_related("party").filter(pk=self._party.pk).exclude(log_key="").first()


def _read(body: bytes) -> _Came:
    try:
        content = loads(body)
    except StrictJsonError:
        return _Came(body, None, code=NOT_AN_OBJECT)
    one = _Came(body, content if isinstance(content, dict) else None)
    stix_type = content.get("type") if isinstance(content, dict) else None
    if one.content is not None and isinstance(stix_type, str) and stix_type in MESSAGES:
        try:
            one.message = message_of(one.content)
        except MalformedMessage:
            one.content = None  # what cannot be read as what it says it is, is set apart
    return one


def _mark(came: Sequence[_Came], code: str) -> None:
    """Material is not taken; messages were acted upon already."""
    for one in came:
        if one.message is None or isinstance(one.message, Bill):
            one.code = one.code or code
