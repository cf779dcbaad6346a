"""The two headers of a page: when its first and its last item were added (TAXII 2.1 section 3.2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from comity.node.exchange.taxii.timestamps import format_timestamp

DATE_ADDED_FIRST = "X-TAXII-Date-Added-First"
DATE_ADDED_LAST = "X-TAXII-Date-Added-Last"


def date_added_headers(dates: Sequence[dt.datetime]) -> dict[str, str]:
    """Both headers for the date_added of each item of a page, in order; none when the page is empty.

    The standard does not say what an empty page carries: there is no item whose date they could give.
    """
    if not dates:
        return {}
    return {DATE_ADDED_FIRST: format_timestamp(dates[0]), DATE_ADDED_LAST: format_timestamp(dates[-1])}
