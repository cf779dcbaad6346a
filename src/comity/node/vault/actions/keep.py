"""keep: object versions under an agreement, each in a box of its own, from their first receipt to their expiry.

INVARIANT (promise 6): touching an object restarts nothing. What is kept already stays as it was first received; a
second receipt, from whomever under the same agreement, can only bring its end nearer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from comity.canon import InputError, digest
from comity.node.vault.actions.bury import buried
from comity.node.vault.actions.delete import delete
from comity.node.vault.actions.destroy import destroy, must_be_free
from comity.node.vault.actions.kinds import EXPIRY, KEY_DESTROYED, OBJECT
from comity.node.vault.actions.seal import seal_many
from comity.node.vault.chunks import chunks
from comity.node.vault.models import Box, BoxKey, Holding

RECEIVED, RELEASED = "received", "released"
_Place = tuple[str, str, str, str, str]


class Buried(InputError):
    what = "{object_id} is not kept again"
    why = "this version of it was deleted on the terms of {agreement}"
    do = "ask its originator for a new version, or have an officer say that it may return"


class OtherContent(InputError):
    what = "{object_id} is not kept a second time"
    why = "version {version} of it is held under {agreement} with other content, and a version is never changed"
    do = "quarantine it, and ask {partner} which of the two it means (STIX 2.1 section 3.6)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is to be kept: the fields of a holding, and the content. Instants are business time."""

    agreement: str
    partner: str
    direction: str  # RECEIVED or RELEASED
    bill: str
    object_id: str
    object_type: str
    version: str  # "" for an observable: its newest content stands
    data: bytes
    expires: dt.datetime
    first_receipt: dt.datetime | None = None  # None: now
    clauses: Sequence[str] = ()
    digest: str = ""  # as the bill states it; "": of the bytes given
    may_return: bool = False  # an officer said that it may come back although it was deleted on terms

    def __post_init__(self) -> None:
        if self.direction not in (RECEIVED, RELEASED):
            raise ValueError(f"a direction is {RECEIVED} or {RELEASED}")

    @property
    def place(self) -> _Place:
        """One live holding for each."""
        return self.agreement, self.partner, self.direction, self.object_id, self.version

    @property
    def stated(self) -> str:
        return self.digest or digest(self.data)


def keep(*, now: dt.datetime, **fields: Any) -> Holding:
    """Keep one: the fields of `Keeping`. Raises: as `keep_many`."""
    return keep_many([Keeping(**fields)], now)[0]


def keep_many(items: Iterable[Keeping], now: dt.datetime) -> list[Holding]:
    """A holding for each item, in their order: new, or the one that is there. All of them, or none.

    Raises: Buried where something was deleted on terms; OtherContent; OnHold where what is held has to go first, its
            time being over or its content another, and a legal hold keeps it.
    """
    listed = list(items)
    _end_overdue(listed, now)
    _refuse_buried(listed)
    try:
        return _keep(listed, now)
    except IntegrityError:
        # Somebody kept one of them at the same time. Theirs is there now, and is found.
        return _keep(listed, now)


def _end_overdue(items: list[Keeping], now: dt.datetime) -> None:
    """What is over goes before anything is kept in its place, though no sweep came by: that would go with it.

    INVARIANT: what a legal hold keeps beyond its time is neither lengthened nor said to be kept. Raises: OnHold.
    """
    over = Holding.objects.filter(deleted_at=None, expires__lte=now)
    if not (ids := _same(items, over)):
        return
    with transaction.atomic():
        found = _locked(over, ids)
        must_be_free([holding.box_id for holding in found if holding.box_id])
        delete(found, EXPIRY, now)


def _refuse_buried(items: list[Keeping]) -> None:
    asked = [item for item in items if item.direction == RECEIVED and not item.may_return]
    names = buried((item.agreement, item.object_id, item.version) for item in asked)
    for item in asked:
        if (item.agreement, item.object_id, item.version) in names:
            raise Buried(object_id=item.object_id, agreement=item.agreement)


@transaction.atomic
def _keep(items: list[Keeping], now: dt.datetime) -> list[Holding]:
    living = _living(items, now)
    known = {_place(holding): holding for holding in living}
    before = {holding.pk: _moving(holding) for holding in living}
    contents: dict[_Place, Keeping] = {}  # of what is new, or has new content
    for item in items:
        if item.place not in known:
            known[item.place] = _holding(item, now)
            contents[item.place] = item
        elif _again(known[item.place], item, now):
            contents[item.place] = item
    _end_together(known.values())
    _seal({place: (known[place], item) for place, item in contents.items()}, now)
    Holding.objects.bulk_create([holding for holding in known.values() if holding.pk not in before])
    moved = [holding for holding in living if _moving(holding) != before[holding.pk]]
    Holding.objects.bulk_update(moved, ("box", "digest", "bill", "first_receipt", "expires"), batch_size=100)
    return [known[item.place] for item in items]


