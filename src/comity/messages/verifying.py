"""Verifying a bill offline: who signed it, that it was logged, and that the objects are those that it lists.

MessageError (BillError)
├── SignedByAnother, NotSigned, ChangedAfterSigning     as any message: `signed.py`
├── NotLogged           it has no proof of logging
├── OtherReceiver, OtherAgreement   it is a bill for somebody else, or under something else
├── ListChanged         its list of objects does not give its root: an entry was changed, added or removed
├── DiffersFromLog      it says something else than its log entry: receiver, purpose, agreement, number of objects
├── NotTheLoggedBill    the log entry is that of another bill
└── ObjectChanged, ObjectMissing, ObjectNotListed, ObjectTwice    the objects are not those that it lists
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from comity.canon import digest_of, printable
from comity.ledger import (
    Checkpoint,
    LogProof,
    Policy,
    Statement,
    VerifierKey,
    commitment,
    verify_proof,
)
from comity.messages.bill import Bill, MalformedBill, root
from comity.messages.log_entry import logged_facts
from comity.messages.signed import MessageError, check_signature, check_signer

BillError = MessageError  # a bill is refused for what any message is, and for more; this is the older name


class NotLogged(MessageError):
    what = "the bill is not logged"
    why = "it has no proof that its log holds it, and nothing crosses unlogged"


class OtherReceiver(MessageError):
    what = "the bill is for another receiver"
    why = "it names {found}, and {expected} was expected"


class OtherAgreement(MessageError):
    what = "the {message} is under another agreement, or another version of it"
    why = "it names {found}, and {expected} was expected"
    do = "compare the agreement that both parties signed with the one that you hold"


class ListChanged(MessageError):
    what = "the bill's list of objects was changed"
    why = "its entries do not give its root: an id, version, digest, clause, law or expiry is not what it was"


class DiffersFromLog(MessageError):
    what = "the bill was changed in its {member}"
    why = "it says {found}, and its entry in the origin's log says {logged}"


class NotTheLoggedBill(MessageError):
    what = "the log entry is that of another bill"
    why = "its commitment does not open to this bill"


class ObjectChanged(MessageError):
    what = "the object {object_id} was changed"
    why = "its digest is not the one that the bill lists"


class ObjectMissing(MessageError):
    what = "the object {object_id} is missing"
    why = "the bill lists it, and it is not among the objects"
    do = "ask the sender for the rest; a release is complete or it is nothing"


class ObjectNotListed(MessageError):
    what = "the object {object_id} does not belong to this release"
    why = "the bill does not list it"


class ObjectTwice(MessageError):
    what = "the object {object_id} is here twice"
    why = "one version of an object has one content and one place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What was verified, for people and programs."""

    bill: str
    agreement: str  # "<id>/<version>"
    origin: str
    destination: str
    purpose: str
    made_at: str
    objects: int
    root: str
    signed_by: str
    log: str
    index: int
    checkpoint: Checkpoint
    expiries: tuple[tuple[str, int], ...]  # (instant, how many objects), soonest first
    checks: tuple[str, ...]  # one sentence each, in the order they passed
    absent: tuple[str, ...] = ()  # ids of listed objects that did not come, as the reader had said


def verify_bill(
    bill: Bill,
    key: Ed25519PublicKey,
    objects: Iterable[Mapping[str, Any]],
    *,
    log_key: VerifierKey | None = None,
    policy: Policy | None = None,
    receiver: str | None = None,
    agreement_digest: str | None = None,
    absent: Collection[str] = (),
) -> Account:
    """Check a bill and the objects it came with. The order of the objects does not matter; everything else does.

    Args:   key: the origin's public key, from the agreement.
            log_key: the log's, where it is not the origin's own key.
            policy: which witnesses must have seen the log.
            receiver, agreement_digest: what the reader expects; a bill for another is refused.
            absent: ids of listed objects that did not come (they expired meanwhile, say) and that the receipt will
                    name. Any other object that is missing is refused.
    Raises: a MessageError named for what is wrong; for the proof itself InclusionError, BadProofFile, NoKnownSignature,
            BadSignature, OtherLog and QuorumNotMet; BadStatement for its entry.
    """
    content = bill.content
    check_signer(bill, key)  # step 1: whose it is
    _expected(bill, receiver, agreement_digest)  # step 2: for whom, under what
    if root(content["listed"]) != content["root"]:  # step 3: the list
        raise ListChanged()
    proof, checkpoint = _logged(bill, log_key or VerifierKey(content["log_name"], key), policy)  # step 4: the log
    check_signature(bill, key)  # step 5: the signature
    entry = Statement.parse(content["logged"]["entry"].encode())  # step 6: that the entry is this bill's
    if entry.facts["commitment"] != commitment(bytes.fromhex(content["logged"]["salt"]), bill.digest):
        raise NotTheLoggedBill()
    gone = _objects(bill, objects, absent)  # step 7
    return _account(bill, gone, proof, checkpoint, policy)


