"""One partner's node as we ask it: its card, its collections and their pages, its inbox, its witness."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from comity.canon import StrictJsonError, printable
from comity.node.border.door import NotThroughTheDoor, Released
from comity.node.config import current
from comity.node.exchange.client.calling import proved
from comity.node.exchange.client.refusals import NoInbox, NotTaxii, PartnerRefused, TooMuch
from comity.node.exchange.outgoing import Caller, Reply
from comity.node.exchange.taxii import (
    DATE_ADDED_LAST,
    MEDIA_TYPE,
    BadTimestamp,
    Collection,
    Collections,
    InvalidResource,
    Resource,
    Status,
    format_timestamp,
    is_taxii,
    parse_timestamp,
    read,
    read_envelope,
    write_envelope,
)
from comity.node.treaties.models import Party

CARD = "/.well-known/comity.json"
ROOT = "/exchange/"
WITNESS = "/witness/add-checkpoint"
PAGE = 500  # objects that we ask for at once
MOST_COLLECTIONS = 64  # an agreement makes two, and the messages two

_TAXII = ("Accept", MEDIA_TYPE)
R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Objects as they came, not yet parsed."""

    objects: tuple[bytes, ...]
    more: bool
    next: str  # "": none
    last: dt.datetime | None  # date_added of the last object; None where there is none


@dataclass(frozen=True, slots=True)
class Partner:
    """Every method raises a CallError where nothing came, and a PartnerError where what came is not used."""

    party: Party
    caller: Caller

    def card(self) -> bytes:
        """As it is served; nothing of it is verified yet. Unsigned: whoever has not agreed on a key may read it too."""
        reply = self.caller.call(self.party.pk, "GET", CARD, headers=[("Accept", "application/json")])
        return self._wanted(reply, HTTPStatus.OK).body

    def collections(self) -> tuple[Collection, ...]:
        """Those that it shows to us."""
        listed = self._read(self._get(f"{ROOT}collections/", ()), Collections).collections
        if len(listed) > MOST_COLLECTIONS:
            raise TooMuch(party=self.party.pk, reason=f"it lists {len(listed)} collections")
        return listed

    def page(self, collection: str, *, after: dt.datetime | None, next: str = "") -> Page:
        """What a collection holds beyond a date_added: every version, since a bill may list any.

        Args: next: of the page before in this walk, where it had one.
        """
        query = [("limit", str(PAGE)), ("match[version]", "all")]
        query += [("added_after", format_timestamp(after))] if after is not None else []
        query += [("next", next)] if next else []
        reply = self._taxii(self._get(f"{ROOT}collections/{collection}/objects/", query))
        try:
            envelope = read_envelope(reply.body)
        except (StrictJsonError, InvalidResource) as error:
            raise NotTaxii(party=self.party.pk, reason=error.sentence) from error
        if len(envelope.objects) > PAGE:
            raise TooMuch(
                party=self.party.pk, reason=f"a page of {PAGE} was asked for, of {len(envelope.objects)} given"
            )
        last = self._last(reply) if envelope.objects else None
        return Page(objects=envelope.objects, more=envelope.more, next=envelope.next, last=last)

    def inbox(self) -> str:
        """The id of the collection that takes our messages: each node derives its own ids, so it is looked up."""
        name = f"messages from {current().party}"  # what `border.partner_collections` calls it
        for collection in self.collections():
            if collection.can_write and collection.title == name:
                return collection.id
        raise NoInbox(party=self.party.pk)

    def post(self, collection: str, items: Sequence[Released]) -> Status:
        """Put messages into its inbox. The same again has the same effect (TAXII 2.1 section 5.5)."""
        headers = [_TAXII, ("Content-Type", MEDIA_TYPE)]
        reply = self.caller.call(
            self.party.pk,
            "POST",
            f"{ROOT}collections/{collection}/objects/",
            headers=headers,
            body=envelope_of(items),
            signing=proved(self.party),
        )
        return self._read(self._wanted(reply, HTTPStatus.ACCEPTED), Status)

    def _get(self, path: str, query: Sequence[tuple[str, str]]) -> Reply:
        reply = self.caller.call(self.party.pk, "GET", path, query=query, headers=[_TAXII], signing=proved(self.party))
        return self._wanted(reply, HTTPStatus.OK)

    def _wanted(self, reply: Reply, status: HTTPStatus) -> Reply:
        if reply.status != status:
            raise PartnerRefused(party=self.party.pk, status=reply.status)
        return reply

    def _taxii(self, reply: Reply) -> Reply:
        if not is_taxii(reply.field("content-type")):
            raise NotTaxii(party=self.party.pk, reason="its media type is another")
        return reply

    def _read(self, reply: Reply, kind: type[R]) -> R:
        try:
            return read(self._taxii(reply).body, kind)
        except (StrictJsonError, InvalidResource) as error:
            raise NotTaxii(party=self.party.pk, reason=error.sentence) from error

    def _last(self, reply: Reply) -> dt.datetime:
        """TAXII 2.1 section 3.2: there on every page that holds something."""
        text = reply.field(DATE_ADDED_LAST.lower()) or ""
        try:
            return parse_timestamp(text)
        except BadTimestamp as error:
            raise NotTaxii(party=self.party.pk, reason=f"{DATE_ADDED_LAST} says {printable(text)}") from error


def envelope_of(items: Sequence[Released]) -> bytes:
    """INVARIANT: the only place where objects become the body of a call, and it takes what the door gave (promise 9).

    Raises: NotThroughTheDoor.
    """
    if not all(isinstance(item, Released) for item in items):
        raise NotThroughTheDoor()
    return write_envelope(item.body for item in items)


def ask_witness(caller: Caller, party: str, request: bytes) -> Reply:
    """One add-checkpoint (C2SP tlog-witness). Both sides bear signatures of their own, which `journal` reads."""
    return caller.call(party, "POST", WITNESS, headers=[("Content-Type", "text/plain")], body=request)
