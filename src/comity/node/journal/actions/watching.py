"""Watching partners' logs: we cosign what grew out of what we cosigned before, and nothing else (C2SP tlog-witness)."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction

from comity.canon import ComityError, InputError, utc
from comity.ledger import Answer, Checkpoint, VerifierKey, open_checkpoint, split_note
from comity.ledger import Seen as SeenTree
from comity.ledger import answer as decide
from comity.node import keyring
from comity.node.journal.actions.alarms import FORK, INCONSISTENT, ROLLBACK, healed, our_log, raise_alarm
from comity.node.journal.models import Seen
from comity.node.journal.seals import check_seal, seen_seal


class NotToWatch(InputError):
    what = "the log {log} cannot be watched"
    why = "{reason}"
    do = "take its origin and key from the partner's card"


def watch_log(origin: str, *, key: str) -> Seen:
    """Know a partner's log from now on. What we cosigned of it stays, whatever key it signs with.

    Raises: BadKey, NotToWatch; RowChanged as `answer` does.
    """
    if VerifierKey.parse(key).name != origin:
        raise NotToWatch(log=origin, reason="its key bears another name")
    if origin == our_log():
        raise NotToWatch(log=origin, reason="it is our own, and our word on it proves nothing")
    with transaction.atomic():
        new = Seen(origin=origin, key=key, root=b"")
        Seen.objects.bulk_create([Seen(origin=origin, key=key, root=b"", seal=seen_seal(new))], ignore_conflicts=True)
        return _change_key(Seen.objects.select_for_update().get(pk=origin), key)


def unwatch_log(origin: str) -> None:
    """Answer for this log no more. What we cosigned of it is kept: INVARIANT, a witness never forgets."""
    with transaction.atomic():
        for row in Seen.objects.select_for_update().filter(pk=origin):
            _change_key(row, "")


def _change_key(row: Seen, key: str) -> Seen:
    """INVARIANT: what somebody else wrote into the row is not sealed by us, so it is found whenever it is used."""
    if row.key != key:
        check_seal("seen", row.origin, row.seal, seen_seal(row))
        row.key = key
        row.seal = seen_seal(row)
        row.save(update_fields=["key", "seal"])
    return row


def answer(request: bytes, now: dt.datetime) -> Answer:
    """Answer one add-checkpoint: status, body and content type for the wire.

    INVARIANT: what was cosigned last is read, compared and replaced under a lock, and committed before this returns. A
    lost update here would be a rollback of the log (attack A74).
    Raises: RowChanged when what we cosigned is not as we left it: nothing is cosigned then.
    """
    now = utc(now)
    row = _known(request)
    offered = None if row is None else _offered(request, row)
    if row is None or offered is None:  # nobody's word: it is refused without the lock
        return _decided(request, row, now)
    with transaction.atomic(durable=True):
        row = Seen.objects.select_for_update().get(pk=row.pk)
        check_seal("seen", row.origin, row.seal, seen_seal(row))
        reply = _decided(request, row, now)
        if reply.status == 200:
            _store(row, request, reply, now)
        elif fault := _fault(reply, row, offered):
            raise_alarm(fault, row.origin, now, evidence=bytes(row.note) + b"\n" + request)
    return reply


def cosigned(origin_hash: str) -> bytes | None:
    """The latest checkpoint that we cosigned of the log whose origin has this SHA-256, in hexadecimal."""
    for row in Seen.objects.exclude(key="").exclude(note=b""):
        if hashlib.sha256(row.origin.encode()).hexdigest() == origin_hash:
            return bytes(row.note)
    return None


def _known(request: bytes) -> Seen | None:
    """The log of which the request speaks. The name chooses the key, and nothing else before that verifies."""
    origin = request.partition(b"\n\n")[2].partition(b"\n")[0].decode("utf-8", "replace")
    if "\x00" in origin:  # no text of ours, and PostgreSQL has no such character
        return None
    return Seen.objects.filter(origin=origin).exclude(key="").first()


def _offered(request: bytes, row: Seen) -> Checkpoint | None:
    """The checkpoint in the request, where the log itself signed it."""
    try:
        return open_checkpoint(request.partition(b"\n\n")[2], VerifierKey.parse(row.key))[0]
    except ComityError:
        return None


def _decided(request: bytes, row: Seen | None, now: dt.datetime) -> Answer:
    logs = {row.origin: (VerifierKey.parse(row.key),)} if row and row.key else {}
    state = {row.origin: SeenTree(size=row.size, root=bytes(row.root))} if row and row.note else {}
    return decide(state, request, logs=logs, signer=keyring.held().witness, time=int(now.timestamp()))


def _store(row: Seen, request: bytes, reply: Answer, now: dt.datetime) -> None:
    tree, key = reply.state[row.origin], VerifierKey.parse(row.key)
    note = split_note(request.partition(b"\n\n")[2])
    own = next(line.line for line in note.signatures if (line.name, line.key_id) == (key.name, key.id))
    row.size, row.root, row.at = tree.size, tree.root, now
    row.note = f"{note.text}\n{own}{reply.body}".encode()
    row.seal = seen_seal(row)
    row.save(update_fields=["size", "root", "note", "at", "seal"])
    healed(row.origin, now, ROLLBACK, INCONSISTENT)


def _fault(reply: Answer, row: Seen, offered: Checkpoint) -> str | None:
    """What a checkpoint that the log did sign, and that does not fit, says of the log.

    Anybody can send us what a log signed, with a proof that proves nothing: of what we cosigned ourselves that says
    nothing, and of a larger tree it stands until the log shows how it grew.
    """
    if row.note and offered.size == row.size:
        return None if offered.root == bytes(row.root) else FORK
    if offered.size < row.size:
        return ROLLBACK
    return INCONSISTENT if reply.evidence else None
