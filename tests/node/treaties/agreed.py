"""The worked agreements with keys of this run, edited and signed as a test asks."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.agreement import Agreement, Signature, gather, parse, sign, write_signatures
from comity.ledger import public_key_text
from comity.node import keyring
from comity.node.treaties import actions
from comity.node.treaties.models import Flow, Text

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
US, BR, JP = "cert-ee", "cert-br", "cert-jp"
BASELINE, EE_BR, EE_JP = "csirt-baseline", "ee-br-csirt", "ee-jp-csirt"
Edit = tuple[str, str]
SECOND: Edit = ("\nversion: 1\n", "\nversion: 2\n")


@functools.cache
def published(name: str) -> tuple[bytes, bytes]:
    """An example and its signatures, as they are in the folder."""
    folder = EXAMPLES / "agreements"
    return (folder / f"{name}.yaml").read_bytes(), (folder / f"{name}.signatures.json").read_bytes()


@functools.cache
def published_baseline() -> Agreement:
    return parse(published(BASELINE)[0], BASELINE)


def key_of(name: str) -> Ed25519PrivateKey:
    """A throw-away key, the same for the same name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"treaties {name}".encode()).digest())


def spelled(name: str) -> str:
    return public_key_text(key_of(name).public_key())


def keys() -> dict[str, Ed25519PrivateKey]:
    return {US: keyring.held().signing, BR: key_of(BR), JP: key_of(JP)}


@dataclass(frozen=True)
class Signed:
    """A text and what stands under it."""

    source: bytes
    agreement: Agreement
    signers: Mapping[str, Ed25519PrivateKey]

    def signatures(self, *parties: str) -> list[Signature]:
        """Of these parties; of all where none is named."""
        names = parties or [party.id for party in self.agreement.text.parties]
        return [sign(self.agreement, self.signers[name], name) for name in names]

    def file(self, *parties: str) -> bytes:
        return write_signatures(gather(self.agreement, self.signatures(*parties)))

    def accepted(self, now: dt.datetime, **how: Any) -> Text:
        return actions.accept(self.source, self.file(), now=now, **how)


def text(
    name: str,
    *edits: Edit,
    over: Signed | None = None,
    signers: Mapping[str, Ed25519PrivateKey] | None = None,
) -> Signed:
    """An example under the keys of this run, with edits; an annex is laid over `over`."""
    signers = {**keys(), **(signers or {})}
    source = published(name)[0].decode()
    baseline = published_baseline()
    for party in baseline.text.parties:
        source = source.replace(str(party.key), public_key_text(signers[party.id].public_key()))
    if over is not None:
        source = source.replace(baseline.digest, over.agreement.digest)
        source = source.replace(
            f"{{agreement: {BASELINE}, version: 1,", f"{{agreement: {BASELINE}, version: {over.agreement.text.version},"
        )
    for before, after in edits:
        assert before in source, f"{name} no longer says {before!r}"
        source = source.replace(before, after)
    return Signed(source.encode(), parse(source.encode(), f"{name}.yaml"), signers)


def both(now: dt.datetime, *names: str) -> dict[str, Signed]:
    """The baseline and the annexes named, accepted."""
    made = {BASELINE: text(BASELINE)}
    made[BASELINE].accepted(now)
    for name in names:
        made[name] = text(name, over=made[BASELINE])
        made[name].accepted(now)
    return made


def flows(**where: Any) -> dict[tuple[str, str, str], Flow]:
    return {(f.agreement, f.origin, f.destination): f for f in Flow.objects.filter(**where)}


def rows() -> Sequence[int]:
    return [Text.objects.count(), Flow.objects.count()]