def _expected(bill: Bill, receiver: str | None, agreement_digest: str | None) -> None:
    destination, digest = bill.content["flow"]["destination"], bill.content["agreement"]["digest"]
    if receiver is not None and receiver != destination:
        raise OtherReceiver(found=printable(destination), expected=printable(receiver))
    if agreement_digest is not None and agreement_digest != digest:
        raise OtherAgreement(message=bill.name(), found=f"the digest {digest}", expected=agreement_digest)


def _logged(bill: Bill, key: VerifierKey, policy: Policy | None) -> tuple[LogProof, Checkpoint]:
    logged = bill.content.get("logged")
    if logged is None:
        raise NotLogged()
    entry = logged["entry"].encode()
    proof = LogProof.parse(logged["proof"].encode())
    checkpoint = verify_proof(entry, proof, key, origin=bill.content["log_name"], policy=policy)
    entered = Statement.parse(entry)
    facts, said = entered.facts, logged_facts(bill)
    if entered.kind != "release" or facts.keys() != {*said, "commitment"}:
        raise NotTheLoggedBill()
    for member, found in said.items():
        if facts[member] != found:
            raise DiffersFromLog(member=member, found=printable(str(found)), logged=printable(str(facts[member])))
    return proof, checkpoint


def _objects(bill: Bill, objects: Iterable[Mapping[str, Any]], absent: Collection[str]) -> tuple[str, ...]:
    """Compare what came with what is listed. Returns: ids of what did not come, all of which are among `absent`."""
    listed = {(one["id"], one.get("version")): one["digest"] for one in bill.content["listed"]}
    if len(listed) != len(bill.content["listed"]):
        raise MalformedBill(reason="it lists one version of an object twice")
    ids = {object_id for object_id, _ in listed}
    seen: set[tuple[str, str | None]] = set()
    for content in objects:
        version = content.get("modified") or content.get("created")
        name = (str(content.get("id")), None if version is None else str(version))
        shown = printable(name[0])
        if name in seen:
            raise ObjectTwice(object_id=shown)
        if name not in listed:
            raise (ObjectChanged if name[0] in ids else ObjectNotListed)(object_id=shown)
        if digest_of(dict(content)) != listed[name]:
            raise ObjectChanged(object_id=shown)
        seen.add(name)
    gone = tuple(sorted(object_id for object_id, _ in listed.keys() - seen))
    for object_id in gone:
        if object_id not in absent:
            raise ObjectMissing(object_id=printable(object_id))
    return gone


def _account(
    bill: Bill, gone: tuple[str, ...], proof: LogProof, checkpoint: Checkpoint, policy: Policy | None
) -> Account:
    content = bill.content
    agreement, flow, count = content["agreement"], content["flow"], len(content["listed"])
    expiries: dict[str, int] = {}
    for one in content["listed"]:
        if "expires" in one:
            expiries[one["expires"]] = expiries.get(one["expires"], 0) + 1
    checks = [
        "the origin's key signed the bill, and nothing in it was changed since",
        f"its list of {count} objects gives its root",
        f"its entry is number {proof.index} of {checkpoint.size} in the log {checkpoint.origin}, whose root is signed",
        "the entry commits to this bill and to no other",
        _said_of_objects(count, len(gone)),
    ]
    if policy is not None:
        checks.insert(3, "enough witnesses have cosigned the checkpoint")
    return Account(
        bill=bill.id,
        agreement=f"{agreement['id']}/{agreement['version']}",
        origin=flow["origin"],
        destination=flow["destination"],
        purpose=content["purpose"],
        made_at=content["created"],
        objects=count,
        root=content["root"],
        signed_by=content["signed_by"],
        log=checkpoint.origin,
        index=proof.index,
        checkpoint=checkpoint,
        expiries=tuple(sorted(expiries.items())),
        checks=tuple(checks),
        absent=gone,
    )


def _said_of_objects(count: int, gone: int) -> str:
    if gone:
        return f"{count - gone} of the {count} objects that it lists came, unchanged, with none added; {gone} did not"
    return f"the {count} objects are those that it lists, unchanged, with none missing and none added"
