"""STIX 2.1 bundles, read strictly and iterated as often as needed without keeping their objects.

The envelope is sliced, not parsed: each object stays a stretch of the source until it is asked for.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from comity.canon import InputError, StrictJsonError, dumps, loads, printable
from comity.material.identifiers import is_identifier, type_of
from comity.material.kinds import kind
from comity.material.limits import LIMITS, Limits
from comity.material.objects import StixObject

_LOOKS = 16  # how often the list's text may stand in the envelope before the list itself (attack A28)


class NotABundle(InputError):
    what = "this is not a STIX 2.1 bundle"
    why = "{reason}"
    do = "give a bundle (type, id and a list of objects) or one STIX 2.1 object"


class OlderStix(NotABundle):
    what = "this is STIX {version}, not STIX 2.1"
    why = "{reason}"
    do = "export STIX 2.1 from the tool it came from, or convert it, for instance with the OASIS stix2-elevator"


class ConflictingObjects(InputError):
    """Attack A08: one name, two contents; whoever reads the other one sees something else."""

    what = "{object_id} stands twice with the same version and different content ({places})"
    why = "one id and one modified time name one content (STIX 2.1 section 3.6)"
    do = "ask the sender which one is meant, and leave the other out"


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw]


class _WholeList(msgspec.Struct):
    objects: msgspec.Raw


class _Name(msgspec.Struct):
    id: str = ""
    modified: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Objects of one bundle in their order. Iterating parses each object anew, so nothing is kept."""

    id: str | None  # None for a single object that came without a bundle
    ignored: tuple[str, ...]  # names the envelope had beside type, id and objects: transient, never passed on
    _slices: tuple[msgspec.Raw, ...]
    _places: tuple[str, ...]
    _limits: Limits
    _at: str | None

    def __len__(self) -> int:
        return len(self._slices)

    def __iter__(self) -> Iterator[StixObject]:
        """Raises: StrictJsonError, NotABundle for an object that has no readable name or type."""
        for raw, place in zip(self._slices, self._places, strict=True):
            at = f"{self._at}: {place}" if self._at else place
            yield _named(loads(bytes(raw), limits=self._limits.object, at=at), place, at)


def read_bundle(source: bytes | mmap.mmap, *, limits: Limits = LIMITS, at: str | None = None) -> Bundle:
    """Read a STIX 2.1 bundle, or one STIX 2.1 object, which counts as a bundle of one.

    A bundle without `objects` is an empty one; one whose `objects` is an empty list is refused.

    The source is kept and must not change while the bundle is used. An object that is repeated with the same
    content is read once. Whether each object is valid is `validate`'s question, one object at a time.

    Args:    source: the JSON document; a memory map keeps large ones out of memory.
             at: what to call the source in messages.
    Raises:  StrictJsonError, NotABundle, OlderStix, ConflictingObjects.
    """
    if len(source) > limits.max_bytes:
        _refuse_json(at, f"it holds {len(source)} bytes, more than the {limits.max_bytes} that are read")
    if source[:3] == b"\xef\xbb\xbf":
        _refuse_json(at, "it starts with a byte order mark")
    slices = _slices(source, limits, at)
    if slices is None:
        return _single(loads(bytes(source[:]), limits=limits.object, at=at), source, limits, at)
    if len(slices) > limits.max_objects:
        raise NotABundle(
            at=at, reason=f"it holds {len(slices)} objects, more than the {limits.max_objects} that are read"
        )
    return _enveloped(_shell(source, slices, limits, at), slices, limits, at)


def _enveloped(shell: dict[str, Any], slices: tuple[msgspec.Raw, ...], limits: Limits, at: str | None) -> Bundle:
    """The bundle whose envelope this is. `objects` is optional (section 8), but no list is empty (section 2.12)."""
    if shell.get("type") != "bundle":
        raise NotABundle(at=at, reason="its type is not bundle")
    if shell.get("spec_version") == "2.0":
        raise OlderStix(at=at, version="2.0", reason="the bundle says spec_version 2.0")
    bundle_id = shell.get("id")
    if not is_identifier(bundle_id) or type_of(str(bundle_id)) != "bundle":
        raise NotABundle(at=at, reason="its id is not a bundle identifier")
    if "objects" in shell and not slices:
        raise NotABundle(at=at, reason="its list objects is empty, where a bundle without objects leaves it out")
    kept, places = _once_each(slices, limits, at)
    ignored = tuple(sorted(shell.keys() - {"type", "id", "objects"}))
    return Bundle(id=bundle_id, ignored=ignored, _slices=kept, _places=places, _limits=limits, _at=at)


