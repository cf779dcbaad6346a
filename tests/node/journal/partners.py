"""Partners in memory: nodes that witness our log, and logs that we witness. They can be told to misbehave."""

from __future__ import annotations

import datetime as dt
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from tests.ledger.stores import MemoryStore

from comity.canon import strict_base64
from comity.ledger import Algorithm, Checkpoint, Log, Seen, SignerKey, Tree, answer, leaf_hash, sign_checkpoint
from comity.node import keyring
from comity.node.journal import actions
from comity.node.journal.models import Entry, Witness


def key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


class WitnessNode:
    """A partner's node that cosigns our log. It keeps what it cosigned, as a real one does."""

    def __init__(self, party: str, now: dt.datetime) -> None:
        self.party, self.now = party, now
        name = f"{party}.example/{party}/witness"
        self.signer = SignerKey(name, key_of(name), Algorithm.COSIGNATURE)
        self.state: dict[str, Seen] = {}
        self.requests: list[bytes] = []

    def post(self, body: bytes) -> tuple[int, bytes]:
        """POST add-checkpoint."""
        self.requests.append(body)
        log = keyring.held().log.verifier
        logs = {log.name: (log,)}
        reply = answer(self.state, body, logs=logs, signer=self.signer, time=int(self.now.timestamp()))
        self.state = dict(reply.state)
        return reply.status, reply.body.encode()

    def appoint(self) -> Witness:
        key = str(self.signer.verifier)
        return actions.add_witness(self.signer.name, party=self.party, key=key, url=f"https://{self.party}.example")

    @property
    def row(self) -> Witness:
        return Witness.objects.get(party=self.party)

    def ask(self, now: dt.datetime | None = None) -> None:
        """Our node asks this witness, as `exchange` does."""
        actions.ask(self.row, self.post, now or self.now)


def appointed(now: dt.datetime, *parties: str) -> list[WitnessNode]:
    nodes = [WitnessNode(party, now) for party in parties]
    for node in nodes:
        node.appoint()
    return nodes


def write(now: dt.datetime, count: int = 1, *, first: int = 0) -> list[Entry]:
    """So many submissions, each in the log once it is sequenced."""
    with transaction.atomic():
        return [
            actions.record("border:submission:made", f"s-{n}", kind="submission", facts={"number": n}, now=now)
            for n in range(first, first + count)
        ]


class PartnerLog:
    """A partner's log: honest, unless it is told to show another history."""

    def __init__(self, name: str = "node-b.example/cert-br", history: str = "true") -> None:
        self.signer = SignerKey(name, key_of(name))
        self.leaves = [leaf_hash(f"{history} {n}".encode()) for n in range(200)]
        self.tree = Tree(self.leaves)

    def watch(self) -> None:
        actions.watch_log(self.signer.name, key=str(self.signer.verifier))

    def note(self, size: int) -> bytes:
        return sign_checkpoint(Checkpoint(origin=self.signer.name, size=size, root=self.tree.root(size)), self.signer)

    def request(self, old: int, size: int, proof: list[bytes] | None = None) -> bytes:
        """Ask for a cosignature of the tree of this size, for who cosigned the one of size `old`."""
        from comity.ledger import prove_consistency

        hashes = (prove_consistency(self.tree.node, old, size) if 0 < old <= size else []) if proof is None else proof
        lines = [f"old {old}", *map(strict_base64.encode, hashes)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.note(size)


def log_in_memory(entries: list[bytes]) -> tuple[Log, MemoryStore]:
    """The same entries in the pure room's own log: what ours must look like."""
    store = MemoryStore()
    log = Log.create(store, keyring.held().log)
    log.append(entries)
    return log, store
