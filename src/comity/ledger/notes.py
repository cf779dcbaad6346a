"""Signed notes: a short text and the lines of those who signed it (C2SP signed-note)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comity.canon import InputError, ProofError, strict_base64
from comity.ledger.keys import BadKey, SignerKey, VerifierKey, check_name

MAX_SIGNATURES = 64  # signed-note: at least 16 must be accepted; more than this is an attack on our time
MAX_NOTE_BYTES = 1024 * 1024


class BadNote(InputError):
    what = "this is not a signed note"
    why = "{reason}"
    do = "ask its sender for the note again, byte for byte"


class NoKnownSignature(ProofError):
    what = "nobody whom we know has signed this note"
    why = "none of its {count} signatures is by a key that was given"
    do = "check that you hold the right public key; do not use the note before one verifies"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    name: str
    key_id: bytes  # four bytes
    signature: bytes  # without the key id
    line: str  # as it stood in the note, with its newline


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A note that was split but not verified. INVARIANT: nothing of its text is used before `open_note`."""

    text: str
    signatures: tuple[SignatureLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who signed, and for a cosignature when (seconds since 1970)."""

    key: VerifierKey
    time: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note that at least one known key signed."""

    text: str
    by: tuple[Signed, ...]


def split_note(data: bytes) -> Unverified:
    """Divide a note into its text and its signature lines, and check their form.

    Raises: BadNote.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise BadNote(reason=f"it holds {len(data)} bytes, more than the {MAX_NOTE_BYTES} that are read")
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadNote(reason=f"byte {error.start} is not UTF-8") from error
    if any(char < " " and char != "\n" for char in note):
        raise BadNote(reason="it holds a control character other than the newline")
    head, empty_line, signatures = note.rpartition("\n\n")  # the *last* empty line ends the text
    if not empty_line:
        raise BadNote(reason="no empty line divides its text from its signatures")
    if not signatures.endswith("\n"):
        raise BadNote(reason="it has no signature line, or the last one does not end")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote(reason=f"it has {len(lines)} signatures, more than the {MAX_SIGNATURES} that are read")
    return Unverified(text=head + "\n", signatures=tuple(_signature_line(line) for line in lines))


def open_note(data: bytes, known: Iterable[VerifierKey]) -> Note:
    """The text of a note that somebody known has signed.

    A line by a key that is not known is ignored; one by a known key must verify, or the whole note is refused.
    Raises: BadNote; BadSignature; NoKnownSignature.
    """
    unverified = split_note(data)
    keys = {(key.name, key.id): key for key in known}
    by: dict[tuple[str, bytes], Signed] = {}
    for line in unverified.signatures:
        who = (line.name, line.key_id)
        if key := keys.get(who):
            signed = Signed(key=key, time=key.verify(unverified.text, line.signature))
            by.setdefault(who, signed)
    if not by:
        raise NoKnownSignature(count=len(unverified.signatures))
    return Note(text=unverified.text, by=tuple(by.values()))


def sign_note(text: str, *signers: SignerKey, time: int | None = None) -> bytes:
    """A note over the text by each signer. `time` (seconds since 1970) is for cosignatures.

    Raises: BadNote when the text could not be read back.
    """
    note = (text + "\n" + "".join(signer.sign(text, time=time) for signer in signers)).encode()
    if split_note(note).text != text:
        raise BadNote(reason="its text does not end in a newline")
    return note


def _signature_line(line: str) -> SignatureLine:
    mark, _, rest = line.partition(" ")
    name, space, encoded = rest.partition(" ")
    if mark != "—" or not space:
        raise BadNote(reason="a signature line is not written as: dash, name, signature")
    try:
        check_name(name)
        data = strict_base64.decode(encoded)
    except (BadKey, ValueError) as error:
        raise BadNote(reason="a signature line has no proper name, or no proper base64") from error
    if len(data) < 5:
        raise BadNote(reason="a signature is too short for a key id and anything after it")
    return SignatureLine(name=name, key_id=data[:4], signature=data[4:], line=line + "\n")
