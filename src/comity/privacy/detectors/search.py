"""The engine: asks each detector that has something to find, and settles what overlaps. It names no detector."""
# ruff: noqa: E501  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, groupby

from comity.canon import Category
from comity.privacy.detectors import TABLE, WITHIN_ENCODED, encoded
from comity.privacy.detectors.linear import Linear, LinearSet
from comity.privacy.detectors.shape import NEEDS_COMPANY, Detector, Found, Place

MAX_TEXT = 10_000_000  # code points of one string that are searched; a longer one cannot be (UNREADABLE)


class Sieve:
    """One pass over the text by a set of patterns says which detectors to ask (RE2: linear in the text)."""

    def __init__(self, table: Iterable[Detector]) -> None:
        self.table = tuple(table)
        self._asked = [detector for detector in self.table if detector.trigger]
        self._always = [detector for detector in self.table if not detector.trigger]
        self._set = LinearSet([detector.trigger for detector in self._asked])

    def find(self, text: str, place: Place) -> Iterator[tuple[Detector, Found]]:
        for index in self._set.matching(text):
            detector = self._asked[index]
            if place.reader in detector.readers:
                for found in detector.find(text, place):
                    yield detector, found
        for detector in self._always:
            if place.reader in detector.readers:
                for found in detector.find(text, place):
                    yield detector, found


@cache
def _sieve() -> Sieve:
    inner = Sieve(WITHIN_ENCODED)

    def within(text: str, place: Place) -> Iterator[Found]:
        return (found for _, found in inner.find(text, place))

    return Sieve((*TABLE, encoded.detector(within)))


# Runs that are one thing, whatever their digits look like: hashes, UUIDs, instants, CVE numbers, hexadecimal dumps.
_SOLID = Linear(
    r"(?i)\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32}|"
    r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?|cve-[0-9]{4}-[0-9]{4,7}|"
    r"(?:19|20)[0-9]{2}[-/][01]?[0-9][-/][0-3]?[0-9]|[0-3]?[0-9][./][01]?[0-9][./](?:19|20)[0-9]{2})\b"
)
_CITATION = Linear(r"\(Citation: [^()\n]*\)")  # ATT&CK's way to cite a publication
_CREDIT = Linear(r"(?m)^Contributors?: [^\n]{1,200}$")  # who is credited in what is published
_URL = Linear(r"(?i)\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>`|]+")
# What digits and capitals alone suggest, and what a longer solid run therefore disproves.
_WEAK = frozenset({
    Category.PHONE_NUMBER, Category.NATIONAL_ID, Category.PAYMENT_CARD, Category.DEVICE_ID, Category.VEHICLE_ID,
    Category.GPS_POSITION, Category.PERSON_NAME, Category.POSTAL_ADDRESS, Category.MAC_ADDRESS, Category.CRYPTO_WALLET,
    Category.SOCIAL_HANDLE, Category.IPV6_ADDRESS,
})  # fmt: skip
# A container is one datum whose parts are not data of another kind, once it has validated itself.
_CONTAINERS = frozenset({
    Category.EMAIL_ADDRESS, Category.IBAN, Category.PAYMENT_CARD, Category.CRYPTO_WALLET, Category.API_KEY,
    Category.SESSION_TOKEN, Category.NATIONAL_ID, Category.GPS_POSITION, Category.PHONE_NUMBER, Category.POSTAL_ADDRESS,
    Category.IPV6_ADDRESS, Category.PASSWORD, Category.PERSON_NAME, Category.HOSTNAME, Category.VEHICLE_ID, Category.IPV4_ADDRESS,
})  # fmt: skip


# Short texts in which nothing was found: sources and names that repeat in every object. INVARIANT: no text with a
# finding is kept here, so that what is deleted elsewhere does not live on in a cache.
_clean: set[tuple[Place, str]] = set()
_SHORT = 300  # code points
_MOST_CLEAN = 20_000


def search(text: str, place: Place) -> list[tuple[str, Found]]:
    """Every finding in a folded text, as (detector's name, finding), in order, with overlaps settled.

    The same span and category is given once, with the highest confidence. A weaker finding inside a stronger one of
    another kind is a reading that the stronger one disproves; findings that only cross each other all stand.
    """
    short = len(text) <= _SHORT
    if short and (place, text) in _clean:
        return []
    raw = [(detector.name, found) for detector, found in _sieve().find(text, place)]
    if not raw:
        if short:
            if len(_clean) >= _MOST_CLEAN:
                _clean.clear()
            _clean.add((place, text))
        return []
    raw = _outside_solid(text, raw)
    best: dict[tuple[int, int, Category], tuple[str, Found]] = {}
    for name, found in raw:
        key = (found.start, found.end, found.category)
        known = best.get(key)
        if known is None:
            best[key] = (name, found)
        else:
            role = known[1].role or found.role
            better = known if known[1].confidence >= found.confidence else (name, found)
            best[key] = (better[0], better[1]._replace(role=role))
    kept = _uncredited(text, _in_company(_undisproved(best.values())))
    return sorted(kept, key=lambda item: (item[1].start, item[1].end, item[1].category))


