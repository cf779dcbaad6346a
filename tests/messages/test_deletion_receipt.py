"""The deletion receipt: what is gone, what is held and on what ground; and nobody can ask it about a given object."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.releases import (
    BILL,
    DAY,
    FOREIGN,
    HOLD,
    IDS,
    MADE_AT,
    OBJECTS,
    RECEIVER,
    a_bill,
    a_deletion_receipt,
    a_retraction,
)

from comity.canon import StrictJsonError, digest, digest_of, dumps
from comity.ledger import commitment
from comity.messages import (
    BadMessage,
    Bill,
    ChangedAfterSigning,
    DeletionCause,
    DeletionReceipt,
    Hold,
    HoldGround,
    MalformedMessage,
    NotLogged,
    NotOfThisBill,
    OtherRetraction,
    message_schema,
    sign_message,
    verify_deletion_receipt,
)

STIX_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # STIX 2.1 section 2.9


def verified(content, bill=BILL, retractions=(a_retraction().id,)):
    receipt = DeletionReceipt.read(dumps(content))
    return verify_deletion_receipt(receipt, RECEIVER.public_key(), bill, retractions=retractions)


def expiry(deleted=IDS, **changes):
    given = {"cause": DeletionCause.EXPIRY, "retraction": None, "held": []} | changes
    return a_deletion_receipt(deleted=list(deleted), **given)


def test_what_was_deleted_and_what_is_held_is_opened_with_the_bill():
    said = verified(dict(a_deletion_receipt().content))
    assert said.ids == frozenset([*IDS[:2], IDS[4]])
    assert said.held == (HOLD,)
    assert (said.cause, said.retraction) == (DeletionCause.RETRACTION, a_retraction().id)
    assert (said.deleted_at, said.made_at) == (MADE_AT + DAY, MADE_AT + 2 * DAY)


def test_a_release_expires_as_a_whole():
    said = verified(dict(expiry().content), retractions=())
    assert (said.ids, said.held, said.retraction) == (frozenset(IDS), (), None)


def test_everything_may_be_held_and_then_nothing_was_deleted():
    said = verified(dict(expiry(deleted=[], deleted_at=None, held=[HOLD]).content))
    assert (said.ids, said.deleted_at, said.held) == (frozenset(), None, (HOLD,))


@given(
    st.lists(st.sampled_from(["deleted", "held", "neither"]), min_size=5, max_size=5).filter(
        lambda fates: set(fates) != {"neither"}
    ),
    st.sampled_from([DeletionCause.EXPIRY, DeletionCause.SUNSET]),
    st.sampled_from(HoldGround),
)
def test_what_a_deletion_receipt_says_is_read_back(fates, cause, ground):
    gone = [name for name, fate in zip(IDS, fates, strict=True) if fate == "deleted"]
    kept = frozenset(name for name, fate in zip(IDS, fates, strict=True) if fate == "held")
    held = [Hold(ids=kept, ground=ground, review_by=MADE_AT + 9 * DAY)] if kept else []
    receipt = expiry(deleted=gone, cause=cause, held=held, deleted_at=MADE_AT if gone else None)
    said = verified(dict(receipt.content))
    assert (said.ids, said.held, said.cause) == (frozenset(gone), tuple(held), cause)


def test_the_codes_are_those_that_are_published():
    properties = message_schema("deletion-receipt")["properties"]
    assert properties["cause"]["enum"] == [one.value for one in DeletionCause]
    assert properties["held"]["items"]["properties"]["ground"]["enum"] == [one.value for one in HoldGround]


# -- attack A65 ------------------------------------------------------------------------------------------------------


def test_no_object_is_named_in_clear_nor_by_what_can_be_computed_from_it():
    """Attack A65. The id of an ipv4-addr is a hash of the address: 2^32 tries find it (STIX 2.1 section 2.9)."""
    guess = uuid.uuid5(STIX_NAMESPACE, dumps({"value": OBJECTS[4]["value"]}).decode())
    assert f"ipv4-addr--{guess}" == IDS[4]  # the attacker's guess is right
    text = bytes(a_deletion_receipt()).decode()
    for told in IDS:
        for form in (told, told.partition("--")[2], digest(told.encode()), digest_of(told)):
            assert form.removeprefix("sha256:") not in text
            assert hashlib.sha256(form.encode()).hexdigest() not in text
    assert BILL.content["logged"]["salt"] not in text


def test_a_guess_opens_only_with_the_salt_of_the_bill():
    guesses = {commitment(bytes(32), digest_of({"bill": BILL.id, "object": name})) for name in IDS}
    assert guesses.isdisjoint(a_deletion_receipt().content["deleted"])
    salt = bytes.fromhex(BILL.content["logged"]["salt"])
    opened = {commitment(salt, digest_of({"bill": BILL.id, "object": name})) for name in IDS}
    assert opened.issuperset(a_deletion_receipt().content["deleted"])


def test_receipts_for_two_releases_of_the_same_objects_have_no_commitment_in_common():
    other = a_bill(purpose="threat-detection")
    both = expiry().content["deleted"], expiry(bill=other).content["deleted"]
    assert set(both[0]).isdisjoint(both[1])


def test_the_order_in_which_objects_went_does_not_show():
    assert bytes(expiry(deleted=IDS)) == bytes(expiry(deleted=IDS[::-1]))
    assert expiry().content["deleted"] == sorted(expiry().content["deleted"])


# -- what is refused -------------------------------------------------------------------------------------------------


def test_no_receipt_is_made_for_what_was_not_sent():
    with pytest.raises(BadMessage, match="does not belong to this release"):
        expiry(deleted=[*IDS, FOREIGN])
    with pytest.raises(BadMessage, match="does not belong to this release"):
        expiry(held=[Hold(ids=frozenset([FOREIGN]), ground=HoldGround.LEGAL_CLAIMS, review_by=MADE_AT + 9 * DAY)])


def test_a_bill_that_was_never_logged_has_no_salt_to_name_objects_by():
    unlogged = Bill(content={name: value for name, value in BILL.content.items() if name != "logged"})
    with pytest.raises(BadMessage, match="the bill is not logged"):
        expiry(bill=unlogged)
    with pytest.raises(NotLogged):
        verified(dict(expiry().content), bill=unlogged)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"deleted": [], "deleted_at": None}, "breaks the rule oneOf"),  # nothing is said
        ({"deleted_at": None}, "breaks the rule oneOf"),
        ({"deleted": [], "held": [HOLD]}, "breaks the rule oneOf"),  # a time at which nothing happened
        ({"cause": DeletionCause.RETRACTION}, "breaks the rule"),  # which one?
        ({"retraction": a_retraction().id}, "breaks the rule"),  # it is not the cause
        ({"retraction": "comity-bill--00000000-0000-4000-8000-000000000000"}, "breaks the rule"),
        ({"deleted_at": MADE_AT + 3 * DAY}, "made before what it says was done"),
        ({"held": [HOLD]}, "one object in two places"),
        ({"deleted": IDS[:1], "held": [HOLD, HOLD]}, "one object in two places"),
        (
            {"deleted": IDS[:1], "held": [Hold(ids=HOLD.ids, ground=HOLD.ground, review_by=MADE_AT + DAY)]},
            "due for review before",
        ),
        (
            {"deleted": IDS[:1], "held": [Hold(ids=frozenset(), ground=HOLD.ground, review_by=MADE_AT + 9 * DAY)]},
            "breaks the rule minItems",
        ),
    ],
)
def test_a_receipt_that_contradicts_itself_is_none(changes, why):
    with pytest.raises(MalformedMessage, match=why):
        expiry(**changes)


@pytest.mark.parametrize("known", [(), ("comity-retraction--00000000-0000-4000-8000-000000000000",)])
def test_an_answer_to_a_retraction_that_was_not_made_is_refused(known):
    with pytest.raises(OtherRetraction):
        verified(dict(a_deletion_receipt().content), retractions=known)


def changed(**changes):
    return {**a_deletion_receipt().content, **changes}


DELETED = a_deletion_receipt().content["deleted"]
HELD = a_deletion_receipt().content["held"][0]
STRANGE = "hmac-sha256:" + "f" * 64


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (changed(deleted=DELETED[:2]), ChangedAfterSigning),
        (changed(deleted=sorted([*DELETED, HELD["objects"][0]]), held=[]), ChangedAfterSigning),
        (changed(deleted_at="2026-11-24T09:30:00.000Z"), ChangedAfterSigning),
        (changed(retraction="comity-retraction--00000000-0000-4000-8000-000000000000"), ChangedAfterSigning),
        (changed(held=[]), ChangedAfterSigning),
        (changed(held=[{**HELD, "ground": "collision"}]), ChangedAfterSigning),
        (changed(held=[{**HELD, "review_by": "2030-01-01T00:00:00.000Z"}]), ChangedAfterSigning),
        (changed(deleted=[*DELETED, STRANGE]), NotOfThisBill),
        (changed(held=[{**HELD, "objects": [STRANGE]}]), NotOfThisBill),
        (changed(cause="expiry"), MalformedMessage),
        (changed(cause="we wanted to"), MalformedMessage),
        (changed(held=[{**HELD, "ground": "the prosecutor rang"}]), MalformedMessage),
        (changed(deleted=DELETED[::-1]), MalformedMessage),
        (changed(deleted=[DELETED[0], DELETED[0]]), MalformedMessage),
        (changed(deleted=IDS[:2]), MalformedMessage),
        (changed(held=[{**HELD, "objects": [f"hmac-sha256:{n:064x}"]} for n in range(101)]), MalformedMessage),
        (changed(deleted_at="2026-11-27T09:30:00.000Z"), MalformedMessage),
    ],
)
def test_a_tampering_is_refused_by_its_name(content, error):
    with pytest.raises(error) as caught:
        verified(content)
    assert type(caught.value) is error


def test_a_list_longer_than_a_bill_can_be_is_refused():
    objects = [f"hmac-sha256:{n:064x}" for n in range(20_001)]
    with pytest.raises(StrictJsonError):
        verified(changed(deleted=objects))
    with pytest.raises(MalformedMessage, match="/deleted breaks the rule maxItems"):
        DeletionReceipt(content=changed(deleted=objects))
    with pytest.raises(MalformedMessage, match="/held/0/objects breaks the rule maxItems"):
        DeletionReceipt(content=changed(held=[{**HELD, "objects": objects}]))


def test_a_genuine_receipt_that_names_another_releases_object_is_refused():
    """What came under another agreement is not what this release is answered for."""
    other = a_bill(purpose="threat-detection", secret=bytes(32))
    forged = {**expiry().content, "deleted": expiry(bill=other).content["deleted"]}
    forged.pop("signature")
    signed = sign_message(DeletionReceipt(content=forged), RECEIVER)
    with pytest.raises(NotOfThisBill):
        verify_deletion_receipt(signed, RECEIVER.public_key(), BILL)


def test_times_are_kept_to_the_millisecond():
    at = MADE_AT + dt.timedelta(microseconds=1_999)
    assert verified(dict(expiry(deleted_at=at).content)).deleted_at == MADE_AT + dt.timedelta(milliseconds=1)
