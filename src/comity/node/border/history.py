"""What is held of an object already decides whether another version of it may join it (attacks A07 to A11, A14).

Versions are kept beside each other, each with its own retention; nothing here ever overwrites. What would change
somebody else's object, contradict what is held, or undo what is final is set apart for a person to look at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.agreement import Plan
from comity.canon import Tlp, digest_of, loads
from comity.material import TLP_DEFINITIONS, StixObject, kind, references
from comity.node.border.admission import level_of
from comity.node.border.models import Shelved
from comity.node.border.shelf import parts, substance
from comity.node.border.versions import version_key
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

# Types that carry versions, and so belong to whoever made the first (STIX 2.1 section 3.6).
_VERSIONED = (
    "attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator", "infrastructure",
    "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data", "opinion", "report",
    "threat-actor", "tool", "vulnerability", "relationship", "sighting", "language-content",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version that is held, or has just been let in."""

    partner: str
    key: str  # as `versions.version_key` writes it
    digest: str
    creator: str | None
    revoked: bool
    level: Tlp


class History:
    """The versions held of the objects of one release; `admit` adds to them as it goes."""

    def __init__(self, partner: str, objects: Sequence[StixObject], plan: Plan) -> None:
        self._partner, self._plan = partner, plan
        wanted = [obj for obj in objects if _versioned(obj)]
        held = list(_held([obj.id for obj in wanted]))
        self.definitions = _definitions(partner, objects, [content for _, content in held])
        self._types = _types_of(partner, wanted)
        self._ours = _ours([obj.id for obj in wanted])
        self._versions: defaultdict[str, list[Version]] = defaultdict(list)
        for holding, content in held:
            self._versions[holding.object_id].append(self._version(holding.partner, content))

    def conflict(self, obj: StixObject) -> str | None:
        """Why this version may not join what is held: a code of `codes.QUARANTINE`; None where it may.

        Of several versions in one release the older one is asked about first. What may join is remembered.
        """
        if not _versioned(obj):
            return None
        new, known = self._version(self._partner, obj.content), self._versions[obj.id]
        code = self._foreign(obj, new, known) or _contradicts(new, known) or _undoes(new, known)
        if code is None:
            known.append(new)
            self._types[obj.id.partition("--")[2]] = obj.type
        return code

    def _version(self, partner: str, content: Mapping[str, Any]) -> Version:
        return Version(
            partner=partner,
            key=version_key(str(content.get("modified") or content.get("created"))),
            digest=digest_of(dict(content)),
            creator=content.get("created_by_ref"),
            revoked=content.get("revoked") is True,
            level=level_of(content, self.definitions, self._plan),
        )

    def _foreign(self, obj: StixObject, new: Version, known: Sequence[Version]) -> str | None:
        """INVARIANT: nobody changes an object that came from another, or from us (attacks A07, A11)."""
        same = [old for old in known if (old.key, old.digest) == (new.key, new.digest)]
        if same:
            return None
        if self._types.get(obj.id.partition("--")[2], obj.type) != obj.type:
            return "identifier-reused"
        theirs = any(old.partner == new.partner for old in known)
        if not theirs and obj.id in self._ours and (new.key, substance(obj.content)) not in self._ours[obj.id]:
            return "foreign-creator"
        newer_than_others = any(old.partner != new.partner and old.key < new.key for old in known)
        other_creator = any(old.creator != new.creator for old in known)
        return "foreign-creator" if newer_than_others or other_creator else None


def _contradicts(new: Version, known: Sequence[Version]) -> str | None:
    """INVARIANT: one id and one version name one content (STIX 2.1 section 3.6, attack A08)."""
    return "conflict" if any(old.key == new.key and old.digest != new.digest for old in known) else None


def _undoes(new: Version, known: Sequence[Version]) -> str | None:
    """A revocation is final (STIX 2.1 section 3.6, attack A10); a marking is lowered only if a person agrees (A14)."""
    if not new.revoked and any(old.revoked and old.key < new.key for old in known):
        return "rolled-back"
    before = [old for old in known if old.key < new.key]
    if before and new.level < max(before, key=lambda old: old.key).level:
        return "marking-lowered"
    return None


def _versioned(obj: StixObject) -> bool:
    """A published marking is everybody's, and valid only as published."""
    return kind(obj.type) != "sco" and obj.id not in TLP_DEFINITIONS and obj.version is not None


def _held(ids: Sequence[str]) -> Iterable[tuple[Holding, Mapping[str, Any]]]:
    for some in parts(sorted(set(ids))):
        rows = Holding.objects.filter(object_id__in=some, direction=vault.RECEIVED, deleted_at=None)
        holdings = [(row, row.box) for row in rows.select_related("box") if row.box is not None]
        contents = vault.opened_many(box for _, box in holdings)
        yield from ((row, loads(contents[box.pk])) for row, box in holdings if box.pk in contents)


def _ours(ids: Sequence[str]) -> dict[str, set[tuple[str, str]]]:
    """Of these ids those that we sent somebody ourselves: in which versions, saying what."""
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    names = vault.names_of(ids)
    for some in parts(sorted(names)):
        rows = Shelved.objects.filter(object_id__in=some, holding__isnull=False, collection__outward=True)
        for name, key, said in rows.values_list("object_id", "version_key", "substance"):
            found[names[name]].add((key, said))
    return found


def _definitions(
    partner: str, objects: Iterable[StixObject], held: Iterable[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """The marking definitions that came with it, and those held from this partner that anything here bears."""
    came = {obj.id: obj.content for obj in objects if obj.type == "marking-definition"}
    contents = [*(obj.content for obj in objects), *held]
    borne = {name for content in contents for _, name in references(content) if name.startswith("marking-definition--")}
    known = {
        str(content["id"]): content
        for holding, content in _held(sorted(borne - set(came)))
        if holding.partner == partner
    }
    return {**known, **came}


def _types_of(partner: str, objects: Sequence[StixObject]) -> dict[str, str]:
    """The type under which this partner has used each UUID: one that it never used is not there."""
    names = {obj.id.partition("--")[2] for obj in objects}
    ids = vault.names_of(f"{stix_type}--{name}" for name in names for stix_type in _VERSIONED)
    found: dict[str, str] = {}
    for some in parts(sorted(ids)):
        rows = Holding.objects.filter(object_id__in=some, partner=partner, direction=vault.RECEIVED)
        for object_id in rows.values_list("object_id", flat=True):
            stix_type, _, name = ids[object_id].partition("--")
            found[name] = stix_type
    return found
