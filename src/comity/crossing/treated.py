"""What was treated anywhere in a submission, sealed: so that a part of it is searched for what another part told.

Deterministic authenticated encryption (RFC 5297) under a key of the agreement's own: the same values give the same
text, so circumstances keep one digest (promise 8), and whoever reads them without the secret reads nobody's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from comity.canon import Category, strict_base64
from comity.crossing.circumstances import BadCircumstances
from comity.crossing.keys import Keys
from comity.privacy import Gone


class _Sealed(msgspec.Struct, array_like=True):
    values: list[tuple[Category, str, str]]
    ids: list[str]
    left_out: dict[str, list[str]]


class Told(NamedTuple):
    """The values that treatment removed, the ids of observables that would give such a value away, and the names of
    properties of which anything was left out, by the id of their object.
    """

    gone: frozenset[Gone] = frozenset()
    ids: frozenset[str] = frozenset()
    left_out: Mapping[str, frozenset[str]] = MappingProxyType({})

    @property
    def in_order(self) -> list[Gone]:
        """The order in which they were found has no say (promise 8)."""
        return sorted(self.gone, key=lambda one: (one.category, one.value, one.text))

    def join(self, gone: Iterable[Gone], ids: Iterable[str], left_out: Mapping[str, frozenset[str]]) -> Told:
        joined = {**self.left_out}
        for object_id, names in left_out.items():
            joined[object_id] = joined.get(object_id, frozenset()) | names
        return Told(self.gone.union(gone), self.ids.union(ids), joined)


def seal(told: Told, keys: Keys) -> str:
    """In base64 (RFC 4648 section 4)."""
    values = [(one.category, one.value, one.text) for one in told.in_order]
    left_out = {object_id: sorted(told.left_out[object_id]) for object_id in sorted(told.left_out)}
    plain = msgspec.json.encode(_Sealed(values, sorted(told.ids), left_out))
    return strict_base64.encode(_cipher(keys).encrypt(plain, None))


def unseal(sealed: str | None, keys: Keys) -> Told:
    """None: nothing was said. Raises: BadCircumstances, where it was sealed under another secret or changed."""
    if sealed is None:
        return Told()
    try:
        plain = _cipher(keys).decrypt(strict_base64.decode(sealed), None)
        read = msgspec.json.decode(plain, type=_Sealed)
    except (AttributeError, InvalidTag, ValueError) as error:
        raise BadCircumstances(reason="what was treated in the whole was sealed under another secret") from error
    return Told(
        frozenset(Gone(category=category, value=value, text=text) for category, value, text in read.values),
        frozenset(read.ids),
        {object_id: frozenset(names) for object_id, names in read.left_out.items()},
    )


def _cipher(keys: Keys) -> AESSIV:
    return AESSIV(keys.derived("treated/authenticity") + keys.derived("treated/secrecy"))
