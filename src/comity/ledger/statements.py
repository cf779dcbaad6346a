"""Log entries: a line that says what kind of statement it is, then the statement in canonical JSON.

    comity/release/v1
    {"nonce":"...", ...}

No kind can be read as another, because the first line is hashed with the rest. INVARIANT: tiles are public, so no
entry may be guessed from its hash: each has a nonce of 128 bits, and refers to content only by a salted commitment.
Destroying salt and content leaves an entry that says nothing of them, and a tree that still verifies.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comity.canon import InputError, dumps, loads, printable
from comity.ledger.tiles import MAX_ENTRY_BYTES, EntryTooLong

NONCE_SIZE = 16
SALT_SIZE = 32
KINDS = frozenset(
    {
        "access",  # somebody saw material, for a coded reason
        "agreement",  # a version of an agreement was signed, or ended
        "approval",  # an officer's yes or no to what was referred
        "breach",  # a step of a breach's clock
        "consent",  # a consent was given, or withdrawn
        "deletion",  # something was deleted, or a deletion receipt came
        "import",  # what a partner sent was kept, or quarantined
        "key",  # a key came into use, was changed or destroyed
        "receipt",  # a release was countersigned
        "release",  # a release was made; its bill is committed to
        "submission",  # material was submitted for a flow
        "suspension",  # a flow was suspended, or resumed
        "witness",  # an alarm about a log: forked, rolled back, stale
    }
)
_HEADER = re.compile(r"comity/([a-z]+)/v([1-9][0-9]{0,3})")


class BadStatement(InputError):
    what = "this is not an entry of a ledger of ours"
    why = "{reason}"
    do = "check that it comes from the log you think; a newer node may write kinds that this one does not know"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One entry. `facts` holds ids, versions, codes, counts and commitments: no personal data and no free text."""

    kind: str
    version: int = 1
    nonce: bytes  # 16 bytes; kept as long as the entry itself
    facts: Mapping[str, Any]

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.version != 1:
            raise BadStatement(reason=f"the kind {printable(self.kind)} v{self.version} is not known")
        if len(self.nonce) != NONCE_SIZE:
            raise BadStatement(reason=f"its nonce has {len(self.nonce)} bytes where {NONCE_SIZE} are needed")
        if "nonce" in self.facts:
            raise BadStatement(reason="a fact may not be called nonce")

    @property
    def entry(self) -> bytes:
        """What is logged. Raises: EntryTooLong; NotCanonical."""
        body = dumps({**self.facts, "nonce": self.nonce.hex()})
        entry = f"comity/{self.kind}/v{self.version}\n".encode() + body
        if len(entry) > MAX_ENTRY_BYTES:
            raise EntryTooLong(length=len(entry), most=MAX_ENTRY_BYTES)
        return entry

    @classmethod
    def parse(cls, entry: bytes) -> Statement:
        """Read an entry back; only the canonical spelling is one. Raises: BadStatement; StrictJsonError."""
        header, _, body = entry.partition(b"\n")
        form = _HEADER.fullmatch(header.decode("ascii", "replace"))
        if not form:
            raise BadStatement(reason="its first line does not say what it states")
        facts = loads(body)
        if not isinstance(facts, dict) or not isinstance(nonce := facts.pop("nonce", None), str):
            raise BadStatement(reason="it is not an object with a nonce")
        try:
            raw = bytes.fromhex(nonce)
        except ValueError as error:
            raise BadStatement(reason="its nonce is not hexadecimal") from error
        statement = cls(kind=form[1], version=int(form[2]), nonce=raw, facts=facts)
        if statement.entry != entry:
            raise BadStatement(reason="it is not in canonical form")
        return statement


def commitment(salt: bytes, digest: str) -> str:
    """`hmac-sha256:<hex>`: says nothing of the digest to whoever lacks the salt, and fits no other digest.

    Args:   salt: 32 bytes, kept with the content and destroyed with it.
            digest: of the content, as `sha256:<hex>`.
    Source: the salt keeps short content from being found by trying all of it (there are only 2^32 IPv4 addresses).
    """
    if len(salt) != SALT_SIZE:
        raise BadStatement(reason=f"a salt has {SALT_SIZE} bytes, not {len(salt)}")
    return "hmac-sha256:" + hmac.digest(salt, b"comity/commitment/v1\n" + digest.encode(), "sha256").hex()
