"""One release with its bill, and a message of each kind that follows it: what the tests of messages start from."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.stores import MemoryStore

from comity.canon import digest_of, dumps, strict_base64
from comity.ledger import Algorithm, Log, SignerKey, VerifierKey
from comity.messages import (
    Bill,
    Card,
    DeletionCause,
    DeletionReceipt,
    FollowUp,
    Hold,
    HoldGround,
    Listed,
    Missing,
    NotStored,
    Receipt,
    Release,
    Retraction,
    Withdrawal,
    log_bill,
    make_bill,
    make_card,
    make_deletion_receipt,
    make_receipt,
    make_retraction,
    message_of,
    read_message,
    sign_bill,
    sign_message,
    verify_deletion_receipt,
    verify_receipt,
    verify_retraction,
)

ORIGIN = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
RECEIVER = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
SECRET = bytes(range(64, 96))
MADE_AT = dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
RELEASE = Release(
    agreement="ee-br-csirt",
    agreement_version=2,
    agreement_digest="sha256:" + "a" * 64,
    baseline_digest=None,
    origin="cert-ee",
    destination="cert-br",
    purpose="incident-response",
    circumstances_digest="sha256:" + "c" * 64,
    law_version="2026.11.1",
    law_digest="sha256:" + "d" * 64,
    program="0.1.0",
    detectors="1",
    made_at=dt.datetime(2026, 11, 23, tzinfo=dt.UTC),
)
OBJECTS: list[dict[str, Any]] = [
    {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--00000000-0000-4000-8000-00000000000{n}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-02T00:00:00.000Z",
        "pattern": f"[domain-name:value = 'c{n}.example']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z",
    }
    for n in range(4)
] + [
    {
        "type": "ipv4-addr",
        "spec_version": "2.1",
        "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",  # version 5: anybody can compute it from the address
        "value": "198.51.100.3",
    }
]
IDS = [content["id"] for content in OBJECTS]
FOREIGN = "indicator--00000000-0000-4000-8000-00000000000f"


def a_bill(release: Release = RELEASE, *, secret: bytes = SECRET, **changes: Any) -> Bill:
    """Signed by the origin and logged."""
    listed = [
        Listed(id=one["id"], version=one.get("modified"), digest=digest_of(one), clauses=("ee-br-csirt:S1",))
        for one in OBJECTS
    ]
    bill = make_bill(
        replace(release, **changes), listed, key=ORIGIN.public_key(), log_name="cert-ee/releases", secret=secret
    )
    log = Log.create(MemoryStore(), SignerKey("cert-ee/releases", ORIGIN))
    return log_bill(sign_bill(bill, ORIGIN), log, secret=secret)


BILL = a_bill()
MISSING = (
    Missing(id=IDS[1], version="2026-11-02T00:00:00.000Z", reason=NotStored.QUARANTINED),
    Missing(id=IDS[4], reason=NotStored.TOMBSTONED),
)
HOLD = Hold(ids=frozenset(IDS[2:4]), ground=HoldGround.CRIME_INVESTIGATION, review_by=MADE_AT + 30 * DAY)


def a_receipt(bill: Bill = BILL, missing: tuple[Missing, ...] = MISSING, **changes: Any) -> Receipt:
    given = {"made_at": MADE_AT, "key": RECEIVER.public_key(), "secret": SECRET} | changes
    return sign_message(make_receipt(bill, missing, **given), RECEIVER)


def a_retraction(bill: Bill = BILL, objects: list[str] | None = None, **changes: Any) -> Retraction:
    given = {
        "reason": Withdrawal.CONSENT_WITHDRAWN,
        "delete_by": MADE_AT + 3 * DAY,
        "made_at": MADE_AT,
        "key": ORIGIN.public_key(),
        "secret": SECRET,
    } | changes
    return sign_message(make_retraction(bill, objects, **given), ORIGIN)


def a_deletion_receipt(bill: Bill = BILL, deleted: list[str] | None = None, **changes: Any) -> DeletionReceipt:
    given = {
        "cause": DeletionCause.RETRACTION,
        "retraction": a_retraction(bill).id,
        "deleted_at": MADE_AT + DAY,
        "held": [HOLD],
        "made_at": MADE_AT + 2 * DAY,
        "key": RECEIVER.public_key(),
        "secret": SECRET,
    } | changes
    gone = [*IDS[:2], IDS[4]] if deleted is None else deleted
    return sign_message(make_deletion_receipt(bill, gone, **given), RECEIVER)


LOG = VerifierKey("cert-ee/releases", ORIGIN.public_key())
WITNESS = VerifierKey("cert-ee/witness", STRANGER.public_key(), Algorithm.COSIGNATURE)


def a_card(key: Ed25519PrivateKey = ORIGIN, **changes: Any) -> Card:
    given = {
        "url": "https://comity.cert-ee.example/",
        "party": "cert-ee",
        "log": LOG,
        "witness": WITNESS,
        "serial": 7,
        "issued_at": MADE_AT,
        "valid_until": MADE_AT + 30 * DAY,
        "development": False,
        "key": key.public_key(),
    } | changes
    return sign_message(make_card(**given), key)


KEYS = {"origin": ORIGIN, "destination": RECEIVER}
FOLLOW_UPS: list[FollowUp] = [a_receipt(), a_retraction(objects=IDS[:3]), a_deletion_receipt()]
each_follow_up = pytest.mark.parametrize("message", FOLLOW_UPS, ids=lambda one: one.KIND)


def verify(message: Any, bill: Bill = BILL) -> Any:
    """As its reader does, with the key that the agreement pins for its sender."""
    key = KEYS[message.SIGNER].public_key()
    if message.KIND == "deletion-receipt":
        return verify_deletion_receipt(message, key, bill, retractions=[a_retraction().id])
    return {"receipt": verify_receipt, "retraction": verify_retraction}[message.KIND](message, key, bill)


def read(content: dict[str, Any]) -> Any:
    return read_message(dumps(content))


def resigned(content: dict[str, Any], key: Any) -> dict[str, Any]:
    """The content as an attacker with a key signs it."""
    bare = {name: value for name, value in content.items() if name != "signature"}
    return {**bare, "signature": strict_base64.encode(key.sign(message_of(bare).signed_part))}
