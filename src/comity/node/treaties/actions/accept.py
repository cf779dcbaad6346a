"""accept: take up a text that every party has signed. It stays byte for byte as it was signed, for good.

The checks, in this order, each refusing by name:
  1. it is an agreement, and we are a party to it, under the key that we sign with
  2. the baseline that it extends was accepted here, is the very text that its digest names, and is in force
  3. every party's signature is there and verifies
  4. it has begun, and has not ended: one already expired cannot be signed
  5. it is newer than the version in force
  6. the check against the law pack finds no error, and every flow of ours compiles
  7. no party's pinned key is another than before, unless the text is a new version of one that pinned the key before
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.agreement import Agreement, Signatures, parse, read_signatures, verify
from comity.canon import InputError, Json, ProofError, utc
from comity.node.config import current
from comity.node.journal import actions as journal
from comity.node.keyring import held
from comity.node.people.models import Person
from comity.node.treaties.actions.open_flows import Plans, open_flows
from comity.node.treaties.actions.pin import pin
from comity.node.treaties.actions.plans import compiled
from comity.node.treaties.models import Text
from comity.node.treaties.texts import agreement_of

ACCEPTED = "treaties:text:accepted"


class NotOurs(InputError):
    what = "{agreement} is not accepted"
    why = "{us} is no party to it"
    do = "accept it at the nodes of {parties}"


class OtherKeyOfOurs(InputError):
    what = "{agreement} is not accepted"
    why = "it names another key for {us} than this node signs with, so nothing we send under it would verify"
    do = "write {key} into it and have every party sign it, or restore the key that it names"


class NoBaseline(InputError):
    what = "{agreement} is not accepted"
    why = "it extends {baseline} version {version} with the digest {digest}, and {found}"
    do = "accept that very text first, or have every party sign an annex to the one in force"


class NotSigned(ProofError):
    what = "{agreement} is not accepted"
    why = "{missing} did not sign it"
    do = "have every party sign this very text"


class NotYetBegun(InputError):
    what = "{agreement} is not accepted"
    why = "it begins on {first}, and what it would replace stands until then"
    do = "accept it on that day"


class Expired(InputError):
    what = "{agreement} is not accepted"
    why = "it ended on {last}"
    do = "agree a new version: one already expired cannot be signed"


class OlderVersion(InputError):
    what = "{agreement} version {version} is not accepted"
    why = "version {standing} was accepted before it"
    do = "agree a version with a higher number"


def accept(source: bytes, signatures: bytes, *, now: dt.datetime, by: Person | None = None) -> Text:
    """See the module. The same text again is the same row, and nothing changes.

    Args:   source: the YAML; signatures: the file that `write_signatures` wrote. by: who takes it up, where a person
            does (may they? the edge asks).
    Raises: what reading refuses; NotOurs, OtherKeyOfOurs, NoBaseline, NotSigned, SignedAnotherText, SignatureInvalid,
            NotYetBegun, Expired, OlderVersion, CheckFailed, NoEvaluator, KeyChanged, PlainAddress,
            NaiveTime.
    """
    now = utc(now)
    agreement = parse(source, "agreement.yaml")
    must_be_ours(agreement)
    baseline = baseline_of(agreement)
    below = agreement_of(baseline) if baseline is not None else None
    _must_be_signed(agreement, read_signatures(signatures, "signatures.json"))
    must_be_in_term(agreement, below, now.date())
    with transaction.atomic():
        standing = Text.objects.select_for_update().filter(agreement=agreement.id, superseded_at=None).first()
        if standing is not None and standing.digest == agreement.digest:
            return standing
        _must_be_newer(agreement, standing)
        plans = compile_flows(agreement, below, now.date())
        pin(agreement, below, agreement_of(standing) if standing is not None else None)
        Text.objects.filter(agreement=agreement.id, superseded_at=None).update(superseded_at=now)
        text = Text.objects.create(
            digest=agreement.digest,
            agreement=agreement.id,
            version=agreement.text.version,
            source=source,
            signatures=signatures,
            baseline=baseline,
            accepted_at=now,
        )
        open_flows(text, agreement, below, plans, now)
        journal.record(ACCEPTED, text.digest, kind="agreement", facts=_facts(text, agreement), now=now, actor=by)
    return text


def must_be_ours(agreement: Agreement) -> None:
    """Raises: NotOurs, OtherKeyOfOurs."""
    us = agreement.party(current().party)
    if us is None:
        parties = ", ".join(party.id for party in agreement.text.parties)
        raise NotOurs(agreement=agreement.id, us=current().party, parties=parties)
    if us.key != held().pinned:
        raise OtherKeyOfOurs(agreement=agreement.id, us=us.id, key=held().pinned)


def baseline_of(agreement: Agreement) -> Text | None:
    """Raises: NoBaseline."""
    extends = agreement.text.extends
    if extends is None:
        return None
    kept = {text.digest: text for text in Text.objects.filter(agreement=extends.agreement)}
    text = kept.get(extends.digest)
    if text is not None and text.superseded_at is None and text.version == extends.version:
        return text
    standing = next((one.version for one in kept.values() if one.superseded_at is None), None)
    if text is not None and text.superseded_at is not None:
        found = f"version {standing} is in force since"
    elif standing is not None:
        found = f"version {standing} was accepted here with another"
    else:
        found = "no such text was accepted here"
    raise NoBaseline(
        agreement=agreement.id,
        baseline=extends.agreement,
        version=extends.version,
        digest=extends.digest,
        found=found,
    )


def must_be_in_term(agreement: Agreement, baseline: Agreement | None, on: dt.date) -> None:
    """Raises: NotYetBegun, Expired."""
    for text in (agreement, baseline) if baseline is not None else (agreement,):
        term = text.text.term
        if on < term.from_:
            raise NotYetBegun(agreement=text.id, first=term.from_)
        if term.sunset is not None and on > term.sunset:
            raise Expired(agreement=text.id, last=term.sunset)


def compile_flows(agreement: Agreement, baseline: Agreement | None, on: dt.date) -> Plans:
    """The plan of each flow between us and another party. Raises: CheckFailed, NoEvaluator."""
    us = current().party
    others = [party.id for party in agreement.text.parties if party.id != us]
    flows = [flow for other in others for flow in ((us, other), (other, us))]
    return {flow: compiled(agreement, baseline, flow, on) for flow in flows}


def _must_be_signed(agreement: Agreement, signatures: Signatures) -> None:
    signed = verify(agreement, signatures)
    if not signed.complete:
        raise NotSigned(agreement=agreement.id, missing=", ".join(signed.missing))


def _must_be_newer(agreement: Agreement, standing: Text | None) -> None:
    newest = Text.objects.filter(agreement=agreement.id).order_by("-version").first()
    for before in (standing, newest):
        if before is not None and agreement.text.version <= before.version:
            raise OlderVersion(agreement=agreement.id, version=agreement.text.version, standing=before.version)


def _facts(text: Text, agreement: Agreement) -> dict[str, Json]:
    parties: list[Json] = [party.id for party in agreement.text.parties]
    facts: dict[str, Json] = {
        "agreement": text.agreement,
        "version": text.version,
        "digest": text.digest,
        "parties": parties,
    }
    if text.baseline_id is not None:
        facts["baseline"] = text.baseline_id
    return facts
