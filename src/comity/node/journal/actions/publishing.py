"""Publishing: a checkpoint counts, and everybody may read it, once a majority of our witnesses has cosigned it."""

from __future__ import annotations

import datetime as dt

from comity.ledger import QuorumNotMet, VerifierKey, majority, open_note, parse_checkpoint, split_note
from comity.node import keyring
from comity.node.due import actions as due
from comity.node.journal.models import Checkpoint, Witness
from comity.node.journal.rows import publish, published_note
from comity.node.journal.seals import check_seal, checkpoint_seal

MOST_LINES = 63  # with the log's own, as many signatures as a note is read with


def cosigned_note(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as it is published: the log's signature, then the witnesses'."""
    lines = checkpoint.cosignatures.order_by("time", "witness").values_list("line", flat=True)[:MOST_LINES]
    return bytes(checkpoint.note) + "".join(lines).encode()


def witnessed_until(checkpoint: Checkpoint) -> dt.datetime | None:
    """The latest business time at which as many witnesses as make a quorum had signed no earlier; None without one.

    It is the quorum-th latest time of the cosignatures, never our own: no single witness's clock can make a proof
    fresh, and neither can ours.
    """
    policy = majority({one.name: VerifierKey.parse(one.key) for one in Witness.objects.all()})
    note = open_note(cosigned_note(checkpoint), [keyring.held().log.verifier, *policy.witness_keys])
    try:
        times = sorted((signed.time or 0 for signed in policy.check(note)), reverse=True)
    except QuorumNotMet:
        return None
    return dt.datetime.fromtimestamp(times[policy.groups[policy.quorum].threshold - 1], dt.UTC)


def publish_if_witnessed(checkpoint: Checkpoint, now: dt.datetime) -> bool:
    """After a cosignature: note the quorum, publish, and have `border` publish what waited. Returns: whether it is met.

    INVARIANT: what is published only grows, and `witnessed_at` only moves forward.
    Raises: RowChanged where somebody else wrote into the checkpoint's row.
    """
    until = witnessed_until(checkpoint)
    if until is not None and (checkpoint.witnessed_at is None or checkpoint.witnessed_at < until):
        check_seal("checkpoint", checkpoint.size, checkpoint.seal, checkpoint_seal(checkpoint))
        checkpoint.witnessed_at = until
        checkpoint.seal = checkpoint_seal(checkpoint)
        checkpoint.save(update_fields=["witnessed_at", "seal"])
    if until is not None:  # at each cosignature from then on: a release may need that of one party more
        due.schedule("publish", str(checkpoint.size), now, {"size": checkpoint.size})
    shown = _published_size()
    if checkpoint.size == shown or (checkpoint.witnessed_at is not None and checkpoint.size > shown):
        publish(cosigned_note(checkpoint))
    return until is not None


def _published_size() -> int:
    """-1 where nothing was published yet."""
    note = published_note()
    return -1 if note is None else parse_checkpoint(split_note(note).text).size
