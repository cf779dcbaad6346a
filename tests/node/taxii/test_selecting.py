"""Which rows a query means, in which order, and how a client walks through them (sections 3.3 to 3.5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.taxii.cases import Kept, cases, rows

from comity.node.exchange.taxii import (
    DATE_ADDED_FIRST,
    DATE_ADDED_LAST,
    Endpoint,
    Page,
    Query,
    VersionChoice,
    Walk,
    date_added_headers,
    format_timestamp,
    open_cursor,
    page_of,
    parse_query,
    seal_cursor,
    select,
    version_key,
)

KEY = b"k" * 32
NOW = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
BEGAN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ROWS = rows()


def serve(rows: Iterable[Kept], parameters: dict[str, str], client: str = "cert-ee") -> tuple[Page[Kept], str]:
    """One request as a server answers it: query, token, page, and the next token ("" at the end)."""
    query = parse_query(urlencode(parameters), Endpoint.OBJECTS)
    walk = Walk(client=client, collection="c", endpoint=Endpoint.OBJECTS, query=query)
    after = open_cursor(query.next, walk, key=KEY, now=NOW) if query.next else None
    page = page_of(rows, query, after=after)
    token = seal_cursor(page.position, walk, key=KEY, now=NOW) if page.more and page.position is not None else ""
    return page, token


def walk_by_next(rows: list[Kept], parameters: dict[str, str]) -> list[Page[Kept]]:
    page, token = serve(rows, parameters)
    pages = [page]
    while token:
        page, token = serve(rows, parameters | {"next": token})
        pages.append(page)
    return pages


def walk_by_added_after(rows: list[Kept], parameters: dict[str, str]) -> list[Page[Kept]]:
    page, _ = serve(rows, parameters)
    pages = [page]
    while page.more:
        last = date_added_headers([row.date_added for row in page.items])[DATE_ADDED_LAST]
        page, _ = serve(rows, parameters | {"added_after": last})
        pages.append(page)
    return pages


@pytest.mark.parametrize("case", cases("query"), ids=lambda case: case["case"])
def test_published_case(case: Any):
    query = parse_query(urlencode(case["query"]), Endpoint.OBJECTS)
    found = select(ROWS, query)
    assert [row.name for row in found] == [(e["id"], e["version"]) for e in case["expect"]]
    assert len(found) == case.get("expect_total", len(found))
    for row, expected in zip(found, case["expect"], strict=True):
        assert format_timestamp(row.date_added) == expected.get("date_added", format_timestamp(row.date_added))
    if "first" in case:
        headers = date_added_headers([row.date_added for row in found])
        assert (headers.get(DATE_ADDED_FIRST), headers.get(DATE_ADDED_LAST)) == (case["first"], case["last"])


@pytest.mark.parametrize("case", [case for case in cases("query") if case.get("walk")], ids=lambda case: case["case"])
@pytest.mark.parametrize("walk", [walk_by_next, walk_by_added_after])
def test_published_walk(case: Any, walk: Any):
    pages = walk(ROWS, case["query"])
    assert [row.name for page in pages for row in page.items] == [(e["id"], e["version"]) for e in case["expect"]]
    assert all(len(page.items) <= int(case["query"]["limit"]) for page in pages)
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


def kept(seq: int, version: str = "2026-01-01T00:00:00Z", *, id: str = "a", spec_version: str = "2.1") -> Kept:
    return Kept(id=id, type="t", version=version, spec_version=spec_version, date_added=BEGAN + seq * DAY, seq=seq)


OLD, NEW = "2020-01-01T00:00:00.000Z", "2021-01-01T00:00:00.000Z"


def test_the_last_version_is_the_newest_and_not_the_one_that_came_last():
    late_old = [kept(1, NEW), kept(2, OLD)]
    assert select(late_old, Query()) == [late_old[0]]
    assert select(late_old, Query(versions=VersionChoice(first=True))) == [late_old[1]]


def test_who_pages_with_added_after_meets_no_version_that_the_whole_list_does_not_hold():
    """An older version that came later is not the last one, wherever the client's page began."""
    shelf = [kept(1, NEW), kept(2, OLD), kept(3, id="b")]
    assert select(shelf, Query(added_after=shelf[0].date_added)) == [shelf[2]]


def test_versions_are_compared_as_instants():
    shelf = [kept(1, "2020-01-01T00:00:00.5Z"), kept(2, "2020-01-01T00:00:00Z")]
    assert select(shelf, Query()) == [shelf[0]]
    assert select(shelf, parse_query("match[version]=2020-01-01T00:00:00.500Z", Endpoint.OBJECTS)) == [shelf[0]]


