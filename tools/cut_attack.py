"""Cut a slice of MITRE ATT&CK for the demo: ransomware in industrial control, who uses it, how, and what helps.

    python tools/cut_attack.py ics-attack-18.1.json src/comity/demo/data/attack-ics-slice.json

The input is the bundle that MITRE publishes (attack-stix-data, `ics-attack/ics-attack-18.1.json`, gzipped or not).
Objects are taken as they are and in their order, so the same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

SOFTWARE = frozenset(("Conficker", "EKANS", "LockerGoga", "REvil", "Ryuk"))
GROUPS = frozenset(("FIN6", "GOLD SOUTHFIELD", "Wizard Spider"))
MITIGATIONS = frozenset(("Data Backup", "Network Segmentation", "User Training"))
# Types outside STIX 2.1, one of each: an agreement that does not list them refuses them by name.
CUSTOM = frozenset(("Data Historian", "Impact"))
CUSTOM_TYPES = frozenset(("x-mitre-asset", "x-mitre-tactic"))
ALWAYS = frozenset(("identity", "marking-definition"))


def cut(bundle: dict[str, Any]) -> dict[str, Any]:
    """The chosen software, groups and mitigations, every technique the software uses, and all ties among them."""
    objects = [o for o in bundle["objects"] if not (o.get("revoked") or o.get("x_mitre_deprecated"))]
    kept = {o["id"] for o in objects if _chosen(o)}
    software = {o["id"] for o in objects if o["id"] in kept and o["type"] == "malware"}
    for o in objects:
        if o["type"] == "relationship" and o["relationship_type"] == "uses" and o["source_ref"] in software:
            kept.add(o["target_ref"])
    kept |= {o["id"] for o in objects if o["type"] == "relationship" and {o["source_ref"], o["target_ref"]} <= kept}
    return {"type": "bundle", "id": bundle["id"], "objects": [o for o in objects if o["id"] in kept]}


def _chosen(o: dict[str, Any]) -> bool:
    names = {
        "malware": SOFTWARE,
        "intrusion-set": GROUPS,
        "course-of-action": MITIGATIONS,
        **dict.fromkeys(CUSTOM_TYPES, CUSTOM),
    }
    return o["type"] in ALWAYS or o.get("name") in names.get(o["type"], ())


def read(source: Path) -> dict[str, Any]:
    data = source.read_bytes()
    bundle: dict[str, Any] = json.loads(gzip.decompress(data) if source.suffix == ".gz" else data)
    return bundle


def written(bundle: dict[str, Any]) -> str:
    return json.dumps(bundle, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(written(cut(read(Path(sys.argv[1])))), encoding="utf-8")
