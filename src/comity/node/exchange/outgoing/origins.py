"""Where a partner may be called: scheme, host and port as its agreement says, and nowhere else (attack A31)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlencode

import httpx2

from comity.canon import printable
from comity.node.exchange.outgoing.errors import CallNotAllowed

MAX_URL = 4096  # characters
PORTS = {"https": 443, "http": 80}

Query: TypeAlias = Sequence[tuple[str, str]]

_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")  # RFC 3986 section 2
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")  # RFC 1123 section 2.1, without a final dot
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that resolvers read as part of an IPv4 address
_PATH = re.compile(r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*")  # RFC 3986 section 3.3
_DOTS = re.compile(r"(?i)/(?:\.|%2e){1,2}(?:/|$)")


class BadUrl(CallNotAllowed):
    what = "the URL {url} of {party} cannot be called"
    why = "{reason}"


class OtherOrigin(CallNotAllowed):
    what = "{url} was not called for {party}"
    why = "the agreement lets this node call {party} at {origin} alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Scheme, host and port (RFC 6454). Compared whole; the text of it is how a URL begins."""

    scheme: str  # "https"; "http" only for a development node
    host: str  # lower case: a name, or an address in its one spelling, without brackets
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == PORTS[self.scheme] else f":{self.port}")

    @classmethod
    def read(cls, url: str, *, party: str = "the partner") -> Origin:
        """The origin of an absolute URL, as an agreement or an answer gives it. Its path does not count.

        Raises:  BadUrl: another scheme, no host, credentials, a fragment, a host in a spelling that has a plainer one.
        """
        parsed = _parsed(url, party)
        if "?" in url:
            raise BadUrl(url=printable(url), reason="it has a query; one is given apart from the URL", party=party)
        host = parsed.raw_host.decode("ascii")
        if not _plain(host):
            raise BadUrl(url=printable(url), reason="its host is not a plain name or address", party=party)
        port = PORTS[parsed.scheme] if parsed.port is None else parsed.port
        if not 0 < port < 65536:
            raise BadUrl(url=printable(url), reason="it has no such port", party=party)
        return cls(scheme=parsed.scheme, host=host, port=port)

    @property
    def literal(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address, where the host is one."""
        return _address(self.host)

    @property
    def names_loopback(self) -> bool:
        """Whether the URL itself says that it means this machine."""
        if self.literal is not None:
            return self.literal.is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")

    def at(self, url: str, query: Query = (), *, party: str = "the partner") -> str:
        """The full URL of a resource here.

        INVARIANT: what is called begins with this origin's own text; of a URL that a partner sent, only the path is
        taken, and only after its origin was found to be this one.

        Args:    url: absolute, or an absolute path (`/api1/`), without query. TAXII's api_roots can be either.
        Raises:  BadUrl, OtherOrigin.
        """
        path = url
        if not url.startswith("/") or url.startswith("//"):
            if Origin.read(url, party=party) != self:
                raise OtherOrigin(url=printable(url), party=party, origin=self)
            path = _path_of(url)
        if not _PATH.fullmatch(path):
            raise BadUrl(url=printable(url), reason="its path is not one (a query is given apart)", party=party)
        if _DOTS.search(path):
            raise BadUrl(url=printable(url), reason="its path has dot segments", party=party)
        full = f"{self}{path}" + ("?" + urlencode(list(query), quote_via=quote, safe="") if query else "")
        # What is signed must be what is sent: the client's own reading of the URL leaves it as it is.
        if len(full) > MAX_URL or str(httpx2.URL(full)) != full:
            raise BadUrl(url=printable(url), reason="it is too long, or has a plainer spelling", party=party)
        return full


def _parsed(url: str, party: str) -> httpx2.URL:
    """Read by the client that will call it, so that no two readers can disagree on where it points."""
    shown = printable(url)
    if len(url) > MAX_URL or not _URL.fullmatch(url):
        raise BadUrl(url=shown, reason="it is too long, or holds a character that no URL has", party=party)
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise BadUrl(url=shown, reason="it is no URL", party=party) from error
    if parsed.scheme not in PORTS:
        raise BadUrl(url=shown, reason="it does not begin with https://", party=party)
    if not parsed.raw_host:
        raise BadUrl(url=shown, reason="it names no host", party=party)
    if "@" in url or "#" in url:
        raise BadUrl(url=shown, reason="it holds credentials or a fragment", party=party)
    return parsed


def _path_of(url: str) -> str:
    """What follows the authority, as written."""
    _, _, rest = url.partition("://")
    _, slash, path = rest.partition("/")
    return slash + path or "/"


def _plain(host: str) -> bool:
    address = _address(host)
    if address is not None:
        return str(address) == host and "%" not in host  # a zone is a matter of this machine alone
    return len(host) <= 253 and bool(_NAME.fullmatch(host)) and not _NUMERIC.fullmatch(host.rsplit(".", 1)[-1])


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
