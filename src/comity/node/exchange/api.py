"""exchange for programs: partners and their state, visits, and the tools of partners that may read collections."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from comity.node import clock
from comity.node.border.models import Quarantined
from comity.node.due.models import Due
from comity.node.exchange import actions, tools
from comity.node.exchange.client.agreed import others
from comity.node.exchange.incoming.parcels import WAITING
from comity.node.exchange.models import Message, Parcel, Peer, Tool
from comity.node.journal.models import Witness
from comity.node.people.access import verb
from comity.node.people.models import Person
from comity.node.treaties.models import Flow, Party

router = Router(tags=["exchange"])


class PartnerOut(Schema):
    """Another party's node, as we know it."""

    party: str
    name: str
    url: str
    card_fetched_at: dt.datetime | None
    log: str  # its log's name; "" until we have its card
    witnesses_us: bool
    cosigned_size: int  # entries of our log that it has cosigned
    partner: bool  # some flow is between us; False: bound by a baseline only
    visited_at: dt.datetime | None  # the last visit that went through
    next_visit: dt.datetime | None
    held_up: str  # a code: why the last visit did not go through; ""
    paused_why: str  # a code: nothing is read until a person resumes it; ""
    waiting: int  # releases on their way in
    refused: int
    quarantined: int
    undelivered: int  # messages of ours that it has not taken yet
    overdue: dict[str, int]  # what it owes us, by kind


class OverdueOut(Schema):
    party: str
    code: str
    bill: str
    since: dt.datetime


class PulledOut(Schema):
    """Who is being visited."""

    parties: list[str]


class Strict(Schema):
    """A body: its fields and no others, of exactly their types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ResumeIn(Strict):
    again: bool = False  # look once more at the releases that were refused


class ToolOut(Schema):
    """A partner's tool. Its secret is shown once, when it is added."""

    partner: str
    scheme: str
    username: str
    enabled: bool
    ends: dt.datetime


class ToolIn(Strict):
    partner: str
    scheme: str  # basic, oauth2
    username: str
    ends: dt.datetime = Field(strict=False)  # an instant as text


class SecretOut(Schema):
    username: str
    secret: str


@router.get("/partners", response=list[PartnerOut], auth=verb("status"))
def partners(request: HttpRequest) -> list[PartnerOut]:
    """Whom the agreements bind, and how things stand with each."""
    del request
    owed = actions.overdue(clock.now())
    return [_partner(one.party, Counter(o.code for o in owed if o.party == one.party.pk)) for one in others()]


@router.get("/overdue", response=list[OverdueOut], auth=verb("status"))
def overdue(request: HttpRequest) -> list[actions.Overdue]:
    """What partners owe us, the oldest first."""
    del request
    return actions.overdue(clock.now())


@router.post("/pull", response=PulledOut, auth=verb("pull"))
def pull(request: HttpRequest) -> PulledOut:
    """Visit every partner now."""
    del request
    parties = sorted(Flow.objects.values_list("partner", flat=True).distinct())
    for party in parties:
        actions.pull(party, clock.now())
    return PulledOut(parties=parties)


@router.post("/partners/{party}/pull", response=PulledOut, auth=verb("pull"))
def pull_one(request: HttpRequest, party: str) -> PulledOut:
    """Visit one partner now."""
    del request
    actions.pull(party, clock.now())
    return PulledOut(parties=[party])


@router.post("/partners/{party}/resume", response=PartnerOut, auth=verb("suspend"))
def resume(request: HttpRequest, party: str, said: ResumeIn) -> PartnerOut:
    """Read a partner again that was paused."""
    actions.resume(party, by=_person(request), again=said.again, now=clock.now())
    return _partner(Party.objects.get(pk=party), Counter())


@router.get("/tools", response=list[ToolOut], auth=verb("tools"))
def list_tools(request: HttpRequest) -> list[ToolOut]:
    """Other tools of partners that may read their collections."""
    del request
    return [_tool(one) for one in Tool.objects.order_by("username")]


@router.post("/tools", response=SecretOut, auth=verb("tools"))
def add_tool(request: HttpRequest, said: ToolIn) -> SecretOut:
    """Add one, still off."""
    secret = tools.add_tool(
        said.partner, scheme=said.scheme, username=said.username, ends=said.ends, by=_person(request), now=clock.now()
    )
    return SecretOut(username=said.username, secret=secret)


@router.post("/tools/{username}/enable", response=ToolOut, auth=verb("tools"))
def enable(request: HttpRequest, username: str) -> ToolOut:
    """Let it read."""
    return _tool(tools.enable(username, by=_person(request), now=clock.now()))


@router.post("/tools/{username}/disable", response=ToolOut, auth=verb("tools"))
def disable(request: HttpRequest, username: str) -> ToolOut:
    """Let it read no more."""
    return _tool(tools.disable(username, by=_person(request), now=clock.now()))


def _partner(party: Party, owed: Counter[str]) -> PartnerOut:
    peer = Peer.objects.filter(pk=party.pk).first() or Peer(party=party)
    witness = Witness.objects.filter(party=party.pk).first()
    visit = Due.objects.filter(kind="pull", key=party.pk, done_at=None, given_up_at=None).first()
    parcels = Counter(Parcel.objects.filter(party=party).values_list("state", flat=True))
    return PartnerOut(
        party=party.pk,
        name=party.name,
        url=party.url,
        card_fetched_at=peer.fetched_at,
        log=peer.log_name,
        witnesses_us=witness is not None,
        cosigned_size=witness.cosigned_size if witness else 0,
        partner=Flow.objects.filter(partner=party).exists(),
        visited_at=peer.visited_at,
        next_visit=visit.due_at if visit else None,
        held_up=visit.last_error.removeprefix("Again: ") if visit else "",
        paused_why=peer.paused_why,
        waiting=parcels[WAITING],
        refused=parcels["refused"],
        quarantined=Quarantined.objects.filter(partner=party.pk).exclude(box=None).count(),
        undelivered=Message.objects.filter(partner=party.pk, outward=True, delivered_at=None).count(),
        overdue=dict(owed),
    )


def _tool(tool: Tool) -> ToolOut:
    return ToolOut(
        partner=tool.partner_id, scheme=tool.scheme, username=tool.username, enabled=tool.enabled, ends=tool.ends
    )


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `verb` let nobody else in
    return request.user
