"""Outgoing ids and tags are keyed, stable, shaped as the standard asks, and different under every agreement."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crossing import Keys, WeakSecret

SECRET = bytes(range(32))
SOURCE = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


def test_the_same_source_keeps_the_same_outgoing_id():
    assert Keys(SECRET, "ee-br").outgoing_id(SOURCE) == Keys(SECRET, "ee-br").outgoing_id(SOURCE)


def test_an_outgoing_id_says_nothing_under_another_agreement_or_secret():
    ours = Keys(SECRET, "ee-br").outgoing_id(SOURCE)
    assert ours != Keys(SECRET, "ee-jp").outgoing_id(SOURCE)
    assert ours != Keys(SECRET[::-1], "ee-br").outgoing_id(SOURCE)
    assert ours != SOURCE


@given(st.uuids(), st.sampled_from(["indicator", "ipv4-addr", "x-example-type"]))
def test_an_outgoing_id_keeps_its_type_and_is_a_version_4_uuid_of_rfc_9562(source, stix_type):
    kind, _, name = Keys(SECRET, "ee-br").outgoing_id(f"{stix_type}--{source}").partition("--")
    assert kind == stix_type
    assert uuid.UUID(name).version == 4
    assert uuid.UUID(name).variant == uuid.RFC_4122


def test_keys_for_different_uses_differ():
    keys = Keys(SECRET, "ee-br")
    assert len({keys.derived(use) for use in ("ids", "tags", "referrals", "pseudonyms")}) == 4


def test_parts_of_a_referral_cannot_be_shifted_into_one_another():
    keys = Keys(SECRET, "ee-br")
    assert keys.referral("ab", "c") != keys.referral("a", "bc")


def test_a_secret_that_can_be_tried_out_is_refused():
    with pytest.raises(WeakSecret) as refused:
        Keys(b"short", "ee-br")
    assert "comity key new" in refused.value.remedy


def test_a_secret_is_never_shown():
    assert "secret" not in repr(Keys(SECRET, "ee-br")).replace("agreement", "")
    assert SECRET.hex() not in repr(Keys(SECRET, "ee-br"))
