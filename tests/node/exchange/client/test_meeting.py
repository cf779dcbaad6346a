"""Cards: whose node it is, with which keys its log and its witness sign, and what follows from a new one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.node.world import BR, JP, indicator

from comity.ledger import Algorithm, SignerKey, public_key_text
from comity.node import keyring
from comity.node.exchange import actions
from comity.node.exchange.models import Peer
from comity.node.journal.models import Seen, Witness
from comity.node.treaties.models import Party, Text

from .neighbour import Neighbour
from .neighbourhood import Neighbourhood

HOUR = dt.timedelta(hours=1)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_everybody_whom_a_text_binds_is_met(near: Neighbourhood):
    assert near.meet() == {BR: "", JP: ""}
    for one in (near.br, near.jp):
        peer = Peer.objects.get(pk=one.party)
        assert peer.log_key == str(one.origin.log_key.verifier)
        assert peer.witness_key == str(one.witness.signer.verifier)
        assert (peer.serial, peer.fetched_at, peer.paused_why) == (1, near.world.now, "")
        witness = Witness.objects.get(party=one.party)
        assert (witness.name, witness.key, witness.url) == (one.witness.signer.name, peer.witness_key, one.url)
        assert Seen.objects.get(origin=peer.log_name).key == peer.log_key
    assert set(near.waits("pull")) == {BR, JP}


def test_ourselves_we_do_not_meet(near: Neighbourhood):
    near.meet()
    assert near.world.node.config.party not in Peer.objects.values_list("pk", flat=True)


def test_a_card_is_fetched_again_after_a_while_and_not_before(near: Neighbourhood):
    near.meet()
    near.world.later(dt.timedelta(minutes=1))
    actions.meet_work({}, near.world.now)
    assert not set(near.waits("meet")) & {BR, JP}
    near.world.later(dt.timedelta(minutes=5))
    actions.meet_work({}, near.world.now)
    assert set(near.waits("meet")) >= {BR, JP}


def test_accepting_a_text_has_everybody_looked_at(near: Neighbourhood):
    actions.meet("sha256:", near.world.now)
    assert near.waits("meet")[""] == near.world.now


def test_a_new_log_key_counts_at_once_and_the_old_one_no_more(near: Neighbourhood):
    near.meet()
    near.br.origin.log_key = SignerKey(near.br.origin.log_key.name, OTHER_KEY)
    near.br.serial = 2
    near.world.later(HOUR, witnessed=False)
    near.meet()
    peer = near.peer
    assert (peer.serial, peer.log_key) == (2, str(near.br.origin.log_key.verifier))
    assert Seen.objects.get(origin=peer.log_name).key == peer.log_key


def test_a_log_that_has_moved_is_watched_under_its_new_name_alone(near: Neighbourhood):
    near.meet()
    old = near.peer.log_name
    near.br.origin.log_key, near.br.serial = SignerKey("moved.example/log", OTHER_KEY), 2
    near.world.later(HOUR, witnessed=False)
    near.meet()
    assert Seen.objects.get(origin=old).key == ""
    assert Seen.objects.get(origin="moved.example/log").key == near.peer.log_key


def test_a_new_witness_key_replaces_the_old_witness(near: Neighbourhood):
    near.meet()
    near.br.witness.signer = SignerKey(near.br.witness.signer.name, OTHER_KEY, Algorithm.COSIGNATURE)
    near.br.serial = 2
    near.world.later(HOUR, witnessed=False)
    near.meet()
    assert Witness.objects.get(party=BR).key == str(near.br.witness.signer.verifier)
    assert near.waits("witness")[""] <= near.world.now


def test_a_party_that_no_text_binds_any_more_witnesses_nothing(near: Neighbourhood):
    near.meet()
    log = Peer.objects.get(pk=JP).log_name
    Text.objects.exclude(agreement="ee-br-csirt").update(superseded_at=near.world.now)
    near.meet()
    assert set(Witness.objects.values_list("party", flat=True)) == {BR}
    assert Seen.objects.get(origin=log).key == ""


def test_a_card_that_a_former_key_signed_counts_no_more(near: Neighbourhood):
    """A new text pins another key: the old one may be anybody's."""
    near.meet()
    log = near.peer.log_name
    Party.objects.filter(pk=BR).update(key=public_key_text(OTHER_KEY.public_key()))
    actions.meet_work({}, near.world.now)
    assert (near.peer.log_key, near.peer.witness_key, near.peer.serial) == ("", "", 0)
    assert not Witness.objects.filter(party=BR).exists()
    assert Seen.objects.get(origin=log).key == ""
    assert near.meet()[BR] == "signed-by-another"
    near.br.card_of = lambda: near.br.card(signed_by=OTHER_KEY)
    assert near.meet() == {BR: "", JP: ""}
    assert Witness.objects.filter(party=BR).exists()


