"""A witness's answer to add-checkpoint: cosign what grew out of what was cosigned before, and nothing else.

The decision only (C2SP tlog-witness). INVARIANT, kept by the caller: `state` is read, the answer's state stored, and
both made durable in one atomic step *before* the cosignature leaves; a lost update here is a rollback of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.canon import InputError, ProofError
from comity.ledger.checkpoints import (
    BadCheckpoint,
    Checkpoint,
    WrongEmptyRoot,
    parse_checkpoint,
    parse_hash,
    parse_size,
)
from comity.ledger.consistency import ConsistencyError, verify_consistency
from comity.ledger.keys import SignerKey, VerifierKey
from comity.ledger.notes import BadNote, open_note

MAX_PROOF_LINES = 63
MAX_REQUEST_BYTES = 64 * 1024
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The largest tree that was cosigned for a log."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What to send, what to store first, and what to keep."""

    status: int  # HTTP
    body: str
    state: Mapping[str, Seen]  # by origin; changed only with status 200
    content_type: str = PLAIN
    evidence: bytes | None = None  # a request with a valid signature that does not fit what was seen: keep it


class _Refused(Exception):
    def __init__(self, status: int, body: str, *, content_type: str = PLAIN, evidence: bool = False) -> None:
        self.status, self.body, self.content_type, self.evidence = status, body, content_type, evidence


def answer(
    state: Mapping[str, Seen],
    request: bytes,
    *,
    logs: Mapping[str, tuple[VerifierKey, ...]],
    signer: SignerKey,
    time: int,
) -> Answer:
    """Answer one request.

    Args: state: what was cosigned so far, by origin.
          request: the body: `old <size>`, proof lines, an empty line, a checkpoint.
          logs: the keys that each known origin signs with.
          signer: the witness's own key, an Ed25519 cosignature key.
          time: now, in seconds since 1970; never zero.
    """
    try:
        checkpoint = _decide(state, request, logs)
    except _Refused as no:
        kept = request if no.evidence else None
        return Answer(status=no.status, body=no.body, state=state, content_type=no.content_type, evidence=kept)
    seen = {**state, checkpoint.origin: Seen(size=checkpoint.size, root=checkpoint.root)}
    return Answer(status=200, body=signer.sign(checkpoint.text, time=time), state=seen)


def _decide(state: Mapping[str, Seen], request: bytes, logs: Mapping[str, tuple[VerifierKey, ...]]) -> Checkpoint:
    """The checks of tlog-witness, in its order; each comment is a row of its table."""
    old, proof, note = _read(request)
    origin = note.partition(b"\n")[0].decode(
        "utf-8", "replace"
    )  # chooses the keys, and nothing else before they verify
    if origin not in logs:  # origin not known
        raise _Refused(404, "unknown log\n")
    try:
        text = open_note(note, logs[origin]).text
    except (BadNote, ProofError) as error:  # no signature by a trusted log key, or one that fails
        raise _Refused(403, "invalid signature\n") from error
    size, checkpoint = _checkpoint(text)
    if old > size:  # old size beyond the checkpoint
        raise _Refused(400, "bad request: the old size is larger than the checkpoint\n")
    seen = state.get(origin, Seen(size=0, root=b""))
    if old != seen.size:  # not what was cosigned last
        raise _Refused(409, f"{seen.size}\n", content_type="text/x.tlog.size")
    if checkpoint is None:  # size 0 with another root than the empty one
        raise _Refused(422, "the root of an empty log is that of the empty tree\n", evidence=True)
    try:
        if old == 0 and proof:
            raise ConsistencyError(reason="a proof from nothing has no hashes")
        if old:
            verify_consistency(old, size, seen.root, checkpoint.root, proof)
    except ConsistencyError as error:
        raise _Refused(422, f"invalid consistency proof: {error}\n", evidence=True) from error
    return checkpoint


def _read(request: bytes) -> tuple[int, list[bytes], bytes]:
    if len(request) > MAX_REQUEST_BYTES:
        raise _Refused(413, f"a request has at most {MAX_REQUEST_BYTES} bytes\n")
    head, _, note = request.partition(b"\n\n")
    if not note:
        raise _Refused(400, "bad request: it has no checkpoint after an empty line\n")
    try:
        first, *hashes = head.decode("ascii").split("\n")
        if not first.startswith("old ") or len(hashes) > MAX_PROOF_LINES:
            raise _Refused(400, f"bad request: it is old, a size, and at most {MAX_PROOF_LINES} proof lines\n")
        return parse_size(first.removeprefix("old ")), [parse_hash(line) for line in hashes], note
    except (UnicodeDecodeError, InputError) as error:
        raise _Refused(400, "bad request: its first lines are not a size and hashes\n") from error


def _checkpoint(text: str) -> tuple[int, Checkpoint | None]:
    """Size and checkpoint; no checkpoint when it is the empty one with a wrong root, which is judged later."""
    try:
        checkpoint = parse_checkpoint(text)
    except WrongEmptyRoot:
        return 0, None
    except BadCheckpoint as error:
        raise _Refused(400, f"bad request: {error}\n") from error
    return checkpoint.size, checkpoint
