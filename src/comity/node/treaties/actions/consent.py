"""Consents: recorded, withdrawn, and found for a crossing. Withdrawing is as easy as giving (GDPR Art. 7(3))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from comity.canon import InputError, Json, format_instant, printable
from comity.crossing import Consent as Permission
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.models import Consent, Flow

RECORDED, WITHDRAWN = "treaties:consent:recorded", "treaties:consent:withdrawn"
KINDS = ("originator", "victim-organisation", "data-subject")  # whose a share clause can ask for
MOST = 1000  # objects or agreements of one consent
LONGEST = 200  # characters of a reference


class BadConsent(InputError):
    what = "this consent is not recorded"
    why = "{reason}"
    do = "{remedy}"


def record_consent(
    *,
    of: str,
    reference: str,
    by: Person,
    now: dt.datetime,
    agreements: Iterable[str] = (),
    objects: Iterable[str] = (),
    submission: UUID | None = None,
    until: dt.datetime | None = None,
) -> Consent:
    """Record that somebody agreed. It covers what it names and nothing else.

    Args:   of: one of `KINDS`. reference: where the consent itself is kept; no name of a person.
            agreements: ids; none: under all. objects: STIX ids; none: all of the submission. until: business time.
    Raises: NotAllowed, BadConsent.
    """
    people.require(by, "consent", now)
    named, about = sorted(set(agreements)), sorted(set(objects))
    _judge(of, reference, named, about, submission, until, now)
    facts: dict[str, Json] = {"of": of, "agreements": [*named], "objects": len(about)}
    if until is not None:
        facts["until"] = format_instant(until)
    with transaction.atomic():
        consent = Consent.objects.create(
            of=of,
            agreements=named,
            objects_about=about,
            submission=submission,
            reference=reference,
            until=until,
            recorded_at=now,
            recorded_by=by.pk,
        )
        journal.record(RECORDED, str(consent.pk), kind="consent", facts=facts, now=now, actor=by)
    return consent


def withdraw_consent(consent: Consent, *, now: dt.datetime, by: Person) -> Consent:
    """What stands on it is read by nobody from now on, and is retracted by what follows the event. Again: no harm.

    Raises: NotAllowed.
    """
    people.require(by, "consent", now)
    with transaction.atomic():
        if Consent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now):
            journal.record(WITHDRAWN, str(consent.pk), kind="consent", facts={"of": consent.of}, now=now, actor=by)
    consent.refresh_from_db()
    return consent


def consents_for(submission: UUID, flow: Flow, now: dt.datetime) -> tuple[Permission, ...]:
    """The consents that stand now for this submission under this flow, the oldest first.

    `reference` is the id of the row, so that whoever relies on one can point at it.
    """
    rows = Consent.objects.filter(withdrawn_at=None, recorded_at__lte=now).order_by("recorded_at", "pk")
    return tuple(
        Permission(of=row.of, objects=frozenset(row.objects_about), until=row.until, reference=str(row.pk))
        for row in rows.filter(submission=None) | rows.filter(submission=submission)
        if (not row.agreements or flow.agreement in row.agreements) and (row.until is None or now < row.until)
    )


def _judge(
    of: str,
    reference: str,
    agreements: list[str],
    about: list[str],
    submission: UUID | None,
    until: dt.datetime | None,
    now: dt.datetime,
) -> None:
    if of not in KINDS:
        raise BadConsent(reason=f"{printable(of)} gives none", remedy="say whose it is: " + ", ".join(KINDS))
    if not reference.strip() or len(reference) > LONGEST:
        raise BadConsent(
            reason="it does not say where it is kept", remedy=f"give a reference of up to {LONGEST} characters"
        )
    if submission is None and not about:
        # INVARIANT: no consent covers everything there ever will be.
        raise BadConsent(reason="it is about nothing", remedy="name the submission it is for, or the objects")
    if len(about) > MOST or len(agreements) > MOST:
        raise BadConsent(reason=f"it names more than {MOST} things", remedy="record it for the submission")
    if until is not None and until <= now:
        raise BadConsent(reason="it is over already", remedy="record one that still stands")
