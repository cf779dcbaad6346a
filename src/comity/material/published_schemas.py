"""The OASIS JSON schemas of STIX 2.1, with the corrections they need. The one file of this room that reads its data.

Nothing is read on import, and nothing is ever fetched: a schema is read when the first object of its type comes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

Schema = dict[str, Any]

_IMPACTS = ("availability", "confidentiality", "external", "integrity", "monetary", "physical", "traceability")
_FOLDERS = ("common", "sdos", "sros", "observables")


def _exactly_one_of_lang_and_marking(schema: Schema) -> None:
    """Section 7.2.3.1: a granular marking holds `lang` or `marking_ref`; the schema demands `marking_ref` always."""
    schema["required"] = ["selectors"]
    schema["oneOf"] = [{"required": ["lang"]}, {"required": ["marking_ref"]}]
    # Dictionary keys may be upper case (`hashes.MD5`); `selectors.find` knows the grammar and what is there.
    schema["properties"]["selectors"]["items"].pop("pattern")


def _addresses_by_their_own_rule(schema: Schema) -> None:
    """The expression lost its backslashes (`s*`, `1dd`), so it takes `s::1` and refuses `::ffff:192.0.2.1`."""
    schema["allOf"][1]["properties"]["value"].pop("pattern")


def _whole_hive_names(schema: Schema) -> None:
    """Section 6.17: hives are not abbreviated. The schema's expression forbids `hku` anywhere in a key.

    Ours forbids it where a hive stands: at the start, and where some tools write a second one into the key.
    """
    short = r"(HKLM|HKCC|HKCR|HKCU|HKU)\b"
    schema["allOf"][1]["properties"]["key"]["not"]["pattern"] = rf"(?i)^\W*{short}|[|,;(]\s*{short}"
    schema["anyOf"].append({"required": ["modified_time"]})  # the schema says `modified`, which no key has


def _created_time(schema: Schema) -> None:
    """Section 6.13: the property is `created_time`; the list of those of which one must be there says `created`."""
    schema["anyOf"].append({"required": ["created_time"]})


CORRECTIONS: dict[str, Callable[[Schema], None]] = {
    "common/granular-marking.json": _exactly_one_of_lang_and_marking,
    "observables/ipv6-addr.json": _addresses_by_their_own_rule,
    "observables/windows-registry-key.json": _whole_hive_names,
    "observables/process.json": _created_time,
}


@cache
def published() -> dict[str, Schema]:
    """Every schema by its file, as `sdos/indicator.json`, corrected."""
    root = files("comity.material") / "schemas"
    found: dict[str, Schema] = {}
    for folder in _FOLDERS:
        for entry in (root / folder).iterdir():
            if entry.name.endswith(".json"):
                name = f"{folder}/{entry.name}"
                found[name] = json.loads(entry.read_text("utf-8"))
                if name in CORRECTIONS:
                    CORRECTIONS[name](found[name])
    found["sdos/impact.json"] = _impact(found["common/core.json"])
    return found


def _impact(core: Schema) -> Schema:
    """The incident extension's impact, whose published examples name its parts without an extension's id."""
    schema = copy.deepcopy(core)
    schema["$id"] = schema["$id"].replace("common/core", "sdos/impact")
    schema["properties"]["extensions"]["properties"] = {name: {"type": "object"} for name in _IMPACTS}
    return schema


def file_of(stix_type: str, *, observable: bool = False) -> str:
    """The schema file for a type. Unknown types have the schema of all SDOs, or of all cyber-observables."""
    for folder in _FOLDERS:
        name = f"{folder}/{stix_type}.json"
        if name in published() and (folder != "common" or stix_type in _META):
            return name
    return "common/cyber-observable-core.json" if observable else "common/core.json"


_META = frozenset({"marking-definition", "extension-definition", "language-content"})


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry(
        [(schema["$id"], schema) for schema in published().values()], draft=jsonschema_rs.Draft202012
    )


@cache
def validator(name: str) -> jsonschema_rs.Validator:
    """The validator of one schema file, built once. Expressions run on an engine whose time is linear (A19)."""
    return jsonschema_rs.validator_for(
        published()[name],
        registry=_registry(),
        validate_formats=True,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(),
        email_options=jsonschema_rs.EmailOptions(allow_display_text=False),  # section 6.5: an address, no name
    )
