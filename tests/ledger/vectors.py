"""The published vectors that these tests read; where they are from is in tests/vectors/SOURCES.md."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "vectors"


def vectors(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def unbase64(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]
