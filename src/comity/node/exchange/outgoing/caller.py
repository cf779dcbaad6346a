"""The way out: every call that the node makes to a partner goes through `Caller.call`."""

from __future__ import annotations

import datetime as dt
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore2
import httpx2

from comity.canon import printable
from comity.node import chance, clock
from comity.node.exchange.outgoing.answers import BrokenAnswer, Limits, Reply, decoded_body, read_answer
from comity.node.exchange.outgoing.codings import ACCEPTED
from comity.node.exchange.outgoing.connections import NotConnected, OneConnection, TlsRefused
from comity.node.exchange.outgoing.deadlines import Deadline, Ticks, Timeouts
from comity.node.exchange.outgoing.errors import BadAnswer, CallNotAllowed, PartnerNotReached
from comity.node.exchange.outgoing.origins import Origin, Query
from comity.node.exchange.outgoing.resolving import Resolver, checked_addresses, system_resolver
from comity.node.exchange.outgoing.trust import Trust, client_context
from comity.node.exchange.signatures import (
    NONCE_BYTES,
    Answer,
    Field,
    Keys,
    Request,
    SignatureRefused,
    SigningKey,
    Unsignable,
    Verified,
    nonce_of,
    sign_request,
    verify_answer,
)

USER_AGENT = "comity"
# What the call itself writes. A caller that wrote them too could move the request or break its framing.
_OWN = frozenset((
    "accept-encoding", "connection", "content-digest", "content-encoding", "content-length", "expect", "host",
    "keep-alive", "proxy-authorization", "signature", "signature-input", "te", "trailer", "transfer-encoding",
    "upgrade", "user-agent",
))  # fmt: skip


class UnknownParty(CallNotAllowed):
    what = "{party} was not called"
    why = "no agreement in force gives an address for it"
    do = "sign an agreement that names its URL; nothing was sent"


class PlainHttp(CallNotAllowed):
    what = "{party} was not called"
    why = "its agreement names {origin}, and only a development node calls without TLS"


class BadRequest(CallNotAllowed):
    what = "the request to {party} was not sent"
    why = "{reason}"
    do = "mend what makes this request; nothing was sent"


