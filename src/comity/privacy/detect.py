"""Find the personal data in an object or a text, and say whose it is.

    fields of the object (catalogue) -> folded text (normalise) -> findings (search) -> roles (graph, place, grammar)

Offsets are code points of the original string. Nothing here changes the object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from comity.canon import Category, Role
from comity.material import InvalidPattern, StixObject, patterns
from comity.privacy.catalogue import NONE, TEXT, WORD, Entry, Field, entry, fields
from comity.privacy.catalogue_misp import Placed, event_fields
from comity.privacy.catalogue_table import cell_fields
from comity.privacy.detection import Detection
from comity.privacy.detectors.account import generic
from comity.privacy.detectors.names import likely_person
from comity.privacy.detectors.packaged import data_digest
from comity.privacy.detectors.search import MAX_TEXT, search
from comity.privacy.detectors.shape import Found, Place
from comity.privacy.detectors.words import role_of_label
from comity.privacy.normalise import Folded, fold, mixed_script
from comity.privacy.roles import Neighbourhood, strictest
from comity.privacy.roles_text import roles_around

DETECTOR_VERSION = "1"
_ADDRESSES = frozenset({Category.IPV4_ADDRESS, Category.IPV6_ADDRESS, Category.MAC_ADDRESS})
# Names of hosts and places on the web are everybody's until they are somebody's: told only where a role makes them so.
_ONLY_WITH_ROLE = frozenset({Category.DOMAIN_NAME, Category.URL})
_PERSONAL_ROLES = frozenset({Role.VICTIM, Role.BYSTANDER, Role.REPORTER, Role.ANALYST})
# A secret in the description of a program is the program's own, unless a word beside it says otherwise. Not so for
# addresses and accounts, nor for what is told of actors and campaigns: those log in with what they stole.
_PROGRAMS = frozenset({"malware", "tool"})
_SECRETS = frozenset({Category.PASSWORD, Category.API_KEY, Category.SESSION_TOKEN})
_HOMOGLYPHS = 0.75  # confidence of what mixes scripts: still found, and shown to a person


def detector_version() -> str:
    """Version of the program's detectors and digest of their data, for the record of a crossing."""
    return f"{DETECTOR_VERSION}+{data_digest()}"


def detect(obj: StixObject, neighbourhood: Neighbourhood) -> tuple[Detection, ...]:
    """All personal data in one STIX object, in document order.

    Args:    neighbourhood: what the survey of the bundle said; roles of values come from it.
    """
    target = ""
    if obj.type == "language-content":
        target = str(obj.content.get("object_ref", "")).partition("--")[0]
    object_roles = neighbourhood.roles_of(obj.id)
    countries = neighbourhood.countries.get(obj.id, frozenset())
    found: list[Detection] = []
    for place in fields(obj.content, target_type=target):
        found.extend(_in_field(place, obj, neighbourhood, object_roles))
    if countries:
        return tuple(replace(detection, countries=countries) for detection in found)
    return tuple(found)


def detect_text(
    text: str,
    neighbourhood: Neighbourhood | None = None,
    *,
    path: str = "",
    reader: str = "text",
    label: str = "",
    category: Category | None = None,
    role: Role | None = None,
    not_people: frozenset[str] = frozenset(),
) -> tuple[Detection, ...]:
    """All personal data in one string: a text, a cell, an attribute.

    Args:    path: JSON Pointer or cell to put into the detections.
             reader: how the catalogue says to read it. label: the name it stands under.
             category: what a typed value is.
             role: whose it is, where the place says so.
    """
    known = neighbourhood.not_people | not_people if neighbourhood is not None else not_people
    folded = fold(text)
    findings = list(_findings(Field(path, text, reader, category, label), folded, known))
    out = []
    for name, found in findings:
        roles: set[Role] = set()
        if neighbourhood is not None:
            roles |= neighbourhood.roles_of_value(neighbourhood.tag_of(found.value))
        hint = role or found.role
        roles |= {hint} if hint is not None else roles_around(folded.text, found.start, found.end, found.category)
        out.append(_detection(path, text, folded, name, found, strictest(roles), whole=_whole(found, folded)))
    return tuple(_told(out))


