"""A release in the making: bill, entry in the journal, holdings, and rows on the shelf that nobody can read yet.

The bill is an item of the flow's own collection, and the first of its release: whoever walks the collection by
date_added meets the bill, then every object that it lists, and needs nothing else to verify them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Max

from comity import __version__
from comity.agreement import Plan
from comity.canon import Json, dumps, format_instant, loads, midnight, parse_instant
from comity.crossing import Consent, Crossing, Reason
from comity.material import TLP_DEFINITIONS, references
from comity.messages import Bill, Listed, make_bill, sign_bill, statement
from comity.messages import Release as Named
from comity.node import chance, config, keyring
from comity.node.border.deciding import Decided
from comity.node.border.delta import Going
from comity.node.border.models import Crossing as CrossingRow
from comity.node.border.models import Release, Shelved
from comity.node.border.partner_collections import material_of
from comity.node.border.shelf import parts
from comity.node.border.versions import version_key
from comity.node.journal import actions as journal
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault
from comity.privacy import detector_version

RELEASE_MADE = "border:release:made"
MAX_LISTED = 10_000  # objects on one bill: what follows a bill names each of them, and has its own limits
# Beyond the last expiry: so long a deletion receipt can still be verified, also of a partner that was away for a month
# (attack A80). As soon as it came for all of a release, nothing of the bill is kept.
BILL_KEPT = dt.timedelta(days=90)


def keep_releases(decided: Decided, row: CrossingRow, now: dt.datetime) -> list[Release]:
    """Write what goes, in the transaction that found the facts unchanged.

    What lasts to the end of the agreement has a release of its own, before the rest: so the bill of the rest, which
    has a digest of each object, is deleted with the last of them. None where nothing goes; several where it is more
    than one bill lists.
    """
    going = decided.delta.going
    lasting = [one for one in going if lasts(one)]
    others = [one for one in going if not lasts(one)]
    ends = ends_of(decided)
    return [_keep(decided, some, ends, row, now) for group in (lasting, others) for some in parts(group, MAX_LISTED)]


def lasts(one: Going) -> bool:
    """Whether it says nothing of anybody and serves later releases too: our identity and the TLP markings."""
    return one.added or one.id in TLP_DEFINITIONS


def _keep(
    decided: Decided, going: Sequence[Going], ends: Mapping[str, dt.datetime], row: CrossingRow, now: dt.datetime
) -> Release:
    """The entry's facts are the bill's own (`messages.statement`), so that the partner verifies it offline; who
    released stands in the entries of the submission and the approvals.
    """
    flow, expires = decided.flow, {one.id: ends[one.id] for one in going}
    bill = _bill(decided.crossing, going, expires)
    entry = journal.record(RELEASE_MADE, bill.id, kind="release", facts=_facts(bill), now=now, commits_to=bill.digest)
    last = max(expires.values())
    release = Release(
        crossing=row,
        flow=flow,
        purpose=decided.facts.purpose,
        bill_box=vault.seal("bill", dumps(dict(bill.content)), now=now, expires=last + BILL_KEPT),
        bill_id=bill.id,
        root=str(bill.content["root"]),
        entry=entry,
        made_at=now,
    )
    release.save(force_insert=True)
    _shelve(decided, going, release, bill, expires, now)
    return release


def _facts(bill: Bill) -> dict[str, Json]:
    """What the log says in clear of a bill; the journal draws nonce and salt, and adds the commitment itself."""
    said = dict(statement(bill, nonce=bytes(16), salt=bytes(32)).facts)
    del said["commitment"]
    return said


def ends_of(decided: Decided) -> dict[str, dt.datetime]:
    """When each object that goes is deleted.

    INVARIANT: what is carried because it ties others ends with the first of those: what is said of an object, in a
    translation or a relationship, does not outlast it.
    """
    flow, going = decided.flow, decided.delta.going
    ends = {one.id: expiry(one, decided.facts.plan, flow) for one in going}
    tied = {
        one.id: {target for _, target in references(loads(one.body))}
        for one in going
        if Reason.CARRIED.value in one.decision.reasons and not lasts(one)
    }
    known = {**_standing(flow, {name for names in tied.values() for name in names} - ends.keys()), **ends}
    for name, targets in tied.items():
        ends[name] = min([ends[name], *(known[target] for target in targets if target in known)])
    return ends


def _standing(flow: Flow, names: Iterable[str]) -> dict[str, dt.datetime]:
    """The last end of what stands already of these."""
    rows = Shelved.objects.filter(collection=material_of(flow), withdrawn_at=None, expires__isnull=False)
    found: dict[str, dt.datetime] = {}
    for some in parts(sorted(names)):
        ends = rows.filter(object_id__in=some).values("object_id").annotate(last=Max("expires"))
        found.update(ends.values_list("object_id", "last"))
    return found


def expiry(one: Going, plan: Plan, flow: Flow) -> dt.datetime:
    """When it is deleted, on both sides. INVARIANT: never none; retention is the clause's."""
    end = midnight(min(plan.sunset or flow.ends, flow.ends) + dt.timedelta(days=1))
    if lasts(one) or one.decision.expires is None:
        return end
    return min(parse_instant(one.decision.expires), end)


