"""Numbers of devices, subscribers and vehicles: IMEI, IMSI, ICCID, VIN, number plates, with their checks or their names."""
# ruff: noqa: E501, RUF001  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from stdnum import luhn

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place
from comity.privacy.detectors.words import fold_label

_IMEI = Linear(r"\b[0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9]\b")
_IMEI_CUE = Linear(r"(?i)(?:imei)[^0-9]*$")
_IMSI_CUE = Linear(r"(?i)\bimsi\b[^0-9]*$")
_FIFTEEN = Linear(r"\b[0-9]{14,15}\b")
_ICCID = Linear(r"\b89[0-9]{17,18}\b")
_VIN = Linear(r"\b[A-HJ-NPR-Z0-9]{17}\b")
_VIN_CUE = Linear(
    r"(?i)(?:\bvin\b|chassis|vehicle identification|fahrgestell\pL*|fin-?nummer|châssis|bastidor|chassi|nadwozi\pL*|vin-?код|"
    r"номер кузова|車台番号|車体番号|şasi|رقم الهيكل|الشاسيه|tehasetähis)[^0-9A-Za-z]*(?:(?i:no|number|nr|nummer|numéro)[^0-9A-Za-z]{0,4})?$"
)
_PLATE = Linear(
    r"(?i:(?:licen[cs]e plate|number plate|registration plate|plate number|\bplates?\b|vehicle registration|\breg\.|registration (?:no|number)|"
    r"kennzeichen|immatricul\pL+|plaque|matr[íi]cula|\bplaca\b|patente|chapa|tablic\pL+|rejestrac\pL+|номерн\pL+ знак\pL*|держ\.? ?номер\pL*|"
    r"автомобіл\pL+|авто з номером|ナンバー(?:プレート)?|車両番号|登録番号|plaka(?:sı|lı)?|لوحة(?: السيارة| رقم)?|رقم اللوحة|سيارة|numbrimär\pL+|registreerimismär\pL+|targa|kenteken))"
    r"[\s:=\"'「(#]{0,4}(?i:(?:number|no\.?|nr\.?|is|was|ist|est|es|é|to|jest|رقم|は)[\s:]{1,3})?"
    r"([\pL\pN]{1,5}(?:[ ·.-]{1,2}[\pL\pN]{1,5}){0,4})"
)
_DEVICE = Linear(
    r"(?i)(?:\bserial(?: (?:no|number|nr))?\.?|\bs/n|\bhwid|\bhardware id|\bdevice id|\budid|\bandroid[ _]id|\bmachine ?guid|\bseriennummer|"
    r"numéro de série|número de s[eé]rie|numer seryjny|серійний номер|シリアル(?:番号)?|製造番号|seri (?:no|numarası)|الرقم التسلسلي|seerianumber)"
    r"[\s:=#\"'(]{1,4}([0-9A-Za-z][0-9A-Za-z-]{5,39})"
)


def find_mobile(text: str, place: Place) -> Iterator[Found]:
    label = fold_label(place.label)
    for match in _IMEI.finditer(text):
        digits = match.group().replace("-", "")
        cued = _IMEI_CUE.search(text[max(0, match.start() - 20) : match.start()]) is not None or "imei" in label
        if not luhn.is_valid(digits) and not cued:
            continue
        if cued or digits[:2] in {"01", "35", "86", "99", "91", "45", "49"}:
            confidence = 0.98 if cued else 0.85
            yield Found(
                match.start(),
                match.end(),
                Category.DEVICE_ID,
                confidence,
                "an IMEI: fifteen digits with their check digit or its name",
                digits,
            )
    for match in _FIFTEEN.finditer(text):
        if _IMSI_CUE.search(text[max(0, match.start() - 20) : match.start()]) is not None or "imsi" in label:
            yield Found(
                match.start(),
                match.end(),
                Category.DEVICE_ID,
                0.97,
                "a subscriber's number (IMSI) after its name",
                match.group(),
            )
    for match in _ICCID.finditer(text):
        if luhn.is_valid(match.group()):
            yield Found(
                match.start(),
                match.end(),
                Category.DEVICE_ID,
                0.93,
                "check digit of a SIM card's number holds",
                match.group(),
            )


def find_device(text: str, place: Place) -> Iterator[Found]:
    for match in _DEVICE.finditer(text):
        if any(c.isdecimal() for c in match.group(1)):
            yield Found(
                match.start(1),
                match.end(1),
                Category.DEVICE_ID,
                0.9,
                "a device's number after its name",
                match.group(1).casefold(),
                named=True,
            )


def find_vehicle(text: str, place: Place) -> Iterator[Found]:
    for match in _VIN.finditer(text):
        said = match.group()
        if said.isdecimal() or said.isalpha():
            continue
        cued = (
            _VIN_CUE.search(text[max(0, match.start() - 40) : match.start()]) is not None
            or fold_label(place.label) == "vin"
        )
        if cued or _vin_check(said):
            yield Found(
                match.start(),
                match.end(),
                Category.VEHICLE_ID,
                0.96 if cued else 0.85,
                "a vehicle identification number",
                said,
            )
    for match in _PLATE.finditer(text):
        said = match.group(1)
        start = match.start(1)
        kept = _plate(said)
        if kept:
            yield Found(
                start, start + len(kept), Category.VEHICLE_ID, 0.9, "a number plate after a word for one", kept.upper()
            )


def _plate(said: str) -> str:
    """The head of what follows that a plate can be: letters and digits, in at most twelve characters."""
    words = said.split(" ")
    while words and not any(c.isdecimal() for c in words[-1]) and (len(words[-1]) > 3 or words[-1].islower()):
        words.pop()
    kept = " ".join(words)
    solid = [c for c in kept if c.isalnum()]
    if 4 <= len(solid) <= 11 and any(c.isdecimal() for c in solid) and not all(c.isdecimal() for c in solid):
        return kept
    return ""


def _vin_check(said: str) -> bool:
    """ISO 3779 as used in North America: the ninth character is the weighted sum modulo 11."""
    values = dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    )
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    total = sum((int(c) if c.isdecimal() else values[c]) * w for c, w in zip(said, weights, strict=True))
    return said[8] == ("X" if total % 11 == 10 else str(total % 11)) and said[-4:].isdecimal()


MOBILE = Detector("mobile-identity", 1, r"[0-9]{2}-?[0-9]{6}-?[0-9]{6}", find_mobile)
DEVICE = Detector("device-number", 1, _DEVICE.pattern, find_device)
VEHICLE = Detector("vehicle", 1, r"[A-HJ-NPR-Z0-9]{17}|" + _PLATE.pattern.split(r"[\s:=", 1)[0], find_vehicle)
