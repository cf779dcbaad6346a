"""The catalogue is total: no property of the OASIS schemas is read by accident, and nothing unknown is skipped."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from comity.canon import Category
from comity.privacy.catalogue import entry, fields

SCHEMAS = files("comity.material") / "schemas"
READERS = {
    "none", "word", "text", "title", "citation", "value", "identity-name", "pattern", "path", "command-line", "url",
    "email-header", "x509-subject", "unreadable", "translation",
}  # fmt: skip


def properties(schema, above=""):
    """Every property path a schema declares, its combinations and list items included."""
    for name, inner in schema.get("properties", {}).items():
        yield above + name
        if isinstance(inner, dict):
            yield from properties(inner, above + name + ".")
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, []):
            yield from properties(part, above)
    for part in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict):
            yield from properties(part, above)
    for name, part in schema.get("patternProperties", {}).items():
        plain = name.strip("^$")
        yield from properties(part, f"{above}{plain}." if plain.replace("-", "").isalnum() else above)


def every_property():
    for folder in ("common", "observables", "sdos", "sros"):
        for file in sorted((SCHEMAS / folder).iterdir(), key=lambda f: f.name):
            schema = json.loads(file.read_text())
            stix_type = file.name.removesuffix(".json")
            for path in sorted(set(properties(schema))):
                yield stix_type, path
            for name, definition in sorted(schema.get("definitions", {}).items()):
                if name.endswith("-extensions-dictionary"):
                    for path in sorted(set(properties(definition))):
                        yield stix_type, f"extensions.{path}"


BELOW = {
    "external-reference": "external_references.",
    "granular-marking": "granular_markings.",
    "kill-chain-phase": "kill_chain_phases.",
}
NO_OBJECTS = {
    "bundle",
    "hashes-type",
    "dictionary",
    "identifier",
    "timestamp",
    "hex",
    "binary",
    "url-regex",
    "properties",
}


@pytest.mark.parametrize(("stix_type", "path"), list(every_property()))
def test_every_property_of_the_oasis_schemas_has_an_entry(stix_type, path):
    if stix_type in NO_OBJECTS:
        pytest.skip("not an object's schema")
    found = entry(stix_type, BELOW.get(stix_type, "") + path)
    assert found is not None, f"{stix_type}.{path} has no entry in catalogue.toml"
    assert found.reader in READERS


def test_an_unknown_property_is_searched_keys_and_values_and_numbers():
    content = {"type": "indicator", "x_people": {"Jan Novák": {"phone": 420601234567}}}
    found = {field.path: field.text for field in fields(content)}
    assert found["/x_people/#0"] == "Jan Novák"
    assert found["/x_people/#0/phone"] == "420601234567"


def test_a_path_never_holds_what_could_be_personal():
    content = {"type": "note", "x_by": {"jan.novak@example.cz": ["seen"]}}
    assert all("novak" not in field.path for field in fields(content))


def test_what_is_none_stays_silent_only_for_itself():
    content = {"type": "file", "hashes": {"MD5": "0" * 32}, "contains_refs": ["x"], "size": 12345678, "name": "a.exe"}
    assert [field.path for field in fields(content)] == ["/name"]


def test_content_that_cannot_be_searched_is_named_so():
    (field,) = fields({"type": "artifact", "payload_bin": "AAAA"})
    assert field.reader == "unreadable"


def test_a_translation_is_read_as_what_it_translates():
    content = {"type": "language-content", "contents": {"de": {"name": "Herr Jan", "modified": "x"}}}
    (field,) = fields(content, target_type="indicator")
    assert field.path == "/contents/de/name"


@pytest.mark.parametrize(
    ("stix_type", "path", "category"),
    [
        ("user-account", "credential", Category.PASSWORD),
        ("email-addr", "value", Category.EMAIL_ADDRESS),
        ("note", "authors", Category.PERSON_NAME),
        ("location", "latitude", Category.GPS_POSITION),
    ],
)
def test_typed_values_are_what_their_type_says(stix_type, path, category):
    assert entry(stix_type, path).category is category


@pytest.mark.parametrize("word", ["remote-access-trojan", "2.1", "EE", "initial-access", "v10.0"])
def test_a_word_of_a_vocabulary_is_not_searched(word):
    assert list(fields({"type": "malware", "malware_types": [word], "kill_chain_phases": [{"phase_name": word}]})) == []


@pytest.mark.parametrize("word", ["jan.novak@example.cz", "Jan Novak", "420601234567", "198.51.100.23", "jan novak"])
def test_what_is_no_word_is_searched_where_a_word_was_expected(word):
    content = {"type": "malware", "malware_types": [word], "kill_chain_phases": [{"phase_name": word}]}
    assert [(field.path, field.text) for field in fields(content)] == [
        ("/malware_types/0", word),
        ("/kill_chain_phases/0/phase_name", word),
    ]
