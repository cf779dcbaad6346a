"""Data markings: what each says about how widely content may travel (STIX 2.1 section 7.2; TLP 1.0 and 2.0).

The standard does not say how several markings combine. Here the most restrictive of all object and granular
markings wins, a marking nobody can read ranks above RED, and a granular marking never lowers (attacks A14 to A17).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from comity.canon import InputError, Tlp, printable
from comity.material.selectors import BadSelector, find

Content = Mapping[str, Any]

TLP2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

# The nine that exist. TLP 1.0 is part of STIX 2.1 (section 7.2.1.4); TLP 2.0 is an extension of the OASIS committee.
TLP1_IDS: Mapping[str, Tlp] = MappingProxyType({
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
})  # fmt: skip
TLP2_IDS: Mapping[str, Tlp] = MappingProxyType({
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": Tlp.CLEAR,
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Tlp.GREEN,
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": Tlp.AMBER,
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": Tlp.AMBER_STRICT,
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": Tlp.RED,
})  # fmt: skip
_LEVELS: Mapping[str, Tlp] = MappingProxyType({**TLP1_IDS, **TLP2_IDS})
# MISP's taxonomy still has TLP 1.0's word; a tag that no TLP knows (tlp:unclear, tlp:ex:chr) cannot be read.
_WORDS = {**{level.word: level for level in Tlp if level is not Tlp.UNKNOWN}, "white": Tlp.CLEAR}
# A marking here is a marking of the whole object: who learns this much learns that the object exists.
_BINDS_ALL = ("/id", "/type", "/created", "/modified", "/created_by_ref", "/spec_version")


class ForgedMarking(InputError):
    what = "the marking definition {marking_id} is not what it says"
    why = "{reason}"
    do = "use the published TLP definitions by their ids; a new statement needs a new id"


def level_of(word: str) -> Tlp:
    """The TLP level a tag's word names (`amber+strict`, `white`), UNKNOWN for any other."""
    return _WORDS.get(word.strip().strip('"').lower(), Tlp.UNKNOWN)


def tlp_definition(level: Tlp) -> dict[str, Any]:
    """The published TLP 2.0 marking definition of a level, as a new dictionary. UNKNOWN has none: KeyError."""
    ids = {found: marking_id for marking_id, found in TLP2_IDS.items()}
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": ids[level],
        "created": "2022-10-01T00:00:00.000Z",
        "name": level.label,
        "extensions": {TLP2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": level.word}},
    }


def effective_marking(content: Content, definitions: Mapping[str, Content]) -> Tlp | None:
    """The strictest marking anywhere on an object: its own, its `tlp:` labels, and every granular one.

    Args:    definitions: the marking definitions at hand, by id, to know what is a statement and not a TLP. What
             they say of the nine TLP ids is not read.
    Returns: Tlp.UNKNOWN when a marking cannot be read or is not at hand; None when nothing marks the object, so that
             the agreement's default holds, which is never CLEAR by itself.
    """
    levels = list(value_markings(content, definitions).values())
    whole = object_marking(content, definitions)
    return max(levels if whole is None else [*levels, whole], default=None)


def object_marking(content: Content, definitions: Mapping[str, Content]) -> Tlp | None:
    """The strictest marking of the object as a whole: by reference, by label, or by a granular one that binds all."""
    levels = [
        *_levels(content.get("object_marking_refs", ()), definitions),
        *_labels(content.get("labels", ())),
        *(level for pointer, level in value_markings(content, definitions).items() if pointer in _BINDS_ALL),
    ]
    return max(levels, default=None)


def value_markings(content: Content, definitions: Mapping[str, Content]) -> dict[str, Tlp]:
    """JSON Pointer -> the strictest granular marking set on exactly that place. It covers all that is under it.

    A selector that points at nothing marks the whole object UNKNOWN under the pointer `` (validation refuses it).
    """
    marked: dict[str, Tlp] = {}
    granular = content.get("granular_markings")
    for marking in granular if isinstance(granular, list) else ():
        if not isinstance(marking, Mapping) or "marking_ref" not in marking:
            continue  # a language tag, which says nothing about sharing
        for level in _levels([marking["marking_ref"]], definitions):
            for selector in marking.get("selectors", ()):
                try:
                    pointer = find(content, selector)
                except BadSelector:
                    pointer, level = "", Tlp.UNKNOWN  # noqa: PLW2901 - the worst reading of a broken marking
                marked[pointer] = max(level, marked.get(pointer, level))
    return marked


