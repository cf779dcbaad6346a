"""National identity, tax and social security numbers, by the checksums of python-stdnum.

A scheme whose number could as well be any run of digits needs its name beside it or a strong structure (a birth date
and a check digit); one with a spelling of its own does not.
"""
# ruff: noqa: E501  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

from comity.canon import Category
from comity.privacy.detectors.linear import Linear, escape
from comity.privacy.detectors.shape import Detector, Found, Place
from comity.privacy.detectors.words import label_table


class Scheme(NamedTuple):
    """`alone`: confidence without its name beside it; 0 needs the name."""

    name: str
    module: str  # of stdnum
    pattern: str  # of the separated or compact spelling, anchored by the caller
    alone: float


SCHEMES = (
    Scheme("Estonian or Lithuanian personal code", "ee.ik", r"[1-8][0-9]{10}", 0.9),
    Scheme("Polish PESEL", "pl.pesel", r"[0-9]{11}", 0.82),
    Scheme("Turkish identity number", "tr.tckimlik", r"[1-9][0-9]{10}", 0.85),
    Scheme("Brazilian CPF", "br.cpf", r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", 0.97),
    Scheme("Brazilian CPF", "br.cpf", r"[0-9]{11}", 0.0),
    Scheme("Japanese My Number", "jp.in_", r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}", 0.0),
    Scheme("German tax identification number", "de.idnr", r"[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}", 0.0),
    Scheme(
        "French social security number",
        "fr.nir",
        r"[1-478] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?[0-9][0-9AB] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
        0.93,
    ),
    Scheme("Spanish DNI", "es.dni", r"[0-9]{8}[ -]?[A-HJ-NP-TV-Z]", 0.9),
    Scheme("Spanish NIE", "es.nie", r"[XYZ][ -]?[0-9]{7}[ -]?[A-HJ-NP-TV-Z]", 0.93),
    Scheme("Portuguese tax number", "pt.nif", r"[1-3][0-9]{2} ?[0-9]{3} ?[0-9]{3}", 0.0),
    Scheme("Portuguese citizen card", "pt.cc", r"[0-9]{8} ?[0-9] ?[A-Z0-9]{2}[0-9]", 0.9),
    Scheme("Ukrainian tax number", "ua.rntrc", r"[0-9]{10}", 0.0),
    Scheme(
        "Italian codice fiscale",
        "it.codicefiscale",
        r"[A-Z]{6}[0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]",
        0.98,
    ),
    Scheme("Dutch BSN", "nl.bsn", r"[0-9]{9}|[0-9]{4}\.[0-9]{2}\.[0-9]{3}", 0.0),
    Scheme("Belgian national number", "be.nn", r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}|[0-9]{11}", 0.9),
    Scheme("Finnish personal identity code", "fi.hetu", r"[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Y]", 0.95),
    Scheme("Swedish personal number", "se.personnummer", r"(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}", 0.9),
    Scheme("Danish CPR number", "dk.cpr", r"[0-9]{6}-[0-9]{4}", 0.85),
    Scheme("Norwegian birth number", "no.fodselsnummer", r"[0-9]{6} ?[0-9]{5}", 0.85),
    Scheme("Latvian personal code", "lv.pvn", r"[0-9]{6}-[0-9]{5}", 0.85),
    Scheme("Czech or Slovak birth number", "cz.rc", r"[0-9]{6}/[0-9]{3,4}", 0.92),
    Scheme("Romanian CNP", "ro.cnp", r"[1-9][0-9]{12}", 0.85),
    Scheme("Bulgarian EGN", "bg.egn", r"[0-9]{10}", 0.0),
    Scheme("Croatian OIB", "hr.oib", r"[0-9]{11}", 0.0),
    Scheme("Greek AMKA", "gr.amka", r"[0-9]{11}", 0.0),
    Scheme("Swiss AHV number", "ch.ssn", r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}", 0.95),
    Scheme("Austrian social insurance number", "at.vnr", r"[0-9]{4} ?[0-9]{6}", 0.0),
    Scheme("Irish PPS number", "ie.pps", r"[0-9]{7}[A-W][A-IW]?", 0.85),
    Scheme("British NHS number", "gb.nhs", r"[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}", 0.82),
    Scheme("British tax reference", "gb.utr", r"[0-9]{5} ?[0-9]{5}", 0.0),
    Scheme("United States social security number", "us.ssn", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", 0.9),
    Scheme("Canadian social insurance number", "ca.sin", r"[0-9]{3}[ -][0-9]{3}[ -][0-9]{3}", 0.0),
    Scheme("Egyptian national number", "eg.tn", r"[0-9]{3}-[0-9]{3}-[0-9]{3}", 0.0),
    Scheme("Korean resident number", "kr.rrn", r"[0-9]{6}-[0-9]{7}", 0.93),
    Scheme("Chinese resident number", "cn.ric", r"[0-9]{17}[0-9X]", 0.93),
    Scheme("Indian Aadhaar number", "in_.aadhaar", r"[2-9][0-9]{3} [0-9]{4} [0-9]{4}", 0.85),
    Scheme("South African identity number", "za.idnr", r"[0-9]{13}", 0.0),
    Scheme("Mexican CURP", "mx.curp", r"[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[0-9A-Z][0-9]", 0.97),
    Scheme("Israeli identity number", "il.idnr", r"[0-9]{9}", 0.0),
)
_NINO = Linear(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b")
_NINO_NEVER = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
# 2 or 3 (century), birth date, governorate, serial, check digit (not published, so not tested).
_EGYPT = Linear(
    r"\b[23][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)[0-9]{5}\b"
)
_CANDIDATE = Linear(r"(?i)\b[0-9A-Z]{1,18}(?:[ ./+-][0-9A-Z]{1,13}){0,6}\b")
_TOKENS = Linear(r"[0-9A-Za-z]+")


@cache
def _schemes() -> tuple[tuple[Scheme, Linear, Callable[[str], bool]], ...]:
    return tuple(
        (scheme, Linear(r"(?i)\b(?:" + scheme.pattern + r")\b"), import_module("stdnum." + scheme.module).is_valid)
        for scheme in SCHEMES
    )


@cache
def _any() -> Linear:
    """One pass that says where any scheme's spelling could start."""
    return Linear(
        r"(?i)\b(?:" + "|".join(sorted({scheme.pattern for scheme in SCHEMES}, key=len, reverse=True)) + r")\b"
    )


@cache
def _cue() -> Linear:
    words = [word for word, category in label_table().items() if category is Category.NATIONAL_ID]
    escaped = "|".join(escape(word).replace(r"\ ", r"[\s.-]?") for word in sorted(words, key=len, reverse=True))
    return Linear(rf"(?i)(?:{escaped})[^0-9]{{0,20}}$")


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _NINO.finditer(text):
        value = match.group().replace(" ", "")
        if not value.startswith(_NINO_NEVER):
            yield Found(
                match.start(), match.end(), Category.NATIONAL_ID, 0.9, "shape of a National Insurance number", value
            )
    for match in _EGYPT.finditer(text):
        yield Found(
            match.start(),
            match.end(),
            Category.NATIONAL_ID,
            0.88,
            "shape of an Egyptian national number",
            match.group(),
        )
    if _any().search(text) is None:
        return
    for scheme, pattern, valid in _schemes():
        for match in pattern.finditer(text):
            start, end = match.span()
            if _within_more(text, start, end):
                continue
            value = "".join(c for c in match.group() if c.isalnum()).upper()
            cued = place.label != "" and _cue().search(place.label.replace("_", " ").casefold()) is not None
            cued = cued or _cue().search(text[max(0, start - 60) : start]) is not None
            if (scheme.alone or cued) and _holds(valid, match.group(), value):
                confidence = 0.98 if cued else scheme.alone
                yield Found(start, end, Category.NATIONAL_ID, confidence, f"checksum of a {scheme.name} holds", value)


def _holds(valid: Callable[[str], bool], said: str, value: str) -> bool:
    try:
        return valid(value) or valid(said)
    except Exception:
        return False


def _within_more(text: str, start: int, end: int) -> bool:
    """Whether the digits go on: an amount, a hash, a longer number."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if (
        before[-1:] in {".", "-", "_", "/", "+", "="}
        and (len(before) == 1 or before[0].isalnum())
        and before[-1:] != "="
    ):
        return True
    return after[:1] in {"_"} or (after[:1] in {"-", "."} and after[1:2].isalnum())


DETECTOR = Detector(
    "national-id",
    1,
    r"[0-9]{6}|[0-9]{2} [0-9]{2} [0-9]{2}|[0-9]{2,5}[ .-][0-9]{2,5}[ .-][0-9]{2,5}|[0-9]{5} [0-9]{5}|[A-Za-z]{4}[0-9]{2}|[A-Z]{2} [0-9]{2}|[0-9]{4} [0-9]{6}|[0-9]{3} [0-9]{3}",
    find,
)
