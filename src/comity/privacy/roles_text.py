"""Whose a mention is, by the words around it: the line's label, the direction of a flow, the nearest cue in its clause.

Each rule is grammar, not wording: what a label says of its line; who sends and who receives; which side of an arrow;
the heading of a list; the nearest word for an attacker, a victim or an analyst.
"""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from comity.canon import Category, Role
from comity.privacy.detectors.linear import Linear, escape
from comity.privacy.detectors.packaged import packaged
from comity.privacy.detectors.words import role_of_label

_REACH_BEFORE = 200  # code points before a mention in which a cue may stand, within its clause
_REACH_AFTER = 60
_LINE = 2000  # code points of a line that are looked at, so that one long line costs no more than many short ones
_LABELLED = 150  # code points from the beginning of a line in which its label speaks for a mention
_CLAUSE = Linear(r"\n|[.!?;؟](?:\s|$)|。")
_BREAK_AFTER = Linear(r"\n|[.!?;؟:](?:\s|$)|。")
_WEAK_WORDS = frozenset({"from", "at", "via", "to", "by", "an", "à", "do", "para"})
_WEAK_WORD = 25.0  # a bare preposition gives way to any word in reach that says more
_LIST = Linear(r"(?:\[?[\pL\pN@_-]+[.:\[(][\pL\pN.:@/_\[\]()-]*(?:,? and|,? und|,? et|,? y|,? e|,? i|,|、|،)\s?)+$")
_ADJACENT = 3  # how near a preposition must stand
_PHRASE = 14  # how near a phrase of direction must stand
# What a cue beside a value means: addresses, accounts and contacts change hands; a name or a health record does not.
_EITHER_WAY = frozenset({
    Category.EMAIL_ADDRESS, Category.PHONE_NUMBER, Category.SOCIAL_HANDLE, Category.IPV4_ADDRESS, Category.IPV6_ADDRESS,
    Category.MAC_ADDRESS, Category.HOSTNAME, Category.DOMAIN_NAME, Category.URL, Category.USERNAME, Category.ACCOUNT_ID,
    Category.IBAN, Category.CRYPTO_WALLET, Category.PASSWORD, Category.API_KEY, Category.SESSION_TOKEN, Category.DEVICE_ID,
})  # fmt: skip
_ADDRESSES = frozenset({Category.IPV4_ADDRESS, Category.IPV6_ADDRESS})
_MONEY = frozenset({Category.IBAN, Category.CRYPTO_WALLET})
# A machine, a secret or an account in a victim's hands is named by its owner; an attacker's is called so outright.
_ARROW_RIGHT = Linear(r"^\]?(?::[0-9]{1,5})?\s{0,2}(?:->|-->|=>|→|>)\s")
_ARROW_LEFT = Linear(r"(?:->|-->|=>|→|\s>)\s{0,2}\[?$")
_INBOUND = Linear(
    r"(?i)\b(?:block(?:ed)?|den(?:y|ied)|drop(?:ped)?|reject(?:ed)?|scan(?:ning|ned)?|probe[ds]?|attack\pL*|brute|exploit\pL*|inbound|ids|ips|alert|log:)"
)
_FAILED = Linear(
    r"(?i)(?:fail(?:ed|ure)|invalid user|auth(?:entication)? failed|attempts in|bad password|brute|refused|blocked|denied)"
)
_TO = Linear(
    r"(?i)(?:\b(?:to|into|an|auf|nach|vers|à|sur|a|al|hacia|para|na|do|до|adresine|hesabına|konto(?:le)?)|へ|إلى)\s(?:the |das |die |le |la |el |o |konto |account |iban |wallet |cuenta |compte |conta |rachunek |рахунок )*$"
)
_FROM = Linear(
    r"(?i)(?:\b(?:from|of|von|aus|de|du|desde|da|do|z|ze|з|із)|から|من)\s(?:the |das |wallet |konto |account |iban |compte |cuenta |conta )*$"
)
_HEADING = Linear(r"^[\s#*>=-]*\p{Lu}?[^\n]{0,60}$")
_ITEM = Linear(r"^\s*(?:[-*•·]|[0-9]{1,3}[.)])\s")


class _Cue(NamedTuple):
    role: Role
    side: str  # any, before, after


@cache
def _cues() -> dict[str, _Cue]:
    table: dict[str, _Cue] = {}
    for name, sides in packaged("detectors/data/cues.toml").items():
        if name == "version":
            continue
        for side in ("before", "after", "any"):
            for word in sides[side]:
                table.setdefault(word.casefold(), _Cue(Role(name), side))
    return table


@cache
def _pattern() -> Linear:
    words = sorted(_cues(), key=len, reverse=True)
    spaced = [escape(w) for w in words if not _solid(w)]
    solid = [escape(w) for w in words if _solid(w)]
    return Linear(r"(?:^|[^\pL\pN_])(" + "|".join(spaced) + r")(?:$|[^\pL\pN_])|(" + "|".join(solid) + ")")


