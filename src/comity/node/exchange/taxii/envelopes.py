"""Envelopes: STIX objects on their way, in both directions (TAXII 2.1 section 3.7).

The objects are cut out and spliced in as they are, in bytes: no object is parsed or written again here. Whether an
object is valid is a question for `material`, one object at a time, and one bad object does not spoil the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Never

import msgspec

from comity.canon import LIMITS, Limits, StrictJsonError, loads
from comity.node.exchange.taxii.errors import TooLarge
from comity.node.exchange.taxii.reading import InvalidResource

_LOOKS = 16  # how often the list's text may stand in the envelope before the list itself (attack A28)
_MAX_NEXT = 4096  # characters; it goes back to its server in a URL
_OWN = frozenset({"more", "next", "objects"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    objects: tuple[bytes, ...]  # each a JSON object as it came
    more: bool
    next: str  # "": none
    ignored: tuple[str, ...]  # custom properties: not understood and not passed on (section 7.1)


class _Sliced(msgspec.Struct):
    objects: list[msgspec.Raw]


class _Whole(msgspec.Struct):
    objects: msgspec.Raw


class _Shell(msgspec.Struct):
    more: bool = False
    next: Annotated[str, msgspec.Meta(max_length=_MAX_NEXT)] = ""


def read_envelope(data: bytes, *, limits: Limits = LIMITS) -> Envelope:
    """An envelope that a server answered with; `objects` may be absent.

    Raises: StrictJsonError, InvalidResource. A bundle is not an envelope.
    """
    if len(data) > limits.max_bytes:
        raise StrictJsonError(reason=f"it holds {len(data)} bytes, more than the {limits.max_bytes} that are read")
    slices = _slices(data, limits)
    if slices is not None and len(slices) > limits.max_items:
        _refuse(f"it holds {len(slices)} objects, more than the {limits.max_items} that are read")
    shell = _shell(data, slices, limits)
    if "type" in shell:
        _refuse("it has a type, so it is a bundle or one object")
    try:
        own = msgspec.convert({name: shell[name] for name in shell.keys() & {"more", "next"}}, type=_Shell)
    except msgspec.ValidationError as error:
        _refuse(str(error))
    return Envelope(objects=slices or (), more=own.more, next=own.next, ignored=tuple(sorted(shell.keys() - _OWN)))


def read_added(data: bytes, *, max_content_length: int, limits: Limits = LIMITS) -> Envelope:
    """An envelope that a client posted: at least one object, and no longer than the API root says.

    Args:    data: the body after content decoding, of which more than `max_content_length` need not be read.
    Raises:  TooLarge, StrictJsonError, InvalidResource.
    """
    if len(data) > max_content_length:
        raise TooLarge(most=max_content_length)
    envelope = read_envelope(data, limits=limits)
    if not envelope.objects:
        _refuse("it holds no object, so there is nothing to add")
    return envelope


def write_envelope(bodies: Iterable[bytes], *, more: bool = False, next: str = "") -> bytes:
    """An envelope around objects that are JSON already; `{}` when there is nothing to say.

    Raises: ValueError for a body that is not one JSON object by its first and last byte.
    """
    objects = list(bodies)
    if not all(body[:1] == b"{" and body[-1:] == b"}" for body in objects):
        raise ValueError("what goes into an envelope is a JSON object")
    own = [b'"more":true'] if more else []
    if next:
        own.append(b'"next":' + msgspec.json.encode(next))
    if not objects:
        return b"{" + b",".join(own) + b"}"
    # The list's ends are put on its first and last object, so that the page is copied once.
    objects[0] = b"{" + b",".join([*own, b'"objects":[']) + objects[0]
    objects[-1] += b"]}"
    return b",".join(objects)


def _slices(data: bytes, limits: Limits) -> tuple[bytes, ...] | None:
    """The bytes of each object; None when there is no list `objects`."""
    try:
        objects = tuple(bytes(raw) for raw in msgspec.json.decode(data, type=_Sliced).objects)
    except msgspec.ValidationError as error:
        if "`objects`" in str(error) and "missing" in str(error):
            return None
        _refuse("it is not an object with a list named objects")
    except msgspec.DecodeError:
        loads(data, limits=limits)  # says it again, with the line and the reason
        _refuse("its JSON is malformed")
    except RecursionError:
        raise StrictJsonError(reason=f"it is nested deeper than {limits.max_depth} levels") from None
    if not objects:
        _refuse("its list objects is empty, where an envelope without objects leaves it out")
    if not all(body.startswith(b"{") for body in objects):
        _refuse("its list objects holds what is not a JSON object")
    return objects


def _shell(data: bytes, slices: tuple[bytes, ...] | None, limits: Limits) -> dict[str, Any]:
    """The envelope with its objects cut out, parsed strictly, so that a name given twice is found (attack A04).

    The list is looked for by its text. If that text stands earlier, in another value, the cut there leaves the real
    list in place, and the next one is tried: a few times, since each costs a pass over the envelope.
    """
    if slices is None:
        whole: dict[str, Any] = loads(data, limits=limits)
        return whole
    listed = bytes(msgspec.json.decode(data, type=_Whole).objects)
    start = -1
    for _ in range(_LOOKS):
        if (start := data.find(listed, start + 1)) < 0:
            break
        shell: dict[str, Any] = loads(data[:start] + b"[]" + data[start + len(listed) :], limits=limits)
        if shell.get("objects") == []:
            return shell
    raise InvalidResource(resource="Envelope", reason="its objects cannot be told from the rest of it")


def _refuse(reason: str) -> Never:
    raise InvalidResource(resource="Envelope", reason=reason)
