"""Agreements for programs: read, sign, accept; suspend a flow; record and withdraw a consent."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from comity.canon import InputError, parse_instant, printable
from comity.node import clock
from comity.node.people.access import verb
from comity.node.people.models import Person
from comity.node.treaties import actions
from comity.node.treaties.models import Consent, Flow, Text

router = Router(tags=["treaties"])
MAX_TEXT = 512 * 1024  # characters of an agreement, or of its signatures
MOST = 200  # rows of a list: the newest ones


class Strict(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)


class TextOut(Schema):
    """A version of an agreement, as it was accepted."""

    digest: str  # what its parties signed
    agreement: str
    version: int
    baseline: str | None  # digest of the text that it extends
    accepted_at: dt.datetime
    superseded_at: dt.datetime | None  # None: the version in force


class TextWhole(TextOut):
    """With the text itself and its signatures, as they were signed."""

    source: str
    signatures: str


class FlowOut(Schema):
    """One direction of an agreement between us and a partner."""

    id: UUID
    agreement: str
    text: str  # digest of the version it is compiled from
    partner: str
    origin: str
    destination: str
    starts: dt.date
    ends: dt.date  # the last day
    days_left: int  # until the last day; below zero once it is over
    in_force: bool
    suspended_at: dt.datetime | None
    suspended_why: str  # a code; "": it is not suspended


class SourceIn(Strict):
    source: str = Field(max_length=MAX_TEXT, description="The agreement's YAML.")
    signatures: str | None = Field(None, max_length=MAX_TEXT, description="What others have signed so far.")


class SignaturesOut(Schema):
    signatures: str


class AcceptIn(Strict):
    source: str = Field(max_length=MAX_TEXT, description="The agreement's YAML, to the byte as it was signed.")
    signatures: str = Field(max_length=MAX_TEXT, description="The file of signatures, every party's among them.")


class SuspendIn(Strict):
    why: str = Field(description="One of: " + ", ".join(actions.SUSPENSIONS))


class ConsentIn(Strict):
    of: str = Field(description="Whose: originator, victim-organisation or data-subject.")
    reference: str = Field(max_length=200, description="Where the consent itself is kept; no name of a person.")
    agreements: list[str] = Field([], max_length=1000, description="Ids; none: under all.")
    objects: list[str] = Field([], max_length=1000, description="STIX ids; none: all of the submission.")
    submission: str | None = None
    until: str | None = Field(None, description="An instant, as 2027-01-31T00:00:00Z; none: until it is withdrawn.")


class ConsentOut(Schema):
    id: UUID
    of: str
    reference: str
    agreements: list[str]
    objects: list[str]
    submission: UUID | None
    until: dt.datetime | None
    recorded_at: dt.datetime
    withdrawn_at: dt.datetime | None


class NotAnId(InputError):
    what = "{text} is no id of a submission"
    why = "it is not written as a UUID"
    do = "give the id that the submission has in the list of submissions"


@router.get("/agreements", response=list[TextOut], auth=verb("status"), summary="The texts that were accepted")
def agreements(request: HttpRequest) -> list[TextOut]:
    """Those in force and those they superseded."""
    del request
    rows = Text.objects.defer("source", "signatures").order_by("agreement", "-version")
    return [TextOut(**_text(one)) for one in rows]


@router.get("/agreements/{digest}", response=TextWhole, auth=verb("status"), summary="One text, as it was signed")
def agreement(request: HttpRequest, digest: str) -> TextWhole:
    """With every party's signature, so that it can be verified anywhere (`comity agreement verify`)."""
    del request
    one = get_object_or_404(Text, pk=digest)
    return TextWhole(**_text(one), source=bytes(one.source).decode(), signatures=bytes(one.signatures).decode())


@router.post("/signatures", response=SignaturesOut, auth=verb("agree"), summary="Sign a text for this party")
def sign(request: HttpRequest, body: SourceIn) -> SignaturesOut:
    """With the key that the agreements pin. Returns all signatures, ours among them."""
    there = None if body.signatures is None else body.signatures.encode()
    signed = actions.sign_text(body.source.encode(), there, by=_person(request), now=clock.now())
    return SignaturesOut(signatures=signed.decode())


