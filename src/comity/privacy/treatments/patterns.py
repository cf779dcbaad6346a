"""STIX patterns: constants are treated so that the pattern stays a pattern and matches no more strangers than it must.

    pseudonymise     [ipv4-addr:value = '240.11.8.190']
    generalise       [ipv4-addr:value ISSUBSET '198.51.100.0/24'],  [email-addr:value LIKE '%@example.org']
    redact a part    [file:parent_directory_ref.path LIKE 'C:\\\\Users\\\\%\\\\AppData']
    redact a whole   the comparison goes from `[a OR b]`, the observation from `[a] OR [b]`

Removing an alternative makes a pattern match less; removing a condition (AND, FOLLOWEDBY, a qualifier) would make it
match more, so then the object is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from comity.canon import REDACT, Category, Kind, Treatment
from comity.material import patterns
from comity.privacy.pseudonyms import Pseudonyms
from comity.privacy.treatments.spans import Joined
from comity.privacy.treatments.text import in_url, left_over, urls_in

_LEAST_LITERAL = 8  # characters that must be left beside a wildcard, or it would match nearly everything
_ADDRESSES = frozenset({Category.IPV4_ADDRESS, Category.IPV6_ADDRESS})
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|[\[\]]", re.DOTALL)
_ORDERED = frozenset({"<", ">", "<=", ">="})


class MatchesElse(Exception):
    """The pattern cannot be treated and still mean what it meant."""


@dataclass(slots=True)
class _Edit:
    """What stands in the place of a comparison; None drops it."""

    span: patterns.Span
    text: str | None


def treated_pattern(text: str, spans: Sequence[Joined], pseudonyms: Pseudonyms) -> tuple[str, list[Treatment]]:
    """The pattern with its constants treated, and the treatment carried out on each span, in order.

    Raises: InvalidPattern: it cannot be read. MatchesElse: it would match something else.
    """
    pattern = patterns.read(text)
    edits: list[_Edit] = []
    applied: dict[int, Treatment] = {}
    for comparison in pattern.comparisons:
        whole = _extent(text, comparison)
        inside = [(place, span) for place, span in enumerate(spans) if whole[0] <= span.start and span.end <= whole[1]]
        if inside:
            said, treatments = _Rewriting(text, comparison, pseudonyms).rewrite([span for _, span in inside])
            edits.append(_Edit(whole, said))
            applied.update((place, treatment) for (place, _), treatment in zip(inside, treatments, strict=True))
    if len(applied) != len(spans):
        raise MatchesElse  # a span in a path or across comparisons
    result = patterns.read(_apply(text, [_extent(text, one) for one in pattern.comparisons], edits)).text
    return result, [applied[place] for place in range(len(spans))]


class _Rewriting:
    """One comparison, and what becomes of it."""

    def __init__(self, text: str, comparison: patterns.Comparison, pseudonyms: Pseudonyms) -> None:
        self.text = text
        self.comparison = comparison
        self.pseudonyms = pseudonyms
        self.path = text[slice(*comparison.path_span)]

    def rewrite(self, spans: list[Joined]) -> tuple[str | None, list[Treatment]]:
        applied: list[Treatment] = []
        literals: list[str] = []  # of the constants that stay equal comparisons
        others: list[str] = []  # comparisons with another operator
        for constant in self.comparison.constants:
            here = [one for one in spans if constant.span[0] <= one.start and one.end <= constant.span[1]]
            if not here:
                literals.append(self.text[slice(*constant.span)])
                continue
            literal, other, treatments = self._constant(constant, here)
            literals += [literal] if literal is not None else []
            others += [other] if other is not None else []
            applied += treatments
        if len(applied) != len(spans):
            raise MatchesElse
        if self.comparison.negated and any(treatment.kind is Kind.REDACT for treatment in applied):
            return None, [REDACT] * len(spans)  # a shorter NOT IN would match more
        return self._joined(literals, others), applied

    def _constant(
        self, constant: patterns.Constant, spans: list[Joined]
    ) -> tuple[str | None, str | None, list[Treatment]]:
        gone = None, None, [REDACT] * len(spans)
        if constant.kind != "string" or self.comparison.operator in _ORDERED:
            return gone
        begin, end = constant.span[0] + 1, constant.span[1] - 1
        if len(spans) == 1 and spans[0].start <= begin and end <= spans[0].end:
            return self._whole(spans[0])
        if any(span.start < begin or span.end > end for span in spans):
            raise MatchesElse
        return self._part(constant, spans) or gone

    def _whole(self, span: Joined) -> tuple[str | None, str | None, list[Treatment]]:
        operator = self.comparison.operator
        if span.treatment.kind is Kind.PSEUDONYMISE:
            said = self.pseudonyms.of(span.category, span.value)
            said = re.escape(said) if operator == "MATCHES" else said
            return patterns.quoted(said), None, [span.treatment]
        rest = left_over(span)
        if rest is not None and operator in {"=", "!=", "IN", "ISSUBSET"}:
            if span.category in _ADDRESSES:
                return None, f"{self.path} {self._not}ISSUBSET {patterns.quoted(rest)}", [span.treatment]
            if span.category is Category.EMAIL_ADDRESS:
                return None, f"{self.path} {self._not}LIKE {patterns.quoted('%@' + rest)}", [span.treatment]
            if span.category in {Category.HOSTNAME, Category.DOMAIN_NAME}:
                return patterns.quoted(rest), None, [span.treatment]
        return None, None, [REDACT]

    def _part(
        self, constant: patterns.Constant, spans: list[Joined]
    ) -> tuple[str | None, str | None, list[Treatment]] | None:
        """A constant of which parts are treated; None where no form of it would match what it did."""
        wildcard = any(span.treatment.kind is not Kind.PSEUDONYMISE for span in spans)
        if wildcard and (self.comparison.operator not in {"=", "IN", "LIKE"} or self.comparison.negated):
            return None
        urls = list(urls_in(self.text[: constant.span[1] - 1]))
        pieces: list[str] = []
        applied: list[Treatment] = []
        last = constant.span[0] + 1
        for span in spans:
            url = next((one for one in urls if one.surrounds(span)), None)
            in_host = url is not None and url.host_meets(span)
            if span.treatment.kind is not Kind.PSEUDONYMISE:
                if in_host:
                    return None  # a wildcard for a host matches every host
                said, treatment = "%", REDACT
            else:
                said = self.pseudonyms.of(span.category, span.value)
                treatment = span.treatment
                if url is not None:
                    said, treatment = in_url(span, self.pseudonyms, host=in_host)
                said = patterns.quoted(re.escape(said) if self.comparison.operator == "MATCHES" else said)[1:-1]
            pieces += (self.text[last : span.start], said)
            applied.append(treatment)
            last = span.end
        pieces.append(self.text[last : constant.span[1] - 1])
        literal = "'" + "".join(pieces) + "'"
        if not wildcard:
            return literal, None, applied
        if len(literal.replace("%", "")) - 2 < _LEAST_LITERAL:
            return None
        return None, f"{self.path} LIKE {literal}", applied

    def _joined(self, literals: list[str], others: list[str]) -> str | None:
        """The comparison's text from what is left of it; several sorts of comparison are alternatives in brackets."""
        operator = self.comparison.operator
        negative = self.comparison.negated or operator == "!="
        parts: list[str] = []
        if literals:
            if operator == "IN":
                parts.append(f"{self.path} {self._not}IN ({', '.join(literals)})")
            else:
                word = "NOT " if self.comparison.negated else ""
                parts.append(f"{self.path} {word}{operator} {literals[0]}")
        parts += others
        if not parts:
            return None
        return parts[0] if len(parts) == 1 else "(" + (" AND " if negative else " OR ").join(parts) + ")"

    @property
    def _not(self) -> str:
        # `NOT !=` is equal again.
        return "NOT " if self.comparison.negated != (self.comparison.operator == "!=") else ""


