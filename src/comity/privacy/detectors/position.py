"""Where somebody is: a latitude and a longitude, in decimals or in degrees and minutes."""
# ruff: noqa: E501  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place

_DECIMAL = Linear(
    r"(?P<a>[-+]?[0-9]{1,3}\.[0-9]{3,10})\x{00b0}?\s?(?P<ns>[NSns])?\s?[,;/ ]\s?(?P<b>[-+]?[0-9]{1,3}\.[0-9]{3,10})\x{00b0}?\s?(?P<ew>[EWewO])?"
)
_SEXAGESIMAL = Linear(
    r"[0-9]{1,2}\x{00b0}\s?[0-9]{1,2}['\x{2032}\x{2019}]\s?(?:[0-9]{1,2}(?:\.[0-9]+)?[\"\x{2033}\x{201d}]?)?\s?[NS][,;\s]{1,3}"
    r"[0-9]{1,3}\x{00b0}\s?[0-9]{1,2}['\x{2032}\x{2019}]\s?(?:[0-9]{1,2}(?:\.[0-9]+)?[\"\x{2033}\x{201d}]?)?\s?[EWO]"
)


def find_position(text: str, place: Place) -> Iterator[Found]:
    for match in _DECIMAL.finditer(text):
        latitude, longitude = float(match.group("a")), float(match.group("b"))
        if abs(latitude) > 90 or abs(longitude) > 180 or text[match.start() - 1 : match.start()].isalnum():
            continue
        sure = (
            match.group("ns") is not None or text.strip() == match.group().strip() or _decimals(match.group("a")) >= 4
        )
        yield Found(
            match.start(),
            match.end(),
            Category.GPS_POSITION,
            0.93 if sure else 0.75,
            "a latitude and a longitude",
            match.group(),
        )
    for match in _SEXAGESIMAL.finditer(text):
        yield Found(
            match.start(),
            match.end(),
            Category.GPS_POSITION,
            0.96,
            "a latitude and a longitude in degrees and minutes",
            match.group(),
        )


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


POSITION = Detector("gps-position", 1, r"[0-9]{1,3}\.[0-9]{3,}\x{00b0}?\s?[NSns]?\s?[,;/ ]|\x{00b0}", find_position)
