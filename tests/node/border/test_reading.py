"""What a page holds: the same as the reference that reads TAXII's filters over rows in memory, for any query."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.world import BR, indicator

from comity.node.border import door
from comity.node.border.models import Shelved
from comity.node.border.versions import date_added_at, place_of, rising, taxii_timestamp, version_key
from comity.node.exchange.taxii import selecting
from comity.node.exchange.taxii.query import Query, VersionChoice
from comity.node.exchange.taxii.timestamps import version_key as reference_key

NAMES = ["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"]
VERSIONS = ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.50001Z", "2024-02-01T00:00:00.000Z"]


@dataclass
class Row:
    """A row of the shelf as the reference sees it."""

    id: str
    version: str
    date_added: dt.datetime
    seq: int
    spec_version: str = "2.1"

    @property
    def type(self) -> str:
        return self.id.partition("--")[0]


queries = st.builds(
    Query,
    added_after=st.none() | st.integers(0, 9).map(lambda n: date_added_at(1_000_000 + n)),
    limit=st.integers(1, 9),
    ids=st.frozensets(st.sampled_from(NAMES)),
    types=st.frozensets(st.sampled_from(["indicator", "malware", "tool"])),
    versions=st.builds(
        VersionChoice,
        first=st.booleans(),
        last=st.booleans(),
        every=st.booleans(),
        exact=st.frozensets(st.sampled_from([reference_key(v) for v in VERSIONS])),
    ),
)
shelves = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(VERSIONS), st.booleans()), max_size=8, unique=True)


@pytest.fixture
def shelf(world):
    """A template row, and the collection of messages, which no flow and no proof hides."""
    return world, world.arrives([indicator("theirs")]).receipt


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=shelves, query=queries)
def test_any_query_of_any_shelf_gives_what_the_reference_gives(shelf, rows, query):
    world, template = shelf
    Shelved.objects.exclude(pk=template.pk).filter(collection=template.collection).delete()
    Shelved.objects.filter(pk=template.pk).update(withdrawn_at=world.now)
    there = []
    for n, (name, version, withdrawn) in enumerate(rows):
        added = date_added_at(1_000_000 + n)
        Shelved.objects.create(
            collection=template.collection,
            entry=template.entry,
            box=template.box,
            object_id=name,
            object_type=name.partition("--")[0],
            version=version,
            version_key=version_key(version),
            date_added=added,
            withdrawn_at=world.now if withdrawn else None,
        )
        if not withdrawn:
            there.append(Row(id=name, version=version, date_added=added, seq=place_of(added)))
    expected = selecting.page_of(reversed(there), query)
    choice = query.versions
    selection = door.Selection(
        ids=query.ids,
        types=query.types,
        versions=door.Versions(first=choice.first, last=choice.last, every=choice.every, exact=choice.exact),
        added_after=query.added_after,
        limit=query.limit,
    )
    page = door.manifest(template.collection, selection, partner=BR, now=world.now)
    assert [(i.object_id, i.version) for i in page.items] == [(r.id, r.version) for r in expected.items]
    assert page.more == expected.more


def test_one_page_after_another_gives_every_item_once(world):
    world.sent([indicator(f"c{n}") for n in range(7)])
    collection, seen, after = world.collection(), [], None
    while True:
        query = door.Selection(after_sequence=after, limit=3)
        page = door.read(collection, query, partner=BR, now=world.now)
        seen += [item.object_id for item in page.items]
        assert (page.first, page.last) == (page.items[0].date_added, page.items[-1].date_added)
        after = page.sequence
        if not page.more:
            break
    assert len(seen) == len(set(seen)) == len(world.page().items)


def test_a_page_is_never_larger_than_its_cap(world):
    assert door.MAX_PAGE == 1000
    rows, more = door._page(Shelved.objects.order_by("pk"), door.Selection(limit=10**9))
    assert (len(rows), more) == (Shelved.objects.count(), False)


def test_an_empty_page_has_no_dates(world):
    page = door.read(world.collection(), door.Selection(), partner=BR, now=world.now)
    assert (page.items, page.more, page.first, page.last, page.sequence) == ((), False, None, None, None)


# -- versions and places


MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC))


@given(st.sampled_from(VERSIONS) | MOMENTS.map(taxii_timestamp))
def test_versions_are_compared_as_the_wire_compares_them(version):
    assert version_key(version) == reference_key(version)


@given(st.integers(0, 9), MOMENTS, st.none() | MOMENTS)
def test_date_added_only_ever_rises(count, now, last):
    moments = rising(count, now=now, last=last)
    assert len(moments) == count
    whole = [*([] if last is None else [last]), *moments]
    assert all(earlier < later for earlier, later in itertools.pairwise(whole))
    assert all(moment >= now for moment in moments)
    assert [date_added_at(place_of(moment)) for moment in moments] == moments