class UnprovedAnswer(BadAnswer):
    """Its `__cause__` holds the exact reason and detail for the audit log."""

    what = "the answer of {party} (status {status}) was thrown away"
    why = "it is not signed as it must be: {reason}"
    do = (
        "with status 401 it refused our signature: compare the clock and the key that its agreement pins for us; else "
        "compare the key that ours pins for it, and tell the duty officer of {party}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How a call is signed, and by whose keys its answer must be. `answered_by` knows that one party's keys alone."""

    key: SigningKey
    answered_by: Keys | None = None


class Caller:
    """Calls partners, each at the origin that its agreement names and nowhere else. Threads may share one.

    Args:    allowed: party -> origin; looked up at every call, so that an agreement that ends ends the calls.
             development: whether the node is in development; plain HTTP and loopback need it and the agreement's URL.
             trust: authorities for TLS; None for the system's.
             resolve, now, draw, ticks: the edges. `now` is real time, never business time.
    Raises:  BadTrust.
    """

    def __init__(
        self,
        *,
        allowed: Mapping[str, Origin],
        development: bool,
        trust: Trust = None,
        timeouts: Timeouts = Timeouts(),
        limits: Limits = Limits(),
        resolve: Resolver = system_resolver,
        now: Callable[[], dt.datetime] = clock.real,
        draw: Callable[[int], bytes] = chance.octets,
        ticks: Ticks = time.monotonic,
    ) -> None:
        self._allowed = allowed
        self._development = development
        self._tls = client_context(trust)
        self._timeouts = timeouts
        self._limits = limits
        self._resolve = resolve
        self._real_time = now
        self._draw = draw
        self._ticks = ticks

    def call(
        self,
        party: str,
        method: str,
        url: str,
        *,
        query: Query = (),
        headers: Sequence[Field] = (),
        body: bytes = b"",
        signing: Signing | None = None,
    ) -> Reply:
        """One request to a partner, and its answer: whole, within every limit, and proved where `signing` asks for it.

        Args:    url: an absolute path, or an absolute URL at the party's own origin; its query apart, in `query`.
                 headers: what the call does not write itself; with a `body`, Content-Type among them.
        Returns: any status but a redirect. What an error status means is for whoever called.
        Raises:  CallNotAllowed, PartnerNotReached, BadAnswer (see `errors`).
        """
        origin = self._origin(party)
        request = self._request(party, origin.at(url, query, party=party), method, headers, body, signing)
        answer = self._exchange(party, origin, request)
        proof = self._proof(party, answer, request, signing)  # before anything reads the content
        content = decoded_body(answer, limits=self._limits, party=party)
        return Reply(received=answer, body=content, proof=proof, sent=request)

    def _origin(self, party: str) -> Origin:
        origin = self._allowed.get(party)
        if origin is None:
            raise UnknownParty(party=party)
        if origin.scheme != "https" and not self._development:
            raise PlainHttp(party=party, origin=origin)
        return origin

    def _request(
        self, party: str, target: str, method: str, headers: Sequence[Field], body: bytes, signing: Signing | None
    ) -> Request:
        for name, _ in headers:
            if name.lower() in _OWN:
                raise BadRequest(party=party, reason=f"the header {name} is written by the call itself")
        own = (("User-Agent", USER_AGENT), ("Accept-Encoding", ACCEPTED), ("Connection", "close"))
        request = Request(method=method, target_uri=target, headers=(*headers, *own), body=body)
        if signing is None:
            return request
        nonce = nonce_of(self._draw(NONCE_BYTES))
        try:
            return sign_request(request, key=signing.key, now=self._real_time(), nonce=nonce)
        except Unsignable as error:
            raise BadRequest(party=party, reason=str(error)) from error

    def _exchange(self, party: str, origin: Origin, request: Request) -> Answer:
        deadline = Deadline.after(self._timeouts, party=party, ticks=self._ticks)
        addresses = checked_addresses(
            origin, party=party, development=self._development, resolve=self._resolve, deadline=deadline
        )
        with _meanings(party, origin, deadline), OneConnection(addresses, self._tls, deadline) as connection:
            response = connection.handle_request(_wire(party, request))
            return read_answer(response, limits=self._limits, party=party)

    def _proof(self, party: str, answer: Answer, request: Request, signing: Signing | None) -> Verified | None:
        if signing is None or signing.answered_by is None:
            return None
        try:
            return verify_answer(answer, to=request, keys=signing.answered_by, now=self._real_time())
        except SignatureRefused as error:
            raise UnprovedAnswer(party=party, status=answer.status, reason=error.reason.value) from error


def _wire(party: str, request: Request) -> httpx2.Request:
    try:
        made = httpx2.Request(request.method, request.target_uri, headers=list(request.headers), content=request.body)
    except ValueError as error:
        raise BadRequest(party=party, reason="a header holds a character that none may hold") from error
    # INVARIANT: what was signed is what is sent.
    if (made.method, str(made.url)) != (request.method, request.target_uri):
        raise BadRequest(party=party, reason="its method or URL has a plainer spelling")
    return made


@contextmanager
def _meanings(party: str, origin: Origin, deadline: Deadline) -> Iterator[None]:
    """The client's errors as what they mean here."""
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise deadline.missed() from error
    except httpcore2.ConnectError as error:
        raise _not_connected(party, origin, error.__cause__) from error
    except httpcore2.LocalProtocolError as error:
        raise BadRequest(party=party, reason=printable(str(error))) from error
    except (httpcore2.ProtocolError, httpcore2.NetworkError) as error:
        raise BrokenAnswer(party=party, reason=printable(str(error))) from error


def _not_connected(party: str, origin: Origin, cause: BaseException | None) -> PartnerNotReached:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TlsRefused(party=party, host=origin.host, reason=cause.verify_message)
    if isinstance(cause, ssl.SSLError):
        return TlsRefused(party=party, host=origin.host, reason=cause.reason or "no TLS")
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else "it was refused or broke off"
    return NotConnected(party=party, host=origin.host, reason=reason)
