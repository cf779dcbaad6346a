"""The receipt: the bill's root countersigned for what was stored; complete when nothing is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.releases import (
    BILL,
    FOREIGN,
    IDS,
    MADE_AT,
    MISSING,
    OBJECTS,
    ORIGIN,
    RECEIVER,
    SECRET,
    a_receipt,
)

from comity.canon import StrictJsonError, dumps
from comity.messages import (
    BadMessage,
    ChangedAfterSigning,
    MalformedMessage,
    Missing,
    NotStored,
    ObjectMissing,
    ObjectNotListed,
    ObjectTwice,
    OtherRoot,
    Receipt,
    WrongCount,
    make_receipt,
    message_schema,
    sign_message,
    verify_bill,
    verify_receipt,
)

VERSION = "2026-11-02T00:00:00.000Z"


def verified(content):
    return verify_receipt(Receipt.read(dumps(content)), RECEIVER.public_key(), BILL)


def test_a_receipt_countersigns_the_root_for_what_was_stored():
    received = verify_receipt(a_receipt(missing=()), RECEIVER.public_key(), BILL)
    assert (received.bill, received.root, received.stored) == (BILL.id, BILL.content["root"], 5)
    assert received.made_at == MADE_AT


def test_a_transfer_is_complete_when_nothing_is_missing():
    assert verify_receipt(a_receipt(missing=()), RECEIVER.public_key(), BILL).complete
    received = verify_receipt(a_receipt(), RECEIVER.public_key(), BILL)
    assert not received.complete
    assert received.missing == MISSING
    assert received.stored == 3


def test_a_receipt_may_say_that_nothing_was_stored():
    listed = BILL.content["listed"]
    gone = tuple(Missing(id=one["id"], version=one.get("version"), reason=NotStored.NOT_RECEIVED) for one in listed)
    received = verify_receipt(a_receipt(missing=gone), RECEIVER.public_key(), BILL)
    assert (received.stored, len(received.missing)) == (0, 5)


def test_the_order_in_which_missing_objects_are_given_does_not_matter():
    assert bytes(a_receipt(missing=MISSING[::-1])) == bytes(a_receipt())


@given(st.sets(st.integers(0, 4)), st.data())
def test_what_a_receipt_says_is_read_back(numbers, data):
    gone = tuple(
        Missing(id=IDS[n], version=VERSION if n < 4 else None, reason=data.draw(st.sampled_from(NotStored)))
        for n in sorted(numbers)
    )
    received = verified(dict(a_receipt(missing=gone).content))
    assert received.missing == gone
    assert received.stored == 5 - len(gone)
    assert received.complete is (not gone)


def test_the_codes_are_those_that_are_published():
    item = message_schema("receipt")["properties"]["missing"]["items"]
    assert item["properties"]["reason"]["enum"] == [one.value for one in NotStored]


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ([Missing(id=FOREIGN, version=VERSION, reason=NotStored.UNREADABLE)], "does not belong to this release"),
        ([Missing(id=IDS[0], version=None, reason=NotStored.UNREADABLE)], "does not belong to this release"),
        ([Missing(id=IDS[0], version="2026-11-03T00:00:00.000Z", reason=NotStored.CHANGED)], "does not belong"),
        ([MISSING[0], MISSING[0]], "here twice"),
    ],
)
def test_no_receipt_is_made_for_what_the_bill_does_not_list(missing, why):
    with pytest.raises(BadMessage, match=why):
        make_receipt(BILL, missing, made_at=MADE_AT, key=RECEIVER.public_key(), secret=SECRET)


def changed(**changes):
    return {**a_receipt().content, **changes}


ONE, TWO = (one.to_json() for one in MISSING)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (changed(root="sha256:" + "0" * 64), OtherRoot),
        (changed(stored=5), WrongCount),
        (changed(stored=4), WrongCount),
        (changed(missing=[]), WrongCount),
        (changed(missing=[ONE]), WrongCount),
        (changed(missing=[], stored=5), ChangedAfterSigning),
        (changed(missing=[ONE], stored=4), ChangedAfterSigning),
        (changed(missing=[{**ONE, "reason": "expired"}, TWO]), ChangedAfterSigning),
        (changed(missing=[{**ONE, "id": FOREIGN}, TWO]), ObjectNotListed),
        (changed(missing=[{**ONE, "version": "2026-11-02T00:00:00Z"}, TWO]), ObjectNotListed),
        (changed(missing=[ONE, ONE]), ObjectTwice),
        (changed(missing=[ONE, {**ONE, "reason": "expired"}]), ObjectTwice),
        (changed(missing=[TWO, ONE]), MalformedMessage),
        (changed(missing=[{**ONE, "reason": "we lost it"}, TWO]), MalformedMessage),
        (changed(missing=[{**ONE, "id": "anna@hospital.example"}, TWO]), MalformedMessage),
        (changed(stored=-1), MalformedMessage),
        (changed(stored=2.5), MalformedMessage),
        (changed(stored="3"), MalformedMessage),
        (changed(stored=True), MalformedMessage),
    ],
)
def test_a_tampering_is_refused_by_its_name(content, error):
    with pytest.raises(error) as caught:
        verified(content)
    assert type(caught.value) is error


def test_a_list_longer_than_a_bill_can_be_is_refused():
    with pytest.raises(StrictJsonError):
        verified(changed(missing=[ONE] * 20_001))
    with pytest.raises(MalformedMessage, match="/missing breaks the rule maxItems"):
        Receipt(content=changed(missing=[ONE] * 20_001))


def test_a_receipt_that_its_own_signer_made_up_is_refused_too():
    """A genuine signature over numbers that do not add up, or over another root, completes nothing."""
    for changes, error in [({"stored": 5}, WrongCount), ({"root": "sha256:" + "0" * 64}, OtherRoot)]:
        bare = {name: value for name, value in a_receipt().content.items() if name != "signature"}
        with pytest.raises(error):
            verify_receipt(sign_message(Receipt(content={**bare, **changes}), RECEIVER), RECEIVER.public_key(), BILL)


# -- the objects of a bill that did not come -------------------------------------------------------------------------


def test_an_object_that_is_known_not_to_have_come_is_named_in_the_account():
    account = verify_bill(BILL, ORIGIN.public_key(), OBJECTS[1:], absent=IDS[:1])
    assert account.absent == (IDS[0],)
    assert account.objects == 5
    assert "4 of the 5 objects that it lists came" in account.checks[-1]
    assert verify_bill(BILL, ORIGIN.public_key(), OBJECTS, absent=IDS).absent == ()


def test_any_other_object_that_did_not_come_is_refused():
    with pytest.raises(ObjectMissing, match=IDS[1]):
        verify_bill(BILL, ORIGIN.public_key(), OBJECTS[2:], absent=IDS[:1])