def _extent(text: str, comparison: patterns.Comparison) -> patterns.Span:
    """From the path to the last constant, with the bracket that closes a set."""
    start, end = comparison.path_span
    if comparison.constants:
        end = comparison.constants[-1].span[1]
        if comparison.operator == "IN":
            end = text.index(")", end) + 1
    return start, end


def _apply(text: str, extents: list[patterns.Span], edits: list[_Edit]) -> str:
    replaced = {edit.span: edit.text for edit in edits}
    if all(said is not None for said in replaced.values()):
        return _spliced(text, 0, len(text), replaced)
    observations = list(_observations(text))
    between = [text[a[1] : b[0]].strip() for a, b in pairwise(observations)]
    outside = text[: observations[0][0]].strip() + text[observations[-1][1] :].strip()
    kept = [
        said for start, end in observations if (said := _observation(text, start, end, extents, replaced)) is not None
    ]
    if not kept or (len(kept) < len(observations) and (outside or any(word != "OR" for word in between))):
        raise MatchesElse
    if len(kept) == len(observations):
        return _spliced(text, 0, len(text), dict(zip(observations, kept, strict=True)))
    return " OR ".join(kept)


def _observation(
    text: str, start: int, end: int, extents: list[patterns.Span], replaced: dict[patterns.Span, str | None]
) -> str | None:
    """An observation without the alternatives that were dropped; None when it has to go as a whole."""
    mine = [extent for extent in extents if start < extent[0] and extent[1] < end]
    if all(replaced.get(extent, "") is not None for extent in mine):
        return _spliced(text, start, end, {extent: said for extent, said in replaced.items() if extent in mine})
    gaps = [text[a[1] : b[0]].strip() for a, b in pairwise(mine)]
    ends = (text[start : mine[0][0]].strip(), text[mine[-1][1] : end].strip())
    if any(gap != "OR" for gap in gaps) or ends != ("[", "]"):
        return None
    kept = [said for extent in mine if (said := replaced.get(extent, text[slice(*extent)])) is not None]
    return "[" + " OR ".join(kept) + "]" if kept else None


def _spliced(text: str, start: int, end: int, replaced: dict[patterns.Span, str | None]) -> str:
    pieces: list[str] = []
    for (begin, stop), said in sorted(replaced.items(), key=lambda item: item[0]):
        pieces += (text[start:begin], said or "")
        start = stop
    return "".join([*pieces, text[start:end]])


def _observations(text: str) -> Iterator[patterns.Span]:
    """Where each observation stands, square brackets included. A list index in a path is a bracket within one."""
    depth = start = 0
    for match in _LITERAL.finditer(text):
        if match.group() == "[":
            start = match.start() if depth == 0 else start
            depth += 1
        elif match.group() == "]":
            depth -= 1
            if depth == 0:
                yield start, match.end()
