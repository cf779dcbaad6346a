"""We as a witness: what does not grow out of what we cosigned is refused, kept as evidence, and alarmed (A70, A74)."""

from __future__ import annotations

import hashlib
import threading

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, connections
from django.test import Client
from tests.ledger.vectors import unbase64, vectors
from tests.node.journal.partners import PartnerLog, key_of

from comity.canon import digest, strict_base64
from comity.ledger import (
    SignerKey,
    Statement,
    VerifierKey,
    open_note,
    parse_checkpoint,
    split_note,
)
from comity.node import keyring
from comity.node.journal import actions
from comity.node.journal.models import Alarm, Entry, Seen
from comity.node.journal.seals import RowChanged

POST = "/witness/add-checkpoint"
SPLIT_VIEWS = {case["case"]: case for case in vectors("tlog/split_views.json")["cases"]}


@pytest.fixture
def wire() -> Client:
    """A partner's program: plain HTTP to the wire's routes."""
    return Client(SERVER_NAME="localhost")


def post(wire: Client, body: bytes):
    return wire.post(POST, data=body, content_type="text/plain")


def seen(origin: str) -> Seen:
    return Seen.objects.get(origin=origin)


def alarms() -> list[str]:
    return sorted(Alarm.objects.filter(cleared_at=None).values_list("code", flat=True))


def test_the_recorded_conversation_over_http(node, wire):
    """C2SP tlog-witness as a witness in use answers it; its one outdated 403 is today's 404."""
    conversation = vectors("tlog/witness_conversation.json")
    origin = conversation["steps"][0]["request_body"].split("\n")[2]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(conversation["log_public_key_hex"]))
    actions.watch_log(origin, key=str(VerifierKey(origin, key)))
    ours = keyring.held().witness.verifier
    for step in conversation["steps"]:
        reply = post(wire, step["request_body"].encode())
        assert reply.status_code == step.get("status_current_spec", step["status"])
        expected = step["body_value"].replace("example.com/witness", ours.name)
        if step["body_check"] == "==":
            assert reply.content.decode() == expected
            assert reply.headers["Content-Type"] == step["content_type"]
        else:
            assert expected in reply.content.decode()
        if reply.status_code == 200:
            note = step["request_body"].partition("\n\n")[2].encode() + reply.content
            (signed,) = open_note(note, [ours]).by
            assert abs((signed.time or 0) - node.now.timestamp()) < 60
    assert seen(origin).size == 5
    assert set(Alarm.objects.values_list("code", flat=True)) == {"inconsistent"}, "the wrong proofs"
    assert alarms() == [], "and then it showed how it grew"


@pytest.mark.parametrize("name", SPLIT_VIEWS)
def test_split_views_are_refused_kept_and_alarmed(node, name):
    """Attack A70: each pair of checkpoints is validly signed; only the consistent ones are cosigned."""
    case = SPLIT_VIEWS[name]
    key = VerifierKey.parse(case["verifier_key"])
    actions.watch_log(key.name, key=str(key))
    assert actions.answer(b"old 0\n\n" + case["old_checkpoint"].encode(), node.now).status == 200
    before = seen(key.name)
    lines = [f"old {before.size}", *map(strict_base64.encode, unbase64(case["consistency_proof"]))]
    request = "".join(f"{line}\n" for line in lines).encode() + b"\n" + case["new_checkpoint"].encode()
    reply = actions.answer(request, node.now)
    after = seen(key.name)
    if case["verdict"] == "consistent":
        assert (reply.status, alarms()) == (200, [])
        assert after.size == parse_checkpoint(split_note(case["new_checkpoint"].encode()).text).size
        return
    assert reply.status in {400, 422}
    assert "—" not in reply.body
    assert (after.size, bytes(after.root), bytes(after.note)) == (before.size, bytes(before.root), bytes(before.note))
    codes = {"inconsistent": "inconsistent", "split view": "fork", "rollback": "rollback"}
    assert alarms() == [codes[case["verdict"]]]
    evidence = bytes(Alarm.objects.get().evidence)
    assert case["old_checkpoint"].encode() in evidence.replace(reply_line(before), b"")
    assert case["new_checkpoint"].encode() in evidence


def reply_line(row: Seen) -> bytes:
    """Our own line under what we cosigned."""
    return split_note(bytes(row.note)).signatures[-1].line.encode()


def test_a_fork_shows_also_where_the_log_asks_as_if_it_knew_nothing(node):
    honest, forked = PartnerLog(), PartnerLog(history="false")
    honest.watch()
    assert actions.answer(honest.request(0, 20), node.now).status == 200
    assert actions.answer(forked.request(0, 20), node.now).status == 409
    assert alarms() == ["fork"]


