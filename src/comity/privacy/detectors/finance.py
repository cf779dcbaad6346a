"""Bank accounts, payment cards and wallets, by their checksums."""
# ruff: noqa: E501  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from stdnum import iban as iban_rules
from stdnum import luhn

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place

_IBAN = Linear(r"\b[A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,30}")
_CARD = Linear(r"[0-9](?:[ -]?[0-9]){12,18}")
_CVV = Linear(
    r"(?i)(?:\b(?:cvv2?|cvc2?|cid|security code|card verification|code on the back|prüfnummer|prüfziffer|cryptogramme|"
    r"código de seguridad|código de segurança|kod cvv|güvenlik kodu)\b|код безпеки|セキュリティコード|رمز الأمان)[^0-9]*([0-9]{3,4})\b"
)
# ISO/IEC 7812 ranges in use: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir.
_IIN = Linear(
    r"^(?:4[0-9]{12}(?:[0-9]{3}(?:[0-9]{3})?)?|(?:5[1-5][0-9]{2}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720))[0-9]{12}|"
    r"3[47][0-9]{13}|6(?:011|5[0-9]{2}|4[4-9][0-9])[0-9]{12,15}|3(?:0[0-59]|[689][0-9])[0-9]{11,13}|35(?:2[89]|[3-8][0-9])[0-9]{12,15}|"
    r"62[0-9]{14,17}|(?:5018|5020|5038|5[68][0-9]{2}|6304|6759|676[1-3])[0-9]{8,15}|220[0-4][0-9]{12})$"
)
_BASE58 = Linear(r"\b[13LMDXrTt][1-9A-HJ-NP-Za-km-z]{25,34}\b")
_BECH32 = Linear(r"(?i)\b(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,87}\b")
_ETH = Linear(r"\b0x[0-9a-fA-F]{40}\b")
_XMR = Linear(r"\b[48][1-9A-HJ-NP-Za-km-z]{94}(?:[1-9A-HJ-NP-Za-km-z]{11})?\b")
_ALPHABET = {c: i for i, c in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_CHARSET = {c: i for i, c in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}


def find_iban(text: str, place: Place) -> Iterator[Found]:
    for match in _IBAN.finditer(text):
        start, said = match.start(), match.group()
        if not said[:2].isupper() or text[start - 1 : start].isalnum():
            continue
        compact = [i for i, c in enumerate(said) if c.isalnum()]
        # The longest head whose check digits hold: words may follow an account without a stop.
        for size in range(min(len(compact), 34), 14, -1):
            value = "".join(said[i] for i in compact[:size]).upper()
            if not _mod97(value):
                continue
            if iban_rules.is_valid(value, check_country=False):
                end = start + compact[size - 1] + 1
                if not text[end : end + 1].isalnum():
                    yield Found(start, end, Category.IBAN, 0.98, "check digits of an IBAN hold", value)
                    break


def _mod97(value: str) -> bool:
    """ISO 7064: the quick half of the check, before the country's own structure."""
    return int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def find_card(text: str, place: Place) -> Iterator[Found]:
    for match in _CARD.finditer(text):
        start, end = match.span()
        if _touches(text, start, end):
            continue
        digits = "".join(c for c in match.group() if c.isdecimal())
        if _IIN.match(digits) is not None and luhn.is_valid(digits) and len(set(digits)) > 1:
            grouped = len(digits) < end - start
            yield Found(
                start,
                end,
                Category.PAYMENT_CARD,
                0.97 if grouped else 0.93,
                "check digit and issuer range of a payment card",
                digits,
            )
    for match in _CVV.finditer(text):
        yield Found(
            match.start(1),
            match.end(1),
            Category.PAYMENT_CARD,
            0.9,
            "a card's security code after its name",
            match.group(1),
        )


def find_wallet(text: str, place: Place) -> Iterator[Found]:
    for match in _BASE58.finditer(text):
        if _base58check(match.group()):
            yield _wallet(match.start(), match.end(), 0.98, "checksum of a wallet address holds", match.group())
    for match in _BECH32.finditer(text):
        if _bech32(match.group()):
            yield _wallet(match.start(), match.end(), 0.98, "checksum of a wallet address holds", match.group().lower())
    for match in _ETH.finditer(text):
        yield _wallet(match.start(), match.end(), 0.9, "shape of an Ethereum address", match.group().lower())
    for match in _XMR.finditer(text):
        yield _wallet(match.start(), match.end(), 0.93, "shape of a Monero address", match.group())


def _wallet(start: int, end: int, confidence: float, why: str, value: str) -> Found:
    return Found(start, end, Category.CRYPTO_WALLET, confidence, why, value)


def _base58check(said: str) -> bool:
    number = 0
    for char in said:
        number = number * 58 + _ALPHABET[char]
    raw = number.to_bytes(40, "big").lstrip(b"\0")
    raw = b"\0" * (len(said) - len(said.lstrip("1"))) + raw
    if len(raw) != 25:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def _bech32(said: str) -> bool:
    """BIP 173 and BIP 350: the polymod of a Bech32 or Bech32m string."""
    prefix, _, data = said.lower().rpartition("1")
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + [_CHARSET.get(c, 0) for c in data]
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                checksum ^= generator
    return checksum in (1, 0x2BC830A3)


def _touches(text: str, start: int, end: int) -> bool:
    """Whether the digits are part of something longer: a hash, an identifier, a decimal number."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return (bool(before) and ((before.isascii() and before.isalnum()) or before in "._-/+")) or (
        (after.isascii() and after.isalnum())
        or after in {"_"}
        or (after in {".", "-", "/"} and text[end + 1 : end + 2].isdecimal())
    )


IBAN = Detector("iban", 1, r"[A-Za-z]{2}[0-9]{2}[ -]?[0-9A-Za-z]{4}[ -]?[0-9A-Za-z]{4}", find_iban)
CARD = Detector(
    "payment-card",
    1,
    r"(?i)[0-9](?:[ -]?[0-9]){12}|cvv|cvc|\bcid\b|security code|verification|on the back|prüf|cryptogramme|seguridad|segurança|güvenlik|безпеки|セキュリティ|رمز",
    find_card,
)
WALLET = Detector(
    "crypto-wallet",
    1,
    r"[13LMDXrTt48][1-9A-HJ-NP-Za-km-z]{25}|(?i:\b(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11})|0x[0-9a-fA-F]{40}",
    find_wallet,
)
