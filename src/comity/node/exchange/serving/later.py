"""Requests that may be sent again after a while: statuses that TAXII does not name (RFC 6585 section 4, RFC 9110)."""

from __future__ import annotations

import datetime as dt
from http import HTTPStatus
from typing import ClassVar

from comity.node.exchange.taxii import TaxiiError


class TryLater(TaxiiError):
    """Answered with its own status, and Retry-After."""

    status: ClassVar[HTTPStatus] = HTTPStatus.TOO_MANY_REQUESTS
    wait: ClassVar[dt.timedelta] = dt.timedelta(minutes=1)


class NotNow(TryLater):
    """The database is away, or full: nothing was done."""

    what = "the node cannot answer just now"
    why = "the fault is not in your request"
    do = "send it again after the time that Retry-After gives"
    status = HTTPStatus.SERVICE_UNAVAILABLE
