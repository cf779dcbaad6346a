"""A resource as it goes out."""

from __future__ import annotations

import msgspec

from comity.node.exchange.taxii.resources import Resource


def write(resource: Resource) -> bytes:
    """The resource in JSON; what was left out, and every empty list, is not in it.

    INVARIANT: what we send, we could read. It is decoded again, so a mistake of ours ends as an error here and not
    at the client.
    Raises: msgspec.ValidationError.
    """
    written = msgspec.json.encode(resource)
    msgspec.json.decode(written, type=type(resource))
    return written
