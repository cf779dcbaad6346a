"""What the filters mean: which rows of a collection a query asks for, in which order, and where a page ends.

The reference: plain Python over rows in memory. What a database answers to the same query must equal it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from comity.node.exchange.taxii.query import Query
from comity.node.exchange.taxii.timestamps import version_key


class Row(Protocol):
    """One version of one object in one collection."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def version(self) -> str: ...  # a STIX timestamp
    @property
    def spec_version(self) -> str: ...  # as "2.1"
    @property
    def date_added(self) -> dt.datetime: ...
    @property
    def seq(self) -> int: ...  # rises with date_added and parts rows that share one


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[R]):
    items: tuple[R, ...]
    more: bool

    @property
    def position(self) -> int | None:
        """Where the next page goes on: the place of the last item."""
        return self.items[-1].seq if self.items else None


def select(rows: Iterable[R], query: Query) -> list[R]:
    """Every row that the query asks for, oldest date_added first.

    `rows` are those that the client may see; what is hidden from it must not decide which version is the last one.

    1. match[id] and match[type].
    2. match[spec_version]; without it, of each object the rows of its newest specification version.
    3. match[version], among what is left of each object.
    4. added_after, last: `first` and `last` are about the object and not about the page, so that a client who pages
       with added_after meets each row of the whole list once, and no older version that the list does not hold.

    Source: TAXII 2.1 sections 3.3 and 3.4.
    """
    named = [r for r in rows if (not query.ids or r.id in query.ids) and (not query.types or r.type in query.types)]
    chosen = _of_versions(_of_spec_versions(named, query), query)
    after = query.added_after
    return sorted((r for r in chosen if after is None or r.date_added > after), key=lambda r: r.seq)


def page_of(rows: Iterable[R], query: Query, *, after: int | None = None) -> Page[R]:
    """The page of `query.limit` rows that begins after a position, or at the beginning."""
    left = [r for r in select(rows, query) if after is None or r.seq > after]
    return Page(items=tuple(left[: query.limit]), more=len(left) > query.limit)


def _of_spec_versions(rows: list[R], query: Query) -> list[R]:
    if query.spec_versions:
        return [r for r in rows if r.spec_version in query.spec_versions]
    if query.every_spec_version:
        return rows
    newest = _of_each_object(rows, max, lambda r: _spec_key(r.spec_version))
    return [r for r in rows if _spec_key(r.spec_version) == newest[r.id]]


def _of_versions(rows: list[R], query: Query) -> list[R]:
    choice = query.versions
    if choice.every:
        return rows
    firsts = _of_each_object(rows, min, lambda r: version_key(r.version)) if choice.first else {}
    lasts = _of_each_object(rows, max, lambda r: version_key(r.version)) if choice.last else {}
    return [
        r for r in rows if (key := version_key(r.version)) in choice.exact or key in {firsts.get(r.id), lasts.get(r.id)}
    ]


K = TypeVar("K", str, tuple[int, ...])


def _of_each_object(rows: Iterable[R], pick: Callable[[Iterable[K]], K], key: Callable[[R], K]) -> dict[str, K]:
    keys: defaultdict[str, list[K]] = defaultdict(list)
    for row in rows:
        keys[row.id].append(key(row))
    return {object_id: pick(of_object) for object_id, of_object in keys.items()}


def _spec_key(spec_version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in spec_version.split("."))
