"""The query of a request, read strictly: whatever is malformed, repeated or not taken here is a 400 (section 3.4)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Never
from urllib.parse import parse_qsl

from comity.node.exchange.taxii.endpoints import ADDED_AFTER, ID, LIMIT, NEXT, SPEC_VERSION, TYPE, VERSION, Endpoint
from comity.node.exchange.taxii.errors import BadRequest
from comity.node.exchange.taxii.timestamps import BadTimestamp, format_timestamp, parse_timestamp, version_key

MAX_PAGE = 1000  # items of one answer, whatever limit asks for
DEFAULT_PAGE = 100  # items of one answer when limit does not say
MAX_QUERY = 16 * 1024  # characters
MAX_VALUES = 200  # in one match parameter
MAX_NEXT = 512  # characters; our own tokens have 140
_LARGEST = 2**53 - 1  # a TAXII integer (section 2)

_INTEGER = re.compile(r"[1-9][0-9]{0,15}")
# Wider than STIX 2.1: a well-formed name that nobody uses finds nothing, and is no error (section 3.4.1).
_TYPE = re.compile(r"[a-z0-9][a-z0-9-]{0,249}")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,249}--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SPEC_VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}")


class MalformedQuery(BadRequest):
    what = "the query of this request cannot be used"
    why = "{reason}"
    do = "send each parameter once, in the form of TAXII 2.1 section 3.4"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChoice:
    """Which versions of each object are asked for: any mix of the first, the last and exact ones, or every one."""

    first: bool = False
    last: bool = False
    every: bool = False
    exact: frozenset[str] = frozenset()  # as `version_key` writes them


LAST = VersionChoice(last=True)
EVERY = VersionChoice(every=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a request asks of a list. An empty set of names means that nothing was asked about them."""

    added_after: dt.datetime | None = None  # strictly after, about date_added alone
    limit: int = DEFAULT_PAGE  # 1 to MAX_PAGE
    next: str | None = None  # still sealed: `cursors.open_cursor` reads it
    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: VersionChoice = LAST
    spec_versions: frozenset[str] = frozenset()  # empty: the newest of each object, unless `every_spec_version`
    every_spec_version: bool = False  # when a deletion names none

    def filters(self) -> dict[str, Any]:
        """What decides which items are in the list, as JSON; a page's size and place do not."""
        return {
            "added_after": format_timestamp(self.added_after) if self.added_after else None,
            "ids": sorted(self.ids),
            "types": sorted(self.types),
            "versions": [self.versions.first, self.versions.last, self.versions.every, *sorted(self.versions.exact)],
            "spec_versions": sorted(self.spec_versions),
            "every_spec_version": self.every_spec_version,
        }


def parse_query(text: str, endpoint: Endpoint) -> Query:
    """Read what stands after the `?` of a request to this endpoint, still percent-encoded.

    Without match[version] the last version is meant; the versions of an object are all meant; and so is everything
    when an object is deleted by its id, or a GET after the 200 would still find it (section 5.7).
    Raises: MalformedQuery.
    """
    takes = endpoint.parameters
    given = {} if takes is None else _parameters(text, takes)
    deletes = endpoint is Endpoint.DELETE_OBJECT
    return Query(
        added_after=_added_after(given),
        limit=_limit(given),
        next=_next(given),
        ids=_names(given, ID, _ID),
        types=_names(given, TYPE, _TYPE),
        versions=_versions(given, EVERY if deletes or endpoint is Endpoint.VERSIONS else LAST),
        spec_versions=_names(given, SPEC_VERSION, _SPEC_VERSION),
        every_spec_version=deletes and SPEC_VERSION not in given,
    )


def _parameters(text: str, takes: frozenset[str]) -> dict[str, str]:
    if len(text) > MAX_QUERY:
        _refuse(f"it is longer than {MAX_QUERY} characters")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=16)
    except ValueError:  # UnicodeDecodeError is one too
        _refuse("it is not a list of names and values in UTF-8, or has too many")
    if len(pairs) != len(dict(pairs)):
        _refuse("a parameter is given twice")
    if set(dict(pairs)) - takes:
        _refuse("it has a parameter that is not taken here; taken are: " + (", ".join(sorted(takes)) or "none"))
    return dict(pairs)


def _added_after(given: Mapping[str, str]) -> dt.datetime | None:
    if ADDED_AFTER not in given:
        return None
    try:
        return parse_timestamp(given[ADDED_AFTER])
    except BadTimestamp:
        _refuse("added_after is not one timestamp with microseconds, as 2016-11-03T12:30:59.001000Z")


def _limit(given: Mapping[str, str]) -> int:
    text = given.get(LIMIT, str(DEFAULT_PAGE))
    if not _INTEGER.fullmatch(text) or int(text) > _LARGEST:
        _refuse("limit is not a whole number from 1 to 2^53 - 1")
    return min(int(text), MAX_PAGE)


def _next(given: Mapping[str, str]) -> str | None:
    if NEXT in given and not 0 < len(given[NEXT]) <= MAX_NEXT:
        _refuse("next is empty or too long")
    return given.get(NEXT)


def _values(given: Mapping[str, str], name: str) -> list[str]:
    values = given[name].split(",") if name in given else []
    if len(values) > MAX_VALUES:
        _refuse(f"{name} has more than {MAX_VALUES} values")
    return values


def _names(given: Mapping[str, str], name: str, form: re.Pattern[str]) -> frozenset[str]:
    values = _values(given, name)
    if not all(form.fullmatch(value) for value in values):
        _refuse(f"{name} has a value that is empty or malformed; a comma without spaces parts several")
    return frozenset(values)


def _versions(given: Mapping[str, str], default: VersionChoice) -> VersionChoice:
    """INVARIANT: `all` stands alone and nothing stands twice, where one instant is one value however it is written."""
    if not (values := _values(given, VERSION)):
        return default
    keywords = [value for value in values if value in {"first", "last", "all"}]
    try:
        exact = [version_key(value) for value in values if value not in {"first", "last", "all"}]
    except BadTimestamp:
        _refuse("match[version] has a value that is neither first, last nor all, nor a timestamp")
    if len({*keywords, *exact}) != len(values):
        _refuse("match[version] has the same value twice")
    if "all" in keywords and len(values) > 1:
        _refuse("match[version] has all beside another value")
    return VersionChoice(
        first="first" in keywords, last="last" in keywords, every="all" in keywords, exact=frozenset(exact)
    )


def _refuse(reason: str) -> Never:
    raise MalformedQuery(reason=reason)
