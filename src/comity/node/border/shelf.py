"""What stands on a partner's shelf, by the id under which the partner knows it."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Collection as Ids
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.canon import dumps
from comity.crossing import Keys
from comity.material import TLP_DEFINITIONS, StixObject
from comity.node.border.models import Collection, Shelved
from comity.node.keyring import held

MANY = 5_000  # names in one question to the database: SQLite takes 32 766 parameters
LONGEST_ID, LONGEST_TYPE, LONGEST_VERSION = 120, 80, 30  # characters; a bill takes nine digits of fraction
_OF_THE_MOMENT = frozenset(("modified", "object_modified"))  # what a changed copy has of the time it was made at
T = TypeVar("T")


class Row(NamedTuple):
    """One version that stands: its row of the table."""

    pk: int
    submission: str | None  # id of the one that put it there


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An object that stands: what its newest version was made of, and the rows of all its versions."""

    rows: tuple[Row, ...]  # the newest last
    object_id: str
    version: str
    source: str  # keyed: see `source_tag` of `Keys.tag`
    substance: str
    made_at: dt.datetime | None  # when its release was made
    first_receipt: dt.datetime | None


def on_shelf(rows: QuerySet[Shelved], now: dt.datetime) -> QuerySet[Shelved]:
    """Those that stand: neither withdrawn, deleted nor expired, on valid consents. Published or soon to be."""
    return rows.filter(
        Q(expires=None) | Q(expires__gt=now),
        Q(holding=None) | Q(holding__deleted_at=None, holding__expires__gt=now),
        ~lapsed_consent(now),
        withdrawn_at=None,
        box__isnull=False,
    )


def lapsed_consent(now: dt.datetime) -> Exists:
    """Of a row: that a consent which it stood on is withdrawn or over."""
    ties = Shelved.consents.through.objects.filter(shelved=OuterRef("pk"))
    return Exists(ties.filter(Q(consent__withdrawn_at__isnull=False) | Q(consent__until__lte=now)))


def standing(collection: Collection, ids: Ids[str], now: dt.datetime) -> dict[str, Standing]:
    """Of these ids those that stand in the collection."""
    rows = on_shelf(Shelved.objects.filter(collection=collection, holding__isnull=False), now)
    rows = rows.select_related("holding", "release", "release__crossing").order_by("version_key", "pk")
    found: dict[str, Standing] = {}
    for some in parts(sorted(ids)):
        for row in rows.filter(object_id__in=some):
            crossing = row.release.crossing if row.release is not None else None
            this = Row(row.pk, str(crossing.submission_id) if crossing is not None else None)
            older = found[row.object_id].rows if row.object_id in found else ()
            found[row.object_id] = Standing(
                rows=(*older, this),
                object_id=row.object_id,
                version=row.version,
                source=row.source,
                substance=row.substance,
                made_at=row.release.made_at if row.release is not None else None,
                first_receipt=row.holding.first_receipt if row.holding is not None else None,
            )
    return found


def first_receipts(collection: Collection, sources: Ids[str]) -> dict[str, dt.datetime]:
    """When what these source versions are first went to the partner, by source tag; also of what is gone since.

    INVARIANT: retention runs from the first receipt; sending the same version again does not restart it (promise 6).
    """
    found: dict[str, dt.datetime] = {}
    rows = Shelved.objects.filter(collection=collection, holding__isnull=False)
    for some in parts(sorted(sources)):
        for source, first in rows.filter(source__in=some).values_list("source", "holding__first_receipt"):
            if first is not None:
                found[source] = min(first, found.get(source, first))
    return found


def source_tag(object_id: str, version: str | None) -> str:
    """What `Keys.tag` is asked for: an id may tell the value it was made of, so it stands nowhere in clear."""
    return f"shelved\x1f{object_id}\x1f{version or ''}"


def substance(content: Mapping[str, Any]) -> str:
    """What an object says, apart from when it was copied: a keyed digest, which nobody can guess content from."""
    said = {name: value for name, value in content.items() if name not in _OF_THE_MOMENT}
    return hmac.digest(held().derived("substance"), dumps(said), "sha256").hex()


def has_room(obj: StixObject) -> bool:
    """Whether its id, type and version fit into tables and bills. STIX lets each be longer than anybody writes."""
    return len(obj.id) <= LONGEST_ID and len(obj.type) <= LONGEST_TYPE and len(obj.version or "") <= LONGEST_VERSION


def lasting(keys: Keys, origin: str) -> frozenset[str]:
    """Ids of what a crossing adds and what serves every release: our identity, and the published TLP markings."""
    return frozenset((keys.outgoing_id(f"identity--{origin}"), *TLP_DEFINITIONS))


def parts(listed: Sequence[T], most: int = MANY) -> Iterator[Sequence[T]]:
    return (listed[start : start + most] for start in range(0, len(listed), most))
