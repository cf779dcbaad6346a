"""A partner's node over real TLS, made of our protocol's own layer: it verifies what it is asked and signs what it
answers. It keeps what it is told to keep in memory, and can be told to misbehave.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any, Self
from urllib.parse import urlsplit

from tests.node.journal.partners import WitnessNode
from tests.node.wire.authority import Authority
from tests.node.wire.keys import MemoryNonces
from tests.node.wire.listening import Website
from tests.node.world import US, Content, Origin

from comity.canon import dumps
from comity.ledger import LogProof, SignerKey
from comity.messages import Bill, make_card, sign_message
from comity.node import chance, clock, keyring
from comity.node.exchange.signatures import (
    Answer,
    Request,
    SignatureRefused,
    SigningKey,
    nonce_of,
    sign_answer,
    verify_request,
)
from comity.node.exchange.taxii import (
    MEDIA_TYPE,
    Collection,
    Collections,
    Endpoint,
    Status,
    date_added_headers,
    parse_query,
    read_envelope,
    write,
    write_envelope,
)

Spoils = Callable[[Request, Answer], Answer]
_OBJECTS = re.compile(r"/exchange/collections/([^/]+)/objects/")
_TYPE = (("Content-Type", MEDIA_TYPE),)


@dataclass
class Item:
    body: bytes
    date_added: dt.datetime


@dataclass
class Shelf:
    """A collection of ours at the partner."""

    title: str
    can_read: bool
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    items: list[Item] = field(default_factory=list)


class Neighbour:
    """The node of a party of `World`. `now` is business time, which the test moves."""

    def __init__(self, party: str, authority: Authority, now: Callable[[], dt.datetime]) -> None:
        self.party, self.now = party, now
        self.origin = Origin(party)
        self.witness = WitnessNode(party, now())
        self.ours = keyring.held().signing.public_key()
        self.material = Shelf(f"agreement: {party} to {US}", True)
        self.outbox = Shelf(f"messages to {US}", True)
        self.inbox = Shelf(f"messages from {US}", False)
        self.posted: list[Content] = []
        self.asked: list[Request] = []  # that we sent, the card and the witness apart
        self.refused: list[str] = []
        self.spoils: Spoils | None = None
        self.card_of: Callable[[], bytes] = self.card
        self.serial = 1
        self.most = 500  # of a page, whatever is asked for
        self._nonces = MemoryNonces(clock.real(), room=10_000)
        self.site = Website(self._handle, authority.issue("localhost", "127.0.0.1"))

    @property
    def url(self) -> str:
        return self.site.url

    def __enter__(self) -> Self:
        self.site.__enter__()
        return self

    def __exit__(self, *how: object) -> None:
        self.site.__exit__(*how)

    # -- what it has for us

    def put(self, objects: Iterable[Content | Bill], shelf: Shelf | None = None) -> None:
        """On the shelf, each a microsecond after the one before."""
        shelf = shelf or self.material
        for one in objects:
            content = dict(one.content) if isinstance(one, Bill) else one
            last = shelf.items[-1].date_added if shelf.items else self.now() - dt.timedelta(hours=1)
            shelf.items.append(Item(dumps(content), last + dt.timedelta(microseconds=1)))

    def bill(self, objects: Iterable[Content], *, text: Any, by: Iterable[SignerKey] = (), **how: Any) -> Bill:
        """A bill of these objects with a proof that these witnesses have seen."""
        made = self.origin.bill(list(objects), self.now(), text=text, **how)
        return cosigned(made, by, self.now()) if by else made

    def forget(self) -> None:
        """Its shelves are empty, and it behaves."""
        for shelf in self.shelves:
            shelf.items.clear()
        self.posted, self.asked, self.refused, self.spoils, self.most = [], [], [], None, 500
        self.card_of = self.card

    # -- what it answers

    def card(self, **changes: Any) -> bytes:
        said: dict[str, Any] = {
            "url": self.url,
            "party": self.party,
            "log": self.origin.log_key.verifier,
            "witness": self.witness.signer.verifier,
            "serial": self.serial,
            "issued_at": self.now(),
            "valid_until": self.now() + dt.timedelta(days=7),
            "development": True,
            **changes,
        }
        key = said.pop("signed_by", self.origin.key)
        return bytes(sign_message(make_card(**said, key=key.public_key()), key))

    def _handle(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = tuple(handler.headers.items())
        request = Request(method=handler.command, target_uri=self.url + handler.path, headers=headers, body=body)
        answer = self._answer(request)
        handler.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body)

    def _answer(self, request: Request) -> Answer:
        path = urlsplit(request.target_uri).path
        if path == "/.well-known/comity.json":
            return Answer(status=200, headers=(("Content-Type", "application/json"),), body=self.card_of())
        if path == "/witness/add-checkpoint":
            self.witness.now = self.now()
            status, body = self.witness.post(request.body)
            return Answer(status=status, headers=(("Content-Type", "text/plain"),), body=body)
        self.asked.append(request)
        try:
            proof = verify_request(request, keys={US: self.ours}.get, nonces=self._nonces, now=clock.real())
        except SignatureRefused as error:
            self.refused.append(error.reason.value)
            return Answer(status=401, headers=_TYPE, body=b"{}")
        answer = self._taxii(request, path)
        if self.spoils is not None:
            answer = self.spoils(request, answer)
        if answer.field("signature") is not None:  # it was told to answer with this, and nothing else
            return answer
        key = SigningKey(keyid=self.party, private=self.origin.key)
        return sign_answer(
            answer, to=request, proof=proof, key=key, now=clock.real(), nonce=nonce_of(chance.octets(16))
        )

    def _taxii(self, request: Request, path: str) -> Answer:
        if path == "/exchange/collections/":
            return Answer(
                status=200, headers=_TYPE, body=write(Collections(collections=tuple(map(_shown, self.shelves))))
            )
        found = _OBJECTS.fullmatch(path)
        shelf = next((one for one in self.shelves if found and one.id == found[1]), None)
        if shelf is None:
            return Answer(status=404, headers=_TYPE, body=b'{"title":"there is nothing here for you"}')
        return self._page(request, shelf) if request.method == "GET" else self._post(request, shelf)

    @property
    def shelves(self) -> list[Shelf]:
        return [self.material, self.outbox, self.inbox]

    def _page(self, request: Request, shelf: Shelf) -> Answer:
        query = parse_query(urlsplit(request.target_uri).query, Endpoint.OBJECTS)
        left = [one for one in shelf.items if query.added_after is None or one.date_added > query.added_after]
        page = left[: min(query.limit, self.most)]
        dates = date_added_headers([one.date_added for one in page])
        body = write_envelope([one.body for one in page], more=len(left) > len(page))
        return Answer(status=200, headers=(*_TYPE, *dates.items()), body=body)

    def _post(self, request: Request, shelf: Shelf) -> Answer:
        objects = [json.loads(body) for body in read_envelope(request.body).objects]
        assert shelf is self.inbox
        self.posted += objects
        status = Status(
            id=str(uuid.uuid4()),
            status="complete",
            total_count=len(objects),
            success_count=len(objects),
            failure_count=0,
            pending_count=0,
        )
        return Answer(status=202, headers=_TYPE, body=write(status))


def _shown(shelf: Shelf) -> Collection:
    return Collection(id=shelf.id, title=shelf.title, can_read=shelf.can_read, can_write=not shelf.can_read)


def cosigned(bill: Bill, by: Iterable[SignerKey], now: dt.datetime) -> Bill:
    """The bill, its checkpoint cosigned by these witnesses."""
    logged = dict(bill.content["logged"])
    proof = LogProof.parse(logged["proof"].encode())
    text = proof.checkpoint.decode().rpartition("\n\n")[0] + "\n"
    lines = "".join(signer.sign(text, time=int(now.timestamp())) for signer in by)
    logged["proof"] = bytes(replace(proof, checkpoint=proof.checkpoint + lines.encode())).decode()
    return bill.with_members(logged=logged)
