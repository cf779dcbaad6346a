"""What a submission holds, read from its box; and what an officer strips from it.

An officer's strip is a marking on a place of the source that nobody can read, so it ranks above TLP:RED and no clause
lets it go (attack A17). The crossing then leaves the place out as it leaves out any part marked above the ceiling: the
object becomes a changed copy under another id, translations follow, and what was personal there is searched for
elsewhere. INVARIANT: a strip only ever adds a marking, so it can loosen nothing (promise 2).
"""

from __future__ import annotations

import datetime as dt
import hmac
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from comity.canon import InputError, dumps
from comity.material import Bundle, StixObject, read_bundle, required_properties
from comity.node.border.models import Submission
from comity.node.keyring import held
from comity.node.vault import actions as vault
from comity.node.vault.models import Box

SOURCE_KEPT = dt.timedelta(days=30)  # of a file of which nothing stands with a partner: never submitted, or waiting
WHOLE = ""  # the path of a strip that keeps the whole object home
_FIXED = frozenset((
    "id", "type", "spec_version", "created", "modified", "granular_markings", "object_marking_refs", "extensions",
))  # fmt: skip
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,250}", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,5}", re.ASCII)
_ID = re.compile(
    rb"[a-z][a-z0-9]*(?:-[a-z0-9]+)*--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)


class SourceGone(InputError):
    what = "the submission can no longer be read"
    why = "its source was deleted, as it is once nothing of it stands with a partner and nothing waits"
    do = "submit the file again if it has to be shared"


class CannotStrip(InputError):
    what = "this place cannot be stripped"
    why = "{reason}"
    do = "name a place by its JSON Pointer, as /description; the empty pointer keeps the whole object home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Objects to iterate as often as needed, each with its strips."""

    bundle: Bundle
    strips: Mapping[str, frozenset[str]]  # object id -> JSON Pointers

    def __iter__(self) -> Iterator[StixObject]:
        return (_stripped(obj, self.strips.get(obj.id)) for obj in self.bundle)

    def with_strips(self, strips: Iterable[tuple[str, str]]) -> Source:
        """The same objects with these strips, (object id, JSON Pointer), and no others."""
        places: defaultdict[str, set[str]] = defaultdict(set)
        for object_id, path in strips:
            places[object_id].add(path)
        return replace(self, strips={name: frozenset(found) for name, found in places.items()})


def read_source(submission: Submission, strips: Iterable[tuple[str, str]] = ()) -> Source:
    """Raises: SourceGone; Unreadable."""
    if submission.source is None:
        raise SourceGone()
    return Source(bundle=read_bundle(vault.opened(submission.source)), strips={}).with_strips(strips)


def locked_source(submission: Submission) -> Box | None:
    """As it is now, and nobody else's to send of, or to forget, until the transaction ends. None: it was deleted."""
    if submission.source_id is None:
        return None
    return Box.objects.select_for_update().filter(pk=submission.source_id).first()


def boxes_of(submission: Submission) -> frozenset[UUID]:
    """Of its source, and of the circumstances and the record of every crossing of it: what is still there."""
    crossings = submission.crossings.values_list("circumstances", "record")
    ids = {submission.source_id, *(box for both in crossings for box in both)}
    return frozenset(box for box in ids if box is not None)


def strip_marking() -> str:
    """The id of a marking-definition that is defined nowhere, and that nobody else can name in their material."""
    octets = hmac.digest(held().derived("strips"), b"marking-definition", "sha256")[:16]
    return f"marking-definition--{uuid.UUID(bytes=octets, version=4)}"


def ids_named(content: Mapping[str, Any]) -> set[str]:
    """Every STIX id in the object: its own, those it refers to, and those its texts mention."""
    return {found.decode().lower() for found in _ID.findall(dumps(dict(content)))}


def check_strip(obj: StixObject, path: str) -> None:
    """That the path names something there that the object can lose. Raises: CannotStrip."""
    if path == WHOLE:
        return
    if _selector(obj.content, path) is None:
        raise CannotStrip(reason="nothing is there that a marking can select")
    steps = path.split("/")
    if steps[1] in _FIXED:
        raise CannotStrip(reason="an object is not an object without it; keep the whole of it home instead")
    if len(steps) == 2 and steps[1] in required_properties(obj.type):
        raise CannotStrip(reason="an object of this type needs it; keep the whole of it home instead")


def _stripped(obj: StixObject, paths: frozenset[str] | None) -> StixObject:
    if not paths:
        return obj
    content, marking = dict(obj.content), strip_marking()
    selectors = sorted(s for path in paths if (s := _selector(obj.content, path)) is not None)
    if WHOLE in paths or len(selectors) < len(paths):
        # INVARIANT: a strip that no longer selects anything keeps the whole object home, and never nothing.
        content["object_marking_refs"] = [*content.get("object_marking_refs", ()), marking]
    if selectors:
        granular = {"marking_ref": marking, "selectors": selectors}
        content["granular_markings"] = [*content.get("granular_markings", ()), granular]
    return StixObject(id=obj.id, type=obj.type, content=content, place=obj.place)


def _selector(content: Mapping[str, Any], pointer: str) -> str | None:
    """The STIX selector (section 7.2.3.1) of what a JSON Pointer points at; None where there is none."""
    first, *steps = pointer.split("/")
    if first or not steps:
        return None
    here: Any = content
    selector = ""
    for step in steps:
        if isinstance(here, list) and _INDEX.fullmatch(step) and int(step) < len(here):
            here, selector = here[int(step)], f"{selector}.[{step}]"
        elif isinstance(here, Mapping) and step in here and _NAME.fullmatch(step):
            here, selector = here[step], f"{selector}.{step}" if selector else step
        else:
            return None
    return selector