def _bill(crossing: Crossing, going: Iterable[Going], expires: dict[str, dt.datetime]) -> Bill:
    """Signed. Its id comes of a secret that is forgotten at once: nobody, we included, could make another of it."""
    plan, key = crossing.plan, keyring.held().signing
    release = Named(
        agreement=plan.agreement.id,
        agreement_version=plan.agreement.version,
        agreement_digest=plan.agreement.digest,
        baseline_digest=plan.baseline.digest if plan.baseline else None,
        origin=plan.origin.id,
        destination=plan.destination.id,
        purpose=crossing.circumstances.purpose,
        circumstances_digest=crossing.circumstances.digest,
        law_version=plan.law_version,
        law_digest=plan.law_digest,
        program=__version__,
        detectors=detector_version(),
        made_at=crossing.now,
    )
    listed = [_listed(one, expires[one.id]) for one in going]
    secret = chance.octets(32)
    log = config.current().log_name
    return sign_bill(make_bill(release, listed, key=key.public_key(), log_name=log, secret=secret), key)


def _listed(one: Going, expires: dt.datetime) -> Listed:
    decision = one.decision
    if decision.digest is None:
        raise AssertionError("what crosses has a digest")
    return Listed(
        id=one.id,
        version=one.version,
        digest=decision.digest,
        clauses=decision.clauses,
        law=decision.law,
        expires=format_instant(expires),
    )


def _shelve(
    decided: Decided,
    going: Sequence[Going],
    release: Release,
    bill: Bill,
    expires: dict[str, dt.datetime],
    now: dt.datetime,
) -> None:
    """The bill, then the objects: rows in the order in which they will be read."""
    collection, entry, version = material_of(decided.flow), release.entry, str(bill.content["modified"])
    first = Shelved(
        collection=collection,
        release=release,
        entry=entry,
        box=release.bill_box,
        object_id=bill.id,
        object_type=bill.stix_type(),
        version=version,
        version_key=version_key(version),
        expires=max(expires.values()),
    )
    holdings = vault.keep_many([_keeping(one, decided, release, expires[one.id]) for one in going], now)
    rows = [
        Shelved(
            collection=collection,
            release=release,
            entry=entry,
            holding=holding,
            box=holding.box,
            object_id=one.id,
            object_type=one.type,
            version=one.version or "",
            version_key=version_key(one.version) if one.version else "",
            source=one.source,
            substance=one.substance,
            expires=holding.expires,
        )
        for one, holding in zip(going, holdings, strict=True)
    ]
    Shelved.objects.bulk_create([first, *rows], batch_size=500)
    _consents(decided, going, rows)


def _keeping(one: Going, decided: Decided, release: Release, expires: dt.datetime) -> vault.Keeping:
    return vault.Keeping(
        agreement=decided.flow.agreement,
        partner=decided.flow.partner_id,
        direction=vault.RELEASED,
        bill=release.bill_id,
        object_id=one.id,
        object_type=one.type,
        version=one.version or "",
        data=one.body,
        expires=expires,
        first_receipt=decided.facts.first_receipt.get(one.decision.id),
        clauses=one.decision.clauses,
        digest=one.decision.digest or "",
    )


def _consents(decided: Decided, going: Sequence[Going], rows: Sequence[Shelved]) -> None:
    """Tie each object to the consents that its clauses ask for. INVARIANT: it stands no longer than they do."""
    asked = {
        share.clause: share.consent
        for layer in decided.facts.plan.grants
        for share in layer
        if share.consent is not None
    }
    if not asked:
        return
    ties = []
    for one, row in zip(going, rows, strict=True):
        kinds = {asked[clause] for clause in one.decision.clauses if clause in asked}
        for kind in sorted(kinds):
            consent = _consent(decided, kind, one.decision.id)
            if consent is not None:
                ties.append(Shelved.consents.through(shelved_id=row.pk, consent_id=consent.reference))
    Shelved.consents.through.objects.bulk_create(ties, batch_size=500)


def _consent(decided: Decided, kind: str, object_id: str) -> Consent | None:
    """The one that lasts longest of those that cover the object."""
    found = [one for one in decided.facts.consents if one.of == kind and one.covers(object_id, decided.now)]
    return max(found, key=lambda one: (one.until is None, one.until or decided.now), default=None)
