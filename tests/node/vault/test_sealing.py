"""Sealing: AES-256-GCM as published, a key for each box, and nothing opens in another's place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from comity.node import keyring
from comity.node.databases import KEYS
from comity.node.vault import actions
from comity.node.vault.models import Box, BoxKey
from comity.node.vault.sealed import lock, unlock

from .kept import boxes, live_keys

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/aes-gcm/wycheproof_256.json").read_text())


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: str(case["tcId"]))
def test_the_seal_is_aes_256_gcm_as_wycheproof_has_it(case):
    key, iv, aad, msg, ct, tag = (bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "msg", "ct", "tag"))
    if case["result"] == "valid":
        assert lock(key, iv, msg, aad) == iv + ct + tag
        assert unlock(key, iv + ct + tag, aad) == msg
    else:
        with pytest.raises(InvalidTag):
            unlock(key, iv + ct + tag, aad)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=12, max_size=12), st.binary(), st.binary(), st.data())
def test_a_seal_with_any_bit_changed_does_not_open(key, nonce, data, bound, draw):
    locked = bytearray(lock(key, nonce, data, bound))
    assert unlock(key, bytes(locked), bound) == data
    bit = draw.draw(st.integers(0, 8 * len(locked) - 1))
    locked[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidTag):
        unlock(key, bytes(locked), bound)


def test_what_is_sealed_is_opened_again(node):
    box = actions.seal("words", b"why it was refused", now=node.now)
    assert actions.opened(Box.objects.get(pk=box.pk)) == b"why it was refused"


def test_neither_database_holds_content_or_key_in_the_clear(node):
    box = actions.seal("words", b"an-invented-secret", now=node.now)
    wrapped = bytes(BoxKey.objects.get(box_id=box.pk).wrapped)
    key = unlock(keyring.held().sealing, wrapped, box.pk.bytes)
    assert b"an-invented-secret" not in bytes(box.sealed)
    assert key not in wrapped
    assert len(key) == 32


def test_each_box_has_a_key_of_its_own_and_the_same_content_never_looks_the_same(node):
    made = actions.seal_many([("words", b"same", None)] * 50, node.now)
    assert len({bytes(box.sealed) for box in made}) == 50
    sealing = keyring.held().sealing
    rows = BoxKey.objects.filter(box_id__in=[box.pk for box in made])
    assert len({unlock(sealing, bytes(row.wrapped), row.box_id.bytes) for row in rows}) == 50


def test_content_moved_into_another_box_does_not_open(node):
    """Whoever can write to the database cannot pass one partner's copy off as another's."""
    mine, theirs = actions.seal_many([("object", b"mine", None), ("object", b"theirs", None)], node.now)
    Box.objects.filter(pk=mine.pk).update(sealed=theirs.sealed)
    with pytest.raises(actions.Unreadable, match="its seal is broken"):
        actions.opened(Box.objects.get(pk=mine.pk))


def test_content_whose_box_was_given_another_kind_does_not_open(node):
    box = actions.seal("quarantine", b"not to be used", now=node.now)
    Box.objects.filter(pk=box.pk).update(kind="object")
    with pytest.raises(actions.Unreadable, match="its seal is broken"):
        actions.opened(Box.objects.get(pk=box.pk))


def test_a_key_moved_to_another_box_does_not_open(node):
    mine, theirs = actions.seal_many([("object", b"mine", None), ("object", b"theirs", None)], node.now)
    wrapped = BoxKey.objects.get(box_id=theirs.pk).wrapped
    BoxKey.objects.filter(box_id=mine.pk).update(wrapped=wrapped)
    with pytest.raises(actions.Unreadable, match="does not open with this node's sealing key"):
        actions.opened(mine)


@pytest.mark.parametrize("left", [b"", b"short", b"x" * 20])
def test_a_box_cut_short_is_refused_by_name(node, left):
    box = actions.seal("words", b"content", now=node.now)
    Box.objects.filter(pk=box.pk).update(sealed=left)
    with pytest.raises(actions.Unreadable, match="its seal is broken"):
        actions.opened(Box.objects.get(pk=box.pk))


def test_of_many_boxes_those_that_open_are_given_and_the_others_are_named(node):
    good, gone, broken = actions.seal_many([("words", name, None) for name in (b"1", b"2", b"3")], node.now)
    BoxKey.objects.filter(box_id=gone.pk).delete()
    broken.sealed = bytes(broken.sealed)[:-1]
    found = actions.opened_many([good, gone, broken])
    assert dict(found) == {good.pk: b"1"}
    assert set(found.unreadable) == {gone.pk, broken.pk}
    with pytest.raises(actions.Unreadable, match="no key for it"):
        found[gone.pk]


def test_many_boxes_are_sealed_and_opened_with_few_questions(node, django_assert_num_queries):
    items = [("words", str(number).encode(), None) for number in range(120)]
    with django_assert_num_queries(1, using="default"):
        made = actions.seal_many(items, node.now)
    with django_assert_num_queries(1, using=KEYS):
        found = actions.opened_many(made)
    assert [found[box.pk] for box in made] == [data for _, data, _ in items]


def test_more_boxes_than_one_question_may_name_are_sealed_and_opened(node):
    made = actions.seal_many([("words", b"%d" % number, None) for number in range(2100)], node.now)
    found = actions.opened_many(made)
    assert [found[box.pk] for box in made] == [b"%d" % number for number in range(2100)]
    actions.destroy(made)
    assert not boxes()
    assert not live_keys()


def test_a_kind_that_is_not_in_the_table_is_refused_before_anything_is_written(node):
    with pytest.raises(actions.UnknownCode, match="kind of box"):
        actions.seal_many([("words", b"known", None), ("letter", b"unknown", None)], node.now)
    assert not boxes()
    assert not live_keys()


def test_the_key_is_committed_though_the_callers_transaction_fails(node):
    """The state that a failed transaction leaves: a key that opens nothing, and no box."""
    with pytest.raises(IntegrityError), transaction.atomic():
        box = actions.seal("words", b"never written", now=node.now)
        raise IntegrityError
    assert live_keys() == {box.pk}
    assert not boxes()


def test_a_transaction_on_the_keys_of_the_callers_own_is_an_error(node_live):
    """Else a key could be rolled back after its box was committed."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(using=KEYS):
        actions.seal("words", b"content", now=node_live.now)
    assert not connections[KEYS].in_atomic_block
