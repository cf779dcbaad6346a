"""Texts read back from how they were kept: byte for byte as signed, and read once, since a text never changes."""

from __future__ import annotations

import functools

from comity.agreement import Agreement, parse
from comity.canon import ProofError
from comity.node.treaties.models import Text


class TextChanged(ProofError):
    what = "agreement {agreement} version {version} is not what was signed"
    why = "what is kept has the digest {found}, and {digest} was accepted"
    do = "restore the database from a backup from before it was changed, and find out who changed it"


def agreement_of(text: Text) -> Agreement:
    """Raises: TextChanged."""
    return _agreement(text.digest, f"{text.agreement}.yaml", bytes(text.source), text.version)


def with_baseline(text: Text) -> tuple[Agreement, Agreement | None]:
    """The agreement, and the baseline it was accepted over. Raises: TextChanged."""
    return agreement_of(text), agreement_of(text.baseline) if text.baseline is not None else None


@functools.lru_cache(maxsize=64)
def _agreement(digest: str, name: str, source: bytes, version: int) -> Agreement:
    agreement = parse(source, name)
    if agreement.digest != digest:
        raise TextChanged(agreement=agreement.id, version=version, found=agreement.digest, digest=digest)
    return agreement
