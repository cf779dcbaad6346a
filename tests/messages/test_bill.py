"""The bill: made the same from the same release, signed, logged, and refused by name for whatever is wrong with it."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.stores import MemoryStore

from comity.canon import ComityError, digest, digest_of, dumps, strict_base64
from comity.ledger import (
    Algorithm,
    BadSignature,
    InclusionError,
    Log,
    LogProof,
    NoKnownSignature,
    QuorumNotMet,
    SignerKey,
    Statement,
    VerifierKey,
    majority,
    public_key_text,
    verify_log,
)
from comity.messages import (
    EXTENSION_ID,
    BadRelease,
    Bill,
    ChangedAfterSigning,
    DiffersFromLog,
    ListChanged,
    Listed,
    MalformedBill,
    NotLogged,
    NotSigned,
    NotTheLoggedBill,
    ObjectChanged,
    ObjectMissing,
    ObjectNotListed,
    ObjectTwice,
    OtherAgreement,
    OtherReceiver,
    Release,
    SignedByAnother,
    bill_schema,
    bill_secret,
    extension_definition,
    log_bill,
    make_bill,
    read_bill,
    sign_bill,
    verify_bill,
)
from comity.messages.bill import root

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG_NAME = "cert-ee/releases"
SECRET = bill_secret(KEY)
SHA = "sha256:" + "0" * 64
RELEASE = Release(
    agreement="ee-br-csirt",
    agreement_version=2,
    agreement_digest="sha256:" + "a" * 64,
    baseline_digest="sha256:" + "b" * 64,
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
        "id": "ipv4-addr--efcd5e80-570d-4131-b213-62cb18eaa6a8",
        "value": "198.51.100.3",
    }
]


def listed(content: dict[str, Any], **changes: Any) -> Listed:
    entry = Listed(
        id=content["id"],
        version=content.get("modified"),
        digest=digest_of(content),
        clauses=("ee-br-csirt:S1", "ee-br-csirt:P5"),
        law=("eu.gdpr",),
        expires="2027-05-22T00:00:00.000Z",
    )
    return replace(entry, **changes)


def new_log(store: MemoryStore | None = None, key: Ed25519PrivateKey = KEY) -> Log:
    return Log.create(store or MemoryStore(), SignerKey(LOG_NAME, key))


def a_bill(release: Release = RELEASE, objects: list[dict[str, Any]] | None = None, log: Log | None = None) -> Bill:
    entries = [listed(content) for content in (OBJECTS if objects is None else objects)]
    bill = make_bill(release, entries, key=KEY.public_key(), log_name=LOG_NAME, secret=SECRET)
    return log_bill(sign_bill(bill, KEY), log or new_log(), secret=SECRET)


BILL = a_bill()


def test_a_bill_verifies_offline_with_the_origins_public_key_alone():
    account = verify_bill(read_bill(bytes(BILL)), KEY.public_key(), OBJECTS)
    assert (account.origin, account.destination, account.objects) == ("cert-ee", "cert-br", 5)
    assert (account.agreement, account.purpose, account.log) == ("ee-br-csirt/2", "incident-response", LOG_NAME)
    assert account.expiries == (("2027-05-22T00:00:00.000Z", 5),)
    assert len(account.checks) == 5


def test_the_same_release_gives_the_same_bill_byte_for_byte():
    assert bytes(a_bill()) == bytes(BILL)
    assert bytes(a_bill(objects=OBJECTS[::-1])) == bytes(BILL)
    assert bytes(BILL) == dumps(dict(BILL.content)) + b"\n"


def test_the_form_of_a_bill_does_not_change():
    """Bills that were signed and logged stand: these bytes are those of the first version."""
    assert BILL.id == "comity-bill--d9f04902-faa1-4817-a009-beb0a5c296e8"
    assert digest(bytes(BILL)) == "sha256:af8654b1fe949d418e3d59fb7568d2a077d947e1a42073cccb0ad087b409b309"


@given(st.permutations(OBJECTS))
def test_the_order_of_the_objects_does_not_matter(objects):
    verify_bill(BILL, KEY.public_key(), objects)


def test_another_release_gets_another_id_salt_and_nonce():
    other = a_bill(replace(RELEASE, purpose="threat-detection"))
    assert other.id != BILL.id
    assert other.content["logged"]["salt"] != BILL.content["logged"]["salt"]
    entries = [Statement.parse(bill.content["logged"]["entry"].encode()) for bill in (BILL, other)]
    assert entries[0].nonce != entries[1].nonce


def test_a_random_secret_makes_an_id_and_a_salt_that_the_key_does_not_give_away():
    bill = make_bill(RELEASE, [listed(OBJECTS[0])], key=KEY.public_key(), log_name=LOG_NAME, secret=bytes(32))
    bill = log_bill(sign_bill(bill, KEY), new_log(), secret=bytes(32))
    same = a_bill(objects=OBJECTS[:1])
    assert bill.id != same.id
    assert bill.content["logged"]["salt"] != same.content["logged"]["salt"]
    verify_bill(bill, KEY.public_key(), OBJECTS[:1])


# INVARIANT: whatever is changed is refused, by the name of what is wrong. Each tampering gets both to spoil.

Spoil = Callable[[dict[str, Any], list[dict[str, Any]]], None]


def resigned(content: dict[str, Any], key: Ed25519PrivateKey) -> None:
    content["root"] = root(content["listed"])
    content.pop("signature")
    content["signature"] = strict_base64.encode(key.sign(Bill(content=content).signed_part))


def object_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    objects[1]["pattern"] = "[domain-name:value = 'harmless.example']"


def object_changed_and_its_version(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    objects[1]["modified"] = "2026-11-03T00:00:00.000Z"


def object_removed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    del objects[2]


def object_added(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    objects.append({**objects[0], "id": "indicator--00000000-0000-4000-8000-00000000000f"})


def object_given_twice(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    objects.append(objects[0])


def digest_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    objects[1]["pattern"] = "[domain-name:value = 'harmless.example']"
    bill["listed"][1]["digest"] = digest_of(objects[1])


def clause_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["listed"][0]["clauses"] = ["ee-br-csirt:S0"]


def law_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["listed"][0].pop("law")


def expiry_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["listed"][0]["expires"] = "2099-01-01T00:00:00.000Z"


def entry_and_object_removed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    del bill["listed"][0], objects[0]


def entries_reordered(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["listed"].reverse()


def root_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["root"] = SHA


def entry_removed_and_the_root_made_to_fit(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    del bill["listed"][0], objects[0]
    bill["root"] = root(bill["listed"])


def expiry_changed_and_the_root_made_to_fit(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    expiry_changed(bill, objects)
    bill["root"] = root(bill["listed"])


def receiver_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["flow"]["destination"] = "cert-jp"


def purpose_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["purpose"] = "evidence"


def agreement_digest_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["agreement"]["digest"] = SHA


def agreement_version_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["agreement"]["version"] = 3


def law_version_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["law"]["version"] = "2027.1"


def time_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["created"] = bill["modified"] = "2026-11-24T00:00:00.000Z"


def signature_by_another_key(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    resigned(bill, OTHER)


def bill_by_another_key(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["signed_by"] = public_key_text(OTHER.public_key())
    resigned(bill, OTHER)


def signature_removed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    del bill["signature"]


def proof_removed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    del bill["logged"]


def busy_log() -> Log:
    log = new_log()
    a_bill(replace(RELEASE, purpose="threat-detection"), log=log)
    a_bill(log=log)
    return log


def proof_for_another_leaf(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["logged"]["proof"] = bytes(busy_log().prove(0)).decode()


def checkpoint_of_a_smaller_log(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    log = busy_log()
    proof = log.prove(1)
    bill["logged"]["proof"] = bytes(replace(proof, checkpoint=new_log().note)).decode()


def checkpoint_by_another_key(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    log = new_log(key=OTHER)
    log.append([bill["logged"]["entry"].encode()])
    bill["logged"]["proof"] = bytes(log.prove(0)).decode()


def checkpoint_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["logged"]["proof"] = bill["logged"]["proof"].replace(f"{LOG_NAME}\n1\n", f"{LOG_NAME}\n2\n")


def entry_of_another_bill(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    other = a_bill(replace(RELEASE, program="0.0.9"))
    bill["logged"] = dict(other.content["logged"])


def salt_changed(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["logged"]["salt"] = "00" * 32


def entry_of_another_kind(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    entry = bill["logged"]["entry"].replace("comity/release/v1", "comity/deletion/v1")
    log = new_log()
    log.append([entry.encode()])
    bill["logged"] = {**bill["logged"], "entry": entry, "proof": bytes(log.prove(0)).decode()}


def objects_of_another_release(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    for content in objects:
        content["id"] = content["id"][:-1] + "e"


def unknown_member_added(bill: dict[str, Any], objects: list[dict[str, Any]]) -> None:
    bill["note"] = "approved by phone"


TAMPERINGS: list[tuple[Spoil, type[ComityError]]] = [
    (object_changed, ObjectChanged),
    (object_changed_and_its_version, ObjectChanged),
    (object_removed, ObjectMissing),
    (object_added, ObjectNotListed),
    (object_given_twice, ObjectTwice),
    (digest_changed, ListChanged),
    (clause_changed, ListChanged),
    (law_changed, ListChanged),
    (expiry_changed, ListChanged),
    (entry_and_object_removed, ListChanged),
    (entries_reordered, ListChanged),
    (root_changed, ListChanged),
    (entry_removed_and_the_root_made_to_fit, DiffersFromLog),
    (expiry_changed_and_the_root_made_to_fit, ChangedAfterSigning),
    (receiver_changed, DiffersFromLog),
    (purpose_changed, DiffersFromLog),
    (agreement_digest_changed, DiffersFromLog),
    (agreement_version_changed, DiffersFromLog),
    (law_version_changed, ChangedAfterSigning),
    (time_changed, ChangedAfterSigning),
    (signature_by_another_key, ChangedAfterSigning),
    (bill_by_another_key, SignedByAnother),
    (signature_removed, NotSigned),
    (proof_removed, NotLogged),
    (proof_for_another_leaf, InclusionError),
    (checkpoint_of_a_smaller_log, InclusionError),
    (checkpoint_by_another_key, NoKnownSignature),
    (checkpoint_changed, BadSignature),
    (entry_of_another_bill, NotTheLoggedBill),
    (salt_changed, NotTheLoggedBill),
    (entry_of_another_kind, NotTheLoggedBill),
    (objects_of_another_release, ObjectNotListed),
    (unknown_member_added, MalformedBill),
]


@pytest.mark.parametrize(("spoil", "error"), TAMPERINGS, ids=lambda one: getattr(one, "__name__", None))
def test_a_tampering_is_refused_by_its_name(spoil, error):
    content, objects = copy.deepcopy(dict(BILL.content)), copy.deepcopy(OBJECTS)
    spoil(content, objects)
    with pytest.raises(error) as caught:
        verify_bill(read_bill(dumps(content)), KEY.public_key(), objects)
    assert type(caught.value) is error
    assert caught.value.remedy


def test_the_log_says_which_member_was_changed():
    for spoil, member in [
        (receiver_changed, "to"),
        (purpose_changed, "purpose"),
        (agreement_digest_changed, "agreement"),
    ]:
        content = copy.deepcopy(dict(BILL.content))
        spoil(content, [])
        with pytest.raises(DiffersFromLog, match=f"changed in its {member}"):
            verify_bill(Bill(content=content), KEY.public_key(), OBJECTS)


@given(st.data())
def test_no_character_of_a_bill_can_be_changed(data):
    raw = bytes(BILL)
    at = data.draw(st.integers(0, len(raw) - 2))  # the line feed after it is no part of the bill
    byte = data.draw(st.integers(32, 126).filter(lambda value: value != raw[at]))
    changed = raw[:at] + bytes([byte]) + raw[at + 1 :]
    with pytest.raises(ComityError):
        verify_bill(read_bill(changed), KEY.public_key(), OBJECTS)


def test_a_bill_for_another_receiver_or_agreement_is_refused_even_when_it_is_genuine():
    verify_bill(BILL, KEY.public_key(), OBJECTS, receiver="cert-br", agreement_digest=RELEASE.agreement_digest)
    with pytest.raises(OtherReceiver):
        verify_bill(BILL, KEY.public_key(), OBJECTS, receiver="cert-jp")
    with pytest.raises(OtherAgreement):
        verify_bill(BILL, KEY.public_key(), OBJECTS, agreement_digest=SHA)


def test_a_genuine_bill_of_another_release_does_not_cover_these_objects():
    other = a_bill(objects=OBJECTS[:2])
    with pytest.raises(ObjectNotListed):
        verify_bill(other, KEY.public_key(), OBJECTS)


def test_a_log_with_a_key_of_its_own_is_verified_with_that_key():
    log = new_log(key=OTHER)
    bill = a_bill(log=log)
    with pytest.raises(NoKnownSignature):
        verify_bill(bill, KEY.public_key(), OBJECTS)
    verify_bill(bill, KEY.public_key(), OBJECTS, log_key=VerifierKey(LOG_NAME, OTHER.public_key()))


def test_witnesses_are_asked_for_when_a_policy_names_them():
    witness = SignerKey("cert-br/witness", OTHER, Algorithm.COSIGNATURE)
    policy = majority({"cert-br": witness.verifier})
    with pytest.raises(QuorumNotMet):
        verify_bill(BILL, KEY.public_key(), OBJECTS, policy=policy)
    log = new_log()
    a_bill(log=log)
    log.add_cosignatures(witness.sign(log.checkpoint.text, time=1_700_000_000).encode(), [witness.verifier])
    account = verify_bill(a_bill(log=log), KEY.public_key(), OBJECTS, policy=policy)
    assert any("witnesses" in check for check in account.checks)


def test_a_bill_is_entered_once_however_often_it_is_tried():
    store = MemoryStore()
    log = new_log(store)
    first = a_bill(log=log)
    a_bill(replace(RELEASE, purpose="threat-detection"), log=log)
    again = a_bill(log=log)
    assert log.checkpoint.size == 2
    assert LogProof.parse(again.content["logged"]["proof"].encode()).index == 0
    assert first.digest == again.digest
    for bill in (first, again):
        verify_bill(bill, KEY.public_key(), OBJECTS)
    verify_log(store, KEY_VERIFIER)


KEY_VERIFIER = VerifierKey(LOG_NAME, KEY.public_key())


def test_the_log_does_not_show_what_crossed():
    """Promise 5: the objects here include one IPv4 address, whose digest could be found by trying all of them."""
    store = MemoryStore()
    bill = a_bill(objects=OBJECTS[-1:], log=new_log(store))
    public = b"".join(store.files.values())
    (only,) = bill.content["listed"]
    for told in (
        only["digest"],
        only["id"],
        bill.content["root"],
        bill.digest,
        bill.content["logged"]["salt"],
        bill.id,
    ):
        value = told.removeprefix("sha256:")
        assert value.encode() not in public
        if len(value) == 64:
            assert bytes.fromhex(value) not in public


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([], "no objects"),
        ([listed(OBJECTS[0]), listed(OBJECTS[0])], "two of its objects"),
        ([listed(OBJECTS[0], clauses=())], "no clause"),
    ],
)
def test_no_bill_is_made_of_nothing_of_doubles_or_without_a_clause(entries, why):
    with pytest.raises(BadRelease, match=why):
        make_bill(RELEASE, entries, key=KEY.public_key(), log_name=LOG_NAME, secret=SECRET)


def test_a_bill_is_signed_by_the_key_that_it_names():
    bill = make_bill(RELEASE, [listed(OBJECTS[0])], key=KEY.public_key(), log_name=LOG_NAME, secret=SECRET)
    with pytest.raises(BadRelease, match="not the one that the bill names"):
        sign_bill(bill, OTHER)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "manifest"},
        {"listed": []},
        {"root": "md5:0"},
        {"created": "yesterday"},
        {"flow": {"origin": "cert-ee"}},
        {"flow": {"origin": "cert-ee", "destination": "cert br"}},
        {"purpose": "\x1b[2J"},
        {"extensions": {}},
        {"id": "comity-bill--00000000-0000-1000-8000-000000000000"},
    ],
)
def test_what_is_not_of_the_published_form_is_no_bill(change):
    with pytest.raises(MalformedBill):
        read_bill(dumps({**BILL.content, **change}))


def test_objects_that_are_not_stix_do_not_crash_the_verifier():
    for hostile in ({}, {"id": ["x"]}, {"id": OBJECTS[0]["id"], "modified": ["x"]}, {"id": None, "created": {}}):
        with pytest.raises(ComityError):
            verify_bill(BILL, KEY.public_key(), [*OBJECTS, hostile])


def test_the_published_schemas_are_those_that_ship():
    docs = Path(__file__).parents[2] / "docs" / "schemas"
    assert json.loads((docs / "comity-bill.json").read_text()) == bill_schema()
    assert json.loads((docs / "extension-definition.json").read_text()) == extension_definition()
    assert extension_definition()["id"] == EXTENSION_ID
    assert EXTENSION_ID in bill_schema()["properties"]["extensions"]["required"]
