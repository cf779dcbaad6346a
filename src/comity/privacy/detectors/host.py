"""Names of people's machines: the spelling that factories and help desks give to laptops and phones, not to servers."""
# ruff: noqa: E501, SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import PROSE, Detector, Found, Place

_KIND = (
    r"desktop|laptop|lap|notebook|thinkpad|macbook(?:-?(?:pro|air))?|mbp|imac|iphone|ipad|android|galaxy|pixel|surface|tablet|workstation|"
    r"phone|handy|chromebook|xps|elitebook|latitude"
)
_SHORT = r"pc|ws|wks|nb|lt|mac|home|tab|mob|hp|dell|desk|client|cl"
# LAPTOP-HIKEDA, nb-masson09, WS-ROOS
_PREFIXED = Linear(rf"(?i)\b(?:{_KIND}|{_SHORT}|win(?:7|10|11)?|minint)-[0-9a-z][0-9a-z-]{{2,20}}\b")
# ROOS-NOTEBOOK, lyndas-macbook-pro, vikram-kulkarni-pc, WALKER-PC
_SUFFIXED = Linear(rf"(?i)\b[0-9a-z]{{2,20}}(?:-[0-9a-z]{{2,20}})?-(?:{_KIND}|{_SHORT})[0-9]{{0,3}}\b")
_POSSESSIVE = Linear(r"\b\p{Lu}[\pL]+['’]s (?:iPhone|iPad|MacBook(?: Pro| Air)?|iMac|Galaxy|Laptop|PC)\b")
_SERVER = Linear(
    r"(?i)(?:^|[-.])(?:srv|server|dc|db|mx|mail|www|web|fw|gw|vpn|ns|dns|proxy|esx|nas|backup|prod|test|dev|app|api|host|relay|cloud|sql|file|print)[0-9]*(?:[-.]|$)"
)
_WORDS = frozenset(
    "take-home work-from-home at-home non-android anti-android multi-client thin-client web-client ftp-client fat-client e-mail-client"
    " misp-galaxy galaxy-name galaxy-type galaxy-tag galaxy-cluster galaxy-uuid".split()
)


def find(text: str, place: Place) -> Iterator[Found]:
    for pattern, possessive in ((_PREFIXED, False), (_SUFFIXED, False), (_POSSESSIVE, True)):
        for match in pattern.finditer(text):
            said = match.group()
            start, end = match.span()
            if not possessive and not _machine(said, text, start, end):
                continue
            yield Found(start, end, Category.HOSTNAME, 0.88, "a name as people's machines have it", said.casefold())


def _machine(said: str, text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if (before in {".", "-", "_", "/", "@", "\\", "'"} and before != "\\") or after in {"-", "_", "/", "@"}:
        return False
    if after == "." and text[end + 1 : end + 2].isalnum():
        return False  # a label of a longer domain name
    folded = said.casefold()
    if folded in _WORDS or _SERVER.search(said) is not None:
        return False
    mark = any(c.isdecimal() for c in said) or said.isupper()
    return mark or any(
        word in folded
        for word in (
            "laptop",
            "desktop",
            "macbook",
            "iphone",
            "thinkpad",
            "notebook",
            "-pc",
            "-mbp",
            "ipad",
            "imac",
            "-home",
            "nb-",
            "lt-",
            "lap-",
            "ws-",
            "-ws",
            "-lt",
            "-nb",
            "-mac",
            "-lap",
        )
    )


DETECTOR = Detector(
    "machine-name",
    1,
    rf"(?i)\b(?:{_KIND}|{_SHORT}|win|minint)[0-9]{{0,2}}-[0-9a-z]|-(?:{_KIND}|{_SHORT})[0-9]{{0,3}}\b|['’]s (?:iphone|ipad|macbook|imac|galaxy|laptop|pc)",
    find,
    PROSE | {"value", "command-line"},
)
