"""Our witnesses: a checkpoint counts when a majority of partners has cosigned it, by their clocks and never by ours."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.node.journal.partners import WitnessNode, appointed, key_of, write

from comity.ledger import (
    Algorithm,
    BadKey,
    BadSignature,
    NoKnownSignature,
    SignerKey,
    majority,
    open_checkpoint,
    verify_proof,
)
from comity.node import keyring
from comity.node.due.models import Due
from comity.node.journal import actions
from comity.node.journal.models import Alarm, Checkpoint, Cosignature, Tile, Witness

MINUTE = dt.timedelta(minutes=1)


def begun(node, *parties: str) -> list[WitnessNode]:
    """Witnesses who have answered since the start, and one entry in the log that they have not seen."""
    partners = appointed(node.now, *parties)
    for partner in partners:
        partner.ask()
    write(node.now)
    actions.sequence(node.now)
    return partners


def published() -> tuple[int, int]:
    """Size, and number of witnesses under it."""
    note = bytes(Tile.objects.get(path="checkpoint").data)
    keys = [Witness.objects.get(pk=name).key for name in Witness.objects.values_list("pk", flat=True)]
    from comity.ledger import VerifierKey

    checkpoint, opened = open_checkpoint(note, keyring.held().log.verifier, witnesses=map(VerifierKey.parse, keys))
    return checkpoint.size, len(opened.by) - 1


def test_two_of_three_are_a_quorum_and_one_is_not(node):
    one, two, three = begun(node, "cert-br", "cert-jp", "cert-se")
    one.ask()
    assert (actions.published_size(), published()) == (0, (0, 3))
    two.ask()
    assert (actions.published_size(), published()) == (1, (1, 2))
    three.ask()
    assert published() == (1, 3), "who comes later is published too"
    assert Due.objects.filter(kind="publish", key="1").get().facts == {"size": 1}


def test_a_release_s_proof_carries_the_quorum_that_partners_ask_for(node):
    partners = begun(node, "cert-br", "cert-jp", "cert-se")
    for partner in partners[:2]:
        partner.ask()
    entry = actions.record("border:submission:made", "s", kind="submission", facts={}, now=node.now)
    actions.sequence(node.now)
    for partner in partners[:2]:
        partner.ask()
    policy = majority({partner.signer.name: partner.signer.verifier for partner in partners})
    proof = actions.prove(entry)
    checkpoint = verify_proof(bytes(entry.body), proof, keyring.held().log.verifier, policy=policy)
    assert checkpoint.size == 2


# Minutes from now at which each of three witnesses says that it signed; then the business time of the proof.
TIMES = [
    ((0,), None),
    ((0, 0), 0),
    ((-3, -1), -3),
    ((-1, -3), -3),
    ((-4, -2, -1), -2),
    ((-1, -4, -2), -2),
    ((4, -2, -4), -2),
    ((4, 4, -4), 4),
]


@pytest.mark.parametrize(("minutes", "expected"), TIMES)
def test_the_time_of_a_proof_is_the_quorum_th_latest_word_of_the_witnesses(node, minutes, expected):
    """Of three the second latest: no single clock, and not our own, makes a proof look fresh."""
    partners = begun(node, "cert-br", "cert-jp", "cert-se")
    Checkpoint.objects.filter(size=0).update(witnessed_at=None)
    for partner, minute in zip(partners, minutes, strict=False):
        partner.now = node.now + minute * MINUTE
        partner.ask(node.now)
    assert actions.proof_time(node.now) == (None if expected is None else node.now + expected * MINUTE)


def test_a_log_that_rests_is_cosigned_again_and_stays_fresh(node):
    partners = begun(node, "cert-br")
    partners[0].ask()
    assert actions.to_ask(node.now) == []
    later = node.move(dt.timedelta(hours=25))
    assert not actions.is_fresh(later)
    assert actions.watch_freshness(later) is False
    assert Alarm.objects.get(cleared_at=None).code == "stale-proof"
    assert actions.to_ask(later) == [partners[0].row]
    partners[0].now = later
    partners[0].ask()
    assert actions.proof_time(later) == later
    assert actions.watch_freshness(later) is True
    assert not Alarm.objects.filter(cleared_at=None).exists()
    assert Cosignature.objects.filter(checkpoint__size=1).count() == 1


def test_a_proof_from_the_future_proves_nothing(node):
    """Where our clock was set back, everything would look fresh."""
    (partner,) = begun(node, "cert-br")
    partner.ask()
    assert actions.proof_time(node.now - dt.timedelta(days=1)) is None


def test_a_node_without_witnesses_is_never_fresh_and_not_alarmed(node):
    write(node.now)
    actions.sequence(node.now)
    assert actions.watch_freshness(node.now) is False
    assert not Alarm.objects.exists()


@pytest.mark.parametrize("apart", [dt.timedelta(minutes=6), -dt.timedelta(minutes=6), dt.timedelta(days=36500)])
def test_a_cosignature_by_a_clock_that_is_far_from_ours_is_not_used(node, apart):
    (partner,) = begun(node, "cert-br")
    partner.now = node.now + apart
    with pytest.raises(actions.WitnessClock):
        partner.ask(node.now)
    assert actions.published_size() == 0
    assert Cosignature.objects.filter(checkpoint__size=1).count() == 0


def test_an_older_word_that_comes_late_changes_nothing(node):
    (partner,) = begun(node, "cert-br")
    request = actions.witness_request(partner.row, node.now)
    status, early = partner.post(request)
    partner.now = node.now + 3 * MINUTE
    partner.ask(node.now)
    actions.take_cosignature(partner.row, 1, status, early, node.now)
    assert actions.proof_time(node.now) == node.now + 3 * MINUTE


def test_a_line_by_another_key_or_over_another_text_is_refused(node):
    (partner,) = begun(node, "cert-br")
    stranger = SignerKey(partner.signer.name, key_of("stranger"), Algorithm.COSIGNATURE)
    text = f"{actions.our_log()}\n1\n{'A' * 43}=\n"
    seconds = int(node.now.timestamp())
    with pytest.raises(NoKnownSignature):
        actions.take_cosignature(partner.row, 1, 200, stranger.sign(text, time=seconds).encode(), node.now)
    with pytest.raises(BadSignature):
        actions.take_cosignature(partner.row, 1, 200, partner.signer.sign(text, time=seconds).encode(), node.now)
    assert actions.published_size() == 0
    assert actions.verify().cosignatures == 1


def test_only_the_witness_s_own_line_is_kept(node):
    (partner,) = begun(node, "cert-br")
    request = actions.witness_request(partner.row, node.now)
    status, body = partner.post(request)
    text = request.partition(b"\n\n")[2].rpartition(b"\n\n")[0].decode() + "\n"
    stranger = SignerKey("stranger.example", key_of("stranger"), Algorithm.COSIGNATURE)
    line = stranger.sign(text, time=int(node.now.timestamp())).encode()
    actions.take_cosignature(partner.row, 1, status, line + body, node.now)
    assert Cosignature.objects.get(checkpoint__size=1).line.encode() == body
    assert b"stranger" not in bytes(Tile.objects.get(path="checkpoint").data)


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500, 301])
def test_any_other_answer_is_an_error_with_its_status_and_changes_nothing(node, status):
    (partner,) = begun(node, "cert-br")
    before = partner.row.asked_at
    with pytest.raises(actions.WitnessRefused, match=str(status)):
        actions.take_cosignature(partner.row, 1, status, b"", node.now)
    assert partner.row.asked_at == before


@pytest.mark.parametrize("body", [b"", b"many\n", b"-1\n", b"01\n", b"1\n2\n", b"\xd9\xa1\n", b"1" * 40])
def test_a_size_that_is_none_is_refused(node, body):
    (partner,) = begun(node, "cert-br")
    with pytest.raises(actions.WitnessRefused):
        actions.take_cosignature(partner.row, 1, 409, body, node.now)


def test_a_size_beyond_all_logs_is_a_larger_tree(node):
    (partner,) = begun(node, "cert-br")
    with pytest.raises(actions.LogSetBack):
        actions.take_cosignature(partner.row, 1, 409, b"9999999999999999999\n", node.now)


def test_a_witness_that_forgot_is_told_of_and_brought_up_to_date(node):
    (partner,) = begun(node, "cert-br")
    partner.ask()
    partner.state = {}
    actions.begin(node.now)
    partner.ask()
    assert partner.row.cosigned_size == 1
    assert Alarm.objects.get(cleared_at=None).code == "witness-forgot"
    assert actions.may_sign()


def test_a_witness_that_sees_our_log_for_the_first_time_begins_with_nothing(node):
    write(node.now, 3)
    actions.sequence(node.now)
    (partner,) = appointed(node.now, "cert-br")
    partner.ask()
    assert partner.requests[0].startswith(b"old 0\n\n")
    assert partner.row.cosigned_size == 3


def test_a_grown_tree_is_proved_to_grow_out_of_what_the_witness_holds(node):
    (partner,) = begun(node, "cert-br")
    for count in (1, 5, 250, 300):
        write(node.now, count)
        actions.sequence(node.now)
        partner.ask()
    assert actions.published_size() == 557
    assert len(partner.requests) == 1 + 4, "one request a time: no size had to be asked for"


def test_the_size_of_a_request_is_that_of_its_checkpoint(node):
    (partner,) = begun(node, "cert-br")
    assert actions.request_size(actions.witness_request(partner.row, node.now)) == 1


def test_ourselves_twice_and_nobody_are_no_witnesses(node):
    ours = keyring.held().witness.verifier
    one = WitnessNode("cert-br", node.now)
    one.appoint()
    again = SignerKey("other.example/witness", key_of(one.signer.name), Algorithm.COSIGNATURE)
    log = SignerKey("third.example/witness", key_of("third"))
    for name, key, error in (
        (ours.name, str(ours), actions.BadWitness),
        ("alias.example", str(SignerKey("alias.example", keyring.held().witness.key, Algorithm.COSIGNATURE).verifier),
         actions.BadWitness),
        (again.name, str(again.verifier), actions.BadWitness),
        (log.name, str(log.verifier), actions.BadWitness),
        ("fourth.example", str(one.signer.verifier), actions.BadWitness),
        ("fifth.example", "fifth.example", BadKey),
    ):  # fmt: skip
        with pytest.raises(error):
            actions.add_witness(name, party="cert-xx", key=key, url="https://x.example")
    assert Witness.objects.count() == 1


def test_a_partner_has_one_witness_and_a_new_key_is_asked_anew(node):
    (partner,) = begun(node, "cert-br")
    partner.ask()
    assert partner.appoint().asked_at is not None, "nothing changed"
    partner.signer = SignerKey(partner.signer.name, key_of("a new key"), Algorithm.COSIGNATURE)
    partner.state = {}
    partner.appoint()
    assert (partner.row.asked_at, partner.row.cosigned_size) == (None, 0)
    partner.ask()
    assert published() == (1, 1)
    assert actions.verify().cosignatures == 2
    elsewhere = WitnessNode("cert-br", node.now)
    elsewhere.signer = SignerKey("moved.example/witness", key_of("moved"), Algorithm.COSIGNATURE)
    elsewhere.appoint()
    assert Witness.objects.get().name == "moved.example/witness"


def test_who_is_no_witness_any_more_is_not_heard(node):
    (partner,) = begun(node, "cert-br")
    row = partner.row
    actions.remove_witness("cert-br", now=node.now)
    with pytest.raises(actions.BadWitness):
        actions.take_cosignature(row, 1, 409, b"7\n", node.now)
    assert not Alarm.objects.exists()


def test_what_witnesses_signed_stays_published_when_one_more_is_added(node):
    partners = begun(node, "cert-br")
    partners[0].ask()
    appointed(node.now, "cert-jp")
    assert actions.published_size() == 1
    write(node.now)
    with pytest.raises(actions.NotClear):
        actions.sequence(node.now)
