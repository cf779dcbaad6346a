"""Personal data inside base64 or hexadecimal: decoded once, within a bound, and searched like the text around it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator

from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place

MAX_DECODED = 16_384  # bytes of one run that are decoded; a longer one is content, not a value
_RUN = Linear(r"\b(?:[0-9A-Za-z+/]{16,}={0,2}|[0-9A-Za-z_-]{16,})")
_HEX = Linear(r"^(?:[0-9A-Fa-f]{2})+$")
_SURE = 0.85  # only what is sure when decoded counts: random bytes spell short names now and then


def detector(search: Callable[[str, Place], Iterable[Found]]) -> Detector:
    """A detector that decodes and gives the decoded text to `search`."""

    def find(text: str, place: Place) -> Iterator[Found]:
        for match in _RUN.finditer(text):
            decoded = decode(match.group())
            if decoded is None:
                continue
            for found in search(decoded, place):
                if found.confidence >= _SURE:
                    why = found.why + ", encoded"
                    yield found._replace(
                        start=match.start(), end=match.end(), confidence=found.confidence - 0.05, why=why
                    )

    return Detector("encoded", 1, r"[0-9A-Za-z+/_-]{16}", find)


def decode(run: str) -> str | None:
    """The text a run of base64 or hexadecimal spells, or None where it spells none."""
    if len(run) > MAX_DECODED or (run.isalpha() and run.islower()):
        return None
    raws = []
    if _HEX.match(run) is not None:
        raws.append(bytes.fromhex(run))
    else:
        try:
            raws.append(
                base64.b64decode(run.replace("-", "+").replace("_", "/") + "=" * (-len(run) % 4), validate=True)
            )
        except (binascii.Error, ValueError):
            return None
    for raw in raws:
        for codec in ("utf-8", "utf-16-le"):
            try:
                text = raw.decode(codec)
            except UnicodeDecodeError:
                continue
            if len(text) >= 6 and all(c.isprintable() or c in "\r\n\t" for c in text):
                return text
    return None
