"""Whether a host name ends in something that exists: the Public Suffix List, reserved names, and private networks."""
# ruff: noqa: SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

# RFC 2606 and RFC 6761 reserve these; the rest are what private networks use.
_PRIVATE = frozenset(
    "example test invalid localhost local lan internal intranet corp home localdomain onion arpa private priv".split()
)


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=65536)
def known_suffix(domain: str) -> bool:
    """Whether the last label is a top-level domain, a reserved one or a usual private one."""
    last = domain.rpartition(".")[2].casefold()
    if last in _PRIVATE:
        return True
    return _list().publicsuffix(domain.casefold()) is not None


@lru_cache(maxsize=65536)
def registrable(domain: str) -> str:
    """The domain one can register (`example.co.uk`), or the last two labels of a private name."""
    found = _list().privatesuffix(domain.casefold())
    return found if found is not None else ".".join(domain.casefold().split(".")[-2:])
