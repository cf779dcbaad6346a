"""The STIX extension that our messages belong to, and its published schemas: the one reader of the room's own files."""

from __future__ import annotations

import functools
from importlib.resources import files
from typing import Any

import jsonschema_rs

from comity.canon import Json, loads

EXTENSION_ID = "extension-definition--9dd33dc5-6b31-4006-8e79-6284af490149"
"""One extension for all our messages; minted once at random, and never changed."""


@functools.cache
def extension_definition() -> Json:
    """The extension-definition object that travels with our messages (STIX 2.1 section 7.3)."""
    return _file("extension-definition.json")


@functools.cache
def bill_schema() -> Json:
    """The JSON Schema of a bill; the same file as `docs/schemas/comity-bill.json`."""
    return _file("comity-bill.json")


@functools.cache
def _validator() -> Any:
    return jsonschema_rs.Draft202012Validator(bill_schema())


def misfit(content: Json) -> str | None:
    """Where a would-be bill departs from its schema: a JSON Pointer and the rule that is broken; None if nowhere."""
    error = next(iter(_validator().iter_errors(content)), None)
    if error is None:
        return None
    pointer = "".join(f"/{part}" for part in error.instance_path)
    return f"{pointer or 'the whole of it'} breaks the rule {error.schema_path[-1]}"


def _file(name: str) -> Json:
    return loads((files("comity.messages") / "schemas" / name).read_bytes())
