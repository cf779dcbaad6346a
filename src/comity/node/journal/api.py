"""The journal for programs: its state for all staff, its entries and proofs for auditors, alarms for who can stop."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from comity.canon import ComityError
from comity.node import clock
from comity.node.journal import actions
from comity.node.journal.actions.gate import refusal
from comity.node.journal.models import Alarm, Entry, Witness
from comity.node.journal.rows import newest_checkpoint
from comity.node.people.access import verb
from comity.node.people.models import Person

router = Router(tags=["ledger"])
MOST = 500  # entries a page


class AlarmOut(Schema):
    """Something about a log that must not be, and that nobody has settled yet."""

    id: int
    code: str
    log: str
    witness: str  # on whose word; "" on what the node sees itself
    raised_at: dt.datetime
    stops_signing: bool


class WitnessOut(Schema):
    name: str
    party: str
    cosigned_size: int
    asked_at: dt.datetime | None  # when it last cosigned the log as it stands; None: not since the node started


class StatusOut(Schema):
    """The log as it stands."""

    origin: str
    size: int  # entries in the newest checkpoint
    root: str
    published_size: int  # entries that a quorum of witnesses has seen
    waiting: int  # entries that are not sequenced yet
    witnessed_at: dt.datetime | None  # up to when a quorum vouches for the log; None: never
    fresh: bool
    may_sign: bool
    why_not: str
    alarms: list[AlarmOut]
    witnesses: list[WitnessOut]


class VerifiedOut(Schema):
    """What was recomputed and found to be whole."""

    origin: str
    size: int
    root: str
    waiting: int
    tiles: int
    checkpoints: int
    cosignatures: int
    watched: int
    witnessed_at: dt.datetime | None


class EntryOut(Schema):
    index: int
    entry: str  # as it is logged
    actor: str | None  # a pseudonym, which the overseer's register resolves


class EntriesOut(Schema):
    entries: list[EntryOut]
    next: int | None  # `start` of the next page; None: there are no more yet


class ProofOut(Schema):
    index: int
    entry: str
    proof: str  # C2SP tlog-proof


class Page(Schema):
    start: int = Field(0, ge=0, le=2**53)
    limit: int = Field(100, ge=1, le=MOST)


@router.get("/status", response=StatusOut, auth=verb("status"))
def status(request: HttpRequest) -> StatusOut:
    """Size, root, proof, alarms and witnesses."""
    del request
    now, newest, against = clock.now(), newest_checkpoint(), refusal()
    return StatusOut(
        origin=actions.our_log(),
        size=0 if newest is None else newest.size,
        root="" if newest is None else f"sha256:{bytes(newest.root).hex()}",
        published_size=actions.published_size(),
        waiting=Entry.objects.filter(index=None).count(),
        witnessed_at=actions.proof_time(now),
        fresh=actions.is_fresh(now),
        may_sign=against is None,
        why_not="" if against is None else _said(against),
        alarms=[AlarmOut.from_orm(one) for one in Alarm.objects.filter(cleared_at=None).order_by("raised_at", "pk")],
        witnesses=[WitnessOut.from_orm(one) for one in Witness.objects.order_by("name")],
    )


@router.post("/verify", response=VerifiedOut, auth=verb("ledger-verify"))
def verify(request: HttpRequest) -> actions.Verified:
    """Recompute every leaf, tile, root, checkpoint, cosignature and seal. 409 names the first that is wrong."""
    del request
    return actions.audit(clock.now())


@router.post("/alarms/{int:alarm}/clear", response=AlarmOut, auth=verb("suspend"))
def clear(request: HttpRequest, alarm: int) -> Alarm:
    """Say that you have looked at an alarm. It is entered in the log with your pseudonym.

    409 for what stops signing, which only a newer database settles; 404 for one that is not open.
    """
    row = get_object_or_404(Alarm, pk=alarm, cleared_at=None)
    actions.clear_alarm(row, by=_person(request), now=clock.now())
    return row


@router.get("/entries", response=EntriesOut, auth=verb("ledger-read"))
def entries(request: HttpRequest, page: Query[Page]) -> EntriesOut:
    """Entries in the order of the log, `limit` from `start` on."""
    del request
    rows = list(Entry.objects.filter(index__gte=page.start).order_by("index")[: page.limit])
    actors = actions.actors_of(rows)
    shown = [EntryOut(index=row.index or 0, entry=_text(row), actor=actors.get(row.pk)) for row in rows]
    return EntriesOut(entries=shown, next=shown[-1].index + 1 if len(shown) == page.limit else None)


@router.get("/entries/{int:index}/proof", response=ProofOut, auth=verb("ledger-read"))
def proof(request: HttpRequest, index: int) -> ProofOut:
    """The proof that an entry is in the log, under the newest checkpoint that enough witnesses have cosigned."""
    del request
    row = get_object_or_404(Entry, index=index)
    return ProofOut(index=index, entry=_text(row), proof=bytes(actions.prove(row)).decode())


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `verb` let nobody else in
    return request.user


def _text(row: Entry) -> str:
    return bytes(row.body).decode()


def _said(error: ComityError) -> str:
    return f"{error.sentence}; {error.remedy}"
