"""Recording what happened: an entry in the transaction of what it tells of, to be sequenced right after."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from django.db import transaction

from comity.canon import InputError, Json, format_instant, utc
from comity.ledger import Statement, commitment, leaf_hash
from comity.node import chance
from comity.node.databases import KEYS
from comity.node.due import actions as due
from comity.node.journal.facts import NotAFact, check_facts
from comity.node.journal.models import Entry, Salt
from comity.node.journal.seals import entry_seal
from comity.node.people.actions import pseudonym
from comity.node.people.models import Person
from comity.node.reactions import REACTIONS

NONCE_SIZE, SALT_SIZE = 16, 32
ACTOR = "pseudonym:"  # before a pseudonym that is committed to, so that it is no digest of content
_FOR_PARTNERS = frozenset({"release"})
"""Kinds whose entry a partner reads in a bill: it says what the bill says, and neither who acted here nor when."""
_EVENT = re.compile(r"[a-z]+(?::[a-z][a-z-]*){2}")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]{0,119}")


class NotAnEvent(InputError):
    what = "the ledger does not take this"
    why = "{reason}"
    do = "name events as app:what:happened, and give the id of the row that it happened to"


def record(
    event: str,
    subject: str,
    *,
    kind: str,
    facts: Mapping[str, Json],
    now: dt.datetime,
    actor: Person | None = None,
    commits_to: str | None = None,
) -> Entry:
    """Write an entry that is not sequenced yet. It counts if and only if the caller's transaction does.

    The entry holds the facts and, except where partners read it, the event, the time, and a commitment to the
    pseudonym of who acted. It never holds `subject`.

    Args:   event: as "border:release:made"; a row of `reactions` may follow it.
            subject: id of the row here that it tells of.
            kind: of the statement (`comity.ledger`).
            facts: ids, codes, counts, instants and digests, by strict forms.
            now: business time.
            actor: who did it; never for a release, whose entry the partner reads.
            commits_to: a digest of content, to which the entry then commits under a salt of its own (`salt_of`).
    Raises: NotAFact, NotAnEvent; BadStatement; NaiveTime; TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"{event} is recorded outside the transaction of what it tells of")
    _check(event, subject, kind, actor)
    check_facts(facts)
    now, said, salts = utc(now), dict(facts), dict[str, bytes]()
    if kind not in _FOR_PARTNERS:
        said |= {"event": event, "at": format_instant(now)}
    if actor is not None:
        salts[Salt.ACTOR] = chance.octets(SALT_SIZE)
        said["actor"] = commitment(salts[Salt.ACTOR], ACTOR + pseudonym(actor))
    if commits_to is not None:
        salts[Salt.CONTENT] = chance.octets(SALT_SIZE)
        said["commitment"] = commitment(salts[Salt.CONTENT], commits_to)
    body = Statement(kind=kind, nonce=chance.octets(NONCE_SIZE), facts=said).entry
    leaf = leaf_hash(body)
    _keep(salts, leaf, subject)
    return _write(event, subject, body, leaf, now)


def _check(event: str, subject: str, kind: str, actor: Person | None) -> None:
    if len(event) > 64 or not _EVENT.fullmatch(event):
        raise NotAnEvent(reason="its event is not written as app:what:happened")
    if not _SUBJECT.fullmatch(subject):
        raise NotAnEvent(reason=f"the subject of {event} is not the id of a row")
    if kind in _FOR_PARTNERS and actor is not None:
        raise NotAFact(reason=f"a partner reads an entry of the kind {kind}, and it does not say who acted here")


def _keep(salts: Mapping[str, bytes], leaf: bytes, subject: str) -> None:
    """INVARIANT: a salt is durable before the entry that needs it is there."""
    if not salts:
        return
    with transaction.atomic(using=KEYS, durable=True):
        Salt.objects.bulk_create(
            Salt(entry_leaf=leaf.hex(), opens=opens, subject=subject, salt=salt) for opens, salt in salts.items()
        )


def _write(event: str, subject: str, body: bytes, leaf: bytes, now: dt.datetime) -> Entry:
    entry = Entry(event=event, subject=subject, body=body, leaf=leaf, written_at=now)
    entry.seal = entry_seal(entry)
    entry.save(force_insert=True)
    due.schedule("sequence", "", now)
    if event in REACTIONS:
        due.schedule("react", str(entry.pk), now, {"event": event, "subject": subject})
    return entry
