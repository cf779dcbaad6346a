"""Checkpoints: what a log says of itself at one size, signed (C2SP tlog-checkpoint)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from comity.canon import InputError, ProofError, printable, strict_base64
from comity.ledger.keys import SignerKey, VerifierKey
from comity.ledger.merkle import EMPTY_ROOT, HASH_SIZE
from comity.ledger.notes import NoKnownSignature, Note, open_note, sign_note

MAX_SIZE = 2**63 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")  # [0-9]: \d would take other scripts' digits


class BadCheckpoint(InputError):
    what = "this is not the text of a checkpoint"
    why = "{reason}"
    do = "ask its log for the checkpoint again"


class WrongEmptyRoot(BadCheckpoint):
    """The form is right, and it claims another root for the empty tree than the only one there is."""


class OtherLog(ProofError):
    what = "this is the checkpoint of another log"
    why = "it speaks for {found}, where {expected} was asked for"
    do = "ask for the checkpoint, or the proof, of the right log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The size and root of one log at one moment. It has no time: witnesses give it one."""

    origin: str  # which log, as "node.example/releases"
    size: int  # number of entries
    root: bytes  # 32 bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_SIZE:
            raise BadCheckpoint(reason="its size or its root is not one that a tree can have")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise WrongEmptyRoot(reason="an empty log has the root of the empty tree and no other")

    @property
    def text(self) -> str:
        """The text of the note, before signatures."""
        lines = [self.origin, str(self.size), strict_base64.encode(self.root), *self.extensions]
        return "".join(line + "\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint's note. Whoever has not verified the note wants `open_checkpoint`.

    Raises: BadCheckpoint.
    """
    if not text.endswith("\n"):
        raise BadCheckpoint(reason="its last line does not end")
    lines = text[:-1].split("\n")
    if len(lines) < 3:
        raise BadCheckpoint(reason=f"it has {len(lines)} lines where three are needed")
    if not all(lines):
        raise BadCheckpoint(reason="one of its lines is empty")
    origin, size, root, *extensions = lines
    return Checkpoint(origin=origin, size=parse_size(size), root=parse_hash(root), extensions=tuple(extensions))


def parse_size(text: str) -> int:
    """A number of entries: ASCII digits, no sign, no leading zero. Raises: BadCheckpoint."""
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SIZE:
        raise BadCheckpoint(reason=f"{printable(text)} is not a number of entries")
    return int(text)


def parse_hash(text: str) -> bytes:
    """One SHA-256 value in standard base64. Raises: BadCheckpoint."""
    try:
        value = strict_base64.decode(text)
    except ValueError as error:
        raise BadCheckpoint(reason="a hash is not in standard base64") from error
    if len(value) != HASH_SIZE:
        raise BadCheckpoint(reason=f"a hash has {len(value)} bytes where SHA-256 has {HASH_SIZE}")
    return value


def sign_checkpoint(checkpoint: Checkpoint, signer: SignerKey) -> bytes:
    return sign_note(checkpoint.text, signer)


def open_checkpoint(
    data: bytes, key: VerifierKey, *, origin: str | None = None, witnesses: Iterable[VerifierKey] = ()
) -> tuple[Checkpoint, Note]:
    """The checkpoint in a note that the log itself has signed, and the note with those witnesses who signed it too.

    Args:   origin: what the log calls itself; without it, the name of its key (tlog-checkpoint: the two SHOULD agree).
    Raises: BadNote, BadSignature, NoKnownSignature; BadCheckpoint; OtherLog.
    """
    note = open_note(data, [key, *witnesses])
    if not any(signed.key == key for signed in note.by):
        raise NoKnownSignature(count=len(note.by))
    checkpoint = parse_checkpoint(note.text)
    expected = key.name if origin is None else origin
    if checkpoint.origin != expected:
        raise OtherLog(found=printable(checkpoint.origin), expected=printable(expected))
    return checkpoint, note
