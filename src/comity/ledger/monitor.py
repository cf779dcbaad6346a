"""What two checkpoints of one log say about the log (tlog section 9: one history for all)."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from comity.ledger.checkpoints import open_checkpoint
from comity.ledger.consistency import ConsistencyError, verify_consistency
from comity.ledger.keys import VerifierKey


class Verdict(enum.Enum):
    CONSISTENT = "consistent"
    INCONSISTENT = "inconsistent"  # not shown to have grown: ask again; if it stays so, history was changed
    SPLIT_VIEW = "split view"  # two roots signed for one size: keep both, they prove it
    ROLLBACK = "rollback"  # smaller than what was seen before: a stale answer, or a log set back


def compare(old: bytes, new: bytes, proof: Sequence[bytes], key: VerifierKey, *, origin: str | None = None) -> Verdict:
    """Judge the checkpoint just received against the one received before, with the proof between them.

    Raises: BadNote, BadSignature, NoKnownSignature, BadCheckpoint, OtherLog when either is not the log's own word:
            then there is nothing to judge and nothing to blame the log for.
    """
    before, _ = open_checkpoint(old, key, origin=origin)
    after, _ = open_checkpoint(new, key, origin=origin)
    if after.size < before.size:
        return Verdict.ROLLBACK
    if after.size == before.size and after.root != before.root:
        return Verdict.SPLIT_VIEW
    if before.size == 0 and not proof:
        return Verdict.CONSISTENT  # everything grows out of the empty log
    try:
        verify_consistency(before.size, after.size, before.root, after.root, proof)
    except ConsistencyError:
        return Verdict.INCONSISTENT
    return Verdict.CONSISTENT