def roles_around(text: str, start: int, end: int, category: Category) -> set[Role]:
    """The role that the grammar around a mention gives it; empty where nothing tells."""
    return {role for _, role in told(text, start, end, category)}


def told(text: str, start: int, end: int, category: Category) -> list[tuple[float, Role]]:
    """At most one (distance, role): the smaller the distance, the surer."""
    if category in _ADDRESSES:
        found = _flow(text, start, end) or _attempt(text, start, end)
        if found is not None:
            return [(0.0, found)]
        if text[max(0, start - 3) : start] == "://":
            return [(5.0, Role.ATTACKER)]  # the host of a URL: a server that was visited
    if category in _MONEY:
        before = text[max(0, start - 40) : start]
        if _TO.search(before) is not None:
            return [(1.0, Role.ATTACKER)]
        if _FROM.search(before) is not None:
            return [(1.0, Role.VICTIM)]
    label = _line_label(text, start)
    if label is not None and (label is not Role.ATTACKER or category in _EITHER_WAY):
        return [(0.5, label)]
    best: tuple[float, Role] | None = None
    for distance, role in _near(text, start, end, category):
        if role is Role.ATTACKER and category not in _EITHER_WAY:
            continue
        if best is None or distance < best[0]:
            best = (distance, role)
    return [best] if best is not None else []


def _flow(text: str, start: int, end: int) -> Role | None:
    """`A -> B`: one's own side is the private one; else the left is, unless the line tells of something inbound."""
    left = _ARROW_RIGHT.search(text[end : end + 12]) is not None
    right = _ARROW_LEFT.search(text[max(0, start - 8) : start]) is not None
    if not (left or right):
        return None
    if _private(text[start:end]):
        return Role.VICTIM
    line = text[max(text.rfind("\n", 0, start) + 1, start - _LINE) : start]
    inbound = _INBOUND.search(line) is not None
    return Role.VICTIM if left != inbound else Role.ATTACKER


def _private(said: str) -> bool:
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    return address.is_private and not str(address).startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8"))


def _attempt(text: str, start: int, end: int) -> Role | None:
    """Where a log line tells of a failed attempt, its source is the attacker's."""
    line_start = text.rfind("\n", 0, start) + 1
    line = text[max(line_start, start - 200) : start]
    return Role.ATTACKER if _FAILED.search(line) is not None else None


def _line_label(text: str, start: int) -> Role | None:
    """What the label of the line says: `Delivered-To:`, `Sender:`, `X-Originating-IP:`; for lists, what their heading says."""
    line_start = text.rfind("\n", 0, start) + 1
    head = text[line_start : min(start, line_start + _LINE)]
    for colon in ":：" if start - line_start <= _LABELLED else "":
        if colon in head:
            label = head.split(colon, 1)[0].strip(" *->#|\t\"'[]")
            if 0 < len(label) <= 40 and len(head) - len(label) <= _LABELLED - 40:
                role = role_of_label(label)
                if role is not None:
                    return role
    if _ITEM.match(head) is not None and line_start:
        return _heading(text, line_start)
    return None


def _heading(text: str, line_start: int) -> Role | None:
    at = line_start - 1
    for _ in range(40):
        above = text.rfind("\n", 0, at) + 1
        line = text[above:at]
        if line.strip() and _ITEM.match(line) is None:
            for said, _, _ in _matches(line.casefold()[:80]):
                return _cues()[said].role
            return None
        if above == 0:
            return None
        at = above - 1
    return None


def _near(text: str, start: int, end: int, category: Category) -> Iterator[tuple[float, Role]]:
    before = text[max(0, start - _REACH_BEFORE) : start].casefold()
    breaks = [match.end() for match in _CLAUSE.finditer(before)]
    if breaks:
        before = before[breaks[-1] :]
    before = _LIST.sub("", before)  # in a list, what is said of the first is said of all
    after = text[end : end + _REACH_AFTER].casefold()
    stop = _BREAK_AFTER.search(after)
    if stop is not None:
        after = after[: stop.start()]
    for said, _, stops in _matches(before):
        cue = _cues()[said]
        distance = len(before) - stops
        if cue.side == "after":
            continue
        if cue.side == "before" and distance > (_ADJACENT if len(said) <= 4 else _PHRASE):
            continue
        yield distance + (_WEAK_WORD if said in _WEAK_WORDS else 0.0), cue.role
    for said, starts, _ in _matches(after):
        cue = _cues()[said]
        if cue.side != "before":
            yield starts * 1.5 + 2, cue.role


def _matches(clause: str) -> Iterator[tuple[str, int, int]]:
    at = 0
    while at <= len(clause):
        match = _pattern().search(clause, at)
        if match is None:
            return
        group = 1 if match.group(1) is not None else 2
        yield match.group(group), match.start(group), match.end(group)
        at = max(match.end(group), at + 1)


def _solid(word: str) -> bool:
    return any("\u3040" <= c <= "\u9fff" for c in word)