def marking_at(content: Content, definitions: Mapping[str, Content], pointer: str) -> Tlp | None:
    """The effective marking of one value: the strictest of the object's and of all granular ones that cover it.

    Of the value alone: whether the object may travel at all is `object_marking`'s answer.
    """
    levels = [
        *_levels(content.get("object_marking_refs", ()), definitions),
        *_labels(content.get("labels", ())),
        *(
            level
            for marked, level in value_markings(content, definitions).items()
            if marked in {"", pointer} or pointer.startswith(marked + "/")
        ),
    ]
    return max(levels, default=None)


def _levels(references: Any, definitions: Mapping[str, Content]) -> Iterator[Tlp]:
    for reference in references if isinstance(references, (list, tuple)) else ():
        level = _LEVELS.get(reference)
        if level is not None:
            yield level
        elif not _says_no_level(definitions.get(reference)):
            yield Tlp.UNKNOWN


def _says_no_level(definition: Content | None) -> bool:
    """Whether this is a definition we can read that is not about how widely content travels.

    A statement (copyright, terms of use), or PAP, which says what may be done with content and is kept as data.
    """
    if definition is None or definition.get("extensions"):
        return False
    return str(definition.get("definition_type", "")).lower() in {"statement", "pap"}


def _labels(labels: Any) -> Iterator[Tlp]:
    """Tags of MISP's TLP taxonomy that a converter left among the labels."""
    for label in labels if isinstance(labels, list) else ():
        if isinstance(label, str) and label.lower().startswith(("tlp:", "tlp=")):
            yield level_of(label[4:])


def check_definition(content: Content, held: Mapping[str, Content] = MappingProxyType({})) -> None:
    """Refuse a marking definition that pretends to be a TLP, or changes one that is already held (attack A15).

    Args:    held: the definitions already known, by id. A definition has no versions, so its text never changes.
    Raises:  ForgedMarking.
    """
    marking_id = content.get("id")
    published = TLP_DEFINITIONS.get(str(marking_id))
    if published is not None:
        if not _same(content, published):
            _forged(marking_id, "this id belongs to a published TLP definition that says something else")
        return
    if content.get("definition_type") == "tlp":
        _forged(marking_id, "TLP 1.0 has four definitions and this is none of them")
    extensions = content.get("extensions")
    if isinstance(extensions, Mapping) and TLP2_EXTENSION in extensions:
        _forged(marking_id, "TLP 2.0 has five definitions and this is none of them")
    before = held.get(str(marking_id))
    if before is not None and not _same(content, before):
        _forged(marking_id, "a definition of this id with another text is already held")


def _same(content: Content, other: Content) -> bool:
    """Equal but for what may be left out: the creator, and TLP 1.0's name, which older producers do not write."""
    left, right = dict(content), dict(other)
    for optional in ("created_by_ref", "name") if right.get("definition_type") == "tlp" else ("created_by_ref",):
        if optional not in left or optional not in right:
            left.pop(optional, None)
            right.pop(optional, None)
    for side in (left, right):
        side["created"] = str(side.get("created", "")).replace(".000Z", "Z")
    return left == right


def _forged(marking_id: object, reason: str) -> None:
    raise ForgedMarking(marking_id=printable(str(marking_id)), reason=reason)


def _tlp1(marking_id: str, word: str) -> dict[str, Any]:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": marking_id,
        "created": "2017-01-20T00:00:00.000Z",
        "definition_type": "tlp",
        "name": f"TLP:{word.upper()}",
        "definition": {"tlp": word},
    }


# The nine published definitions, by id: what leaves with an object that bears one, whatever a partner sent.
TLP_DEFINITIONS: Mapping[str, Content] = MappingProxyType(
    {
        marking_id: _tlp1(marking_id, "white" if level is Tlp.CLEAR else level.word)
        for marking_id, level in TLP1_IDS.items()
    }
    | {marking_id: tlp_definition(level) for marking_id, level in TLP2_IDS.items()}
)
