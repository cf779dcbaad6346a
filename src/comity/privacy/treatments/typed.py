"""Whole values of a type of their own: what may stand there after treatment, or that nothing may."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from comity.canon import REDACT, Category, Kind, Treatment
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments.spans import Joined
from comity.privacy.treatments.standard import Sort
from comity.privacy.treatments.text import left_over, treated_text

_LABELS = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9_])?)*"
_SHAPES = {
    Sort.MAC: re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}"),  # section 6.10: lower case, colons
    Sort.DOMAIN: re.compile(rf"(?=.*[A-Za-z]){_LABELS}"),
    Sort.EMAIL: re.compile(rf"[^\s@<>\"\[\]]+@{_LABELS}"),
    Sort.URL: re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"),
}
# The form that fits the place, whatever the detection says of the value.
_NATIVE = {
    Sort.IPV4: Category.IPV4_ADDRESS,
    Sort.IPV6: Category.IPV6_ADDRESS,
    Sort.MAC: Category.MAC_ADDRESS,
    Sort.DOMAIN: Category.DOMAIN_NAME,
    Sort.EMAIL: Category.EMAIL_ADDRESS,
    Sort.URL: Category.URL,
}


def treated_value(
    sort: Sort, text: str, spans: Sequence[Joined], pseudonyms: Pseudonyms
) -> tuple[str | None, list[Treatment]]:
    """The new value, or None where what is left does not fit the type; and what was carried out on each span."""
    whole = spans[0] if len(spans) == 1 and (spans[0].start, spans[0].end) == (0, len(text)) else None
    if whole is None:
        said, applied = treated_text(text, spans, pseudonyms, prose=False)
        # A made-up mailbox at a real domain could be somebody's: only a token that is nobody's may stand there.
        invented = sort is Sort.EMAIL and any(treatment.kind is not Kind.PSEUDONYMISE for treatment in applied)
        return (None, [REDACT] * len(spans)) if invented or not fits(sort, said) else (said, applied)
    if whole.treatment.kind is Kind.PSEUDONYMISE:
        native = _NATIVE[sort]
        value = whole.value if whole.category.family == native.family else text
        return pseudonyms.of(native, value), [whole.treatment]
    rest = left_over(whole)
    if rest is not None:
        rest = f"https://{rest}/" if sort is Sort.URL else rest
        if fits(sort, rest):
            return rest, [whole.treatment]
    return None, [REDACT]


def treated_time(span: Joined) -> tuple[str | None, Treatment]:
    """A timestamp of which the year is left, as the instant at which that year began; or None."""
    year = left_over(span)
    return (f"{year}-01-01T00:00:00.000Z", span.treatment) if year is not None and len(year) == 4 else (None, REDACT)


def fits(sort: Sort, value: str) -> bool:
    """Whether a value may stand in a place of this sort. Addresses may be networks (STIX 2.1 sections 6.8 and 6.9)."""
    if sort in {Sort.IPV4, Sort.IPV6}:
        try:
            return ipaddress.ip_interface(value).version == (4 if sort is Sort.IPV4 else 6)
        except ValueError:
            return False
    return _SHAPES[sort].fullmatch(value) is not None
