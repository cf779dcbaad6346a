"""The JSON Schema of the language, written from the classes of the grammar, for editors."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from comity.agreement.grammar.text import AgreementText

ADDRESS = "https://comity.example/schemas/agreement.schema.json"


def json_schema() -> dict[str, Any]:
    """Draft 2020-12. What it accepts still has to parse: it cannot say that ids are unique or that laws resolve."""
    (top,), definitions = msgspec.json.schema_components((AgreementText,), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ADDRESS,
        "title": "Comity data sharing agreement",
        "description": inspect.getdoc(AgreementText),
        **top,
        "$defs": dict(sorted(definitions.items())),
    }
