"""Treated values by one token of each spelling: whether a text may hold one is a look-up per token of the text."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from comity.canon import Category
from comity.privacy.residue.folding import Token, fold, fold_bytes, tokens, words
from comity.privacy.residue.ordinary import MONTHS
from comity.privacy.residue.spellings import SHORTEST_RUN, Spelling, Stands, digit_runs, identifier, is_ipv4, spellings
from comity.privacy.treatments.outcome import Gone

LONGEST_GAP = 3  # characters between the tokens of one value
MOST_GROUPS = 12  # in which a number is written

_QUAD = re.compile(r"(?<!\d)(?<!\d\.)(\d{1,3}(?:\.\d{1,3}){3})(/\d{1,2})?(?!\d)")
# Cutting at every other byte is five times as quick as an expression that looks for runs.
_DIGITS_ONLY = bytes(byte if 0x30 <= byte <= 0x39 else 0x20 for byte in range(256))
_DIGITS_AND_DOTS = bytes(byte if 0x30 <= byte <= 0x39 or byte == 0x2E else 0x20 for byte in range(256))
_COLONS = re.compile(r"(?<![0-9a-f:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:\.\d{1,3}){0,3}(?:/\d{1,3})?")
_DIGITS = re.compile(rf"\d(?:[ .\-/()\u00a0]{{0,3}}\d){{{SHORTEST_RUN - 1},}}")
_SEPARATORS = re.compile(r"\D+")
_GROUP = re.compile(r"\d+")
_BETWEEN_DIGITS = b" .-/()\n"
_BEFORE_ACCOUNT = re.compile(
    r"(?:[\\@]|[/\\](?:home|users|profiles)[/\\]|\b(?:log[io]n|user(?:name)?|account)[ \t]*[:=]?[ \t'\"]*)$",
    re.IGNORECASE,
)


class Match(NamedTuple):
    """A spelling of a treated value in a text; places are those of the folded text."""

    value: int  # which of the treated values
    how: str
    sure: bool
    start: int
    end: int
    stands: Stands = "anything"


class Near(NamedTuple):
    """What a first look at a text saw: tokens of treated values, and whether a number or address is there."""

    words: frozenset[bytes]
    numbers: bool

    def __bool__(self) -> bool:
        return bool(self.words) or self.numbers

    def may_be_in(self, data: bytes) -> bool:
        """Whether what was seen could stand in this part of it."""
        if self.numbers:
            return True
        folded = fold_bytes(data)
        return any(word in folded for word in self.words)


class Index:
    """What is searched for. Built once for a release; the time to look does not grow with the number of values."""

    def __init__(self, gone: Iterable[Gone], source_ids: Iterable[str], salts: Iterable[bytes]) -> None:
        self.gone = tuple(gone)
        self._spellings: dict[bytes, list[tuple[int, int, Spelling]]] = {}
        self._ipv4: dict[str, int] = {}
        self._ipv6: dict[str, int] = {}
        self._runs: dict[str, tuple[int, bool]] = {}
        self._starts: set[str] = set()  # of the runs of digits
        self._lengths: set[int] = set()
        self._literal: list[tuple[str, int]] = []
        salts = tuple(salts)
        for place, one in enumerate(self.gone):
            self._add(place, one, salts)
        for source_id in source_ids:
            self._spell(-1, identifier(source_id))

    def _add(self, place: int, one: Gone, salts: tuple[bytes, ...]) -> None:
        told: set[tuple[tuple[str, ...], str]] = set()
        for spelling in spellings(one, salts):
            if spelling.tokens and (spelling.tokens, spelling.only) not in told:
                told.add((spelling.tokens, spelling.only))
                self._spell(place, spelling)
        if not tokens(fold(one.value)):
            self._literal.append((one.value, place))
        if one.category is Category.IPV4_ADDRESS and is_ipv4(one.value):
            self._ipv4[one.value] = place
        if one.category is Category.IPV6_ADDRESS and (address := _ipv6(one.value)) is not None:
            self._ipv6[address] = place
        for run, sure in digit_runs(one):
            self._runs[run] = place, sure or self._runs.get(run, (0, False))[1]
            self._starts.add(run[:SHORTEST_RUN])
            self._lengths.add(len(run))

    def _spell(self, place: int, spelling: Spelling) -> None:
        # The longest token is the rarest: fewest texts are looked at in vain.
        anchor = max(range(len(spelling.tokens)), key=lambda at: len(spelling.tokens[at]))
        self._spellings.setdefault(spelling.tokens[anchor].encode(), []).append((place, anchor, spelling))

    def near(self, data: bytes) -> Near:
        """What could be in UTF-8 text; linear in its length, wrong only by saying too much."""
        folded = fold_bytes(data)
        return Near(
            frozenset(self._spellings.keys() & words(folded)),
            bool((self._ipv4 and self._near_ipv4(folded)) or (self._runs and self._near_number(folded)))
            or bool((self._ipv6 or self._literal) and self._near_other(folded.decode("utf-8", "replace"))),
        )

    def _near_ipv4(self, folded: bytes) -> bool:
        quads = [run for run in folded.translate(_DIGITS_AND_DOTS).split() if run.count(b".") >= 3]
        return any(_plain_quad(quad.strip(b".").decode("ascii")) in self._ipv4 for quad in quads)

    def _near_number(self, folded: bytes) -> bool:
        """Whether a number stands somewhere in the text without what separates its groups."""
        runs = [run for run in folded.translate(_DIGITS_ONLY, _BETWEEN_DIGITS).split() if len(run) >= SHORTEST_RUN]
        for found in runs:
            run = found.decode("ascii")
            for at in range(len(run) - SHORTEST_RUN + 1):
                if run[at : at + SHORTEST_RUN] in self._starts and any(
                    run[at : at + length] in self._runs for length in self._lengths
                ):
                    return True
        return False

    def _near_other(self, text: str) -> bool:
        return any(literal in text for literal, _ in self._literal) or any(
            _ipv6(match.group()) in self._ipv6 for match in _COLONS.finditer(text) if self._ipv6
        )

    def matches(self, folded: str) -> Iterator[Match]:
        """Every spelling of every treated value in a folded text, kept apart from what only looks like one."""
        found = tokens(folded)
        for at, token in enumerate(found):
            for place, anchor, spelling in self._spellings.get(token.text.encode(), ()):
                here = found[at - anchor : at - anchor + len(spelling.tokens)] if at >= anchor else []
                if tuple(one.text for one in here) == spelling.tokens and _together(folded, here, spelling.only):
                    match = Match(place, spelling.how, spelling.sure, here[0].start, here[-1].end, spelling.stands)
                    if not _is_date(folded, match):
                        yield match._replace(sure=match.sure and not self._longer(folded, match))
        for quad in _QUAD.finditer(folded) if self._ipv4 else ():
            place_of = self._ipv4.get(_plain_quad(quad.group(1)))
            if place_of is not None and not _is_network(quad.group(1), quad.group(2)):
                yield Match(place_of, "as written", True, *quad.span(1))
        for colons in _COLONS.finditer(folded) if self._ipv6 else ():
            place_of = self._ipv6.get(_ipv6(colons.group()) or "")
            if place_of is not None:
                yield Match(place_of, "as written", True, *colons.span())
        for literal, place in self._literal:
            if literal in folded:
                yield Match(
                    place,
                    "as written",
                    len(literal) > LONGEST_GAP,
                    folded.index(literal),
                    folded.index(literal) + len(literal),
                )
        yield from self._grouped(folded)

    def _grouped(self, folded: str) -> Iterator[Match]:
        """Numbers by their digits, in whatever groups they are written."""
        for run in _DIGITS.finditer(folded) if self._runs else ():
            parts = _SEPARATORS.split(run.group())
            digits = "".join(parts)
            begin = 0
            for first, part in enumerate(parts):
                if digits[begin : begin + SHORTEST_RUN] in self._starts:
                    groups = list(_GROUP.finditer(folded, run.start(), run.end()))
                    yield from self._from_group(groups[first : first + MOST_GROUPS])
                begin += len(part)

    def _from_group(self, groups: list[re.Match[str]]) -> Iterator[Match]:
        joined = ""
        for group in groups:
            joined += group.group()
            if joined in self._runs:
                place, sure = self._runs[joined]
                yield Match(place, "by its digits", sure, groups[0].start(), group.end())

    def _longer(self, folded: str, match: Match) -> bool:
        """Whether a host or mailbox goes on beyond the match, so that it may be another one: then a person looks."""
        if match.value < 0 or match.how not in _WRITTEN_OUT or self.gone[match.value].category not in _NAMES:
            return False
        after, before = folded[match.end : match.end + 2], folded[max(match.start - 2, 0) : match.start]
        goes_on = after[:1] in {".", "-"} and after[1:].isalnum()
        starts_before = (
            self.gone[match.value].category is Category.EMAIL_ADDRESS
            and before[-1:] in {".", "-", "+"}
            and before[:1].isalnum()
        )
        return goes_on or (starts_before and len(before) > 1)


_WRITTEN_OUT = frozenset({"as written", "punycode"})
_NAMES = frozenset({Category.EMAIL_ADDRESS, Category.HOSTNAME, Category.DOMAIN_NAME})


def stands_as_name(text: str, start: int, end: int) -> bool:
    """Whether a word that could be any word stands as a name: with a capital in prose, or as an account."""
    if stands_as_account(text, start, end):
        return True
    # Inside a host, a path or a file name a capital says nothing: those are words of machines.
    beside = text[max(start - 1, 0) : start] + text[end : end + 1]
    return text[start].isupper() and not any(char in "/._-=&?" and not _ends(text, end) for char in beside)


def stands_as_account(text: str, start: int, end: int) -> bool:
    """Whether it stands where logins stand: `DOMAIN\\word`, `@word`, `word@`, a home folder."""
    return text[end : end + 1] == "@" or _BEFORE_ACCOUNT.search(text, max(start - 16, 0), start) is not None


def _ends(text: str, end: int) -> bool:
    """Whether a full stop here ends a sentence."""
    return text[end : end + 1] == "." and not text[end + 1 : end + 2].isalnum()


def _together(folded: str, here: list[Token], only: str) -> bool:
    for one, other in pairwise(here):
        gap = folded[one.end : other.start]
        if len(gap) > LONGEST_GAP or (only and (not gap or not set(gap) <= set(only))):
            return False
    return True


def _is_date(folded: str, match: Match) -> bool:
    """`Jan` of 12 Jan 2024 is nobody's name."""
    if match.stands != "name" or folded[match.start : match.end] not in MONTHS:
        return False
    around = folded[max(match.start - 3, 0) : match.start] + folded[match.end : match.end + 3]
    return any(char.isdigit() for char in around)


def _plain_quad(quad: str) -> str:
    return ".".join(octet.lstrip("0") or "0" for octet in quad.split("."))


def _is_network(quad: str, length: str | None) -> bool:
    """Whether this says a network, as generalising leaves it, rather than one of its addresses."""
    if length is None:
        return False
    try:
        return ipaddress.IPv4Network(quad + length).prefixlen < 32
    except ValueError:
        return False


def _ipv6(text: str) -> str | None:
    address, slash, _ = text.strip(".").partition("/")
    try:
        if slash and ipaddress.IPv6Network(text).prefixlen < 128:
            return None
        return str(
            ipaddress.IPv6Address(
                address.rstrip(":") if address.endswith(":") and not address.endswith("::") else address
            )
        )
    except ValueError:
        return None
