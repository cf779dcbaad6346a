"""Whose a mention is, by the words around it in its clause: "the victim's", "C2", "sent from", "担当"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from comity.canon import Category, Role
from comity.privacy.detectors.linear import Linear, escape
from comity.privacy.detectors.packaged import packaged

_REACH_BEFORE = 90  # code points before a mention in which a cue may stand
_REACH_AFTER = 50
_CLAUSE = Linear(r"\n|[.!?;。؟](?:\s|$)|。")
# What a cue beside a value means: addresses, accounts and contacts change hands; a name or a health record does not.
_EITHER_WAY = frozenset({
    Category.EMAIL_ADDRESS, Category.PHONE_NUMBER, Category.SOCIAL_HANDLE, Category.IPV4_ADDRESS, Category.IPV6_ADDRESS,
    Category.MAC_ADDRESS, Category.HOSTNAME, Category.DOMAIN_NAME, Category.URL, Category.USERNAME, Category.ACCOUNT_ID,
    Category.IBAN, Category.CRYPTO_WALLET, Category.PASSWORD, Category.API_KEY, Category.SESSION_TOKEN, Category.DEVICE_ID,
})  # fmt: skip


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
    """The role of the nearest cue in the mention's clause; empty where no word tells."""
    best: tuple[float, Role] | None = None
    for distance, role in _near(text, start, end):
        if role is Role.ATTACKER and category not in _EITHER_WAY:
            continue
        if best is None or distance < best[0]:
            best = (distance, role)
    return {best[1]} if best is not None else set()


def _near(text: str, start: int, end: int) -> Iterator[tuple[float, Role]]:
    before = text[max(0, start - _REACH_BEFORE) : start].casefold()
    breaks = [match.end() for match in _CLAUSE.finditer(before)]
    if breaks:
        before = before[breaks[-1] :]
    after = text[end : end + _REACH_AFTER].casefold()
    stop = _CLAUSE.search(after)
    if stop is not None:
        after = after[: stop.start()]
    for said, _, stops in _matches(before):
        cue = _cues()[said]
        if cue.side != "after":
            yield float(len(before) - stops), cue.role
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
