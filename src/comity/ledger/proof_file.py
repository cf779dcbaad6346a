"""The .tlog-proof file: what shows, without asking anyone, that an entry is in a log (C2SP tlog-proof)."""

from __future__ import annotations

from dataclasses import dataclass

from comity.canon import InputError, strict_base64
from comity.ledger.checkpoints import BadCheckpoint, Checkpoint, open_checkpoint, parse_hash, parse_size
from comity.ledger.inclusion import verify_inclusion
from comity.ledger.keys import VerifierKey
from comity.ledger.merkle import leaf_hash
from comity.ledger.policy import Policy

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63  # a tree has at most 2^63 leaves


class BadProofFile(InputError):
    what = "this is not a proof of logging"
    why = "{reason}"
    do = "ask its sender for the proof again, byte for byte"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """An inclusion proof with the checkpoint that it leads to. INVARIANT: nothing authenticates `extra`."""

    index: int
    hashes: tuple[bytes, ...]  # leaf side first
    checkpoint: bytes  # the signed note
    extra: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> LogProof:
        """Read the form; nothing is verified. Raises: BadProofFile."""
        head, _, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
            return _from_lines(lines, checkpoint)
        except (UnicodeDecodeError, ValueError, BadCheckpoint) as error:
            raise BadProofFile(reason=str(error) or "it is not text") from error

    def __bytes__(self) -> bytes:
        extra = [f"extra {strict_base64.encode(self.extra)}"] if self.extra is not None else []
        lines = [HEADER, *extra, f"index {self.index}", *map(strict_base64.encode, self.hashes)]
        return "".join(f"{line}\n" for line in lines).encode() + b"\n" + self.checkpoint


def verify_proof(
    entry: bytes, proof: LogProof, log: VerifierKey, *, origin: str | None = None, policy: Policy | None = None
) -> Checkpoint:
    """Check that a log signed a tree that has this entry, and that enough witnesses saw the tree.

    Args:    origin: what the log calls itself, where that is not the name of its key.
             policy: who must have cosigned; without one nobody need have, and the log alone is trusted.
    Returns: the checkpoint that holds the entry.
    Raises:  InclusionError; QuorumNotMet; BadNote, BadSignature, NoKnownSignature, BadCheckpoint, OtherLog.
    """
    witnesses = policy.witness_keys if policy else ()
    checkpoint, note = open_checkpoint(proof.checkpoint, log, origin=origin, witnesses=witnesses)
    if policy:
        policy.check(note)
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return checkpoint


def _from_lines(lines: list[str], checkpoint: bytes) -> LogProof:
    header, *rest = lines
    if header != HEADER:
        raise ValueError(f"its first line is not {HEADER}")
    extra = None
    if rest and rest[0].startswith("extra "):
        extra = strict_base64.decode(rest.pop(0).removeprefix("extra "))
    if not rest or not rest[0].startswith("index "):
        raise ValueError("it does not say the index of the entry")
    index, *hashes = rest
    if len(hashes) > MAX_HASHES:
        raise ValueError(f"it has {len(hashes)} hashes where {MAX_HASHES} are the most")
    return LogProof(
        index=parse_size(index.removeprefix("index ")),
        hashes=tuple(map(parse_hash, hashes)),
        checkpoint=checkpoint,
        extra=extra,
    )
