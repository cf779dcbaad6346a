"""A resource as it came, read strictly: what the standard does not allow is refused by name."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from comity.canon import LIMITS, Limits, loads
from comity.node.exchange.taxii.errors import Unprocessable
from comity.node.exchange.taxii.resources import Resource

T = TypeVar("T", bound=Resource)


class InvalidResource(Unprocessable):
    what = "this is not a TAXII 2.1 resource of the kind {resource}"
    why = "{reason}"
    do = "tell whoever sent it; nothing of it was used"


def read(data: bytes, kind: type[T], *, limits: Limits = LIMITS) -> T:
    """One resource of this kind.

    Raises: StrictJsonError, InvalidResource for a required property that is missing, a value of another type, an
            empty list, or a rule of the standard that is broken.
    """
    content = loads(data, limits=limits)
    try:
        return msgspec.convert(content, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidResource(resource=kind.__name__, reason=str(error)) from None
