"""receive: a release that came. Import is a crossing too: verified, held against the agreement, kept on its terms."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Q

from comity.canon import Json, ProofError, digest_of, dumps, midnight, parse_instant, printable
from comity.ledger import Policy, VerifierKey, read_public_key
from comity.material import TLP_DEFINITIONS, StixObject, is_identifier
from comity.messages import Bill, Missing, NotStored, make_receipt, read_bill, sign_message, verify_bill
from comity.node import chance, config, keyring
from comity.node.border.admission import TOLERANCE, Terms, breach
from comity.node.border.history import History
from comity.node.border.models import Arrival, Quarantined, Shelved
from comity.node.border.releasing import BILL_KEPT
from comity.node.border.shelf import has_room, parts
from comity.node.border.shelving import shelve_message
from comity.node.border.versions import version_key
from comity.node.journal import actions as journal
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow, Party, Text
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

RECEIVED = "border:release:received"
QUARANTINE_KEPT = dt.timedelta(days=30)  # what is set apart, at most; sooner where its own terms end


class NoSuchFlow(ProofError):
    what = "the release was not received"
    why = "no agreement in force today lets {partner} send this: it names {agreement}, from {origin} to {destination}"
    do = "have the agreement signed or resumed; the release can be asked for again"
    http_status = 409


class NotOfThisTime(ProofError):
    what = "the release was not received"
    why = "its bill was made at a time that is yet to come, or outside the term of the agreement"
    do = "compare clocks with the partner, and ask for the release again"
    http_status = 409


class AnotherBill(ProofError):
    what = "the release was not received"
    why = "a bill of this id came before, and said something else (attack A73)"
    do = "keep both, and ask the partner which of them it made"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """What became of a release that came."""

    arrival: Arrival
    receipt: Shelved  # the countersignature, on the shelf for the partner
    missing: tuple[Missing, ...]  # what the bill lists and is not stored; empty when it came before
    again: bool  # it had come before: nothing was done, and the receipt is the one given then


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One object that came: kept, or why not."""

    obj: StixObject
    listed: Mapping[str, Any]
    reason: NotStored | None = None
    code: str = ""  # of `codes.QUARANTINE`
    returns: bool = False


def receive(
    partner: Party,
    bill: Bill,
    objects: Sequence[Mapping[str, Json]],
    *,
    log_key: VerifierKey | None = None,
    policy: Policy | None = None,
    absent: Collection[str] = (),
    now: dt.datetime,
) -> Arrived:
    """Verify a release, keep what its agreement lets its sender send, and countersign that.

    What breaks the agreement is quarantined, each object with its reason; the rest is kept. The same bill again gives
    the same receipt, and does nothing.

    Args:    partner: who sent it, as it proved to be.
             objects: all that came of it, as STIX content.
             log_key, policy: the partner's log, and which witnesses must have seen it (None: the log alone is trusted).
             absent: ids of listed objects that cannot be had any more: the receipt names them.
             now: business time; first receipt of what is new.
    Raises:  NoSuchFlow, NotOfThisTime, AnotherBill; what `messages.verify_bill` raises. Then nothing was kept.
    """
    flow = _flow(partner, bill, now)
    if (before := _before(bill, flow)) is not None:
        return before
    digest = bill.content["agreement"]["digest"]
    verify_bill(
        bill,
        read_public_key(partner.key),
        objects,
        log_key=log_key,
        policy=policy,
        receiver=config.current().party,
        agreement_digest=digest if _agreed(flow, digest, bill.made_at) else flow.text_id,
        absent=absent,
    )
    judged = list(_judge(flow, bill, objects, now))
    with transaction.atomic():
        Flow.objects.select_for_update().get(pk=flow.pk)
        return _before(bill, flow) or _keep(flow, bill, judged, now)


def _flow(partner: Party, bill: Bill, now: dt.datetime) -> Flow:
    said, agreement = bill.content["flow"], bill.content["agreement"]["id"]
    own = config.current().party
    flow = Flow.objects.filter(agreement=agreement, origin=partner.pk, destination=own, outward=False).first()
    names = (said["origin"], said["destination"])
    if flow is None or names != (partner.pk, own) or not treaties.in_force(flow, on=now.date()):
        origin, destination = map(printable, names)
        raise NoSuchFlow(partner=partner.pk, agreement=printable(agreement), origin=origin, destination=destination)
    if bill.made_at > now + TOLERANCE or not flow.starts <= bill.made_at.date() <= flow.ends:
        raise NotOfThisTime()
    return flow


def _agreed(flow: Flow, digest: str, made_at: dt.datetime) -> bool:
    """Whether this is the text in force, or an earlier one that was in force when the bill was made."""
    if digest == flow.text_id:
        return True
    text = Text.objects.filter(digest=digest, agreement=flow.agreement).first()
    return text is not None and text.superseded_at is not None and made_at < text.superseded_at


