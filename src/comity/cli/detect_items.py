"""Annotated items in, predictions out: what a default policy would do with what is detected (corpus/pii format)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any

from comity.canon import Category, Role
from comity.material import StixObject
from comity.privacy import Detection, detect, detect_event, detect_table, detect_text, rows, survey

# The format's names for our categories, and what is done by default: (name, action).
PSEUDONYMISE, REMOVE, KEEP = "pseudonymise", "remove", "keep"
DEFAULT: dict[Category, tuple[str, str]] = {
    Category.PERSON_NAME: ("person_name", PSEUDONYMISE),
    Category.EMAIL_ADDRESS: ("email", PSEUDONYMISE),
    Category.USERNAME: ("username", PSEUDONYMISE),
    Category.IPV4_ADDRESS: ("ipv4", PSEUDONYMISE),
    Category.IPV6_ADDRESS: ("ipv6", PSEUDONYMISE),
    Category.MAC_ADDRESS: ("mac", PSEUDONYMISE),
    Category.HOSTNAME: ("hostname", PSEUDONYMISE),
    Category.DEVICE_ID: ("device_id", PSEUDONYMISE),
    Category.ACCOUNT_ID: ("account_id", PSEUDONYMISE),
    Category.SOCIAL_HANDLE: ("social_handle", PSEUDONYMISE),
    Category.CRYPTO_WALLET: ("crypto_wallet", PSEUDONYMISE),
    Category.PHONE_NUMBER: ("phone", REMOVE),
    Category.POSTAL_ADDRESS: ("postal_address", REMOVE),
    Category.DATE_OF_BIRTH: ("date_of_birth", REMOVE),
    Category.NATIONAL_ID: ("national_id", REMOVE),
    Category.PASSPORT: ("passport", REMOVE),
    Category.IBAN: ("iban", REMOVE),
    Category.PAYMENT_CARD: ("payment_card", REMOVE),
    Category.VEHICLE_ID: ("licence_plate", REMOVE),
    Category.GPS_POSITION: ("gps", REMOVE),
    Category.SESSION_TOKEN: ("session_token", REMOVE),
    Category.PASSWORD: ("password", REMOVE),
    Category.API_KEY: ("api_key", REMOVE),
    **dict.fromkeys((c for c in Category if c.family == "special-category"), ("special_category", REMOVE)),
}
BY_DETECTOR = {"mobile-identity": ("imei", REMOVE), "home-folder": ("path_username", PSEUDONYMISE)}
# A person stays a person, whatever they did: these are acted on in every role.
_IN_EVERY_ROLE = frozenset({
    Category.PERSON_NAME, Category.DATE_OF_BIRTH, Category.NATIONAL_ID, Category.PASSPORT, Category.POSTAL_ADDRESS,
    Category.PAYMENT_CARD, Category.VEHICLE_ID, Category.GPS_POSITION,
}) | frozenset(c for c in Category if c.family == "special-category")  # fmt: skip
_THEIRS = frozenset({Role.ATTACKER, Role.ABUSED_HOST, Role.ORGANISATION})
_KEY = b"comity detect, tags that never leave the process"


def predictions(items: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """One `{"id", "spans"}` for each item."""
    for item in items:
        spans = []
        for prefix, detection in _detections(item):
            decided = _decided(detection)
            if decided is None:
                continue
            name, action = decided
            span = {"start": detection.start, "end": detection.end, "category": name, "action": action}
            if item["format"] != "text":
                span["path"] = prefix + detection.path
            spans.append(span)
        yield {"id": item["id"], "spans": spans}


def _detections(item: dict[str, Any]) -> Iterator[tuple[str, Detection]]:
    content = item["content"]
    if item["format"] == "stix":
        objects = [
            StixObject(id=str(o.get("id", "")), type=str(o.get("type", "")), content=o, place=f"objects/{index}")
            for index, o in enumerate(content.get("objects", ()))
        ]
        neighbourhood = survey(objects, _tag)
        for index, obj in enumerate(objects):
            for detection in detect(obj, neighbourhood):
                yield f"/objects/{index}", detection
    elif item["format"] == "misp":
        yield from (("", detection) for detection in detect_event(content))
    elif item["format"] == "csv":
        yield from (("", detection) for detection in detect_table(rows(content, item.get("delimiter", ","))))
    else:
        yield from (("", detection) for detection in detect_text(content))


def _decided(detection: Detection) -> tuple[str, str] | None:
    named = BY_DETECTOR.get(detection.detector) or DEFAULT.get(detection.category)
    if named is None:
        return None
    if detection.category is Category.CRYPTO_WALLET and detection.role is Role.UNKNOWN:
        return named[0], KEEP  # a wallet that nobody in the text holds is where the money went
    if detection.role in _THEIRS and detection.category not in _IN_EVERY_ROLE:
        return named[0], KEEP
    return named


def _tag(value: str) -> str:
    return hmac.digest(_KEY, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
