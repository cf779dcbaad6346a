"""A forked checkpoint: somebody who holds the log's own key signs another history; a witness refuses it and says so."""

from __future__ import annotations

import hashlib

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from comity.demo.chapter import Chapter, Check
from comity.demo.nations.world import PARTNERS, World, status
from comity.ledger import Checkpoint, SignerKey, VerifierKey, sign_checkpoint

WITNESS = PARTNERS[0]


def forked(world: World) -> Chapter:
    log = status(world, world.origin.party)["origin"]
    # 409: the log grew meanwhile, and the witness has seen more of it.
    answer = world.until(
        "signing another history of the first nation's log", lambda: _offered(world), lambda it: it.status_code != 409
    )
    alarms = world.until(
        "the witness raises an alarm",
        lambda: [one for one in status(world, WITNESS)["alarms"] if (one["log"], one["code"]) == (log, "fork")],
    )
    table = Table("alarm at the witness", "about the log", "raised at")
    for one in alarms:
        table.add_row(one["code"], Text(one["log"]), one["raised_at"])
    return Chapter(
        title="A second history is refused",
        intro="Suppose that somebody at the first nation holds the log's own key and signs a tree in which a release "
        "never happened. The signature is good. The witness has seen another tree of that size: it does not cosign, "
        "keeps the evidence, and raises an alarm.",
        body=(
            Panel(
                Text(f"{answer.status_code}: {answer.text.strip()}"), title="the witness answers", title_align="left"
            ),
            table,
        ),
        checks=(
            Check(
                shown="a forked checkpoint is refused, and the witness raises an alarm",
                held=answer.status_code == 422 and bool(alarms),
                evidence=f"status {answer.status_code}, alarms: {', '.join(one['code'] for one in alarms) or 'none'}",
            ),
        ),
        facts={"status": answer.status_code, "alarms": alarms},
    )


def _offered(world: World) -> httpx2.Response:
    """What the witness answers to another root of the size that it cosigned last."""
    log = status(world, world.origin.party)
    known = next(one["cosigned_size"] for one in log["witnesses"] if one["party"] == WITNESS)
    another = Checkpoint(origin=log["origin"], size=known, root=hashlib.sha256(b"another history").digest())
    witness = world.nations[WITNESS]
    return httpx2.post(
        f"{witness.url}/witness/add-checkpoint",
        content=f"old {known}\n\n".encode() + sign_checkpoint(another, _stolen_key(world)),
        verify=str(witness.trust),
        trust_env=False,
        timeout=30,
    )


def _stolen_key(world: World) -> SignerKey:
    """The log's key, from the node's folder: the demo plays the insider."""
    key = load_pem_private_key((world.origin.folder / "keys" / "log.pem").read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("the log's key is another kind of key")
    return SignerKey(VerifierKey.parse(world.origin.log).name, key)
