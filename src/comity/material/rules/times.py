"""Timestamps: real moments in UTC, and pairs that do not run backwards (STIX 2.1 section 3.2 and each type)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from comity.canon import NaiveTime, parse_instant
from comity.material.rules.breach import Breach, Content, breach

TIMESTAMPS = frozenset({
    "created", "modified", "first_seen", "last_seen", "first_observed", "last_observed", "valid_from", "valid_until",
    "start_time", "stop_time", "published", "submitted", "analysis_started", "analysis_ended", "object_modified",
    "start", "end", "ctime", "mtime", "atime", "date", "created_time", "modified_time", "account_created",
    "account_expires", "credential_last_changed", "account_first_login", "account_last_login", "validity_not_before",
    "validity_not_after", "private_key_usage_period_not_before", "private_key_usage_period_not_after",
    "time_date_stamp",
})  # fmt: skip
# Unambiguous at every character, so Python's engine, which is quicker to call than RE2, is linear on it.
_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z", re.ASCII)

# (type or "" for any, earlier, later, whether they must differ, section)
_PAIRS = (
    ("", "created", "modified", False, "3.2"),
    ("", "first_seen", "last_seen", False, "4"),
    ("observed-data", "first_observed", "last_observed", False, "4.14"),
    ("indicator", "valid_from", "valid_until", True, "4.7"),
    ("relationship", "start_time", "stop_time", True, "5.1"),
    ("network-traffic", "start", "end", False, "6.12"),
    ("malware-analysis", "analysis_started", "analysis_ended", False, "4.12"),
)


@lru_cache(maxsize=4096)
def is_moment(text: str) -> bool:
    """Whether this is `YYYY-MM-DDTHH:mm:ss[.s+]Z` and such a moment exists."""
    if not _FORM.fullmatch(text):
        return False
    try:
        parse_instant(text[:19] + "Z")
    except NaiveTime:
        return False
    return True


def real_moment(value: Any) -> str | None:
    """Section 2.16."""
    if isinstance(value, str) and is_moment(value):
        return None
    return "is no moment in UTC written as YYYY-MM-DDTHH:mm:ss[.s]Z"


def versions_to_the_millisecond(content: Content) -> Iterator[Breach]:
    """Section 3.2: created and modified carry at least three fraction digits."""
    if content.get("type") == "marking-definition":
        return
    for name in ("created", "modified"):
        value = content.get(name)
        if isinstance(value, str) and is_moment(value) and len(value) < len("2026-11-23T10:00:00.000Z"):
            yield breach("3.2", f"/{name}", "is not given to the millisecond")


def not_backwards(content: Content) -> Iterator[Breach]:
    """Compared as instants, however many fraction digits each is written with."""
    for stix_type, earlier, later, strictly, section in _PAIRS:
        if stix_type and content.get("type") != stix_type:
            continue
        first, second = content.get(earlier), content.get(later)
        if not (isinstance(first, str) and isinstance(second, str) and is_moment(first) and is_moment(second)):
            continue
        left, right = _instant(first), _instant(second)
        if right < left or (strictly and left == right):
            yield breach(section, f"/{later}", f"is not after {earlier}" if strictly else f"is before {earlier}")


def _instant(text: str) -> tuple[str, str]:
    """A key that sorts as the moments do: fraction digits sort as text once their trailing zeros are gone."""
    return text[:19], text[20:-1].rstrip("0")