@router.post("/agreements", response={201: TextOut}, auth=verb("agree"), summary="Accept a text that all have signed")
def accept(request: HttpRequest, body: AcceptIn) -> Status[TextOut]:
    """It is checked, kept as it was signed, supersedes the version before, and opens its flows."""
    source, signatures = body.source.encode(), body.signatures.encode()
    return Status(201, TextOut(**_text(actions.accept(source, signatures, now=clock.now(), by=_person(request)))))


@router.get("/flows", response=list[FlowOut], auth=verb("status"), summary="The flows, each way")
def flows(request: HttpRequest) -> list[FlowOut]:
    """Whether each is in force today, what suspends it, and how long it has to go."""
    del request
    return [_flow(one) for one in Flow.objects.order_by("agreement", "origin", "destination")]


@router.post("/flows/{uuid:flow_id}/suspend", response=FlowOut, auth=verb("suspend"), summary="Suspend a flow")
def suspend(request: HttpRequest, flow_id: UUID, body: SuspendIn) -> FlowOut:
    """Nothing is read under it from this moment on."""
    found = get_object_or_404(Flow, pk=flow_id)
    return _flow(actions.suspend(found, body.why, now=clock.now(), by=_person(request)))


@router.post("/flows/{uuid:flow_id}/resume", response=FlowOut, auth=verb("suspend"), summary="Resume a flow")
def resume(request: HttpRequest, flow_id: UUID) -> FlowOut:
    """What stands on the shelf may be read again."""
    found = get_object_or_404(Flow, pk=flow_id)
    return _flow(actions.resume(found, now=clock.now(), by=_person(request)))


@router.get("/consents", response=list[ConsentOut], auth=verb("consent"), summary="The newest consents")
def consents(request: HttpRequest, submission: UUID | None = None) -> list[ConsentOut]:
    """Those that stand, and those that were withdrawn or have ended."""
    del request
    rows = Consent.objects.order_by("-recorded_at", "pk")
    return [_consent(one) for one in (rows if submission is None else rows.filter(submission=submission))[:MOST]]


@router.post("/consents", response={201: ConsentOut}, auth=verb("consent"), summary="Record a consent")
def record(request: HttpRequest, body: ConsentIn) -> Status[ConsentOut]:
    """Whose, for which agreements and objects, until when, and where it is kept."""
    consent = actions.record_consent(
        of=body.of,
        reference=body.reference,
        agreements=body.agreements,
        objects=body.objects,
        submission=_uuid(body.submission),
        until=None if body.until is None else parse_instant(body.until),
        by=_person(request),
        now=clock.now(),
    )
    return Status(201, _consent(consent))


@router.post("/consents/{uuid:consent_id}/withdraw", response=ConsentOut, auth=verb("consent"), summary="Withdraw it")
def withdraw(request: HttpRequest, consent_id: UUID) -> ConsentOut:
    """What stands on it is hidden at once, and retracted."""
    found = get_object_or_404(Consent, pk=consent_id)
    return _consent(actions.withdraw_consent(found, now=clock.now(), by=_person(request)))


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)  # noqa: S101 -- `verb` let nobody else in
    return request.user


def _uuid(text: str | None) -> UUID | None:
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError as error:
        raise NotAnId(text=printable(text)) from error


def _text(one: Text) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "agreement": one.agreement,
        "version": one.version,
        "baseline": one.baseline_id,
        "accepted_at": one.accepted_at,
        "superseded_at": one.superseded_at,
    }


def _flow(one: Flow) -> FlowOut:
    today = clock.now().date()
    return FlowOut(
        id=one.pk,
        agreement=one.agreement,
        text=one.text_id,
        partner=one.partner_id,
        origin=one.origin,
        destination=one.destination,
        starts=one.starts,
        ends=one.ends,
        days_left=(one.ends - today).days,
        in_force=actions.in_force(one, today),
        suspended_at=one.suspended_at,
        suspended_why=one.suspended_why,
    )


def _consent(one: Consent) -> ConsentOut:
    return ConsentOut(
        id=one.pk,
        of=one.of,
        reference=one.reference,
        agreements=one.agreements,
        objects=one.objects_about,
        submission=one.submission,
        until=one.until,
        recorded_at=one.recorded_at,
        withdrawn_at=one.withdrawn_at,
    )
