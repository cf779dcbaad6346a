"""Handles on social networks and messengers: an at sign before a name, or a name after a network's."""
# ruff: noqa: E501, RUF001, SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place

_AT = Linear(r"@[A-Za-z0-9_](?:[A-Za-z0-9_.]{1,29})(?:@[a-z0-9.-]+\.[a-z]{2,})?")
_NETWORK = Linear(
    r"(?i)\b(?:twitter|instagram|insta|telegram|facebook|tiktok|discord|skype|snapchat|mastodon|jabber|xmpp|wickr|icq|linkedin|threema|vk|bluesky)"
    r"(?: (?:handle|account|user|id|profile|name|konto|compte|cuenta|conta|hesabı))?\s?[:=]\s?([A-Za-z0-9][A-Za-z0-9_.#-]{2,40})"
)
_CODE = frozenset(
    "media import font-face keyframes param return returns override author see since deprecated property staticmethod classmethod echo off charset supports page layer everyone here channel".split()
)


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _AT.finditer(text):
        start, said = match.start(), match.group().rstrip(".")
        before = text[start - 1 : start] if start else ""
        if before and (before.isalnum() or before in "._-@/=:\\+%*$"):
            continue
        name = said[1:]
        if name.casefold() in _CODE or not any(c.isalpha() for c in name) or len(name) < 3:
            continue
        if text[start + len(said) : start + len(said) + 1] in {"(", "{"}:
            continue
        yield Found(start, start + len(said), Category.SOCIAL_HANDLE, 0.85, "a name after an at sign", name.casefold())
    for match in _NETWORK.finditer(text):
        if "://" not in match.group():
            yield Found(
                match.start(1),
                match.end(1),
                Category.SOCIAL_HANDLE,
                0.85,
                "a name after a network's",
                match.group(1).casefold(),
            )


DETECTOR = Detector(
    "social-handle",
    1,
    r"(?i)@[A-Za-z0-9_]|"
    + _NETWORK.pattern.replace("(?i)", "").split(r")(?: (?:handle", 1)[0].replace(r"\b(?:", "(?:")
    + r")(?: \pL+)?\s?[:=]",
    find,
)
