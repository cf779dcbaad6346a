"""What proves a crossing, for programs: decisions without a value, the bill as it went, the receipt as it came.

`comity verify` checks a bill offline; nothing here has to be believed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_list_or_404, get_object_or_404
from ninja import Router

from comity.canon import loads
from comity.node.border.models import Crossing, Release
from comity.node.people.access import verb
from comity.node.vault import actions as vault
from comity.node.vault.models import Box

router = Router(tags=["border"])


@router.get(
    "/submissions/{uuid:submission_id}/decisions",
    response=list[dict[str, Any]],
    auth=verb("queue"),
    summary="What was decided on each object, for one partner",
)
def decisions(request: HttpRequest, submission_id: UUID, partner: str, agreement: str | None = None) -> list[Any]:
    """A line an object: outcome, reasons, clauses, law, and each detection without its value. As long as it is kept.

    Where it crossed to that partner under several agreements, one after the other, unless one of them is named.
    """
    del request
    rows = Crossing.objects.filter(submission=submission_id, flow__partner=partner, latest=True)
    rows = rows if agreement is None else rows.filter(flow__agreement=agreement)
    found = get_list_or_404(rows.select_related("record").order_by("flow__agreement"))
    return [loads(line) for one in found for line in _opened(one.record).splitlines()]


@router.get(
    "/releases/{uuid:release_id}/bill", response=dict[str, Any], auth=verb("queue"), summary="The bill of a release"
)
def bill(request: HttpRequest, release_id: UUID) -> Any:
    """As the partner has it: signed, and with its proof once it was published."""
    del request
    return loads(_opened(get_object_or_404(Release.objects.select_related("bill_box"), pk=release_id).bill_box))


@router.get(
    "/releases/{uuid:release_id}/receipt",
    response=dict[str, Any],
    auth=verb("queue"),
    summary="The partner's receipt for a release",
)
def receipt(request: HttpRequest, release_id: UUID) -> Any:
    """As the partner signed it: it countersigns the root of the bill."""
    del request
    return loads(_opened(get_object_or_404(Release.objects.select_related("receipt_box"), pk=release_id).receipt_box))


def _opened(box: Box | None) -> bytes:
    """Raises: Http404, where there is none (yet), or it was deleted."""
    data = None if box is None else vault.opened_many([box]).get(box.pk)
    if data is None:
        raise Http404("there is none, or it was deleted on terms")
    return data
