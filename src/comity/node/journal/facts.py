"""What an entry may say: ids, codes, instants, digests, counts, and nothing that could be somebody's (promise 5).

Free text and personal data cannot be told from ids by form alone, but nearly all of it has a form that no id of ours
has: a space, an at sign, a dot between words, a digit first, a long number. Whatever has no known form is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from comity.canon import InputError, Json

RESERVED = frozenset({"actor", "at", "commitment", "event", "nonce"})  # `record` writes these itself
MAX_COUNT = 999_999_999  # telephone and identity numbers are longer
MAX_DEPTH = 4

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_ANY_UUID = re.compile(r".*[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# A UUID of version 3 or 5 is made from a value, and whoever has it can try all values (attack A50).
_UUID = re.compile(
    r"(?:[a-z][a-z0-9-]{0,60}--)?"  # a row's, or a STIX identifier (STIX 2.1 section 2.9)
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0124678][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
)
_WORD = r"[A-Za-z0-9]+(?:[-_+][A-Za-z0-9]+)*"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # A code, an event, or an id as agreements have them: S2, amber+strict, eu-br-csirt/2. No telephone number, IBAN
        # or identity number, which have more digits in a row; no address of hardware, which has more colons.
        rf"(?=[A-Za-z])(?!.*[0-9]{{8}})(?!.*sha256:){_WORD}(?:[:/]{_WORD}){{0,2}}",
        r"(?:hmac-)?sha256:[0-9a-f]{64}",
        r"ed25519:[A-Za-z0-9+/]{43}=",  # a public key
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z)?",  # a day, or an instant
        r"[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}",  # a version of a program: three numbers, where an address has four
    )
)
_MAX_TEXT = 120


class NotAFact(InputError):
    """INVARIANT: its message never holds the value: that is what must not be written anywhere."""

    what = "the ledger does not take this"
    why = "{reason}"
    do = "log an id, a code, a count, an instant or a digest; keep what people wrote in the vault, and commit to it"


def check_facts(facts: Mapping[str, Json]) -> None:
    """Raises: NotAFact, with the place as a JSON Pointer as far as its names may be told."""
    taken = RESERVED & facts.keys()
    if taken:
        raise NotAFact(reason=f"the ledger itself writes {', '.join(sorted(taken))}")
    for place, reason in _faults(facts, "", MAX_DEPTH):
        raise NotAFact(at=place or None, reason=reason)


def _faults(value: Json | Mapping[str, Json], place: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping | list):
        if depth == 0:
            yield place, f"it is nested more than {MAX_DEPTH} deep"
            return
        for name, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            if isinstance(name, str) and (len(name) > 40 or not _NAME.fullmatch(name)):
                yield place, "a name in it is not lower-case letters, digits and hyphens"
                return
            yield from _faults(inner, f"{place}/{name}", depth - 1)
    elif isinstance(value, str):
        if not _known(value):
            yield place, "it has the form of no id, code, instant or digest"
    elif isinstance(value, bool):
        return
    elif not isinstance(value, int):
        yield place, "it is no text, whole number or truth value"
    elif abs(value) > MAX_COUNT:
        yield place, f"it is a number above {MAX_COUNT}, which counts nothing here"


def _known(text: str) -> bool:
    if len(text) > _MAX_TEXT:
        return False
    if _ANY_UUID.fullmatch(text):
        return _UUID.fullmatch(text) is not None
    return any(form.fullmatch(text) for form in _FORMS)