def received(bill: Bill) -> Arrival | None:
    """What came under its id before, as long as its bill is kept the same. Raises: AnotherBill (attack A73)."""
    arrival = Arrival.objects.select_related("receipt", "bill_box", "flow").filter(pk=bill.id).first()
    kept = vault.opened_many([arrival.bill_box]) if arrival is not None and arrival.bill_box is not None else {}
    if any(read_bill(data).digest != bill.digest for data in kept.values()):
        raise AnotherBill()
    return arrival


def _before(bill: Bill, flow: Flow) -> Arrived | None:
    """What was said when it came before. INVARIANT: one bill counts once (attack A73). Raises: AnotherBill."""
    arrival = received(bill)
    if arrival is None:
        return None
    if arrival.flow_id != flow.pk:
        raise AnotherBill()
    return Arrived(arrival=arrival, receipt=arrival.receipt, missing=(), again=True)


def _judge(flow: Flow, bill: Bill, objects: Sequence[Mapping[str, Json]], now: dt.datetime) -> Iterable[_Judged]:
    """In the order of versions, so that of one object the older joins what is held before the newer."""
    came = [
        StixObject(id=str(o["id"]), type=str(o["type"]), content=o, place=f"objects/{n}") for n, o in enumerate(objects)
    ]
    came.sort(key=lambda obj: obj.version or "")
    plan = treaties.plan_for(flow, on=now.date())
    listed = {(one["id"], one.get("version")): one for one in bill.content["listed"]}
    # What cannot be read is set apart first: nothing else is asked of it.
    history = History(flow.partner_id, [obj for obj in came if _readable(obj)], plan)
    terms = Terms(
        plan=plan, purpose=bill.content["purpose"], made_at=bill.made_at, definitions=history.definitions, now=now
    )
    graves = _graves(flow, bill, came, now)
    for obj in came:
        line = listed[obj.id, obj.version]
        grave = graves.get((obj.id, obj.version or ""))
        if "expires" in line and parse_instant(line["expires"]) <= now:
            yield _Judged(obj=obj, listed=line, reason=NotStored.EXPIRED)
        elif (code := "invalid-object" if not _readable(obj) else breach(obj, line, terms)) is not None:
            reason = NotStored.UNREADABLE if code == "invalid-object" else NotStored.QUARANTINED
            yield _Judged(obj=obj, listed=line, reason=reason, code=code)
        elif grave is False:
            yield _Judged(obj=obj, listed=line, reason=NotStored.TOMBSTONED)
        elif (code := history.conflict(obj)) is not None:
            yield _Judged(obj=obj, listed=line, reason=NotStored.QUARANTINED, code=code)
        else:
            yield _Judged(obj=obj, listed=line, returns=grave is True)


def _readable(obj: StixObject) -> bool:
    try:
        version_key(obj.version or "1970-01-01T00:00:00Z")
    except ValueError:
        return False
    return is_identifier(obj.id) and has_room(obj)


def _graves(flow: Flow, bill: Bill, objects: Iterable[StixObject], now: dt.datetime) -> dict[tuple[str, str], bool]:
    """Versions that were deleted on terms, and whether each may come back.

    INVARIANT: what is deleted does not come back by being sent again (attack A81). Its own origin may release it anew,
    with a bill made after the deletion; an old bill, or another partner's, does not bring it back. What is over counts
    as deleted from then on, also before the sweep comes by: `vault.keep_many` deletes it first.
    """
    versions = {(flow.agreement, obj.id, obj.version or "") for obj in objects}
    buried = {(object_id, version) for _, object_id, version in vault.buried(versions)}
    anew: dict[tuple[str, str], bool] = {}
    names = vault.names_of(object_id for _, object_id, _ in versions)
    for some in parts(sorted(names)):
        rows = Holding.objects.filter(
            object_id__in=some, agreement=flow.agreement, partner=flow.partner_id, direction=vault.RECEIVED
        )
        for holding in rows.filter(Q(deleted_at__isnull=False) | Q(expires__lte=now)):
            name = (names[holding.object_id], holding.version)
            if holding.deleted_at is None:
                buried.add(name)
            anew[name] = anew.get(name, True) and (holding.deleted_at or holding.expires) < bill.made_at
    return {name: anew.get(name, False) for name in buried}


