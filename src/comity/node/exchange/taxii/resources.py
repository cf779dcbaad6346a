"""The resources of TAXII 2.1 as typed values: what both sides send (sections 3.6.1, 4 and 5).

An optional text that is left out is "", an optional list (), and neither is ever written: the standard forbids empty
lists. `reading.read` and `writing.write` check them; a value made by hand is checked when it is written.
Properties that no standard names are allowed (section 7.1) and not kept.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from comity.node.exchange.taxii.media import MEDIA_TYPE
from comity.node.exchange.taxii.timestamps import TIMESTAMP, BadTimestamp, parse_timestamp

_LARGEST = 2**53 - 1  # section 2, integer

Text = Annotated[str, msgspec.Meta(min_length=1)]
Identifier = Annotated[  # RFC 4122, version 4
    str,
    msgspec.Meta(pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}\Z"),
]
Timestamp = Annotated[str, msgspec.Meta(pattern=rf"^{TIMESTAMP}\Z")]
Count = Annotated[int, msgspec.Meta(ge=0, le=_LARGEST)]
Texts = Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]


class Resource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the body of an answer holds."""


class Discovery(Resource, frozen=True, kw_only=True):
    """Section 4.1.1."""

    title: str
    description: str = ""
    contact: str = ""
    default: str = ""
    api_roots: Texts = ()

    def __post_init__(self) -> None:
        if not all(_is_api_root(root) for root in self.api_roots):
            raise ValueError("an API root is an https URL, or a path with one / at its start, and has no query")
        if self.default and self.default not in self.api_roots:
            raise ValueError("the default is not one of api_roots")


class ApiRoot(Resource, frozen=True, kw_only=True):
    """Section 4.2.1."""

    title: str
    description: str = ""
    versions: Texts
    max_content_length: Annotated[int, msgspec.Meta(gt=0, le=_LARGEST)]  # octets of a request's body

    def __post_init__(self) -> None:
        if MEDIA_TYPE not in self.versions:
            raise ValueError(f"versions does not name {MEDIA_TYPE}")


class StatusDetails(Resource, frozen=True, kw_only=True):
    """What became of one object, or will (section 4.3.1). Its id and version are as they were sent: maybe malformed."""

    id: Text
    version: Text
    message: str = ""


_Details = Annotated[tuple[StatusDetails, ...], msgspec.Meta(min_length=1)]


class Status(Resource, frozen=True, kw_only=True):
    """What became of a POST (section 4.3.1). A total of 0 means that nothing of it was looked at yet."""

    id: Identifier
    status: Annotated[str, msgspec.Meta(pattern=r"^(complete|pending)\Z")]
    request_timestamp: Timestamp = ""
    total_count: Count
    success_count: Count
    successes: _Details = ()
    failure_count: Count
    failures: _Details = ()
    pending_count: Count
    pendings: _Details = ()

    def __post_init__(self) -> None:
        if self.request_timestamp:
            _check_real(self.request_timestamp)
        if self.total_count != self.success_count + self.failure_count + self.pending_count:
            raise ValueError("total_count is not the sum of the other counts")


class Collection(Resource, frozen=True, kw_only=True):
    """Section 5.2.1. What can be read and written is for the client that asked."""

    id: Identifier
    title: str
    description: str = ""
    alias: str = ""
    can_read: bool
    can_write: bool
    media_types: Texts = ("application/stix+json",)


class Collections(Resource, frozen=True, kw_only=True):
    """Section 5.1.1."""

    collections: Annotated[tuple[Collection, ...], msgspec.Meta(min_length=1)] = ()

    def __post_init__(self) -> None:
        names = [c.id.lower() for c in self.collections] + [c.alias for c in self.collections if c.alias]
        if len(names) != len(set(names)):
            raise ValueError("two collections have one id or one alias")


class ManifestRecord(Resource, frozen=True, kw_only=True):
    """One version of one object (section 5.3.1)."""

    id: Text
    date_added: Timestamp
    version: Text
    media_type: str = ""

    def __post_init__(self) -> None:
        _check_real(self.date_added)


class Manifest(Resource, frozen=True, kw_only=True):
    """Section 5.3.1. It has no `next`: pages of it go on by added_after."""

    more: bool = False
    objects: Annotated[tuple[ManifestRecord, ...], msgspec.Meta(min_length=1)] = ()


class Versions(Resource, frozen=True, kw_only=True):
    """Section 5.8.1. It has no `next` either."""

    more: bool = False
    versions: Texts = ()


class ErrorMessage(Resource, frozen=True, kw_only=True):
    """Section 3.6.1. A reader checks `http_status` against the answer's own."""

    title: str
    description: str = ""
    error_id: str = ""
    error_code: str = ""
    http_status: Annotated[str, msgspec.Meta(pattern=r"^[1-5][0-9]{2}\Z")] = ""
    external_details: str = ""
    details: dict[str, Any] = {}  # msgspec gives each value its own


def _check_real(timestamp: str) -> None:
    """The pattern has said that the form is right; this says that there is such a day."""
    try:
        parse_timestamp(timestamp)
    except BadTimestamp as error:
        raise ValueError("a timestamp names no moment") from error


def _is_api_root(text: str) -> bool:
    """An https URL, or a path that begins with one slash; without query, fragment, user or a way up (section 4.1.1)."""
    if not re.fullmatch(r"[\x21\x22\x24-\x3e\x40-\x5b\x5d-\x7e]+", text):  # printable, and none of # ? \
        return False
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    if ".." in url.path.split("/"):
        return False
    if text.startswith("/"):
        return not text.startswith("//")
    return url.scheme == "https" and bool(url.hostname) and "@" not in url.netloc and port != 0
