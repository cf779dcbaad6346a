"""resume: read a partner again that was paused, after a person has looked."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import InputError, printable
from comity.node.due import actions as due
from comity.node.exchange.incoming.parcels import forget_refused
from comity.node.exchange.models import Cursor, Peer
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person

VERB = "suspend"


class NotPaused(InputError):
    what = "{party} is not resumed"
    why = "{reason}"
    do = "look at the partners for what each one's state is; what was refused can be looked at again"
    http_status = 409


def resume(party: str, *, by: Person, again: bool = False, now: dt.datetime) -> None:
    """Read it again, from where it was left.

    Args:   again: from the beginning, and look once more at the releases that were refused, paused or not; what is
                   here already is not taken twice. Else they stay refused, and what follows is read.
    Raises: NotPaused, NotAllowed.
    """
    people.require(by, VERB, now)
    with transaction.atomic():
        peer = Peer.objects.select_for_update().filter(pk=party).first()
        if peer is None or not (peer.paused_why or again):
            raise NotPaused(party=printable(party), reason="it is no partner" if peer is None else "it is not paused")
        facts = {"partner": party, "reason": peer.paused_why or "not-paused", "again": again}
        peer.paused_why = ""
        peer.save(update_fields=["paused_why"])
        if again:
            forget_refused(party)
            Cursor.objects.filter(party=party).update(added_after="")
        journal.record("exchange:partner:resumed", party, kind="suspension", facts=facts, now=now, actor=by)
        due.schedule("pull", party, now, {"party": party})