def detect_event(event: Mapping[str, Any], neighbourhood: Neighbourhood | None = None) -> tuple[Detection, ...]:
    """All personal data in a MISP event, by JSON Pointer into it."""
    return _placed(event_fields(event), neighbourhood)


def detect_table(table: list[list[str]], neighbourhood: Neighbourhood | None = None) -> tuple[Detection, ...]:
    """All personal data in a table's cells (header first), by `/row/column`."""
    return _placed(cell_fields(table), neighbourhood)


def _placed(places: Iterable[Placed], neighbourhood: Neighbourhood | None) -> tuple[Detection, ...]:
    found: list[Detection] = []
    for place, role in places:
        if place.reader != NONE:
            found.extend(
                detect_text(
                    place.text,
                    neighbourhood,
                    path=place.path,
                    reader=place.reader,
                    label=place.label,
                    category=place.category,
                    role=role,
                )
            )
    return tuple(found)


def _in_field(
    place: Field, obj: StixObject, neighbourhood: Neighbourhood, object_roles: frozenset[Role]
) -> Iterator[Detection]:
    if place.reader == "pattern":
        yield from _in_pattern(place, obj, neighbourhood)
        return
    if place.reader == "identity-name":
        place = _identity_name(place, obj.content)
    elif place.reader == WORD:
        place = place._replace(reader=TEXT)
    folded = fold(place.text)
    out = []
    for name, found in _findings(place, folded, neighbourhood.not_people):
        roles = _roles(found, folded, place, obj, neighbourhood, object_roles)
        whole = place.number or _whole(found, folded)
        out.append(_detection(place.path, place.text, folded, name, found, strictest(roles), whole=whole))
    yield from _told(out)


def _identity_name(place: Field, content: Mapping[str, Any]) -> Field:
    """Section 4.5: `individual` is a person; `organization`, `class`, `group` and `system` are not."""
    kind = content.get("identity_class")
    if kind == "individual":
        return place._replace(reader="value", category=Category.PERSON_NAME)
    return place._replace(reader="title" if kind in {"organization", "class", "group", "system"} else "text")


def _findings(place: Field, folded: Folded, not_people: frozenset[str]) -> Iterator[tuple[str, Found]]:
    text = folded.text
    if place.reader == "unreadable" or len(text) > MAX_TEXT:
        why = "content that cannot be searched"
        yield "unreadable", Found(0, len(text), Category.UNREADABLE, 1.0, why, "")
        return
    found = search(text, Place(reader=place.reader, label=place.label, not_people=not_people))
    if place.category is not None:
        found = _typed(place.category, text, found)
    yield from found


def _typed(category: Category, text: str, found: list[tuple[str, Found]]) -> list[tuple[str, Found]]:
    """A typed value is what its type says, whatever it looks like, unless it is nobody's (`root`, 127.0.0.1)."""
    stripped = text.strip()
    if not stripped or (category is Category.USERNAME and generic(stripped)):
        return found
    if category in _ADDRESSES:
        return [item for item in found if item[1].category in _ADDRESSES] or found
    covering = [item for item in found if item[1].start == 0 and item[1].end == len(text)]
    if any(item[1].category is category for item in covering):
        return found
    if category is Category.USERNAME and (covering or any(item[1].category is Category.USERNAME for item in found)):
        return found
    if category is Category.PERSON_NAME and not likely_person(stripped):
        return found
    if category is Category.PERSON_NAME and any(item[1].category is Category.EMAIL_ADDRESS for item in covering):
        return found
    whole = Found(0, len(text), category, 0.96, "the type of the property", stripped.casefold())
    return [("typed-value", whole)] + [item for item in found if item[1].category is not category]