def test_a_log_that_was_set_back_is_alarmed_until_it_grows_from_where_it_was(node):
    """A smaller tree may be a late request; so the alarm ends when the log goes on from what we cosigned."""
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    assert actions.answer(log.request(0, 12), node.now).status == 409
    assert actions.answer(log.request(20, 12), node.now).status == 400
    assert (alarms(), seen(log.signer.name).size) == (["rollback"], 20)
    assert actions.answer(log.request(20, 21), node.now).status == 200
    assert alarms() == []


def test_a_fork_is_not_forgotten_when_the_log_behaves_again(node):
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    actions.answer(PartnerLog(history="false").request(20, 20), node.now)
    assert actions.answer(log.request(20, 30), node.now).status == 200
    assert alarms() == ["fork"]
    actions.clear_alarm(Alarm.objects.get(), by=node.person("mari"), now=node.now)
    assert alarms() == []


def test_an_alarm_is_an_entry_of_our_own_log_once(node):
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    for _ in range(3):
        actions.answer(PartnerLog(history="false").request(20, 20), node.now)
    (alarm,) = Alarm.objects.all()
    (entry,) = Entry.objects.all()
    facts = Statement.parse(bytes(entry.body)).facts
    assert (facts["alarm"], facts["ours"]) == ("fork", False)
    assert facts["evidence"] == digest(bytes(alarm.evidence))


def test_cosigning_writes_no_entry_of_ours(node):
    """Else two nodes that witness each other would make each other's log grow for ever."""
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "request_body",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 0\n\nnode-b.example/cert-br\n",
        b"old 0\n\n\x00\xff\n",
        b"old 0\n\nunknown.example\n1\nAAAA\n",
        b"\x00" * 100,
    ],
)
def test_nobody_s_word_is_refused_without_a_trace(node, request_body):
    PartnerLog().watch()
    assert actions.answer(request_body, node.now).status in {400, 403, 404}
    assert not Alarm.objects.exists()


