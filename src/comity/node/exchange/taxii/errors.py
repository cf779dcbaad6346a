"""What can be wrong with a TAXII request, and the HTTP status that says so.

    InputError
    └── TaxiiError
        ├── BadRequest              400   MalformedQuery (query), BadCursor (cursors)
        ├── Unauthenticated         401   always with WWW-Authenticate
        ├── Forbidden               403
        ├── NotFound                404
        ├── MethodNotAllowed        405   always with Allow
        ├── NotAcceptable           406   (media)
        ├── TooLarge                413
        ├── UnsupportedMediaType    415   (media)
        └── Unprocessable           422   InvalidResource (reading)

Source: TAXII 2.1 section 3.6 and the tables of sections 4 and 5; RFC 9110 section 15.
"""

from __future__ import annotations

from http import HTTPStatus

from comity.canon import InputError, StrictJsonError


class TaxiiError(InputError):
    """A request, or an answer that we read, breaks the protocol. Its texts become the TAXII error message."""

    @property
    def title(self) -> str:
        """What happened, for the error message's `title`."""
        return self.what.format_map(self.fields)

    @property
    def description(self) -> str:
        """Why, and what to do about it, for the error message's `description`."""
        return ". ".join(part for part in (self.why.format_map(self.fields), self.remedy) if part)

    @property
    def http_status(self) -> int:
        """The status of the answer, out of `STATUSES`."""
        return status_of(self)


class BadRequest(TaxiiError):
    what = "the request cannot be understood"
    why = "{reason}"
    do = "send it again as TAXII 2.1 describes it"


class Unauthenticated(TaxiiError):
    what = "who is asking is not known"
    why = "the request carries no credentials that this node accepts"
    do = "sign the request with the key that the agreement names, or use the credentials your operator was given"


class Forbidden(TaxiiError):
    what = "you may not do this with this collection"
    why = "its can_read or its can_write is false for you"
    do = "read the collection resource to see what you may do"


class NotFound(TaxiiError):
    """INVARIANT: it has no fields, so that what is missing and what is hidden give the same bytes (attack A47)."""

    what = "there is nothing here for you"
    why = "it does not exist, or it is not yours to see"
    do = "list the collections to see what you can read"


class MethodNotAllowed(TaxiiError):
    what = "this method is not answered here"
    why = "TAXII 2.1 defines no such endpoint"
    do = "use one of the methods that the Allow header names"


class NotAcceptable(TaxiiError):
    what = "no media type that you accept is served here"
    why = "the Accept header holds no range for {served}"
    do = "send Accept: {served}"


class TooLarge(TaxiiError):
    what = "the body of the request is too large"
    why = "it holds more than the {most} octets that max_content_length of the API root allows"
    do = "send the objects in several smaller envelopes"


class UnsupportedMediaType(TaxiiError):
    what = "the media type of the request's body is not taken here"
    why = "the Content-Type header is not {taken}"
    do = "send a TAXII envelope with Content-Type: {taken}"


class Unprocessable(TaxiiError):
    what = "the body of the request cannot be processed"
    why = "{reason}"
    do = "send it again as TAXII 2.1 describes it"


STATUSES: dict[type[Exception], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    StrictJsonError: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Unprocessable: HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""An exception and its status; those derived from it share it. What is not in the table is our fault: 500."""


def status_of(error: BaseException) -> int:
    """The HTTP status that says what this exception means; 500 for whatever `STATUSES` does not name."""
    for kind in type(error).__mro__:
        if kind in STATUSES:
            return STATUSES[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR
