"""The ledger in the database and the vault, in one process that is a node. Prints one line of JSON for `node.py`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

COUNT = 3000
PROOFS = 500


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="comity-bench-") as name:
        folder = Path(name) / "node"
        command = [sys.executable, "-m", "comity", "node", "init", str(folder), "--party", "cert-ee", "--name", "Bench"]
        subprocess.run([*command, "--url", "https://localhost:9443", "--development"], check=True, capture_output=True)
        os.environ["COMITY_NODE"] = str(folder)
        os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
        import django

        django.setup()
        print(json.dumps({**_ledger(), **_vault()}))


def _rate(units: int, work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return units / (time.process_time() - began)


def _ledger() -> dict[str, dict[str, float]]:
    from django.db import transaction

    from comity.ledger import leaf_hash
    from comity.node import clock
    from comity.node.journal import actions as journal
    from comity.node.journal.models import Entry

    now = clock.now()

    def append() -> None:
        for at in range(0, COUNT, 100):
            with transaction.atomic():
                for number in range(at, at + 100):
                    facts = {"number": number}
                    journal.record("bench:entry:made", str(number), kind="access", facts=facts, now=now)
            journal.sequence(now)

    appends = _rate(COUNT, append)
    entries = list(Entry.objects.order_by("id"))
    leaves = [bytes(entry.body) for entry in entries]
    hashes = _rate(COUNT * 20, lambda: [leaf_hash(leaf) for _ in range(20) for leaf in leaves])
    # What a proof is at the least: one hash for each level, which a verifier does.
    levels = COUNT.bit_length()
    paths = _rate(PROOFS * 20, lambda: [_path(leaf, levels) for _ in range(20) for leaf in leaves[:PROOFS]])
    proofs = _rate(PROOFS, lambda: [journal.prove(entry) for entry in entries[:PROOFS]])
    return {
        "append to the ledger": {"comity": appends, "SHA-256 of the same leaves": hashes},
        "prove inclusion": {"comity": proofs, "SHA-256, once a level": paths},
    }


def _path(leaf: bytes, levels: int) -> bytes:
    for _ in range(levels):
        leaf = hashlib.sha256(leaf + leaf[:32]).digest()
    return leaf


def _vault() -> dict[str, dict[str, float]]:
    from comity.node import clock
    from comity.node.vault import actions as vault
    from comity.node.vault.models import Holding

    now = clock.now()
    keeping = [
        vault.Keeping(
            agreement="bench",
            partner="cert-br",
            direction=vault.RECEIVED,
            bill=f"comity-bill--{number // 1000:08d}-0000-4000-8000-000000000000",
            object_id=f"indicator--{number:08d}-0000-4000-8000-000000000000",
            object_type="indicator",
            version="2026-11-01T08:00:00.000Z",
            data=b'{"type":"indicator"}' * 25,
            expires=now + dt.timedelta(days=30),
            first_receipt=now,
            clauses=("bench:S1",),
            digest="sha256:" + "0" * 64,
        )
        for number in range(COUNT)
    ]
    ingest = _rate(COUNT, lambda: [vault.keep_many(keeping[at : at + 1000], now) for at in range(0, COUNT, 1000)])
    holdings = list(Holding.objects.select_related("box"))
    delete = _rate(COUNT, lambda: vault.delete(holdings, "expiry", now))
    return {"delete": {"comity": delete, "ingest": ingest}}


if __name__ == "__main__":
    main()
