"""Our witnesses: who they are, what they are asked, and what becomes of their answers (C2SP tlog-witness, log side).

`exchange` carries the requests: for each witness of `to_ask` it calls `ask`, with a function that posts a body to the
witness's add-checkpoint. The first answer may say only what size the witness holds (409); the next request then proves
that our tree grew out of that one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q, QuerySet

from comity.canon import InputError, ProofError, strict_base64, utc
from comity.ledger import (
    Algorithm,
    StoredTree,
    VerifierKey,
    open_note,
    parse_checkpoint,
    prove_consistency,
    split_note,
)
from comity.node import keyring
from comity.node.journal.actions.alarms import FORGETFUL, FORKED, SET_BACK, STALE, healed, our_log, raise_alarm
from comity.node.journal.actions.gate import LogForked, LogSetBack
from comity.node.journal.actions.publishing import publish_if_witnessed
from comity.node.journal.models import Alarm, Checkpoint, Cosignature, Witness
from comity.node.journal.rows import Rows, lock, newest_checkpoint, newest_size, open_log
from comity.node.journal.seals import check_seal, checkpoint_seal, cosignature_seal

ROUNDS = 3  # ask, be told a size, prove; one more where the witness moved meanwhile
REFRESH = dt.timedelta(minutes=10)  # a log that rests is cosigned again, so that its proof stays fresh
CLOCKS_APART = dt.timedelta(minutes=5)
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")


class BadWitness(InputError):
    what = "{witness} cannot be a witness of this log"
    why = "{reason}"
    do = "take name and key from the partner's card; a witness has a name and a cosignature key of its own"


class WitnessRefused(ProofError):
    what = "the witness {witness} did not cosign"
    why = "it answered with the status {status}"
    do = "ask the partner; 404 or 403 mean that it does not know this log, or knows it under another key"


class WitnessClock(ProofError):
    what = "the cosignature of {witness} is not used"
    why = "it says that it was made {seconds} seconds from now, and clocks may be {most} apart"
    do = "set the clocks of both nodes"


def add_witness(name: str, *, party: str, key: str, url: str) -> Witness:
    """Have a partner's node cosign our log from now on, or under a new key. Raises: BadWitness, BadKey."""
    verifier = VerifierKey.parse(key)
    ours = keyring.held().witness.verifier
    others = Witness.objects.exclude(name=name)
    if verifier.name != name or verifier.algorithm is not Algorithm.COSIGNATURE:
        raise BadWitness(witness=name, reason="its key bears another name, or is not one for cosignatures")
    if verifier.key == ours.key or name == ours.name:
        raise BadWitness(witness=name, reason="it is this node itself, whose word on its own log proves nothing")
    if any(VerifierKey.parse(other.key).key == verifier.key for other in others):
        raise BadWitness(witness=name, reason="another witness has the same key, and would count twice")
    with transaction.atomic():
        lock()
        _succeeds(name, others.filter(party=party))
        known = Witness.objects.filter(name=name).first()
        fresh = {} if known and known.key == key else {"cosigned_size": 0, "asked_at": None}
        values = {"party": party, "key": key, "url": url, **fresh}
        return Witness.objects.update_or_create(name=name, defaults=values)[0]


def _succeeds(name: str, former: QuerySet[Witness]) -> None:
    """The party's node has another name now, as after a move: what it said under the one before, it still says."""
    for witness in former:
        said = Alarm.objects.filter(witness=witness.name, cleared_at=None)
        repeated = Alarm.objects.filter(witness=name, cleared_at=None).values_list("code", flat=True)
        said.exclude(code__in=list(repeated)).update(witness=name)
        witness.delete()


def remove_witness(party: str, *, now: dt.datetime) -> None:
    """A partner's node is no witness any more.

    INVARIANT: where its word stops us it still does, until a person has looked (`clear_alarm`): it may be true.
    """
    with transaction.atomic():
        lock()
        for witness in Witness.objects.filter(party=party):
            said = Alarm.objects.filter(witness=witness.name, cleared_at=None, stops_signing=False)
            said.update(cleared_at=now)
            witness.delete()


def to_ask(now: dt.datetime) -> list[Witness]:
    """The witnesses who have not cosigned our newest checkpoint since we started, or not lately."""
    behind = Q(asked_at=None) | Q(asked_at__lte=utc(now) - REFRESH) | Q(cosigned_size__lt=newest_size())
    return list(Witness.objects.filter(behind).order_by("name"))


def ask(witness: Witness, post: Callable[[bytes], tuple[int, bytes]], now: dt.datetime) -> None:
    """Ask a witness until it has cosigned our newest checkpoint.

    Args:   post: sends a body to its add-checkpoint, and returns the status and the body of the answer.
    Raises: what `witness_request`, `take_cosignature` and `post` raise.
    """
    for _ in range(ROUNDS):
        request = witness_request(witness, now)
        status, body = post(request)
        take_cosignature(witness, request_size(request), status, body, now)
        if not _is_behind(witness):
            return


def _is_behind(witness: Witness) -> bool:
    """It only said a size, or the log grew meanwhile."""
    behind = Q(asked_at=None) | Q(cosigned_size__lt=newest_size())
    return Witness.objects.filter(behind, pk=witness.pk).exists()