def _uncredited(text: str, raw: list[tuple[str, Found]]) -> list[tuple[str, Found]]:
    """Without the names of a published credit line: an author's choice, as in a citation."""
    if "Contributor" not in text:
        return raw
    lines = [_spans(_CREDIT, text)]
    return [one for one in raw if one[1].category is not Category.PERSON_NAME or not _crosses(one[1], lines)]


def _outside_solid(text: str, raw: list[tuple[str, Found]]) -> list[tuple[str, Found]]:
    if not any(found.category in _WEAK for _, found in raw):
        return raw
    solid = [_spans(_SOLID, text), _spans(_CITATION, text)] if "(Citation:" in text else [_spans(_SOLID, text)]
    urls = [_spans(_URL, text)]
    return [
        (name, found)
        for name, found in raw
        if found.category not in _WEAK
        or found.named
        or not (
            _crosses(found, solid)
            or (found.category is not Category.SOCIAL_HANDLE and _crosses(found, urls) and "query" not in found.why)
        )
    ]


def _spans(pattern: Linear, text: str) -> tuple[list[int], list[int]]:
    """Where each match begins and where it ends; matches of one pattern stand one after another."""
    spans = [match.span() for match in pattern.finditer(text)]
    return [start for start, _ in spans], [end for _, end in spans]


def _crosses(found: Found, solid: list[tuple[list[int], list[int]]]) -> bool:
    """Whether a finding shares characters with a run that is not a smaller part of it."""
    for starts, ends in solid:
        for at in range(bisect_right(ends, found.start), bisect_left(starts, found.end)):
            start, end = starts[at], ends[at]
            if not (found.start <= start and end <= found.end and found.end - found.start > end - start):
                return True
    return False


def _in_company(items: list[tuple[str, Found]]) -> list[tuple[str, Found]]:
    """Words that are personal only beside a person: kept near a person's other data, dropped elsewhere."""
    if all(found.confidence > NEEDS_COMPANY for _, found in items):
        return items
    people = [found for _, found in items if found.category in _PEOPLE and found.confidence >= 0.8]
    starts = [person.start for person in people]
    reach = list(accumulate((person.end for person in people), max))
    kept = []
    for name, found in items:
        if found.confidence > NEEDS_COMPANY:
            kept.append((name, found))
            continue
        before = bisect_left(starts, found.end + _COMPANY)
        if before and reach[before - 1] > found.start - _COMPANY:
            kept.append((name, found._replace(confidence=0.82)))
    return kept


_COMPANY = 120  # code points
_PEOPLE = frozenset({
    Category.PERSON_NAME, Category.NATIONAL_ID, Category.DATE_OF_BIRTH, Category.POSTAL_ADDRESS, Category.PASSPORT,
    Category.PHONE_NUMBER, Category.IBAN, Category.VEHICLE_ID,
})  # fmt: skip


def _undisproved(best: Iterable[tuple[str, Found]]) -> list[tuple[str, Found]]:
    """What no reading around it disproves, in order of where it begins.

    One sweep (attack A28): only what has begun and not ended can hold what begins now, so a thousand findings side by
    side cost a thousand looks and not a million.
    """
    kept: list[tuple[str, Found]] = []
    open_ones: list[Found] = []
    for (start, _), same in groupby(sorted(best, key=_by_span), key=_by_span):
        group = list(same)
        open_ones = [other for other in open_ones if other.end > start]
        open_ones += [found for _, found in group if found.category in _CONTAINERS]
        kept += [item for item in group if not any(_disproves(other, item[1]) for other in open_ones)]
    return kept


def _by_span(item: tuple[str, Found]) -> tuple[int, int]:
    """Earlier first, and of those that begin together the longest: what holds a finding comes before it."""
    return item[1].start, -item[1].end


def _disproves(container: Found, found: Found) -> bool:
    if container is found or found.end > container.end or container.start > found.start:
        return False
    larger = container.end - container.start > found.end - found.start
    if larger:
        return container.category == found.category or container.confidence >= found.confidence
    # An IPv6 address that is mapped from a MAC spells the MAC too.
    mapped = container.category is Category.IPV6_ADDRESS and found.category is Category.MAC_ADDRESS
    return not mapped and container.category != found.category and container.confidence > found.confidence + 0.02