def test_the_newest_specification_is_chosen_for_each_object_by_number():
    shelf = [kept(1, NEW, spec_version="2.9"), kept(2, OLD, spec_version="2.10"), kept(3, id="b", spec_version="2.0")]
    assert select(shelf, Query()) == shelf[1:]


def test_a_version_that_only_an_older_specification_has_is_found_by_naming_both():
    shelf = [kept(1, OLD), kept(2, NEW, spec_version="2.0")]
    exact = f"match[version]={NEW}"
    assert select(shelf, parse_query(exact, Endpoint.OBJECTS)) == []
    assert select(shelf, parse_query(exact + "&match[spec_version]=2.0,2.1", Endpoint.OBJECTS)) == [shelf[1]]


def test_a_deletion_by_id_takes_every_version_and_specification():
    shelf = [kept(1, OLD, spec_version="2.0"), kept(2, NEW)]
    assert select(shelf, parse_query("", Endpoint.DELETE_OBJECT)) == shelf
    assert select(shelf, parse_query("match[version]=first", Endpoint.DELETE_OBJECT)) == [shelf[0]]


def test_added_after_is_strict():
    assert select([kept(1)], Query(added_after=kept(1).date_added)) == []


def test_what_comes_while_a_client_walks_is_met_at_the_end_and_nothing_twice():
    shelf = [kept(n, id=f"o{n}") for n in range(1, 4)]
    page, token = serve(shelf, {"limit": "2"})
    shelf.append(kept(4, id="o4"))
    rest, end = serve(shelf, {"limit": "2", "next": token})
    assert [row.seq for row in (*page.items, *rest.items)] == [1, 2, 3, 4]
    assert end == ""


def test_what_is_deleted_while_a_client_walks_moves_nothing():
    shelf = [kept(n, id=f"o{n}") for n in range(1, 6)]
    _, token = serve(shelf, {"limit": "2"})
    rest, _ = serve([row for row in shelf if row.seq not in {1, 2, 3}], {"limit": "2", "next": token})
    assert [row.seq for row in rest.items] == [4, 5]


def test_a_page_may_be_empty_after_one_that_said_more():
    shelf = [kept(1, id="o1"), kept(2, id="o2")]
    _, token = serve(shelf, {"limit": "1"})
    assert serve(shelf[:1], {"limit": "1", "next": token}) == (Page(items=(), more=False), "")


def test_an_empty_page_has_no_date_headers():
    assert date_added_headers([]) == {}


STAMPS = st.sampled_from([OLD, NEW, "2020-01-01T00:00:00Z", "2020-06-01T00:00:00.25Z"])
SHELVES = st.lists(
    st.builds(kept, st.just(0), STAMPS, id=st.sampled_from("abc"), spec_version=st.sampled_from(["2.0", "2.1"])),
    max_size=14,
).map(lambda found: [replace(row, seq=n, date_added=BEGAN + n * DAY) for n, row in enumerate(found, start=1)])
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "match[version]": st.sampled_from(["all", "first", "last", "first,last", OLD, f"first,{NEW}"]),
        "match[spec_version]": st.sampled_from(["2.0", "2.1", "2.0,2.1"]),
        "added_after": st.integers(0, 15).map(lambda n: format_timestamp(BEGAN + n * DAY)),
    },
)


@given(SHELVES, QUERIES, st.integers(1, 16))
def test_a_walk_by_any_limit_meets_each_row_once_and_in_order(shelf: list[Kept], query: dict[str, str], limit: int):
    whole = select(reversed(shelf), parse_query(urlencode(query), Endpoint.OBJECTS))
    assert [row.seq for row in whole] == sorted({row.seq for row in whole})
    for walk in (walk_by_next, walk_by_added_after):
        pages = walk(shelf, query | {"limit": str(limit)})
        assert [row for page in pages for row in page.items] == whole
        assert all(len(page.items) == limit for page in pages[:-1])


@given(SHELVES)
def test_the_last_version_of_each_object_is_one_version_of_its_newest_specification(shelf: list[Kept]):
    found = select(shelf, Query())
    assert {row.id for row in found} == {row.id for row in shelf}
    for row in found:
        peers = [r for r in shelf if r.id == row.id and r.spec_version >= row.spec_version]
        assert {r.spec_version for r in peers} == {row.spec_version}
        assert version_key(row.version) == max(version_key(r.version) for r in peers)
