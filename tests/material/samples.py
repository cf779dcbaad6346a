"""Published vectors and real documents that these tests read; where they are from is in the SOURCES.md beside them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from comity.material import StixObject, decompressed

VECTORS = Path(__file__).parents[1] / "vectors"
CORPUS = Path(__file__).parents[1] / "corpus"
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
UUID = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"


def vectors(name: str) -> Any:
    return json.loads((VECTORS / name).read_text("utf-8"))


def document(name: str) -> bytes:
    """A real document, taken out of gzip where it is kept compressed."""
    return decompressed((CORPUS / name).read_bytes())


def documents(folder: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for path in (CORPUS / folder).iterdir())


def indicator(**changes: Any) -> dict[str, Any]:
    """A valid indicator; a property changed to None is left out."""
    content = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{UUID}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "pattern": "[ipv4-addr:value = '198.51.100.1']",
        "pattern_type": "stix",
        "valid_from": "2026-01-01T00:00:00Z",
        **changes,
    }
    return {name: value for name, value in content.items() if value is not None}


def sdo(stix_type: str, **changes: Any) -> dict[str, Any]:
    """The common properties of a domain or relationship object, and what is given."""
    return {
        "type": stix_type,
        "spec_version": "2.1",
        "id": f"{stix_type}--{UUID}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        **changes,
    }


def sco(stix_type: str, **changes: Any) -> dict[str, Any]:
    return {"type": stix_type, "spec_version": "2.1", "id": f"{stix_type}--{UUID}", **changes}


def stix(content: dict[str, Any]) -> StixObject:
    return StixObject(id=content["id"], type=content["type"], content=content, place="objects/0")


def bundle(*objects: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": f"bundle--{UUID}", **more, "objects": list(objects)}).encode()
