"""Proofs that an entry is in our log, and how fresh the newest of them can be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Count, Q

from comity.canon import ProofError, utc
from comity.ledger import LogProof, StoredTree, prove_inclusion, verify_inclusion
from comity.node.journal.actions.publishing import cosigned_note
from comity.node.journal.actions.witnesses import CLOCKS_APART
from comity.node.journal.models import Checkpoint, Entry, Witness
from comity.node.journal.rows import Rows, newest_checkpoint
from comity.node.journal.seals import check_seal, checkpoint_seal


class NotYetProved(ProofError):
    what = "there is no proof of entry {entry} yet"
    why = "the newest checkpoint that enough witnesses have cosigned has {size} entries"
    do = "wait: entries are sequenced and cosigned within a minute while witnesses can be reached"
    http_status = 409


def published_checkpoint() -> Checkpoint | None:
    """The newest whose quorum is met. Where no witness is configured nobody need have seen it."""
    if not Witness.objects.exists():
        return newest_checkpoint()
    return Checkpoint.objects.filter(witnessed_at__isnull=False).order_by("-size").first()


def _newest_cosigned_by(parties: Collection[str]) -> Checkpoint | None:
    """The newest published one that more than half of these parties cosigned. One that is no witness of ours counts."""
    if not parties:
        return published_checkpoint()
    names = Witness.objects.filter(party__in=parties).values("name")
    cosigned = Count("cosignatures", filter=Q(cosignatures__witness__in=names))
    rows = Checkpoint.objects.filter(witnessed_at__isnull=False).annotate(cosigned=cosigned)
    return rows.filter(cosigned__gt=len(parties) // 2).order_by("-size").first()


def published_size() -> int:
    """Its size: entries below it can be proved to partners. 0 where there is none."""
    checkpoint = published_checkpoint()
    return 0 if checkpoint is None else checkpoint.size


def proof_time(now: dt.datetime) -> dt.datetime | None:
    """The business time up to which a quorum of partners vouches for our log; None: never.

    Never too where no witness is configured (a node's own word makes nothing fresh), and where the time is yet to
    come: then a clock was set back, and everything would look fresh.
    """
    if not Witness.objects.exists():
        return None
    checkpoint = published_checkpoint()
    if checkpoint is None or checkpoint.witnessed_at is None or checkpoint.witnessed_at > utc(now) + CLOCKS_APART:
        return None
    return checkpoint.witnessed_at


def prove(entry: Entry, parties: Collection[str] = ()) -> LogProof:
    """The proof under the newest checkpoint whose quorum is met, and that more than half of `parties` cosigned too.

    Raises: NotYetProved; BadTile, RowChanged, InclusionError when the database is not as it was left.
    """
    placed, checkpoint = Entry.objects.get(pk=entry.pk), _newest_cosigned_by(parties)
    if placed.index is None or checkpoint is None or checkpoint.size <= placed.index:
        raise NotYetProved(entry=entry.pk, size=0 if checkpoint is None else checkpoint.size)
    check_seal("checkpoint", checkpoint.size, checkpoint.seal, checkpoint_seal(checkpoint))
    hashes = prove_inclusion(StoredTree(Rows(), checkpoint.size).node, placed.index, checkpoint.size)
    # What leaves verifies: a damaged tile is found here, and not by a partner.
    verify_inclusion(bytes(placed.leaf), placed.index, checkpoint.size, hashes, bytes(checkpoint.root))
    return LogProof(index=placed.index, hashes=tuple(hashes), checkpoint=cosigned_note(checkpoint))
