"""Search what is about to leave for every value that was treated, in every spelling and encoding.

a value that was treated, anywhere        deny: the release is refused
short, a dictionary word, part of a name  refer: a person looks at the span
kept by decision in this object           permit: listed, not a hit against the release
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from comity.canon import Category, Outcome, dumps
from comity.privacy.detection import Detection
from comity.privacy.normal_form import normal_form
from comity.privacy.pseudonyms import PREFIXES, TOKEN
from comity.privacy.residue.encodings import decodings, said_in_code
from comity.privacy.residue.folding import fold, places
from comity.privacy.residue.index import Index, Match, Near, stands_as_account, stands_as_name
from comity.privacy.treatments.markers import every_marker
from comity.privacy.treatments.outcome import Gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A treated value that still stands somewhere. Never the value itself."""

    path: str  # JSON Pointer; a key that holds a hit is `#` and its place among its siblings
    category: Category | None  # None: an identifier of an object whose value was treated
    how: str  # "as written", "base64 > written together", "STIX id", "SHA-256"
    span: tuple[int, int]  # in the string as it stands; all of it where an encoding was undone throughout
    verdict: Outcome


_Steps = tuple[tuple[str, str], ...]  # of each step its name and how a path writes it when the name may not be told

# Our own words: what treatment put there is nobody's user name, even where somebody's is "user".
_OWN = re.compile(
    "|".join(map(re.escape, sorted(every_marker(), key=len, reverse=True)))
    + "|(?:" + "|".join(map(re.escape, sorted(PREFIXES))) + ")[a-z2-7]{" + str(TOKEN) + r"}(?:@mail)?(?:\.invalid\b)?"
)  # fmt: skip


class Residue:
    """The treated values of a release, ready to be searched for."""

    def __init__(self, gone: Iterable[Gone], *, source_ids: Iterable[str] = (), salts: Iterable[bytes] = ()) -> None:
        """Args:    gone: from each `Treated` of the release. source_ids: of observables whose identifying value was
        treated: their deterministic ids give the value away. salts: of hashes, where others know them too.
        """
        self._index = Index(dict.fromkeys(gone), source_ids, salts)

    def search(self, content: Mapping[str, Any] | bytes, kept: Collection[Detection] = ()) -> tuple[Hit, ...]:
        """Every hit in an object or message that is to leave, in the order of its members.

        Args:    content: the object, or its JSON in UTF-8. kept: detections of this object that a decision keeps.
        """
        data = content if isinstance(content, bytes) else dumps(content)
        plain = _unescaped(data)
        # A quick look at the whole object at once: what is not near is not there.
        written, encoded = self._index.near(plain), self._near_encoded(plain)
        if not written and not encoded:
            return ()
        parsed = orjson.loads(content) if isinstance(content, bytes) else content
        hits = (hit for steps, text in _strings(parsed, ()) for hit in self._in(steps, text, kept, written, encoded))
        return tuple(dict.fromkeys(hits))

    def _near_encoded(self, plain: bytes) -> bool:
        said = "\x00".join(said_in_code(plain))
        return bool(said) and bool(self._index.near(said.encode("utf-8", "replace")))

    def _in(self, steps: _Steps, text: str, kept: Collection[Detection], written: Near, encoded: bool) -> Iterator[Hit]:
        here = list(self._matches(text)) if written.may_be_in(text.encode("utf-8", "replace")) else []
        told = {(match.value, sure) for match, _ in here for sure in {match.sure, False}}
        if encoded:
            # Undoing an encoding leaves the rest of the text as it was: what was found there is not told twice.
            here += [
                (match._replace(how=f"{found.how} > {match.how}"), (found.start, found.end))
                for found in decodings(text)
                for match, _ in self._matches(found.text)
                if (match.value, match.sure) not in told
            ]
        for match, span in _widest(here) if here else ():
            yield self._hit(steps, match, span, kept)

    def _matches(self, text: str) -> Iterator[_Found]:
        """The matches in one text, with their places in it."""
        found = list(self._index.matches(fold(text)))
        if not found:
            return
        place = list(range(len(text) + 1)) if text.isascii() else places(text)
        own = [one.span() for one in _OWN.finditer(text)]
        for match in found:
            start, end = place[match.start], place[match.end - 1] + 1
            before = bisect_right(own, (start, len(text))) - 1
            if before >= 0 and end <= own[before][1]:
                continue
            if _stands(match, text, start, end):
                yield match, (start, end)

    def _hit(self, steps: _Steps, match: Match, span: tuple[int, int], kept: Collection[Detection]) -> Hit:
        gone = self._index.gone[match.value] if match.value >= 0 else None
        path = "".join("/" + (coded if self._tells(name) else name) for name, coded in steps)
        verdict = Outcome.DENY if match.sure else Outcome.REFER
        if gone is not None and any(_is_kept(gone, path, span, one) for one in kept):
            verdict = Outcome.PERMIT
        return Hit(path=path, category=gone.category if gone else None, how=match.how, span=span, verdict=verdict)

    def _tells(self, name: str) -> bool:
        return any(True for _ in self._index.matches(fold(name)))


