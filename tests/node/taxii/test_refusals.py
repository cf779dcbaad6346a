"""Errors as clients read them: the status, its error message, and nothing that they may not know (section 3.6)."""

from __future__ import annotations

import pytest

from comity.canon import InputError, ProofError, StrictJsonError
from comity.node.exchange.taxii import (
    MEDIA_TYPE,
    STATUSES,
    BadCursor,
    BadRequest,
    ErrorMessage,
    Forbidden,
    InvalidResource,
    MalformedQuery,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    TaxiiError,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
    error_body,
    read,
    status_of,
)

REFUSALS = [
    (BadRequest(reason="r"), 400),
    (MalformedQuery(reason="r"), 400),
    (BadCursor(), 400),
    (StrictJsonError(reason="r"), 400),
    (Unauthenticated(), 401),
    (Forbidden(), 403),
    (NotFound(), 404),
    (MethodNotAllowed(), 405),
    (NotAcceptable(served=MEDIA_TYPE), 406),
    (TooLarge(most=5), 413),
    (UnsupportedMediaType(taken=MEDIA_TYPE), 415),
    (InvalidResource(resource="Envelope", reason="r"), 422),
]


@pytest.mark.parametrize(("error", "status"), REFUSALS, ids=lambda value: type(value).__name__)
def test_each_refusal_has_its_status_and_says_what_why_and_what_to_do(error: Exception, status: int):
    message = read(error_body(error, error_id="e-1"), ErrorMessage)
    assert status_of(error) == status
    assert message.http_status == str(status)
    assert message.error_id == "e-1"
    assert message.title
    assert "{" not in message.title + message.description
    assert len(message.description) > 20


def test_every_row_of_the_table_is_shown_above():
    assert {int(status) for status in STATUSES.values()} == {status for _, status in REFUSALS}


@pytest.mark.parametrize(
    "error", [ValueError("secret"), InputError(at="secret"), ProofError(at="secret"), KeyError("secret")]
)
def test_a_fault_of_ours_tells_the_client_nothing_of_itself(error: Exception):
    assert status_of(error) == 500
    assert b"secret" not in error_body(error)
    assert read(error_body(error), ErrorMessage).http_status == "500"


def test_what_is_missing_and_what_is_hidden_are_the_same_bytes():
    """Attack A47: there is no field that could differ."""
    assert error_body(NotFound()) == error_body(NotFound(at="another collection", object_id="x"))


def test_a_taxii_error_that_nobody_placed_is_a_fault():
    class Unplaced(TaxiiError):
        what = "secret"

    assert Unplaced().http_status == 500
    assert b"secret" not in error_body(Unplaced())
