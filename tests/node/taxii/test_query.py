"""The query of each endpoint, and the 400 for whatever is malformed, repeated or not taken there (section 3.4)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.node.exchange.taxii import (
    DEFAULT_PAGE,
    MAX_PAGE,
    Endpoint,
    MalformedQuery,
    Query,
    TaxiiError,
    VersionChoice,
    parse_query,
)

READING = (Endpoint.MANIFEST, Endpoint.OBJECTS, Endpoint.OBJECT, Endpoint.VERSIONS)
ID = "indicator--cd981c25-8042-4166-8945-51178443bdac"


def objects(text: str) -> Query:
    return parse_query(text, Endpoint.OBJECTS)


def test_an_empty_query_asks_for_the_last_version_of_everything():
    assert objects("") == Query(limit=DEFAULT_PAGE, versions=VersionChoice(last=True))


def test_a_query_is_read_whole():
    text = (
        f"added_after=2016-11-01T03:04:05.000000Z&limit=7&next=abc&match[id]={ID}&match%5Btype%5D=indicator,malware"
        "&match[version]=first,2016-11-03T12:30:59.000Z&match[spec_version]=2.0,2.1"
    )
    assert objects(text) == Query(
        added_after=dt.datetime(2016, 11, 1, 3, 4, 5, tzinfo=dt.UTC),
        limit=7,
        next="abc",
        ids=frozenset({ID}),
        types=frozenset({"indicator", "malware"}),
        versions=VersionChoice(first=True, exact=frozenset({"2016-11-03T12:30:59"})),
        spec_versions=frozenset({"2.0", "2.1"}),
    )


@pytest.mark.parametrize(
    ("limit", "given"), [("1", 1), ("1000", MAX_PAGE), ("1001", MAX_PAGE), (str(2**53 - 1), MAX_PAGE)]
)
def test_a_page_is_never_larger_than_asked_nor_than_the_servers_ceiling(limit: str, given: int):
    assert objects(f"limit={limit}").limit == given


@pytest.mark.parametrize(
    "text",
    [
        # malformed values
        "limit=0",
        "limit=-1",
        "limit=%2B1",
        "limit=1.0",
        "limit=ten",
        "limit=",
        "limit=01",
        "limit=1_0",
        "limit=%D9%A1",  # a digit, but not of ASCII
        f"limit={2**53}",
        "limit=99999999999999999999",
        "added_after=",
        "added_after=2016-11-01",
        "added_after=2016-11-01T03:04:05Z",
        "added_after=2016-11-01T03:04:05.000Z",
        "added_after=2016-11-01T03:04:05.000000+01:00",
        "added_after=2016-11-01T03:04:05.000000Z,2017-11-01T03:04:05.000000Z",
        "added_after=2016-13-01T03:04:05.000000Z",
        "next=",
        "next=" + "a" * 513,
        "match[id]=",
        "match[id]=indicator",
        "match[id]=indicator--not-a-uuid",
        f"match[id]={ID},",
        f"match[id]={ID},%20{ID}",
        "match[type]=",
        "match[type]=indicator,,malware",
        "match[type]=indicator, malware",
        "match[type]=Indicator",
        "match[type]=%00",
        "match[spec_version]=2",
        "match[spec_version]=2.1,",
        "match[spec_version]=stix-2.1",
        "match[version]=",
        "match[version]=newest",
        "match[version]=LAST",
        "match[version]=2016-11-03",
        "match[version]=first,",
        # the same thing twice
        "limit=1&limit=1",
        "match[type]=indicator&match[type]=malware",
        "match[type]=indicator&match%5Btype%5D=malware",
        "match[version]=last,last",
        "match[version]=2016-11-03T12:30:59.000Z,2016-11-03T12:30:59Z",
        "match[version]=all,last",
        "match[version]=all,2016-11-03T12:30:59.000Z",
        # not of this protocol
        "foo=bar",
        "match[foo]=bar",
        "Limit=1",
        "match[name]=x",
        # not a query
        "limit",
        "limit=1&",
        "&",
        "limit=1;next=a",
        "limit=%FF",
        "match[type]=é",
        "limit=1&" + "&".join(f"x{n}=1" for n in range(20)),
        "match[type]=" + ",".join(["a" * 249] * 100),
        "match[type]=" + ",".join(["a"] * 201),
    ],
)
def test_whatever_is_malformed_repeated_or_unknown_is_a_400(text: str):
    with pytest.raises(MalformedQuery) as refused:
        objects(text)
    assert refused.value.http_status == 400


@pytest.mark.parametrize("name", ["campaign", "x-made-up", "a" * 250])
def test_a_type_that_nobody_uses_is_no_error(name: str):
    assert objects(f"match[type]={name}").types == {name}


FILTERS = {
    "added_after": "2016-11-01T03:04:05.000000Z",
    "limit": "1",
    "next": "a",
    "match[id]": ID,
    "match[type]": "indicator",
    "match[version]": "all",
    "match[spec_version]": "2.1",
}
PAGING = {"added_after", "limit", "next"}


@pytest.mark.parametrize(
    ("endpoint", "taken"),
    [
        (Endpoint.OBJECTS, set(FILTERS)),
        (Endpoint.MANIFEST, set(FILTERS)),
        (Endpoint.OBJECT, PAGING | {"match[version]", "match[spec_version]"}),
        (Endpoint.VERSIONS, PAGING | {"match[spec_version]"}),
        (Endpoint.DELETE_OBJECT, {"match[version]", "match[spec_version]"}),
        (Endpoint.ADD_OBJECTS, set()),
        (Endpoint.COLLECTIONS, set()),
        (Endpoint.COLLECTION, set()),
    ],
)
def test_each_endpoint_takes_its_own_parameters_and_no_other(endpoint: Endpoint, taken: set[str]):
    for name, value in FILTERS.items():
        if name in taken:
            parse_query(f"{name}={value}", endpoint)
        else:
            with pytest.raises(MalformedQuery):
                parse_query(f"{name}={value}", endpoint)


@pytest.mark.parametrize("endpoint", [Endpoint.DISCOVERY, Endpoint.API_ROOT, Endpoint.STATUS])
def test_where_the_standard_has_no_400_the_query_is_not_read(endpoint: Endpoint):
    assert parse_query("foo=bar&&limit=x", endpoint) == Query()


def test_the_versions_of_an_object_are_all_of_them():
    assert parse_query("", Endpoint.VERSIONS).versions == VersionChoice(every=True)


def test_a_deletion_that_names_no_version_means_every_one_of_every_specification():
    """After the 200, a GET of the object is a 404 (section 5.7): no older version may come up again."""
    query = parse_query("", Endpoint.DELETE_OBJECT)
    assert query.versions == VersionChoice(every=True)
    assert query.every_spec_version


def test_a_deletion_that_names_a_version_means_that_one():
    query = parse_query("match[version]=first&match[spec_version]=2.0", Endpoint.DELETE_OBJECT)
    assert query.versions == VersionChoice(first=True)
    assert (query.spec_versions, query.every_spec_version) == ({"2.0"}, False)


def test_no_refusal_repeats_what_was_sent():
    """What a client sends by mistake may be about a person."""
    for text in ("erika.mustermann@example.org=1", "match[id]=erika.mustermann@example.org", "limit=erika"):
        with pytest.raises(MalformedQuery) as refused:
            objects(text)
        assert "erika" not in refused.value.sentence + refused.value.description + refused.value.title


VALUES = st.text(max_size=30) | st.sampled_from([*FILTERS.values(), "first,last", "first,all", "%zz", "%C3%28", "1,2"])
PAIRS = st.tuples(st.sampled_from([*FILTERS, "match%5Btype%5D", "match[", ""]) | st.text(max_size=8), VALUES)
NEAR = st.lists(PAIRS, max_size=6).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@given(NEAR | st.text(max_size=200), st.sampled_from(Endpoint))
def test_no_query_does_worse_than_be_refused(text: str, endpoint: Endpoint):
    try:
        query = parse_query(text, endpoint)
    except TaxiiError as refused:
        assert refused.http_status == 400
    else:
        assert 1 <= query.limit <= MAX_PAGE
