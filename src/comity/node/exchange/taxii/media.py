"""Media types: what a request accepts, what its body is, and what an answer says it is (TAXII 2.1 sections 1.6.8, 3.1).

Grammar (RFC 9110 sections 5.6, 8.3.1 and 12.5.1):

    Accept      = [ range *( OWS "," OWS range ) ]
    range       = ( "*/*" / token "/*" / token "/" token ) parameters
    parameters  = *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )      q is the weight: 0 to 1, 3 decimals
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from comity.node.exchange.taxii.errors import NotAcceptable, UnsupportedMediaType

MEDIA_TYPE = "application/taxii+json;version=2.1"  # of every answer that has a body
STIX_MEDIA_TYPE = "application/stix+json;version=2.1"  # of what our collections hold
MAX_HEADER = 4096  # characters; a longer Accept or Content-Type is nobody's honest one

_ESSENCE = "application/taxii+json"
_VERSION = "2.1"

# Possessive quantifiers, so that no header makes the engine go back over it.
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"  # noqa: S105 -- RFC 9110's name for a word
_QUOTED = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*+"'
_LISTED = re.compile(rf'[^,"]*+(?:{_QUOTED}[^,"]*+)*+')
_RANGE = re.compile(rf"({_TOKEN})/({_TOKEN})((?:[ \t]*+;[ \t]*+(?:{_TOKEN}=(?:{_TOKEN}|{_QUOTED}))?+)*+)")
_PARAMETER = re.compile(rf"({_TOKEN})=({_TOKEN}|{_QUOTED})")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    essence: str  # type and subtype, in lower case
    parameters: dict[str, str]  # names in lower case, values without their quotes; the weight is not among them
    weight: float

    @property
    def precedence(self) -> int:
        """How closely it names what we serve, 0 when it does not (RFC 9110 section 12.5.1)."""
        if self.essence == _ESSENCE and self.parameters == {"version": _VERSION}:
            return 4
        return {_ESSENCE: 3, "application/*": 2, "*/*": 1}.get(self.essence, 0) if not self.parameters else 0


def negotiate(accept: str | None) -> str:
    """The media type to answer in, which is always `MEDIA_TYPE`.

    No version asked is answered with the highest we have. A header that is missing is refused (section 3.1: a
    request holds at least one TAXII range); so are other versions and ranges with parameters that no standard
    names. A range that breaks the grammar counts for nothing, and the others stand.
    Raises: NotAcceptable.
    """
    ranges = list(_ranges(accept or ""))
    closest = max((one.precedence for one in ranges), default=0)
    weights = [one.weight for one in ranges if one.precedence == closest]
    if closest == 0 or max(weights) == 0:
        raise NotAcceptable(served=MEDIA_TYPE)
    return MEDIA_TYPE


def check_content_type(content_type: str | None) -> None:
    """Let a POST go on only if its body says it is TAXII 2.1, or TAXII without a version.

    Raises: UnsupportedMediaType.
    """
    said = _one(content_type)
    if said is None or said.precedence < 3 or said.weight != 1:
        raise UnsupportedMediaType(taken=MEDIA_TYPE)


def is_taxii(content_type: str | None) -> bool:
    """Whether an answer from a server says it is TAXII 2.1. Unlike a request, it may add `charset=utf-8`."""
    said = _one(content_type)
    if said is None or said.essence != _ESSENCE:
        return False
    parameters = {name: value.lower() for name, value in said.parameters.items()}
    return parameters.pop("charset", "utf-8") == "utf-8" and parameters in ({}, {"version": _VERSION})


def _ranges(header: str) -> Iterator[_Range]:
    start = 0
    while start <= len(header) <= MAX_HEADER:
        listed = _LISTED.match(header, start)
        assert listed is not None  # noqa: S101 -- it matches the empty text too
        if (one := _one(listed.group())) is not None:
            yield one
        if listed.end() < len(header) and header[listed.end()] != ",":
            return  # a quote that does not close: where the next range would begin is anybody's guess
        start = listed.end() + 1


def _one(text: str | None) -> _Range | None:
    """One media range or media type; None when it is absent or breaks the grammar."""
    found = _RANGE.fullmatch((text or "")[: MAX_HEADER + 1].strip(" \t"))
    if found is None or len(text or "") > MAX_HEADER:
        return None
    given = [(name.lower(), _unquoted(value)) for name, value in _PARAMETER.findall(found[3])]
    parameters = dict(given)
    weight = parameters.pop("q", "1")
    if len(given) != len(dict(given)) or _WEIGHT.fullmatch(weight) is None:
        return None
    return _Range(essence=f"{found[1]}/{found[2]}".lower(), parameters=parameters, weight=float(weight))


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
