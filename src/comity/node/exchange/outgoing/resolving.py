"""A host's addresses, asked for once and checked, every one of them, before anything connects."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TypeAlias

from comity.node.exchange.outgoing.addresses import Address, check_address
from comity.node.exchange.outgoing.deadlines import Deadline
from comity.node.exchange.outgoing.errors import PartnerNotReached
from comity.node.exchange.outgoing.origins import Origin

MAX_ADDRESSES = 16

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]  # host, port -> addresses; raises OSError


class NoAddress(PartnerNotReached):
    what = "{party} was not called"
    why = "{host} has no address: {reason}"


def system_resolver(host: str, port: int) -> list[str]:
    """As the machine resolves names: its hosts file, then DNS."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def checked_addresses(
    origin: Origin, *, party: str, development: bool, resolve: Resolver, deadline: Deadline
) -> tuple[Address, ...]:
    """The addresses that may be connected to, in the resolver's order.

    INVARIANT: one address that is refused refuses the call; a mixed answer is how rebinding begins.
    Raises:  AddressRefused, NoAddress, TooSlow.
    """
    literal = origin.literal
    found = (literal,) if literal is not None else _resolved(origin, party, resolve, deadline)
    for address in found:
        check_address(address, host=origin.host, party=party, loopback=development and origin.names_loopback)
    return found


def _resolved(origin: Origin, party: str, resolve: Resolver, deadline: Deadline) -> tuple[Address, ...]:
    try:
        texts = _in_time(resolve, origin, deadline)
        found = tuple(ipaddress.ip_address(text) for text in texts)
    except OSError as error:
        raise NoAddress(party=party, host=origin.host, reason=error.strerror or type(error).__name__) from error
    except ValueError as error:  # an address that is none, or a name that the resolver cannot encode
        raise NoAddress(party=party, host=origin.host, reason="the resolver gave something else") from error
    if not 0 < len(found) <= MAX_ADDRESSES:
        raise NoAddress(party=party, host=origin.host, reason=f"the resolver gave {len(found)}")
    return found


def _in_time(resolve: Resolver, origin: Origin, deadline: Deadline) -> Sequence[str]:
    """Resolving cannot be interrupted and a hostile name server takes its time, so it happens beside."""
    done: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            done.put(resolve(origin.host, origin.port))
        except Exception as error:  # handed on, and raised where it was asked for
            done.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        answer = done.get(timeout=deadline.left())
    except queue.Empty:
        raise deadline.missed() from None
    if isinstance(answer, Exception):
        raise answer
    return answer
