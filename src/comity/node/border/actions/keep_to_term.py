"""keep_to_term: a text that ends sooner than the one before it ends what crossed under that one too. A reaction.

So does a baseline that ends sooner, for what crossed under its annexes. Each side does it by itself, since both have
signed the text. Not covered: a party that the new text no longer names.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from comity.canon import midnight
from comity.node.border.models import Arrival, Quarantined, Shelved
from comity.node.treaties.models import Flow, Text
from comity.node.vault import actions as vault
from comity.node.vault.models import Box


def keep_to_term(text_digest: str, now: dt.datetime) -> None:
    """After a text was accepted: INVARIANT, nothing that crossed under its agreement outlasts its last day.

    Nor anything under an annex to it, whose flows `treaties` has shortened.
    """
    del now
    agreement = Text.objects.values_list("agreement", flat=True).get(pk=text_digest)
    with transaction.atomic():
        flows = Flow.objects.filter(Q(agreement=agreement) | Q(text__baseline__agreement=agreement))
        for flow in flows.select_for_update(of=("self",)).order_by("pk"):
            _keep_to_term(flow)


def _keep_to_term(flow: Flow) -> None:
    end = midnight(flow.ends + dt.timedelta(days=1))
    vault.shorten(flow.agreement, flow.partner_id, vault.RELEASED if flow.outward else vault.RECEIVED, end)
    Shelved.objects.filter(collection__flow=flow, expires__gt=end).update(expires=end)
    came = Arrival.objects.filter(flow=flow).values("pk")
    apart = Quarantined.objects.filter(bill_id__in=came, partner=flow.partner_id).exclude(box=None)
    vault.shorten_boxes(Box.objects.filter(pk__in=apart.values("box")), end)
