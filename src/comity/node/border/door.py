"""THE door: the only source of anything that reaches a partner with material or messages in it (promise 9).

What stands on the shelf is read here and nowhere else, in one query that selects and filters at once. An item is given
out only while all of these hold: its collection is this partner's and goes outward; it was published; it was neither
withdrawn nor deleted, and has not expired; every consent that it stands on stands; and, for material, its flow is in
force today, not suspended, and the log's newest witnessed checkpoint is as fresh as the agreement asks. Messages need
no fresh proof and no agreement in force, so that receipts and retractions still flow.

INVARIANT: nothing but this file can make a `Released` or a `Record`, and exchange gives partners nothing else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import InitVar, dataclass
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.canon import InputError
from comity.node.border.models import Collection, Shelved
from comity.node.border.shelf import on_shelf
from comity.node.border.versions import date_added_at, place_of
from comity.node.journal import actions as journal
from comity.node.vault import actions as vault

MAX_PAGE = 1000  # items of one page, whatever is asked for
_KEY = object()  # who has it is this file


class NotThroughTheDoor(InputError):
    what = "this cannot be given to a partner"
    why = "only the door makes what partners get, from what stands on the shelf"
    do = "read it through comity.node.border.door"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """That an item is there: what a manifest says of it."""

    collection: UUID
    object_id: str
    type: str
    version: str  # as TAXII gives it: modified, created, or the date_added of the first copy
    spec_version: str
    date_added: dt.datetime
    key: InitVar[object]

    def __post_init__(self, key: object) -> None:
        if key is not _KEY:
            raise NotThroughTheDoor()


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Record):
    """An item as the partner gets it. `body` is one STIX object in canonical JSON."""

    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Which versions of each object: any mix of the first, the last and exact ones, or every one."""

    first: bool = False
    last: bool = False
    every: bool = False
    exact: frozenset[str] = frozenset()  # as `versions.version_key` writes them