def _roles(
    found: Found,
    folded: Folded,
    place: Field,
    obj: StixObject,
    neighbourhood: Neighbourhood,
    object_roles: frozenset[Role],
) -> set[Role]:
    """Whose it is: by the value's own roles in the graph, else by the words around it, else by its object."""
    roles = set(neighbourhood.roles_of_value(neighbourhood.tag_of(found.value)))
    if roles:
        return roles
    if place.label == "authors":
        return {Role.ANALYST}
    if found.role is not None:
        return {found.role}
    if place.reader == "email-header" and (told := role_of_label(place.label)) is not None:
        return {told}
    if obj.type == "identity" and found.category in {
        Category.PERSON_NAME,
        Category.EMAIL_ADDRESS,
        Category.PHONE_NUMBER,
    }:
        named = set(object_roles) - {Role.ORGANISATION}
        if named:
            return named
        return {Role.REPORTER} if Role.ORGANISATION in object_roles else {Role.UNKNOWN}
    around = roles_around(folded.text, found.start, found.end, found.category)
    if around:
        return around
    if obj.type in _PROGRAMS and place.path == "/description" and found.category in _SECRETS:
        return {Role.ATTACKER}
    if place.reader == "text" and obj.type not in {"threat-actor"}:
        return {Role.UNKNOWN}
    return set(object_roles) - {Role.ORGANISATION, Role.REPORTER}


def _in_pattern(place: Field, obj: StixObject, neighbourhood: Neighbourhood) -> Iterator[Detection]:
    """Each constant of a pattern, read as the property it is compared with; a pattern we cannot read is text."""
    rule = obj.content.get("pattern_type", "stix") == "stix"
    try:
        comparisons = patterns.read(place.text).comparisons if rule else ()
    except InvalidPattern:
        rule = False
        comparisons = ()
    if not rule:
        yield from _in_field(place._replace(reader="title"), obj, neighbourhood, neighbourhood.roles_of(obj.id))
        return
    for comparison in comparisons:
        dotted = ".".join(step for step in comparison.path if isinstance(step, str) and step != patterns.ANY)
        how = entry(comparison.object_type, dotted) or _by_end(comparison.path)
        if how.reader == "none":
            continue
        for constant in comparison.constants:
            inner = Field(place.path, constant.value, how.reader, how.category, dotted.rpartition(".")[2])
            raw = place.text[constant.span[0] : constant.span[1]]
            offsets = _unescaped(raw, constant.span[0])
            if len(offsets) != len(constant.value) + 1:
                continue_whole = [*range(constant.span[0], constant.span[1] + 1)]
                offsets = [continue_whole[0]] * len(constant.value) + [continue_whole[-1]]
            for detection in _in_field(inner, obj, neighbourhood, neighbourhood.roles_of(obj.id)):
                start, end = offsets[detection.start], offsets[detection.end]
                yield replace(detection, start=start, end=end, text=place.text[start:end], whole=False)


def _by_end(path: tuple[str | int, ...]) -> Entry:
    """A reference followed into another type (`src_ref.value`) is searched by what it looks like."""
    return Entry("value", None) if path and path[-1] == "value" else Entry("text", None)


def _unescaped(literal: str, at: int) -> list[int]:
    """Where each character of an unescaped string literal starts in the pattern, and where the last one ends."""
    opening = literal.find("'")
    offsets: list[int] = []
    index = opening + 1
    while index < len(literal) - 1:
        offsets.append(at + index)
        index += 2 if literal[index] == "\\" else 1
    offsets.append(at + len(literal) - 1)
    return offsets


def _whole(found: Found, folded: Folded) -> bool:
    return found.start == 0 and found.end == len(folded.text)


def _detection(
    path: str, original: str, folded: Folded, name: str, found: Found, role: Role, *, whole: bool
) -> Detection:
    start, end = (0, len(original)) if whole else folded.span(found.start, found.end)
    confidence, why = found.confidence, found.why
    if folded.rewritten and found.category is Category.EMAIL_ADDRESS and mixed_script(found.value):
        confidence, why = min(confidence, _HOMOGLYPHS), why + ", in mixed scripts"
    return Detection(
        path=path,
        start=start,
        end=end,
        value=found.value,
        text=original[start:end],
        category=found.category,
        role=role,
        confidence=confidence,
        detector=name,
        why=why,
        whole=whole,
    )


def _told(detections: list[Detection]) -> Iterator[Detection]:
    for detection in detections:
        if detection.category in _ONLY_WITH_ROLE and detection.role not in _PERSONAL_ROLES:
            continue
        yield detection