def _moving(holding: Holding) -> tuple[object, ...]:
    return holding.box_id, holding.digest, holding.first_receipt, holding.expires


def _living(items: list[Keeping], now: dt.datetime) -> list[Holding]:
    """What is held of these versions under these agreements, by whomever it was sent; locked."""
    live = Holding.objects.filter(deleted_at=None)
    found = _locked(live, _same(items, live))
    keys = _with_keys([holding.box_id for holding in found if holding.box_id])
    # A deletion broke off after it destroyed the key: it is finished, and what comes now is new.
    broken = [holding for holding in found if holding.box_id not in keys]
    gone = {holding.pk for holding in delete(broken, KEY_DESTROYED, now)} if broken else set()
    return [holding for holding in found if holding.pk not in gone]


def _same(items: list[Keeping], live: QuerySet[Holding]) -> list[UUID]:
    """Ids of those of the same versions under the same agreements, in order."""
    wanted = {(item.agreement, item.direction, item.object_id, item.version) for item in items}
    named = live.values_list("pk", "agreement", "direction", "object_id", "version")
    rows = (named.filter(object_id__in=some) for some in chunks(sorted({item.object_id for item in items})))
    return sorted(pk for few in rows for pk, *version in few if tuple(version) in wanted)


def _locked(live: QuerySet[Holding], ids: list[UUID]) -> list[Holding]:
    """Locked as everywhere by id, so that two who lock the same never wait for each other."""
    locked = live.order_by("pk").select_for_update()
    return [holding for some in chunks(ids) for holding in locked.filter(pk__in=some)]


def _with_keys(boxes: list[UUID]) -> set[UUID]:
    usable = BoxKey.objects.filter(destroyed_at=None).values_list("box_id", flat=True)
    rows = (usable.filter(box_id__in=some) for some in chunks(boxes))
    return {box_id for few in rows for box_id in few}


def _place(holding: Holding) -> _Place:
    return holding.agreement, holding.partner, holding.direction, holding.object_id, holding.version


def _holding(item: Keeping, now: dt.datetime) -> Holding:
    return Holding(
        agreement=item.agreement,
        partner=item.partner,
        direction=item.direction,
        bill=item.bill,
        object_id=item.object_id,
        object_type=item.object_type,
        version=item.version,
        digest=item.stated,
        first_receipt=item.first_receipt or now,
        expires=item.expires,
        clauses=list(item.clauses),
    )


def _again(holding: Holding, item: Keeping, now: dt.datetime) -> bool:
    """The same version once more: nothing of it moves later. Whether it has new content, as an observable may."""
    holding.first_receipt = min(holding.first_receipt, item.first_receipt or now)
    holding.expires = min(holding.expires, item.expires)
    if holding.digest == item.stated:
        return False
    if item.version:
        raise OtherContent(
            object_id=item.object_id, version=item.version, agreement=item.agreement, partner=item.partner
        )
    holding.digest, holding.bill = item.stated, item.bill  # the newest content came with the newest bill
    return True


def _end_together(holdings: Iterable[Holding]) -> None:
    """One received version under one agreement has one first receipt and one end, whoever sent it."""
    together: dict[tuple[str, str, str], list[Holding]] = {}
    for holding in holdings:
        if holding.direction == RECEIVED:
            together.setdefault((holding.agreement, holding.object_id, holding.version), []).append(holding)
    for same in together.values():
        first, expires = min(h.first_receipt for h in same), min(h.expires for h in same)
        for holding in same:
            holding.first_receipt, holding.expires = first, expires


def _seal(contents: dict[_Place, tuple[Holding, Keeping]], now: dt.datetime) -> None:
    boxes = seal_many([(OBJECT, item.data, None) for _, item in contents.values()], now)
    _discard([holding.box_id for holding, _ in contents.values() if holding.box_id], now)
    for (holding, _), box in zip(contents.values(), boxes, strict=True):
        holding.box = box


def _discard(ids: list[UUID], now: dt.datetime) -> None:
    """Destroyed once the new content is committed; where that never gets done, they have expired and the sweep does it.

    Raises: OnHold.
    """
    if not ids:
        return
    must_be_free(ids)
    for some in chunks(ids):
        Box.objects.filter(pk__in=some).update(expires=now)
    transaction.on_commit(lambda: destroy(Box.objects.only("pk").filter(pk__in=ids)), robust=True)
