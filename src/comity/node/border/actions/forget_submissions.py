"""forget_submissions: what is known of a file goes with the file, also where nothing of it ever crossed. Due work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from comity.node.border.deletions import forget_submission
from comity.node.border.models import Submission


def forget_submissions(now: dt.datetime) -> int:
    """Whose source expired by itself: `after_deletion` does it for the others. Returns: how many are forgotten now."""
    gone = Submission.objects.filter(source=None, deleted_at=None)
    count = 0
    for submission_id in list(gone.values_list("pk", flat=True)):
        with transaction.atomic():
            forget_submission(Submission.objects.get(pk=submission_id), now)
        count += Submission.objects.filter(pk=submission_id, deleted_at=now).count()
    return count


def forget_submissions_work(facts: Mapping[str, Any], now: dt.datetime) -> None:
    """`forget_submissions` for the table of due work."""
    del facts
    forget_submissions(now)