def _keep(flow: Flow, bill: Bill, judged: Sequence[_Judged], now: dt.datetime) -> Arrived:
    judged = _stored(judged, flow, bill, now)
    kept = [one for one in judged if one.reason is None]
    _set_apart(flow, bill, [one for one in judged if one.code], now)
    missing = tuple(_missing(bill, judged))
    reasons = dict(Counter(one.reason.value for one in missing))
    facts: dict[str, Json] = {
        "bill": bill.id,
        "agreement": bill.content["agreement"],
        "from": flow.origin,
        "to": flow.destination,
        "purpose": bill.content["purpose"],
        "stored": len(kept),
        "missing": reasons,
        "quarantined": dict(Counter(one.code for one in judged if one.code)),
    }
    journal.record(RECEIVED, bill.id, kind="import", facts=facts, now=now, commits_to=bill.digest)
    key = keyring.held().signing
    receipt = sign_message(
        make_receipt(bill, missing, made_at=now, key=key.public_key(), secret=chance.octets(32)), key
    )
    row = shelve_message(
        flow.partner_id,
        receipt,
        kind="receipt",
        facts={"bill": bill.id, "stored": len(kept), "missing": len(missing)},
        now=now,
    )
    ends = [_end(one, flow) for one in kept]
    arrival = Arrival.objects.create(
        bill_id=bill.id,
        flow=flow,
        purpose=bill.content["purpose"],
        bill_box=vault.seal("bill", bytes(bill), now=now, expires=max(ends, default=now) + BILL_KEPT),
        receipt=row,
        came_at=now,
        stored=len(kept),
        missing=reasons,
    )
    return Arrived(arrival=arrival, receipt=row, missing=missing, again=False)


def _stored(judged: Sequence[_Judged], flow: Flow, bill: Bill, now: dt.datetime) -> list[_Judged]:
    """Keep what was let in; what the vault does not take is refused by name, and stops no other (attack A08).

    What is held can have changed since it was judged; it can be out of reach of `History`, as what is on legal hold.
    """
    let_in = [one for one in judged if one.reason is None]
    refused = {id(before): after for before, after in _not_taken(let_in, flow, bill, now)}
    return [refused.get(id(one), one) for one in judged]


def _not_taken(some: Sequence[_Judged], flow: Flow, bill: Bill, now: dt.datetime) -> list[tuple[_Judged, _Judged]]:
    """Keep all, or each half by itself. Returns: what was not kept, as it was judged and as it is now."""
    try:
        vault.keep_many([_keeping(one, flow, bill) for one in some], now)
    except (vault.OtherContent, vault.OnHold, vault.Buried) as error:
        if some[1:]:
            middle = len(some) // 2
            return [*_not_taken(some[:middle], flow, bill, now), *_not_taken(some[middle:], flow, bill, now)]
        if isinstance(error, vault.Buried):
            return [(some[0], replace(some[0], reason=NotStored.TOMBSTONED))]
        return [(some[0], replace(some[0], reason=NotStored.QUARANTINED, code="conflict"))]
    return []


def _keeping(one: _Judged, flow: Flow, bill: Bill) -> vault.Keeping:
    # A published marking is kept as published: older producers leave parts of it out.
    content = dict(TLP_DEFINITIONS.get(one.obj.id, one.obj.content))
    return vault.Keeping(
        agreement=flow.agreement,
        partner=flow.partner_id,
        direction=vault.RECEIVED,
        bill=bill.id,
        object_id=one.obj.id,
        object_type=one.obj.type,
        version=one.obj.version or "",
        data=dumps(content),
        expires=_end(one, flow),
        clauses=tuple(one.listed["clauses"]),
        digest=digest_of(content),
        may_return=one.returns,
    )


def _end(one: _Judged, flow: Flow) -> dt.datetime:
    """INVARIANT: nothing of a release outlasts what its bill says of it, nor the last day of the flow (promise 6)."""
    end = midnight(flow.ends + dt.timedelta(days=1))
    return min(parse_instant(one.listed["expires"]), end) if "expires" in one.listed else end


def _set_apart(flow: Flow, bill: Bill, judged: Sequence[_Judged], now: dt.datetime) -> None:
    longest = now + QUARANTINE_KEPT
    boxes = vault.seal_many(
        [("quarantine", dumps(dict(one.obj.content)), min(_end(one, flow), longest)) for one in judged], now
    )
    Quarantined.objects.bulk_create(
        Quarantined(
            partner=flow.partner_id,
            bill_id=bill.id,
            object_id=vault.once_gone(one.obj.id) if _readable(one.obj) else "",
            reason=one.code,
            box=box,
            at=now,
        )
        for one, box in zip(judged, boxes, strict=True)
    )


def _missing(bill: Bill, judged: Iterable[_Judged]) -> Iterable[Missing]:
    came = {(one.obj.id, one.obj.version): one.reason for one in judged}
    for line in bill.content["listed"]:
        name = (line["id"], line.get("version"))
        reason = came.get(name, NotStored.NOT_RECEIVED)
        if reason is not None:
            yield Missing(id=name[0], version=name[1], reason=reason)
