"""Putting onto the shelf: messages at once, a release's objects once it is published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from comity.canon import Json, dumps
from comity.messages import FollowUp
from comity.node.border.models import Collection, Release, Shelved
from comity.node.border.partner_collections import locked, messages_of
from comity.node.border.versions import rising, taxii_timestamp, version_key
from comity.node.journal import actions as journal
from comity.node.people.models import Person
from comity.node.vault import actions as vault

MESSAGE_SHELVED = "border:message:shelved"


def shelve_message(
    partner: str,
    message: FollowUp,
    *,
    kind: str,
    facts: Mapping[str, Json],
    now: dt.datetime,
    release: Release | None = None,
    by: Person | None = None,
    expires: dt.datetime | None = None,
) -> Shelved:
    """Put a signed message where the partner reads it, with its entry in the journal. In the caller's transaction.

    It can be read as soon as that commits: what partners tell each other about a release waits for no witness.

    Args:    kind: of the entry.   facts: what the entry says beside the message's kind and the partner.
             release: the one that it is about, where it is ours.   by: who had it sent.
    """
    said = {"message": message.KIND, "to": partner, **facts}
    entry = journal.record(
        MESSAGE_SHELVED, message.id, kind=kind, facts=said, now=now, actor=by, commits_to=message.digest
    )
    version = str(message.content["modified"])
    row = Shelved(
        collection=messages_of(partner, outward=True),
        release=release,
        entry=entry,
        box=vault.seal("message", dumps(dict(message.content)), now=now, expires=expires),
        object_id=message.id,
        object_type=message.stix_type(),
        version=version,
        version_key=version_key(version),
        expires=expires,
    )
    row.save(force_insert=True)
    date(row.collection, [row], now)
    return row


def date(collection: Collection, rows: Sequence[Shelved], now: dt.datetime) -> None:
    """Give rows their date_added, in this order. From the commit on they can be read.

    INVARIANT: unique and strictly rising in the collection, in the order of commits: the row of the collection is
    locked until then, so a reader who only uses added_after sees every item once (attack A46).
    """
    row = locked(collection)
    moments = rising(len(rows), now=now, last=row.last_added)
    for item, moment in zip(rows, moments, strict=True):
        item.date_added = moment
        if not item.version:  # an observable has none: what counts is when its first copy was added (TAXII 2.1 3.3)
            item.version = _first_version(item) or taxii_timestamp(moment)
            item.version_key = version_key(item.version)
    Shelved.objects.bulk_update(rows, ("date_added", "version", "version_key"), batch_size=200)
    if moments:
        row.last_added = moments[-1]
        row.save(update_fields=["last_added"])


def _first_version(item: Shelved) -> str | None:
    """Of an observable that stood here before: the server keeps its version constant."""
    earlier = Shelved.objects.filter(
        collection=item.collection, object_id__in=vault.names_of([item.object_id]), date_added__isnull=False
    )
    return earlier.order_by("date_added").values_list("version", flat=True).first()
