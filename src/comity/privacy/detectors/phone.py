"""Telephone numbers, by the numbering plans of phonenumbers; a national number needs a country whose plan it fits."""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place
from comity.privacy.detectors.words import category_of_label

_CANDIDATE = Linear(r"(?:\+|00)?\(?[0-9](?:[ ./()\x{00a0}-]{0,2}[0-9]){6,15}")
_CUE = Linear(
    r"(?i)(?:\b(?:phone|tel|telephone|mobile|cell|cellphone|call(?:ed|s|ing)?|fax|sms|whatsapp|signal|dial(?:l?ed)?|ring|"
    r"rang|reach(?:ed|able)?|number|contact|ext|m|t|handy|mobil|telefon(?:isch)?|rückruf|durchwahl|tél|téléphone|portable|"
    r"joignable|teléfono|móvil|celular|llam\pL+|ramal|telefone|telem[óo]vel|lig(?:ou|ar)|numer|kom[óo]rk\pL+|dzwoni\pL+|wew|"
    r"тел|телефон\pL*|номер\pL*|моб|дзвонив|подзвон\pL*|cep|dahili|aradı|telefonu|numaras\pL*|helista\pL*)\b|"
    r"電話|携帯|内線|連絡先|هاتف|الهاتف|جوال|رقم|اتصل)[^0-9+]*$"
)
_QUAD = Linear(r"[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}")
_EXTENSION = Linear(r"(?i),? ?(?:ext|extension|x|poste|durchwahl|int|wew|доб|dahili)\.? ?[0-9]{1,5}")
# Countries whose national spelling is recognised, by the languages Comity speaks first.
_REGIONS = ("US", "GB", "DE", "FR", "ES", "PT", "BR", "PL", "UA", "JP", "TR", "EG", "SA", "AE", "EE", "IT", "NL", "BE", "AT", "CH",
            "SE", "FI", "NO", "DK", "CZ", "SK", "MX", "IE", "AU", "IN", "LT", "LV", "MA", "JO")  # fmt: skip


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _CANDIDATE.finditer(text):
        start, end = match.span()
        said = match.group()
        if _QUAD.search(said) is not None:
            continue
        extension = _EXTENSION.match(text[end : end + 20])
        if extension is not None:
            end += extension.end()
        before = text[start - 1 : start] if start else ""
        if before and ((before.isascii() and before.isalnum()) or before in "._-/=+%@#&$€£"):
            continue
        after = text[end : end + 1]
        if after and (
            (after.isascii() and after.isalpha())
            or after in "_@%"
            or (after in "-/:." and text[end + 1 : end + 2].isalnum())
        ):
            continue
        digits = "".join(c for c in said if c.isdecimal())
        international = said.startswith("+") or (said.startswith("00") and len(digits) > 10)
        if international:
            number = "+" + (digits[2:] if said.startswith("00") else digits)
            quality = _international(number)
            if quality:
                yield Found(
                    start, end, Category.PHONE_NUMBER, quality, "a number of an international numbering plan", number
                )
            continue
        cued = (
            _CUE.search(text[max(0, start - 40) : start]) is not None
            or category_of_label(place.label) is Category.PHONE_NUMBER
        )
        grouped = len(digits) < len(said)
        if not cued and (not grouped or _dotted_only(said)):
            continue
        region = _national(said)
        if cued and (region or 7 <= len(digits) <= 13):
            yield Found(
                start,
                end,
                Category.PHONE_NUMBER,
                0.93 if region else 0.8,
                "a telephone number after a word for one",
                digits,
            )
        elif region and (said[0] in "0(" or "(" in said) and len(digits) >= 9:
            yield Found(
                start, end, Category.PHONE_NUMBER, 0.85, "a number of a national numbering plan, grouped as one", digits
            )


@lru_cache(maxsize=4096)
def _international(number: str) -> float:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return 0.0
    if phonenumbers.is_valid_number(parsed):
        return 0.97
    return 0.85 if phonenumbers.is_possible_number(parsed) else 0.0


@lru_cache(maxsize=4096)
def _national(said: str) -> str:
    for region in _REGIONS:
        try:
            parsed = phonenumbers.parse(said, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return region
    return ""


def _dotted_only(said: str) -> bool:
    return not any(c in " ()-" for c in said)


DETECTOR = Detector(
    "phone-number",
    1,
    r"[0-9][ ./()\x{00a0}-]{0,2}[0-9][ ./()\x{00a0}-]{0,2}[0-9][ ./()\x{00a0}-]{0,2}[0-9][ ./()\x{00a0}-]{0,2}[0-9][ ./()\x{00a0}-]{0,2}[0-9][ ./()\x{00a0}-]{0,2}[0-9]",
    find,
)