def witness_request(witness: Witness, now: dt.datetime) -> bytes:
    """The body for add-checkpoint: what it holds of us, how our newest tree grew out of that, and the checkpoint.

    Raises: LogSetBack, of which an alarm is kept, when it holds more than we do; RowChanged, BadTile.
    """
    newest = newest_checkpoint() or _begun(now)
    check_seal("checkpoint", newest.size, newest.seal, checkpoint_seal(newest))
    old = Witness.objects.get(pk=witness.pk).cosigned_size
    if old > newest.size:
        error = LogSetBack(witness=witness.name, known=old, size=newest.size)
        with transaction.atomic():
            raise_alarm(SET_BACK, our_log(), now, witness=witness.name)
        raise error
    tree = StoredTree(Rows(), newest.size)
    proof = prove_consistency(tree.node, old, newest.size) if old else []
    lines = [f"old {old}", *map(strict_base64.encode, proof)]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + bytes(newest.note)


def request_size(request: bytes) -> int:
    """The size of the checkpoint in a request of ours: what `take_cosignature` is told."""
    return parse_checkpoint(split_note(request.partition(b"\n\n")[2]).text).size


def take_cosignature(witness: Witness, size: int, answer_status: int, answer_body: bytes, now: dt.datetime) -> None:
    """Keep what a witness answered to a request for our checkpoint of this size.

    Raises: LogSetBack, LogForked: it holds another tree of our log than we do; an alarm is kept, and nothing is signed
            any more. WitnessRefused, WitnessClock; BadNote, BadSignature, NoKnownSignature: nothing is changed.
    """
    now = utc(now)
    with transaction.atomic(durable=True):
        lock()
        current = Witness.objects.filter(pk=witness.pk).first()
        if current is None:
            raise BadWitness(witness=witness.pk, reason="it is none any more")
        error = _ANSWERS.get(answer_status, _refused)(current, size, answer_status, answer_body, now)
    if error is not None:
        raise error


def _begun(now: dt.datetime) -> Checkpoint:
    with transaction.atomic():
        lock()
        open_log(Rows(utc(now)))
        return Checkpoint.objects.order_by("-size")[0]


_Answered = Callable[[Witness, int, int, bytes, dt.datetime], ProofError | None]


def _cosigned(witness: Witness, size: int, status: int, body: bytes, now: dt.datetime) -> ProofError | None:
    del status
    checkpoint = Checkpoint.objects.filter(size=size).first()
    if checkpoint is None:
        return WitnessRefused(witness=witness.name, status="200, for a checkpoint that was never made")
    text, key = split_note(bytes(checkpoint.note)).text, VerifierKey.parse(witness.key)
    note = text.encode() + b"\n" + body
    (signed,) = open_note(note, [key]).by
    seconds = (signed.time or 0) - now.timestamp()
    if abs(seconds) > CLOCKS_APART.total_seconds():
        return WitnessClock(witness=witness.name, seconds=round(seconds), most=CLOCKS_APART.seconds)
    line = next(one.line for one in split_note(note).signatures if (one.name, one.key_id) == (key.name, key.id))
    _keep(checkpoint, key, line, dt.datetime.fromtimestamp(signed.time or 0, dt.UTC))
    witness.cosigned_size, witness.asked_at = max(size, witness.cosigned_size), now
    witness.save(update_fields=["cosigned_size", "asked_at"])
    if publish_if_witnessed(checkpoint, now):
        healed(our_log(), now, STALE)
    return None


def _keep(checkpoint: Checkpoint, key: VerifierKey, line: str, time: dt.datetime) -> None:
    """The newest word of each witness on a checkpoint; an older one that comes late changes nothing."""
    known = Cosignature.objects.filter(checkpoint=checkpoint, witness=key.name).first()
    if known and known.time >= time and known.key == str(key):
        return
    row = known or Cosignature(checkpoint=checkpoint, witness=key.name)
    row.key, row.line, row.time = str(key), line, time
    row.seal = cosignature_seal(row)
    row.save()


def _told_size(witness: Witness, size: int, status: int, body: bytes, now: dt.datetime) -> ProofError | None:
    """409: it holds another size than we thought. Its root is not known before it has cosigned ours."""
    form = _SIZE.fullmatch(body)
    if form is None:
        return WitnessRefused(witness=witness.name, status=f"{status}, without a size")
    known, ours = int(form[1]), newest_size()
    if known < witness.cosigned_size <= ours:
        raise_alarm(FORGETFUL, our_log(), now, witness=witness.name, evidence=body)
    witness.cosigned_size, witness.asked_at = min(known, 2**63 - 1), None
    witness.save(update_fields=["cosigned_size", "asked_at"])
    if known <= ours:
        return None
    raise_alarm(SET_BACK, our_log(), now, witness=witness.name, evidence=body)
    return LogSetBack(witness=witness.name, known=known, size=ours)


def _disagreed(witness: Witness, size: int, status: int, body: bytes, now: dt.datetime) -> ProofError | None:
    """422: the tree that we proved to it does not grow out of the one it holds."""
    del status
    witness.asked_at = None
    witness.save(update_fields=["asked_at"])
    raise_alarm(FORKED, our_log(), now, witness=witness.name, evidence=body)
    return LogForked(witness=witness.name, size=size)


def _refused(witness: Witness, size: int, status: int, body: bytes, now: dt.datetime) -> ProofError | None:
    del size, body, now
    return WitnessRefused(witness=witness.name, status=status)


_ANSWERS: dict[int, _Answered] = {200: _cosigned, 409: _told_size, 422: _disagreed}