def _slices(source: bytes | mmap.mmap, limits: Limits, at: str | None) -> tuple[msgspec.Raw, ...] | None:
    """The stretch of each object; None when the document has no list `objects`.

    msgspec counts its own depth and gives up in order, so a hostile nesting ends here as an error (A01).
    """
    try:
        return tuple(msgspec.json.decode(source, type=_Envelope).objects)
    except msgspec.ValidationError as error:
        if "`objects`" in str(error) and "missing" in str(error):
            return None
        raise NotABundle(at=at, reason="it is not an object with a list named objects") from None
    except msgspec.DecodeError:
        # Said again by the strict reader, which knows the line and what to do.
        loads(bytes(source[:]), limits=limits.document, at=at)
        raise NotABundle(at=at, reason="its JSON is malformed") from None
    except RecursionError:
        _refuse_json(at, f"it is nested deeper than {limits.max_depth} levels")
        raise


def _shell(
    source: bytes | mmap.mmap, slices: tuple[msgspec.Raw, ...], limits: Limits, at: str | None
) -> dict[str, Any]:
    """The envelope with its objects cut out, parsed strictly, so that a name given twice is found (A04).

    The list is looked for by its text. If that text stands earlier too, in another value, the cut there leaves the
    real list in place; then the next one is tried: a few times, since each costs a pass over the envelope.
    """
    if not slices:
        whole: dict[str, Any] = loads(bytes(source[:]), limits=limits.document, at=at)
        return whole
    listed = bytes(msgspec.json.decode(source, type=_WholeList).objects)
    start = -1
    for _ in range(_LOOKS):
        if (start := source.find(listed, start + 1)) < 0:
            break
        shell: dict[str, Any] = loads(
            source[:start] + b"[]" + source[start + len(listed) :], limits=limits.document, at=at
        )
        if shell.get("objects") == []:
            return shell
    raise NotABundle(at=at, reason="its objects cannot be told from the rest of it")


def _single(content: Any, source: bytes | mmap.mmap, limits: Limits, at: str | None) -> Bundle:
    if not isinstance(content, dict) or not isinstance(content.get("type"), str):
        raise NotABundle(at=at, reason="it is neither a bundle nor an object with a type")
    if content["type"] == "bundle":
        return _enveloped(content, (), limits, at)
    if kind(content["type"]) in {"sdo", "sro"} and content.get("spec_version", "2.0") == "2.0":
        raise OlderStix(at=at, version="2.0", reason="the object has no spec_version 2.1")
    _named(content, "objects/0", at)
    raw = msgspec.Raw(bytes(source[:]))
    return Bundle(id=None, ignored=(), _slices=(raw,), _places=("objects/0",), _limits=limits, _at=at)


def _named(content: Any, place: str, at: str | None) -> StixObject:
    """Give a parsed object its name. Its id may still be malformed: that is a rule, so one object's refusal."""
    if not isinstance(content, dict):
        raise NotABundle(at=at, reason="one of its objects is not a JSON object")
    stix_type, object_id = content.get("type"), content.get("id")
    if not isinstance(stix_type, str) or not isinstance(object_id, str):
        raise NotABundle(at=at, reason="an object has no type or no id")
    if len(stix_type) > 250 or len(object_id) > 300:
        raise NotABundle(at=at, reason="an object's type or id is longer than STIX allows")
    return StixObject(id=object_id, type=stix_type, content=content, place=place)


def _once_each(
    slices: tuple[msgspec.Raw, ...], limits: Limits, at: str | None
) -> tuple[tuple[msgspec.Raw, ...], tuple[str, ...]]:
    """Drop exact repeats; refuse two contents under one id and version (A08)."""
    seen: dict[tuple[str, str], int] = {}
    kept: list[msgspec.Raw] = []
    places: list[str] = []
    for index, raw in enumerate(slices):
        try:
            name = msgspec.json.decode(raw, type=_Name)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            name = _Name()  # the strict reader names the fault when the object is iterated
        key = (name.id, name.modified or name.created)
        first = seen.setdefault(key, index)
        if first != index and name.id:
            if _canonical(slices[first], limits) == _canonical(raw, limits):
                continue
            raise ConflictingObjects(at=at, object_id=printable(name.id), places=f"objects/{first} and objects/{index}")
        kept.append(raw)
        places.append(f"objects/{index}")
    return tuple(kept), tuple(places)


def _canonical(raw: msgspec.Raw, limits: Limits) -> bytes:
    return dumps(loads(bytes(raw), limits=limits.object))


def _refuse_json(at: str | None, reason: str) -> None:
    raise StrictJsonError(at=at, reason=reason)