LAST, EVERY = Versions(last=True), Versions(every=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for (TAXII 2.1 section 3.4). An empty set of names asks nothing about them."""

    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: Versions = LAST
    spec_versions: frozenset[str] = frozenset()
    added_after: dt.datetime | None = None  # strictly after
    after_sequence: int | None = None  # `Page.sequence` of the page before
    limit: int = MAX_PAGE  # of which MAX_PAGE is the most


T = TypeVar("T", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Items in the order of their date_added. `first` and `last`: those of this page, None where it is empty."""

    items: tuple[T, ...]
    more: bool
    first: dt.datetime | None
    last: dt.datetime | None
    sequence: int | None  # where the next page goes on, though items at the end were left out


def read(collection: Collection, query: Selection, *, partner: str, now: dt.datetime) -> Page[Released]:
    """The page of items that the query asks for and the partner may have now.

    Args:    partner: the party that asks, as it proved to be. A collection of another's is empty to it.
             now: business time.
    """
    rows, more = _page(_visible(collection, query, partner, now).select_related("box"), query)
    boxes = [(row, row.box) for row in rows if row.box is not None]
    bodies = vault.opened_many(box for _, box in boxes)
    # INVARIANT: what nobody can open any more is not there, and is no error that would tell of it.
    items = tuple(_released(row, bodies[box.pk]) for row, box in boxes if box.pk in bodies)
    return _paged(items, rows, more)


def manifest(collection: Collection, query: Selection, *, partner: str, now: dt.datetime) -> Page[Record]:
    """The same items as `read`, without what is in them."""
    rows, more = _page(_visible(collection, query, partner, now), query)
    return _paged(tuple(map(_record, rows)), rows, more)


def versions(
    collection: Collection, object_id: str, query: Selection, *, partner: str, now: dt.datetime
) -> Page[Record]:
    """The versions of one object that the partner may have now, as TAXII 2.1 section 5.8 lists them."""
    asked = Selection(
        ids=frozenset((object_id,)),
        versions=EVERY,
        spec_versions=query.spec_versions,
        added_after=query.added_after,
        after_sequence=query.after_sequence,
        limit=query.limit,
    )
    return manifest(collection, asked, partner=partner, now=now)


def for_posting(message: Shelved, *, now: dt.datetime) -> Released | None:
    """A message that delivery pushes to the partner's inbox; None where it no longer stands on the shelf.

    Raises: NotThroughTheDoor for material, which a partner reads and nobody pushes.
    """
    collection = message.collection
    if collection.kind != "messages":
        raise NotThroughTheDoor()
    query = Selection(ids=frozenset((message.object_id,)), versions=EVERY)
    page = read(collection, query, partner=collection.partner, now=now)
    return next((item for item in page.items if item.version == message.version), None)


def _visible(collection: Collection, query: Selection, partner: str, now: dt.datetime) -> QuerySet[Shelved]:
    """The whole selection as one query. Its cost goes with the page, not with the collection: it walks the index of
    (collection, date_added), and looks up other versions by (collection, object_id, version_key).
    """
    standing = _standing(Shelved.objects.filter(collection=OuterRef("collection")), query, now)
    others = standing.filter(object_id=OuterRef("object_id"))
    rows = _standing(Shelved.objects.filter(collection=collection), query, now).filter(_theirs(partner, now))
    if query.ids:
        rows = rows.filter(object_id__in=query.ids)
    if query.types:
        rows = rows.filter(object_type__in=query.types)
    rows = rows.filter(_wanted(query.versions, others))
    after = [moment for moment in (query.added_after, _after(query)) if moment is not None]
    if after:
        rows = rows.filter(date_added__gt=max(after))
    return rows.order_by("date_added")


def _theirs(partner: str, now: dt.datetime) -> Q:
    """INVARIANT: a partner sees its own collections alone, and material only under a flow in force with fresh proof."""
    flow, today = "collection__flow__", now.date()
    in_force = {
        f"{flow}partner": partner,
        f"{flow}outward": True,
        f"{flow}starts__lte": today,
        f"{flow}ends__gte": today,
        f"{flow}suspended_at": None,
    }
    fresh = Q(**{f"{flow}witnessed_within": None})
    witnessed_at = journal.proof_time(now)
    if witnessed_at is not None:
        # Witnesses' clocks may be a little ahead of ours.
        fresh |= Q(**{f"{flow}witnessed_within__gt": now - min(witnessed_at, now)})
    messages = Q(collection__kind="messages", collection__flow=None)
    material = Q(collection__kind="material", **in_force) & fresh
    return Q(collection__partner=partner, collection__outward=True) & (messages | material)


def _standing(rows: QuerySet[Shelved], query: Selection, now: dt.datetime) -> QuerySet[Shelved]:
    """What was published and still stands, whoever asks."""
    rows = on_shelf(rows, now).filter(date_added__isnull=False)
    return rows.filter(spec_version__in=query.spec_versions) if query.spec_versions else rows


def _wanted(wanted: Versions, others: QuerySet[Shelved]) -> Q:
    """INVARIANT: what is hidden from the partner never decides which version is the first or the last."""
    if wanted.every:
        return Q()
    chosen = Q(version_key__in=wanted.exact)
    if wanted.first:
        chosen |= Q(~Exists(others.filter(version_key__lt=OuterRef("version_key"))))
    if wanted.last:
        chosen |= Q(~Exists(others.filter(version_key__gt=OuterRef("version_key"))))
    return chosen


def _after(query: Selection) -> dt.datetime | None:
    return None if query.after_sequence is None else date_added_at(query.after_sequence)


def _page(rows: QuerySet[Shelved], query: Selection) -> tuple[list[Shelved], bool]:
    limit = max(1, min(query.limit, MAX_PAGE))
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit


def _paged(items: tuple[T, ...], rows: list[Shelved], more: bool) -> Page[T]:
    return Page(
        items=items,
        more=more,
        first=items[0].date_added if items else None,
        last=items[-1].date_added if items else None,
        sequence=place_of(_added(rows[-1])) if rows else None,
    )


def _added(row: Shelved) -> dt.datetime:
    if row.date_added is None:
        raise NotThroughTheDoor()
    return row.date_added


def _record(row: Shelved) -> Record:
    return Record(
        collection=row.collection_id,
        object_id=row.object_id,
        type=row.object_type,
        version=row.version,
        spec_version=row.spec_version,
        date_added=_added(row),
        key=_KEY,
    )


def _released(row: Shelved, body: bytes) -> Released:
    return Released(
        collection=row.collection_id,
        object_id=row.object_id,
        type=row.object_type,
        version=row.version,
        spec_version=row.spec_version,
        date_added=_added(row),
        body=body,
        key=_KEY,
    )