def test_a_node_that_has_moved_is_met_at_once(near: Neighbourhood):
    near.meet()
    Party.objects.filter(pk=BR).update(url="https://localhost:1")
    actions.meet_work({}, near.world.now)
    assert BR in near.waits("meet")
    assert JP not in near.waits("meet")


# -- cards that do not hold


def signed_by_another(one: Neighbour) -> bytes:
    return one.card(signed_by=OTHER_KEY)


def another_partys(one: Neighbour) -> bytes:
    return one.card(party="cert-xx")


def another_nodes(one: Neighbour) -> bytes:
    return one.card(url="https://elsewhere.example")


def changed(one: Neighbour) -> bytes:
    return one.card().replace(b'"serial":1', b'"serial":9')


def run_out(one: Neighbour) -> bytes:
    return one.card(issued_at=one.now() - 2 * HOUR, valid_until=one.now() - HOUR)


def from_the_future(one: Neighbour) -> bytes:
    return one.card(issued_at=one.now() + HOUR)


def another_spelling(one: Neighbour) -> bytes:
    return one.card().replace(b'":', b'": ')


def of_our_own_witness(one: Neighbour) -> bytes:
    key = keyring.held().witness.key
    return one.card(witness=SignerKey("cert-br.example/witness", key, Algorithm.COSIGNATURE).verifier)


CARDS: dict[Callable[[Neighbour], bytes], tuple[str, bool]] = {
    signed_by_another: ("card:signed-by-another", True),
    another_partys: ("card:other-party", True),
    another_nodes: ("card:other-url", False),
    changed: ("card:changed-after-signing", True),
    run_out: ("card:card-expired", False),
    from_the_future: ("card:card-not-yet-valid", False),
    another_spelling: ("card:malformed-message", False),
    of_our_own_witness: ("card:shared-witness", False),
    lambda one: b"<html></html>": ("card:strict-json-error", False),
    lambda one: b"{" * 20_000: ("card:strict-json-error", False),
}


def test_with_a_node_whose_card_does_not_hold_nothing_is_exchanged(near: Neighbourhood, subtests: pytest.Subtests):
    """The card's own state ends the pause, and a forged one is an alarm as well."""
    for shown, (code, forged) in CARDS.items():
        with subtests.test(code), near.undone():
            near.br.card_of = lambda shown=shown: shown(near.br)
            assert near.meet() == {BR: code.removeprefix("card:"), JP: ""}
            assert (near.peer.paused_why, near.peer.log_key) == (code, "")
            assert near.alarms() == ({"bad-card"} if forged else set())
            assert near.pull() == "no-card"
            assert near.br.asked == []
            near.br.card_of = near.br.card
            near.meet()
            assert near.peer.paused_why == ""
            assert near.pull() == ""


def test_an_older_card_than_was_seen_is_refused(near: Neighbourhood):
    """Attack on the promise of a serial: somebody shows the card with yesterday's keys."""
    near.br.serial = 7
    near.meet()
    near.br.serial = 6
    near.world.later(HOUR, witnessed=False)
    near.meet()
    assert (near.peer.serial, near.peer.paused_why, near.alarms()) == (7, "card:older-card", {"bad-card"})


def test_a_node_in_production_does_not_meet_one_in_development(near: Neighbourhood, monkeypatch: pytest.MonkeyPatch):
    """Only whether the reader is in development changes: the neighbour says that it is."""
    production = dataclasses.replace(near.world.node.config, development=False)
    monkeypatch.setattr(sys.modules["comity.node.exchange.actions.meet"], "current", lambda: production)
    near.meet()
    assert near.peer.paused_why == "card:development-card"


def test_two_partners_with_one_witness_key_do_not_count_twice(near: Neighbourhood):
    near.meet()
    near.jp.witness.signer = SignerKey("cert-jp.example/again", near.br.witness.signer.key, Algorithm.COSIGNATURE)
    near.jp.serial = 2
    near.world.later(HOUR, witnessed=False)
    assert near.meet() == {BR: "", JP: "shared-witness"}


def test_a_pause_for_another_reason_outlives_a_good_card(near: Neighbourhood):
    near.meet()
    near.br.put([near.bill([indicator("one")], destination=JP)])
    near.pull()
    near.world.later(HOUR, witnessed=False)
    near.meet()
    assert near.peer.paused_why == "other-receiver"


def test_a_partner_that_is_away_keeps_the_card_that_we_have(near: Neighbourhood):
    near.meet()
    Party.objects.filter(pk=BR).update(url="https://localhost:1")
    near.world.later(HOUR, witnessed=False)
    assert near.meet()[BR] == "not-connected"
    assert (near.peer.log_key != "", near.peer.paused_why) == (True, "")


def test_a_url_that_cannot_be_called_is_that_partners_trouble_alone(near: Neighbourhood):
    Party.objects.filter(pk=BR).update(url="https://user@localhost")
    assert near.meet() == {BR: "bad-url", JP: ""}
