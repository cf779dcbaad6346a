"""Entering a bill in a log: a statement with a salted commitment to it, and the proof that it is there."""

from __future__ import annotations

from comity.canon import Json
from comity.ledger import Log, LogProof, Statement, commitment
from comity.messages.bill import Bill
from comity.messages.message import derived


def statement(bill: Bill, *, nonce: bytes, salt: bytes) -> Statement:
    """What the log says of a bill: the agreement, the flow, the purpose, how many objects; the rest is committed to.

    Args: nonce: 16 bytes.
          salt: 32 bytes, kept with the bill and destroyed with it.
    """
    return Statement(
        kind="release", nonce=nonce, facts={**logged_facts(bill), "commitment": commitment(salt, bill.digest)}
    )


def logged_facts(bill: Bill) -> dict[str, Json]:
    """What a bill and its log entry both say in clear."""
    return {
        "agreement": bill.content["agreement"],
        "from": bill.content["flow"]["origin"],
        "to": bill.content["flow"]["destination"],
        "purpose": bill.content["purpose"],
        "objects": len(bill.content["listed"]),
    }


def with_proof(bill: Bill, entry: Statement, salt: bytes, proof: LogProof) -> Bill:
    """The bill with all that its receiver needs to verify it offline."""
    return bill.with_members(
        logged={"entry": entry.entry.decode(), "salt": salt.hex(), "proof": bytes(proof).decode()},
    )


def log_bill(bill: Bill, log: Log, *, secret: bytes) -> Bill:
    """Enter a signed bill in a log, once: a bill that is there already gets the proof of its first place.

    Args: secret: as for `make_bill`; nonce and salt derive from it and the bill, so trying again after a crash enters
                  the same bytes.
    """
    salt = derived(secret, "bill-salt", bill.digest.encode())
    nonce = derived(secret, "bill-nonce", bill.digest.encode())[:16]
    entry = statement(bill, nonce=nonce, salt=salt)
    index = log.find(entry.entry)
    if index is None:
        (index,) = log.append([entry.entry])
    return with_proof(bill, entry, salt, log.prove(index))
