"""Distinguished names (RFC 4514) in certificates: the common name, given name and surname of a person."""

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.names import NOT_NAMES
from comity.privacy.detectors.person import name_shape
from comity.privacy.detectors.shape import Detector, Found, Place

_ATTRIBUTE = Linear(
    r"(?i)(?:^|[,/+;]\s?|\b)(CN|commonName|GN|givenName|SN|surname|UID|serialNumber|pseudonym|name)\s?=\s?\"?([^,/+;=\"\n][^,/+;=\"\n]+)"
)
_PRODUCT = Linear(
    r"(?i)\b(?:ca|root|authority|certificate|certification|ssl|tls|sign(?:ing)?|personalsign|validation|secure|trust|server|global|class|test|self|localhost|ltd|inc|gmbh|llc|corp|co|s\.?a\.?|ag)\b|[0-9*]|\.[a-z]{2,}"
)


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _ATTRIBUTE.finditer(text):
        kind, said = match.group(1).casefold(), match.group(2).rstrip()
        start = match.start(2)
        if kind == "uid":
            yield Found(
                start,
                start + len(said),
                Category.USERNAME,
                0.85,
                "the user id in a distinguished name",
                said.casefold(),
            )
            continue
        if kind == "serialnumber" or _PRODUCT.search(said) is not None:
            continue
        words = said.split()
        if any(w.casefold() in NOT_NAMES for w in words):
            continue
        if name_shape(said) == len(said) and (len(words) > 1 or kind in {"gn", "givenname", "sn", "surname"}):
            yield Found(
                start,
                start + len(said),
                Category.PERSON_NAME,
                0.85,
                "a person's name in a distinguished name",
                said.casefold(),
            )


DETECTOR = Detector(
    "distinguished-name",
    1,
    r"(?i)\b(?:CN|commonName|GN|givenName|SN|surname|UID)\s?=",
    find,
    frozenset({"x509-subject", "text", "value"}),
)
