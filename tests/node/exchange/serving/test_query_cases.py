"""Every published query case, over real rows with sealed boxes and real HTTP (TAXII 2.1 sections 3.3 to 3.5)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.node.taxii.cases import cases, fixture

from comity.node.exchange.taxii import DATE_ADDED_FIRST, DATE_ADDED_LAST, format_timestamp, parse_timestamp

from .live import Got, LiveNode
from .partners import Partner, objects_of, shelve

MICROSECOND = dt.timedelta(microseconds=1)
ROWS = fixture()["rows"]


def dates() -> list[dt.datetime]:
    """As the fixture gives them. Two rows share one; here each has its own, so the later one has the next."""
    given: list[dt.datetime] = []
    for row in ROWS:
        date = parse_timestamp(row["date_added"])
        given.append(max(date, given[-1] + MICROSECOND) if given else date)
    return given


MOVED = {
    (row["id"], row["version"]): format_timestamp(date)
    for row, date in zip(ROWS, dates(), strict=True)
    if row["date_added"] != format_timestamp(date)
}


@pytest.fixture
def stocked(br: Partner, node_live: Any) -> Partner:
    """The fixture's rows on the shelf of what we send this partner."""
    shelve(br.material, [row["object"] for row in ROWS], node_live.now, dates=dates())
    return br


def ask(server: LiveNode, partner: Partner, parameters: dict[str, str]) -> Got:
    got = partner.ask(server, "GET", objects_of(partner.material, urlencode(parameters)))
    assert got.status == 200, got.body
    return got


def names(got: Got) -> list[tuple[str, str]]:
    return [(each["id"], each.get("modified", each.get("created"))) for each in got.json.get("objects", [])]


def test_the_fixture_has_two_rows_of_one_date():
    assert len(MOVED) == 1


@pytest.mark.parametrize("case", cases("query"), ids=lambda case: case["case"])
def test_published_case(case: Any, server: LiveNode, stocked: Partner):
    whole = {**case["query"], "limit": "1000"}
    got = ask(server, stocked, whole)
    assert names(got) == [(each["id"], each["version"]) for each in case["expect"]]
    assert "more" not in got.json
    assert "next" not in got.json
    if "first" in case:
        expected = [MOVED.get((each["id"], each["version"]), each["date_added"]) for each in case["expect"]]
        ends = (expected[0], expected[-1]) if expected else (None, None)
        assert (got.headers.get(DATE_ADDED_FIRST.lower()), got.headers.get(DATE_ADDED_LAST.lower())) == ends
    if not case["expect"]:
        assert got.body == b"{}"


@pytest.mark.parametrize("case", [case for case in cases("query") if case.get("walk")], ids=lambda case: case["case"])
@pytest.mark.parametrize("by", ["next", "added_after"])
def test_published_walk(case: Any, by: str, server: LiveNode, stocked: Partner):
    limit = int(case["query"]["limit"])
    got = ask(server, stocked, case["query"])
    pages = [got]
    while got.json.get("more"):
        on = got.json["next"] if by == "next" else got.headers[DATE_ADDED_LAST.lower()]
        got = ask(server, stocked, {**case["query"], by: on})
        pages.append(got)
    assert [name for page in pages for name in names(page)] == [(e["id"], e["version"]) for e in case["expect"]]
    assert all(len(names(page)) == limit for page in pages[:-1])


@pytest.mark.parametrize("case", cases("query"), ids=lambda case: case["case"])
def test_the_manifest_says_what_the_objects_are(case: Any, server: LiveNode, stocked: Partner):
    query = urlencode({**case["query"], "limit": "1000"})
    got = stocked.ask(server, "GET", f"/exchange/collections/{stocked.material.pk}/manifest/?{query}")
    listed = got.json.get("objects", [])
    assert [(each["id"], each["version"]) for each in listed] == [(e["id"], e["version"]) for e in case["expect"]]
    spec = {(row["id"], row["version"]): row["spec_version"] for row in ROWS}
    assert [each["media_type"] for each in listed] == [
        f"application/stix+json;version={spec[each['id'], each['version']]}" for each in listed
    ]
    ends = (listed[0]["date_added"], listed[-1]["date_added"]) if listed else (None, None)
    assert (got.headers.get(DATE_ADDED_FIRST.lower()), got.headers.get(DATE_ADDED_LAST.lower())) == ends
