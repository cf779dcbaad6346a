"""What stands in a span after treatment: in prose, in text that a machine reads, and inside a URL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from comity.canon import REDACT, Category, Kind, Treatment
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments.generalise import generalise
from comity.privacy.treatments.markers import FOR_REVIEW, bare, reduced, removed
from comity.privacy.treatments.spans import Joined

# A URL as reports write it, defanged too (`hxxp[:]//`).
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}(?:\[:\]|:)//[^\s<>\"'`]+")
_AUTHORITY = re.compile(r"//[^/?#\\]*")
_HOSTS = frozenset({Category.IPV4_ADDRESS, Category.IPV6_ADDRESS, Category.HOSTNAME, Category.DOMAIN_NAME})

Outcome = tuple[str, Treatment]  # what stands there now, and the treatment that was carried out


def in_prose(span: Joined, pseudonyms: Pseudonyms) -> Outcome:
    """For people: `[person name removed]`, `198.51.100.0/24`, `Person k3n...`."""
    kind = span.treatment.kind
    if kind is Kind.PSEUDONYMISE:
        return pseudonyms.of(span.category, span.value), span.treatment
    rest = left_over(span)
    if rest is not None:
        return reduced(span.category, rest), span.treatment
    return marker(span), REDACT


def in_machine_text(span: Joined, pseudonyms: Pseudonyms) -> Outcome:
    """For paths, commands and keys: no blanks and no brackets, so that the parts stay where they were."""
    if span.treatment.kind is Kind.PSEUDONYMISE:
        return pseudonyms.of(span.category, span.value).replace(" ", "-"), span.treatment
    rest = left_over(span)
    if rest is not None and span.category in _HOSTS:
        return rest, span.treatment
    return bare(marker(span)), REDACT


def in_url(span: Joined, pseudonyms: Pseudonyms, *, host: bool) -> Outcome:
    """For a part of a URL: percent-encoded, and in the host's place a name that never resolves."""
    said, applied = in_machine_text(span, pseudonyms)
    if not host:
        return quote(said, safe=""), applied
    if span.category in _HOSTS and applied.kind is not Kind.REDACT and "/" not in said:
        return said, applied
    return f"{bare(marker(span))}.invalid", REDACT


def treated_text(
    text: str, spans: Sequence[Joined], pseudonyms: Pseudonyms, *, prose: bool
) -> tuple[str, list[Treatment]]:
    """A text with each span replaced, and the treatment carried out on each, in order."""
    urls = list(urls_in(text))
    pieces: list[str] = []
    applied: list[Treatment] = []
    last = 0
    for span in spans:
        url = next((one for one in urls if one.surrounds(span)), None)
        if url is not None:
            said, treatment = in_url(span, pseudonyms, host=url.host_meets(span))
        elif prose:
            said, treatment = in_prose(span, pseudonyms)
        else:
            said, treatment = in_machine_text(span, pseudonyms)
        pieces += (text[last : span.start], said)
        applied.append(treatment)
        last = span.end
    return "".join([*pieces, text[last:]]), applied


def left_over(span: Joined) -> str | None:
    """What is left of a span that is generalised; None where it is not, or where nothing is."""
    if span.treatment.kind is not Kind.GENERALISE:
        return None
    return generalise(span.category, span.value, span.treatment.remains, span.countries)


def marker(span: Joined) -> str:
    return FOR_REVIEW if span.doubtful else removed(span.category)


class Url(NamedTuple):
    """Where a URL and its host stand in a text."""

    start: int
    end: int
    host: int
    host_end: int

    def surrounds(self, span: Joined) -> bool:
        """Whether the span is a part of it; one that holds the scheme is the URL itself."""
        return self.start < span.start and span.end <= self.end

    def host_meets(self, span: Joined) -> bool:
        return span.start < self.host_end and self.host < span.end


def urls_in(text: str) -> Iterator[Url]:
    """Each URL of a text, defanged ones too."""
    if "//" not in text:
        return
    for match in _URL.finditer(text):
        authority = _AUTHORITY.search(text, match.start(), match.end())
        if authority is None:
            continue
        start = max(authority.start() + 2, text.rfind("@", authority.start(), authority.end()) + 1)
        yield Url(match.start(), match.end(), start, authority.end())