def _stands(match: Match, text: str, start: int, end: int) -> bool:
    if match.stands == "name":
        return stands_as_name(text, start, end)
    return match.stands == "anything" or stands_as_account(text, start, end)


_Found = tuple[Match, tuple[int, int]]


def _widest(found: list[_Found]) -> Iterator[_Found]:
    """One hit for one value in one place, the surest, and none inside a wider one that is as sure.

    In order of place, by one sweep: a text may hold a value ten thousand times.
    """
    best = {(match.value, span): (match, span) for match, span in sorted(found, key=lambda one: one[0].sure)}
    reach = {True: -1, False: -1}  # how far wider matches go: those that are sure, and all
    for _, same in groupby(sorted(best.values(), key=lambda one: (one[1][0], -one[1][1])), key=lambda one: one[1]):
        here = list(same)
        end = here[0][1][1]
        yield from (one for one in here if reach[one[0].sure] < end)
        reach[False] = max(reach[False], end)
        if any(match.sure for match, _ in here):
            reach[True] = max(reach[True], end)


def _is_kept(gone: Gone, path: str, span: tuple[int, int], kept: Detection) -> bool:
    """Whether this value is kept by decision: the same value in this object, or part of what is kept just here."""
    same = kept.category.family == gone.category.family and (
        normal_form(kept.category, kept.value) == normal_form(gone.category, gone.value)
    )
    return same or (kept.path == path and kept.start <= span[0] and span[1] <= kept.end)


def _strings(value: Any, steps: _Steps) -> Iterator[tuple[_Steps, str]]:
    """Every string and number, and every key, with the way to it."""
    if isinstance(value, Mapping):
        for place, (name, item) in enumerate(value.items()):
            coded = f"#{place}"
            yield (*steps, (coded, coded)), name
            yield from _strings(item, (*steps, (name.replace("~", "~0").replace("/", "~1"), coded)))
    elif isinstance(value, (list, tuple)):
        for place, item in enumerate(value):
            yield from _strings(item, (*steps, (str(place), str(place))))
    elif isinstance(value, str):
        yield steps, value
    elif value is not None and not isinstance(value, bool):
        yield steps, str(value)


def _unescaped(data: bytes) -> bytes:
    """JSON text with its escapes undone, near enough to cut it into words (RFC 8259 section 7)."""
    if b"\\" not in data:
        return data
    plain = data.replace(b"\\\\", b"\x00")
    if b"\\u" in plain:  # letters that need no escape may be written with one; what is left then are control characters
        plain = orjson.dumps(orjson.loads(data)).replace(b"\\\\", b"\x00")
        plain = _CONTROL.sub(b" ", plain)
    for escape, char in _ESCAPES:
        plain = plain.replace(escape, char)
    return plain.replace(b"\x00", b"\\")


_CONTROL = re.compile(rb"\\u00[01][0-9a-f]")
_ESCAPES = (
    (b'\\"', b'"'), (b"\\n", b"\n"), (b"\\r", b"\r"), (b"\\t", b"\t"), (b"\\/", b"/"), (b"\\b", b" "), (b"\\f", b" "),
)  # fmt: skip
