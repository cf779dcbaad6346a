"""The one way across: `cross(material, plan, circumstances, keys, now)`. The same inputs give the same bytes.

Two passes over the material: `observe` reads it once for ids, references, roles and value tags; `cross` reads it again
and treats object by object into a spool. Then references alone decide what crosses together, and the release is
searched for what was treated before anyone can have it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comity.agreement import Plan
from comity.canon import digest_of, utc
from comity.crossing.circumstances import Circumstances
from comity.crossing.decision import Decision
from comity.crossing.keys import Keys
from comity.crossing.release import Release
from comity.crossing.spool import MemorySpool, Spool
from comity.material import StixObject, write_bundle
from comity.privacy import survey


def observe(material: Iterable[StixObject], keys: Keys, *, purpose: str, **facts: Any) -> Circumstances:
    """First pass: what the graph says, put into circumstances with the other `facts` (see `Circumstances`)."""
    definitions: dict[str, Mapping[str, Any]] = {}
    observed: set[str] = set()
    versions: dict[str, str] = {}
    several: set[str] = set()

    def noting() -> Iterator[StixObject]:
        for obj in material:
            if obj.type == "marking-definition":
                definitions[obj.id] = obj.content
            observed.add(keys.tag(digest_of(obj.content)))
            if obj.id in versions:
                several.add(obj.id)
            versions[obj.id] = max(versions.get(obj.id, ""), obj.version or "")
            yield obj

    neighbourhood = survey(noting(), keys.tag)
    return Circumstances(
        purpose=purpose,
        neighbourhood=neighbourhood,
        definitions=definitions,
        observed=frozenset(observed),
        newest={object_id: versions[object_id] for object_id in several},
        **facts,
    )


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What came of it. Iterating `objects` and `decisions` reads from the spool, so neither is held in memory."""

    plan: Plan
    circumstances: Circumstances  # as given, and what was treated: under these a part is searched like the whole
    now: dt.datetime
    counts: Mapping[str, int]  # objects by outcome; "crossed": all that leave, "material": without definitions
    retracts: tuple[str, ...]  # ids the partner holds of versions that crossed unchanged and are now reduced
    bundle_id: str
    kept_elsewhere: tuple[str, ...]  # residue that is listed, not a hit: paths of values kept by decision
    _release: Release = field(repr=False)

    def objects(self) -> Iterator[dict[str, Any]]:
        """The objects that cross, as the partner gets them: additions first, then in the order of the material."""
        return self._release.objects()

    def decisions(self) -> Iterator[Decision]:
        """One for each object of the material in its order, then one for each addition."""
        return self._release.decisions()

    def bundle(self) -> Iterator[bytes]:
        """A STIX 2.1 bundle of `objects`, canonical (RFC 8785)."""
        return write_bundle(self.objects(), self.bundle_id)


def cross(
    material: Iterable[StixObject],
    plan: Plan,
    circumstances: Circumstances,
    keys: Keys,
    now: dt.datetime,
    *,
    spool: Spool | None = None,
    progress: Callable[[int], None] | None = None,
) -> Crossing:
    """Second pass and the release. Pure: the same arguments give the same bytes (promise 8).

    Args:    material: the objects that `circumstances` were observed on, or a part of them.
             now: business time; an instant in UTC.
             spool: where intermediate results go; memory when absent.
             progress: called with the number of objects assessed so far.
    Raises:  NaiveTime, BadCircumstances.
    """
    now = utc(now)
    release = Release(plan, circumstances, keys, now, spool or MemorySpool())
    for count, obj in enumerate(material, start=1):
        release.take(obj)
        if progress is not None:
            progress(count)
    release.close()
    return Crossing(
        plan=plan,
        circumstances=release.circumstances,
        now=now,
        counts=release.counts(),
        retracts=release.retracts(),
        bundle_id=release.bundle_id(),
        kept_elsewhere=release.kept_elsewhere(),
        _release=release,
    )
