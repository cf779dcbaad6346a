"""What was made of a document in another format than STIX."""

from __future__ import annotations

from dataclasses import dataclass

from comity.material.losses import Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A bundle, and everything that is not in it any more."""

    bundle: bytes  # a STIX 2.1 bundle, canonical
    losses: tuple[Loss, ...]
