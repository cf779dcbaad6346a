"""An exception as the error message that the client reads (TAXII 2.1 section 3.6.1)."""

from __future__ import annotations

from http import HTTPStatus

from comity.canon import ComityError
from comity.node.exchange.taxii.errors import TaxiiError, status_of
from comity.node.exchange.taxii.resources import ErrorMessage
from comity.node.exchange.taxii.writing import write


def error_body(error: BaseException, *, error_id: str = "") -> bytes:
    """The TAXII error message of an exception; its `http_status` is `status_of(error)`.

    INVARIANT: only what `STATUSES` names speaks for itself. The text of any other exception could hold what the
    client may not know, so it is told that the node failed, and nothing else.

    Args:  error_id: what the node's log calls this one occurrence, when it does.
    """
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        title, description = "the node could not answer", "the fault is not in your request; try again later"
    elif isinstance(error, TaxiiError):
        title, description = error.title, error.description
    else:
        assert isinstance(error, ComityError)  # noqa: S101 -- the table names no other kind
        title, description = (
            error.what.format_map(error.fields),
            f"{error.why.format_map(error.fields)}. {error.remedy}",
        )
    return write(ErrorMessage(title=title, description=description, error_id=error_id, http_status=str(int(status))))
