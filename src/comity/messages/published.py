"""The STIX extension that our messages belong to, and its published schemas: the one reader of the room's own files."""

from __future__ import annotations

import functools
from importlib.resources import files

import jsonschema_rs

from comity.canon import Json, loads

EXTENSION_ID = "extension-definition--9dd33dc5-6b31-4006-8e79-6284af490149"
"""One extension for all our messages; minted once at random, and never changed."""

_SHARED = "message"  # comity-message.json: definitions that the schemas of messages refer to


@functools.cache
def extension_definition() -> Json:
    """The extension-definition object that travels with our messages (STIX 2.1 section 7.3)."""
    return _file("extension-definition.json")


@functools.cache
def message_schema(kind: str) -> Json:
    """The JSON Schema of a kind of message, as `receipt`; the same file as `docs/schemas/comity-<kind>.json`."""
    return _file(f"comity-{kind}.json")


def bill_schema() -> Json:
    """The JSON Schema of a bill."""
    return message_schema("bill")


def misfit(kind: str, content: Json) -> str | None:
    """Where a would-be message departs from its schema: a JSON Pointer and the rule that is broken; None if nowhere."""
    error = next(iter(_validator(kind).iter_errors(content)), None)
    if error is None:
        return None
    pointer = "".join(f"/{part}" for part in error.instance_path)
    return f"{pointer or 'the whole of it'} breaks the rule {error.schema_path[-1]}"


@functools.cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    """Built once; expressions run on an engine whose time is linear (attack A19), and nothing is ever fetched."""
    shared = message_schema(_SHARED)
    return jsonschema_rs.validator_for(
        message_schema(kind),
        registry=jsonschema_rs.Registry([(shared["$id"], shared)], draft=jsonschema_rs.Draft202012),
        validate_formats=True,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _file(name: str) -> Json:
    return loads((files("comity.messages") / "schemas" / name).read_bytes())
