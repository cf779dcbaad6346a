"""Entries: what they say, that no kind passes for another, and that nothing can be guessed from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import InputError, digest
from comity.ledger import BadStatement, EntryTooLong, Statement, commitment, statements

NONCE = bytes(range(16))
FACTS = {"agreement": {"id": "ee-br-csirt", "version": 2}, "objects": 3}


def test_an_entry_starts_with_its_kind_and_version():
    statement = Statement(kind="release", nonce=NONCE, facts=FACTS)
    assert statement.entry == (
        b'comity/release/v1\n{"agreement":{"id":"ee-br-csirt","version":2},'
        b'"nonce":"000102030405060708090a0b0c0d0e0f","objects":3}'
    )
    assert Statement.parse(statement.entry) == statement


KINDS = ["access", "agreement", "approval", "breach", "consent", "deletion", "import", "key", "receipt", "release"]
KINDS += ["submission", "suspension", "witness"]


def test_a_ledger_states_these_kinds_of_things_and_no_others():
    """A kind that is added here is one that every older node refuses: see BadStatement."""
    assert sorted(statements.KINDS) == KINDS


@given(st.sampled_from(KINDS), st.binary(min_size=16, max_size=16))
def test_statements_are_read_back(kind, nonce):
    statement = Statement(kind=kind, nonce=nonce, facts=FACTS)
    assert Statement.parse(statement.entry) == statement


def test_the_same_facts_of_another_kind_or_nonce_are_another_entry():
    made = {Statement(kind=kind, nonce=nonce, facts=FACTS).entry for kind in KINDS for nonce in (NONCE, bytes(16))}
    assert len(made) == 2 * len(KINDS)


@pytest.mark.parametrize(
    "entry",
    [
        b"",
        b'{"nonce":"00"}',
        b'comity/release/v1\n{"nonce":"00"}',
        b'comity/release/v2\n{"nonce":"000102030405060708090a0b0c0d0e0f"}',
        b'comity/rumour/v1\n{"nonce":"000102030405060708090a0b0c0d0e0f"}',
        b'comity/releases/v1\n{"nonce":"000102030405060708090a0b0c0d0e0f"}',
        b'comity/Access/v1\n{"nonce":"000102030405060708090a0b0c0d0e0f"}',
        b'comity/release/v1\n{"nonce": "000102030405060708090a0b0c0d0e0f"}',
        b'comity/release/v1\n{"nonce":"000102030405060708090A0B0C0D0E0F"}',
        b'comity/release/v1\n{"nonce":"zz"}',
        b"comity/release/v1\n[]",
        b'comity/release/v1\n{"a":1,"a":2,"nonce":"000102030405060708090a0b0c0d0e0f"}',
        b"comity/release/v01\n{}",
    ],
)
def test_anything_else_is_not_an_entry(entry):
    with pytest.raises(InputError):
        Statement.parse(entry)


def test_a_statement_needs_its_nonce_and_a_known_kind():
    with pytest.raises(BadStatement):
        Statement(kind="release", nonce=bytes(15), facts={})
    with pytest.raises(BadStatement):
        Statement(kind="gossip", nonce=NONCE, facts={})
    with pytest.raises(BadStatement):
        Statement(kind="release", nonce=NONCE, facts={"nonce": "mine"})


def test_an_entry_that_no_bundle_could_hold_is_refused():
    with pytest.raises(EntryTooLong):
        _ = Statement(kind="release", nonce=NONCE, facts={"codes": "x" * 70_000}).entry


def test_a_commitment_says_nothing_without_its_salt():
    """The digest of one IPv4 address can be found by trying all of them; the commitment to it cannot."""
    secret = digest(b'{"type":"ipv4-addr","value":"192.0.2.7"}')
    one, other = commitment(bytes(32), secret), commitment(bytes([1] * 32), secret)
    assert one != other
    assert one.startswith("hmac-sha256:")
    assert secret.removeprefix("sha256:") not in one
    with pytest.raises(BadStatement):
        commitment(b"short", secret)