def test_a_checkpoint_that_the_log_did_not_sign_is_answered_without_the_lock(node):
    """Whoever can reach the route cannot make the node wait for itself."""
    log, stranger = PartnerLog(), PartnerLog()
    log.watch()
    stranger.signer = SignerKey(log.signer.name, key_of("stranger"))
    statements: list[str] = []

    def wrapper(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        assert actions.answer(stranger.request(0, 5), node.now).status == 403
    assert len(statements) == 1
    assert statements[0].startswith("SELECT")


def test_what_was_cosigned_is_published_with_both_signatures(node, wire):
    log = PartnerLog()
    log.watch()
    path = f"/witness/{hashlib.sha256(log.signer.name.encode()).hexdigest()}/checkpoint"
    assert wire.get(path).status_code == 404
    post(wire, log.request(0, 20))
    reply = wire.get(path)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    note = open_note(reply.content, [log.signer.verifier, keyring.held().witness.verifier])
    assert len(note.by) == 2
    assert parse_checkpoint(note.text).size == 20
    assert not reply.cookies
    assert wire.head(path).content == b""
    assert wire.post(path).status_code == 405
    assert wire.get(f"/witness/{'0' * 64}/checkpoint").status_code == 404


def test_lines_of_strangers_are_not_published(node):
    log, stranger = PartnerLog(), SignerKey("stranger.example", key_of("stranger"))
    log.watch()
    line = stranger.sign(split_note(log.note(5)).text)
    assert actions.answer(b"old 0\n\n" + log.note(5) + line.encode() * 60, node.now).status == 200
    assert b"stranger" not in bytes(seen(log.signer.name).note)


def test_a_body_without_end_is_not_read_and_only_post_is_answered(node, wire):
    PartnerLog().watch()
    reply = post(wire, b"old 0\n" + b"a" * (64 * 1024))
    assert reply.status_code == 413
    assert (wire.get(POST).status_code, wire.get(POST).headers["Allow"]) == (405, "POST")
    assert post(wire, b"old 0\n\nno.example\n1\nAAAA\n").headers["Cache-Control"] == "no-store"


def test_a_log_is_watched_under_its_own_name_and_ours_is_not(node):
    log = PartnerLog()
    with pytest.raises(actions.NotToWatch):
        actions.watch_log("another.example", key=str(log.signer.verifier))
    with pytest.raises(actions.NotToWatch):
        actions.watch_log(actions.our_log(), key=str(keyring.held().log.verifier))


def test_a_new_key_does_not_make_us_forget_what_we_cosigned(node):
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    log.signer = SignerKey(log.signer.name, key_of("new key"))
    log.watch()
    assert actions.answer(log.request(0, 5), node.now).status == 409
    assert actions.answer(log.request(20, 25), node.now).status == 200
    actions.unwatch_log(log.signer.name)
    assert actions.answer(log.request(25, 26), node.now).status == 404
    log.watch()
    assert actions.answer(log.request(0, 5), node.now).status == 409
    assert actions.verify().watched == 1


def test_a_witness_whose_memory_was_edited_cosigns_nothing(node, wire):
    """Attack A87: else its database's administrator could make it forget a tree, and cosign another."""
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    Seen.objects.update(size=0, root=b"", note=b"")
    assert post(wire, PartnerLog(history="false").request(0, 20)).status_code == 503
    assert seen(log.signer.name).size == 0
    log.watch()  # as each look round does, every minute
    assert post(wire, PartnerLog(history="false").request(0, 20)).status_code == 503
    with pytest.raises(RowChanged):
        actions.verify()


@pytest.mark.parametrize("key", ["", "new"])
def test_what_somebody_wrote_into_that_memory_is_sealed_by_nothing_that_we_do(node, key):
    """Neither when the log's key changes nor when it is watched no more."""
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    Seen.objects.update(size=12)
    with pytest.raises(RowChanged):
        if key:
            actions.watch_log(log.signer.name, key=str(SignerKey(log.signer.name, key_of(key)).verifier))
        else:
            actions.unwatch_log(log.signer.name)
    with pytest.raises(RowChanged):
        actions.verify()


def test_nobody_else_can_have_an_honest_log_accused(node, wire):
    """What a log has signed is public, and so is our copy of it; a proof that proves nothing comes with no key."""
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    shown = wire.get(f"/witness/{hashlib.sha256(log.signer.name.encode()).hexdigest()}/checkpoint").content
    junk = strict_base64.encode(hashlib.sha256(b"junk").digest())
    assert post(wire, f"old 20\n{junk}\n\n".encode() + shown).status_code == 422
    assert alarms() == []


def test_a_tree_that_was_not_shown_to_grow_is_alarmed_until_the_log_shows_how_it_grew(node):
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 20), node.now)
    assert actions.answer(PartnerLog(history="false").request(20, 30), node.now).status == 422
    assert alarms() == ["inconsistent"]
    assert bytes(Alarm.objects.get().evidence)
    assert actions.answer(log.request(20, 30), node.now).status == 200
    assert alarms() == []


class Killed(BaseException):
    pass


def test_killed_at_any_statement_no_cosignature_has_left_that_is_not_stored(node_live):
    """The answer returns after the commit or not at all; a smaller tree is never stored over a larger one."""
    log, size, statement, died = PartnerLog(), 1, 0, True
    log.watch()
    actions.answer(log.request(0, 1), node_live.now)
    while died:
        statement, died = statement + 1, False
        count = 0

        def wrapper(execute, sql, params, many, context, at=statement):
            nonlocal count
            count += 1
            if count == at:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(wrapper):
                actions.answer(log.request(size, size + 1), node_live.now)
        except Killed:
            died = True
            assert seen(log.signer.name).size == size
        else:
            size += 1
            assert seen(log.signer.name).size == size
    assert statement > 3


def test_sixty_four_calls_at_once_never_lower_what_is_stored(node_live):
    """Attack A74. Each caller wants another size cosigned; whatever was answered with 200 grew from the one before."""
    log = PartnerLog()
    log.watch()
    actions.answer(log.request(0, 1), node_live.now)
    answered: list[tuple[int, int]] = []
    sizes: list[int] = []
    errors: list[BaseException] = []
    together = threading.Barrier(64)

    def call(number: int) -> None:
        try:
            together.wait()
            old = 1
            for _ in range(4):
                new = max(old, 2 + (number * 37) % 150)
                reply = actions.answer(log.request(old, new), node_live.now)
                if reply.status == 200:
                    answered.append((old, new))
                elif reply.status == 409:
                    old = int(reply.body)
                sizes.append(seen(log.signer.name).size)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    # Put in order, the cosigned steps are one chain from the first size to the last: none was signed twice from one
    # size, and none leads back.
    steps = sorted({(old, new) for old, new in answered if old != new})
    assert [old for old, _ in steps] == [1, *[new for _, new in steps[:-1]]]
    assert seen(log.signer.name).size == max(sizes) == steps[-1][1]
    row = seen(log.signer.name)
    assert bytes(row.root) == log.tree.root(row.size)
