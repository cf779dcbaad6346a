"""What stands where a fact was deleted: rows are gone, everything else is unknown, which is never permission."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from comity.law.inheritance import Table
from comity.law.shapes import RIGHTS

ROWS = ("statutes", "legal_bases", "restrictions", "breach_duties")  # sections whose rows have ids of their own

_RIGHT = {"available": "unknown"}
_GONE = "deleted from this law pack"
UNKNOWN: dict[str, dict[str, Any]] = {
    "international": dict.fromkeys(
        (
            "convention_108", "convention_108_plus", "budapest", "budapest_second_protocol",
            "un_cybercrime_convention", "global_cbpr",
        ),
        "unknown",
    ),
    "personal_data": {
        "ip_address": "unknown", "ip_address_note": _GONE, "legal_persons": "unknown", "deceased": "unknown",
        "special_categories": ["unknown"], "criminal_data": "unknown", "citation": _GONE,
    },
    "exemptions": {"national_security": "unknown", "law_enforcement": "unknown", "citation": _GONE},
    "transfers": {
        "model": "unknown", "adequacy_full": [], "adequacy_partial": [], "citation": _GONE, "mechanisms": [],
        "onward": {"rule": "unknown", "citation": _GONE},
    },
    "localisation": {"level": "unknown", "data": ["unknown"], "citation": _GONE},
    "rights": {
        "response_deadline": "unknown", "extension": "unknown", "clock_start": "receipt", "calendar": "elapsed",
        "citation": _GONE, "security_refusal_grounds": [], **dict.fromkeys(RIGHTS, _RIGHT),
    },
    "retention": {"principle": "unknown", "citation": _GONE},
    "governance": {"dpia": "unknown", "dpo": "unknown", "records": "unknown", "citation": _GONE},
    "cti_sharing": {"safe_harbour": "unknown", "cross_border_incident_law": _GONE, "citation": _GONE},
}  # fmt: skip


def slug(text: str) -> str:
    """The part of a fact id that is made from a row's words: "incident register" -> "incident_register"."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def without(code: str, table: Table, removed: Collection[str]) -> Table:
    """A resolved jurisdiction without the facts whose ids are in `removed` (see `citations`)."""
    here = code.lower()
    gone = {name.removeprefix(here + ".") for name in removed if name.startswith(here + ".")}
    out = dict(table)
    for section in ROWS:
        out[section] = [
            row for row in table.get(section, ()) if row["id"] not in removed and f"{section}.{row['id']}" not in gone
        ]
    out["authorities"] = [row for row in table["authorities"] if f"authorities.{row['role']}" not in gone]
    for section, unknown in UNKNOWN.items():
        out[section] = dict(unknown) if section in gone else _keys(section, table[section], unknown, gone)
    transfers, retention, sharing = out["transfers"], out["retention"], out["cti_sharing"]
    transfers["mechanisms"] = [row for row in transfers["mechanisms"] if f"transfers.{row['id']}" not in gone]
    retention["logs"] = [row for row in retention.get("logs", ()) if f"retention.logs.{slug(row['what'])}" not in gone]
    sharing["frameworks"] = [row for row in sharing.get("frameworks", ()) if row["id"] not in removed]
    return out


def _keys(section: str, table: Table, unknown: dict[str, Any], gone: Collection[str]) -> Table:
    kept = {key: value for key, value in table.items() if f"{section}.{key}" not in gone}
    lost = {key: unknown[key] for key in table.keys() - kept.keys() if key in unknown}
    return {**kept, **lost}
