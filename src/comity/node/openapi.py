"""How the API describes itself (OpenAPI 3.1): every operation says what it does, and which errors it answers with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_ERROR: dict[str, Any] = {
    "type": "object",
    "description": "What happened and why, and what to do: the same words as on the command line and on the pages.",
    "required": ["error", "sentence", "do"],
    "properties": {
        "error": {"type": "string", "description": "A name for programs."},
        "sentence": {"type": "string"},
        "do": {"type": "string"},
    },
}
_ANSWERS = {
    "400": "What was sent cannot be read, or is not allowed. Nothing was written.",
    "401": "No token, or one that is not valid any more.",
    "403": "No role of the token's person has the verb.",
    "404": "There is no such thing here.",
    "409": "Things are not as they have to be for it, or a proof does not hold. Nothing was written.",
    "413": "The body is larger than this route reads.",
    "415": "The body is not of the type that this route reads.",
    "422": "A field is missing, unknown, or not of its type. Nothing was written.",
    "429": "More than a person can do in the time.",
    "500": "The node failed. Nothing of what failed is told.",
}
_OF_EVERY = ("400", "401", "403", "409", "429", "500")


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that ninja makes, with summaries and errors."""
    schema.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    for path, operation in _operations(schema):
        _summarise(operation)
        codes = {*_OF_EVERY, *(["404"] if "{" in path else []), *_of_body(operation)}
        if operation.get("parameters"):
            codes.add("422")
        for code in sorted(codes):
            operation["responses"].setdefault(code, _answer(_ANSWERS[code]))
        operation["responses"] = {str(code): said for code, said in operation["responses"].items()}
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            yield path, operation


def _of_body(operation: dict[str, Any]) -> set[str]:
    if "requestBody" not in operation:
        return set()
    return {"413"} if "application/octet-stream" in operation["requestBody"]["content"] else {"413", "415", "422"}


def _summarise(operation: dict[str, Any]) -> None:
    """ninja's own summary is the function's name; the first sentence of what it says of itself is better."""
    first, _, rest = operation.get("description", "").partition(". ")
    if first and operation["summary"] == operation["operationId"].partition("_")[2].title().replace("_", " "):
        operation["summary"] = first.removesuffix(".")
        operation["description"] = rest or first


def _answer(says: str) -> dict[str, Any]:
    return {
        "description": says,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
