"""What all messages about a release share: one form, one signature, one bill that they are about."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.messages.releases import (
    BILL,
    DAY,
    FOLLOW_UPS,
    KEYS,
    MADE_AT,
    STRANGER,
    a_bill,
    a_card,
    a_deletion_receipt,
    a_receipt,
    a_retraction,
    each_follow_up,
    read,
    resigned,
    verify,
)

from comity.canon import ComityError
from comity.ledger import public_key_text
from comity.messages import (
    EXTENSION_ID,
    MESSAGES,
    BadMessage,
    Bill,
    ChangedAfterSigning,
    OtherAgreement,
    OtherBill,
    OtherFlow,
    SignedByAnother,
    message_schema,
    read_message,
    sign_message,
)

# -- the form --------------------------------------------------------------------------------------------------------


def test_every_kind_is_in_the_table_by_its_type():
    assert list(MESSAGES) == ["comity-bill", "comity-receipt", "comity-retraction", "comity-deletion-receipt"]
    for stix_type, kind in MESSAGES.items():
        assert message_schema(kind.KIND)["properties"]["type"] == {"const": stix_type}


@each_follow_up
def test_a_message_is_a_stix_object_under_the_one_extension(message):
    assert message.content["extensions"] == {EXTENSION_ID: {"extension_type": "new-sdo"}}
    assert message.content["spec_version"] == "2.1"
    assert message.content["type"] == f"comity-{message.KIND}" == message.id.partition("--")[0]
    assert message.content["created"] == message.content["modified"]


@each_follow_up
def test_a_message_is_valid_stix_to_the_published_validator(message):
    stix2validator = pytest.importorskip("stix2validator")
    options = stix2validator.ValidationOptions(version="2.1", strict=True)
    result = stix2validator.validate_instance(json.loads(bytes(message)), options)
    assert (result.is_valid, list(result.errors)) == (True, [])


@each_follow_up
def test_a_message_is_read_back_and_verifies(message):
    again = read_message(bytes(message))
    assert again == message
    assert type(again) is type(message)
    assert type(message).read(bytes(message)) == message
    assert again.bill_id == BILL.id
    assert again.sender == {"origin": "cert-ee", "destination": "cert-br"}[message.SIGNER]
    verify(again)


@each_follow_up
def test_how_it_is_spelled_on_the_way_does_not_matter(message):
    """Any TAXII tool may carry it: members in another order, white space, escapes."""
    respelled = json.dumps(dict(reversed(message.content.items())), indent=3).replace("cert-ee", "cert\\u002dee")
    verify(read_message(respelled.encode()))


@pytest.mark.parametrize("make", [a_receipt, a_retraction, a_deletion_receipt, a_card])
def test_the_same_facts_give_the_same_bytes(make):
    assert bytes(make()) == bytes(make())


@pytest.mark.parametrize("make", [a_receipt, a_retraction, a_deletion_receipt])
def test_an_id_follows_from_the_secret_and_all_that_is_said(make):
    others = [{}, {"secret": bytes(32)}, {"made_at": MADE_AT + 2.5 * DAY}, {"bill": a_bill(purpose="x")}]
    ids = {make(**changes).id for changes in others}
    assert len(ids) == 4


@pytest.mark.parametrize("make", [a_receipt, a_retraction, a_deletion_receipt])
@pytest.mark.parametrize("secret", [b"", bytes(16), bytes(33)])
def test_a_secret_of_another_length_is_refused(make, secret):
    with pytest.raises(BadMessage, match="a secret has 32 bytes"):
        make(secret=secret)


@pytest.mark.parametrize("make", [a_receipt, a_retraction, a_deletion_receipt])
def test_a_moment_without_a_zone_is_refused(make):
    with pytest.raises(ComityError, match="no time zone"):
        make(made_at=dt.datetime(2026, 11, 24))


# -- who signs -------------------------------------------------------------------------------------------------------


@each_follow_up
def test_a_message_is_signed_by_the_key_that_it_names(message):
    with pytest.raises(BadMessage, match="not the one that it names"):
        sign_message(message, STRANGER)


@each_follow_up
def test_the_key_of_the_other_side_or_of_a_stranger_does_not_do(message):
    for key in (STRANGER, *(key for side, key in KEYS.items() if side != message.SIGNER)):
        forged = read(resigned({**message.content, "signed_by": public_key_text(key.public_key())}, key))
        with pytest.raises(SignedByAnother, match=f"signed by another than its {message.SIGNER}"):
            verify(forged)
        with pytest.raises(ChangedAfterSigning):
            verify(read(resigned(dict(message.content), key)))


def test_no_signature_of_one_kind_is_one_of_another():
    """INVARIANT: the first line of what is signed says what it is."""
    signed = [BILL, *FOLLOW_UPS, a_card()]
    assert [one.signed_part.partition(b"\n")[0] for one in signed] == [
        b"comity/bill-signature/v1",
        b"comity/receipt-signature/v1",
        b"comity/retraction-signature/v1",
        b"comity/deletion-receipt-signature/v1",
        b"comity/card-signature/v1",
    ]


# -- genuine messages in the wrong place -----------------------------------------------------------------------------


@each_follow_up
def test_a_genuine_message_does_not_pass_for_another_release(message):
    for another in (a_bill(purpose="threat-detection"), a_bill(secret=bytes(32))):
        with pytest.raises(OtherBill):
            verify(message, another)


@each_follow_up
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"destination": "cert-jp"}, OtherFlow),
        ({"origin": "cert-jp"}, OtherFlow),
        ({"origin": "cert-br", "destination": "cert-ee"}, OtherFlow),
        ({"agreement": "ee-jp-csirt"}, OtherAgreement),
        ({"agreement_version": 3}, OtherAgreement),
        ({"agreement_digest": "sha256:" + "0" * 64}, OtherAgreement),
    ],
)
def test_a_genuine_message_does_not_pass_at_another_receiver_or_under_another_agreement(message, changes, error):
    """Replay: even where a second release were to carry the very id of the first one's bill."""
    elsewhere = Bill(content={**a_bill(**changes).content, "id": BILL.id})
    with pytest.raises(error):
        verify(message, elsewhere)


@each_follow_up
def test_the_schema_that_ships_is_the_one_that_is_published(message):
    docs = Path(__file__).parents[2] / "docs" / "schemas"
    for kind in (message.KIND, "card", "message"):
        assert json.loads((docs / f"comity-{kind}.json").read_text()) == message_schema(kind)


def objects_in(schema: Any) -> Iterator[dict[str, Any]]:
    """Every part of a schema that describes an object or a list."""
    if isinstance(schema, dict):
        if schema.get("type") in ("object", "array"):
            yield schema
        for part in schema.values():
            yield from objects_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects_in(part)


@pytest.mark.parametrize("kind", ["receipt", "retraction", "deletion-receipt", "card", "message"])
def test_schemas_leave_nothing_open(kind):
    found = list(objects_in(message_schema(kind)))
    assert found
    for part in found:
        if part["type"] == "object":
            assert part["additionalProperties"] is False
        else:
            assert part["maxItems"] <= 20_000
