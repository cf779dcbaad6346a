"""sign: our own signature under a text, beside those that are there. Only the serving process holds the key."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.agreement import gather, parse, read_signatures, sign, verify, write_signatures
from comity.node.config import current
from comity.node.journal import actions as journal
from comity.node.keyring import held
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties.actions.accept import Expired, baseline_of, compile_flows, must_be_ours
from comity.node.treaties.texts import agreement_of

SIGNED = "treaties:text:signed"


def sign_text(source: bytes, signatures: bytes | None, *, by: Person, now: dt.datetime) -> bytes:
    """The file of signatures with ours in it. A text may be signed before its first day, never after its last.

    Raises: NotAllowed; NotOurs, OtherKeyOfOurs, NoBaseline, Expired, CheckFailed; SignedAnotherText, SignatureInvalid.
    """
    people.require(by, "agree", now)
    agreement = parse(source, "agreement.yaml")
    must_be_ours(agreement)
    baseline = baseline_of(agreement)
    below = agreement_of(baseline) if baseline is not None else None
    term = agreement.text.term
    if term.sunset is not None and now.date() > term.sunset:
        raise Expired(agreement=agreement.id, last=term.sunset)
    compile_flows(agreement, below, max(now.date(), term.from_))
    before = () if signatures is None else (read_signatures(signatures, "signatures.json"),)
    for file in before:
        verify(agreement, file)
    ours = sign(agreement, held().signing, current().party)
    facts = {"agreement": agreement.id, "version": agreement.text.version, "digest": agreement.digest}
    with transaction.atomic():
        journal.record(SIGNED, agreement.digest, kind="agreement", facts=facts, now=now, actor=by)
    return write_signatures(gather(agreement, [*(one for file in before for one in file.signatures), ours]))
