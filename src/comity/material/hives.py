"""Windows registry keys by their full names: STIX does not take abbreviated hives (section 6.17)."""

from __future__ import annotations

_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}


def full_key(key: str) -> str:
    """The key with its hive written out: `HKLM\\System` is `HKEY_LOCAL_MACHINE\\System`."""
    hive, slash, rest = key.partition("\\")
    return _HIVES.get(hive.upper(), hive) + slash + rest
