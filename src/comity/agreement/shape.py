"""What the grammar allows at a place: its names, its words, what form a value has. Read from the classes themselves."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from comity.agreement.grammar.text import AgreementText
from comity.agreement.strict_yaml import Path

_PLAIN = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dt.date: "a date, as 2026-11-23",
}


def names_at(path: Path) -> tuple[str, ...]:
    """The terms that the map at this place may have."""
    return tuple(dict.fromkeys(name for kind in _kinds_at(path) if _is_struct(kind) for name in members(kind)))


def choices_at(path: Path) -> tuple[str, ...]:
    """The words that may stand at this place, when they are a closed set."""
    words: list[str] = []
    for kind in _kinds_at(path):
        if get_origin(kind) is Literal:
            words += [word for word in get_args(kind) if isinstance(word, str)]
        elif isinstance(kind, type) and issubclass(kind, Enum):
            words += [str(member.value) for member in kind]
    return tuple(words)


def wanted_at(path: Path) -> str:
    """What stands at this place, in words."""
    return " or ".join(dict.fromkeys(_describe(kind) for kind in _kinds_at(path))) or "what the grammar has there"


@cache
def members(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The terms of one class, as they are written in YAML, and their types."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        written: hints[name]
        for name, written in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    }


def alternatives(kind: Any) -> list[Any]:
    """A union's parts, without None."""
    if get_origin(kind) in (Union, UnionType):
        return [part for arm in get_args(kind) for part in alternatives(arm)]
    return [] if kind is NoneType else [kind]


def _kinds_at(path: Path) -> list[Any]:
    kinds: list[Any] = [AgreementText]
    for step in path:
        kinds = [inner for kind in kinds for part in _inside(kind, step) for inner in alternatives(part)]
    return kinds


def _inside(kind: Any, step: str | int) -> list[Any]:
    kind = _bare(kind)
    if isinstance(step, int):
        return [get_args(kind)[0]] if get_origin(kind) is tuple else []
    if get_origin(kind) is dict:
        return [get_args(kind)[1]]
    return [members(kind)[step]] if _is_struct(kind) and step in members(kind) else []


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _describe(kind: Any) -> str:
    if get_origin(kind) is Annotated:
        described = next((meta.description for meta in get_args(kind)[1:] if getattr(meta, "description", None)), None)
        return described or _describe(get_args(kind)[0])
    if get_origin(kind) is tuple:
        return "a list of " + " or ".join(_describe(part) for part in alternatives(get_args(kind)[0]))
    if get_origin(kind) is Literal:
        return "one of: " + ", ".join(str(word) for word in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of: " + ", ".join(str(member.value) for member in kind)
    return "a map" if get_origin(kind) is dict or _is_struct(kind) else _PLAIN.get(kind, "text")
