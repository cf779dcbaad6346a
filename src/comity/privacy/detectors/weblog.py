"""Users and clients in the log formats of web servers and proxies: W3C extended, Squid, Common Log Format."""

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category, Role
from comity.privacy.detectors.account import generic
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import PROSE, Detector, Found, Place

# Squid native: time elapsed client action/code size method URL user hierarchy/peer
_SQUID = Linear(
    r"(?m)^[0-9]{9,10}\.[0-9]{3}\s+[0-9]+\s(\S+)\s[A-Z_]+/[0-9]{3}\s[0-9]+\s[A-Z]+\s\S+\s(\S+)\s(?:HIER_|DIRECT|FIRST|NONE|DEFAULT|TIMEOUT)\S*"
)
# Common and combined log format: client identity user [time]
_COMMON = Linear(r"(?m)^(\S+)\s(\S+)\s(\S+)\s\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:")
_FIELDS = Linear(r"(?m)^#Fields:\s?(.*)$")
_TOKEN = Linear(r"\"[^\"]*\"|\S+")
_USER_FIELDS = frozenset({"cs-username", "c-username", "cs-auth-user", "x-cs-username", "suser"})
_CLIENT_FIELDS = frozenset({"c-ip", "cs-ip", "x-client-ip"})
_SERVER_FIELDS = frozenset({"s-ip", "r-ip", "cs-host-ip", "s-supplier-ip"})


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _SQUID.finditer(text):
        yield from _user(match.group(2), match.start(2))
        yield from _client(match.group(1), match.start(1))
    for match in _COMMON.finditer(text):
        yield from _user(match.group(3), match.start(3))
    fields = _FIELDS.search(text)
    if fields is None:
        return
    names = fields.group(1).split()
    at = fields.end()
    for line in text[at:].splitlines(keepends=True):
        if not line.startswith("#"):
            for name, token in zip(names, _TOKEN.finditer(line), strict=False):
                said, start = token.group().strip('"'), at + token.start() + token.group().startswith('"')
                if name in _USER_FIELDS:
                    tail = said.rsplit("\\", 1)[-1]
                    yield from _user(tail, start + len(said) - len(tail))
                elif name in _CLIENT_FIELDS:
                    yield from _client(said, start)
        at += len(line)


def _user(name: str, start: int) -> Iterator[Found]:
    if name != "-" and not generic(name) and "@" not in name:
        why = "the user's column of a web log"
        yield Found(start, start + len(name), Category.USERNAME, 0.93, why, name.casefold(), Role.VICTIM)


def _client(address: str, start: int) -> Iterator[Found]:
    """The client of a proxy is one of its own; the address's own detector says what it is."""
    if address.replace(".", "").isdecimal() and address.count(".") == 3:
        why = "the client's column of a proxy log"
        yield Found(start, start + len(address), Category.IPV4_ADDRESS, 0.96, why, address, Role.VICTIM)


DETECTOR = Detector(
    "web-log", 1, r"#Fields:|[A-Z_]+/[0-9]{3} [0-9]+ [A-Z]+ |\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:", find, PROSE
)
