"""Accept and Content-Type (TAXII 2.1 sections 1.6.8 and 3.1, RFC 9110 section 12.5.1)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.node.exchange.taxii import (
    MEDIA_TYPE,
    NotAcceptable,
    UnsupportedMediaType,
    check_content_type,
    is_taxii,
    negotiate,
)


@pytest.mark.parametrize(
    "accept",
    [
        "application/taxii+json;version=2.1",
        "application/taxii+json; version=2.1",
        "application/taxii+json ;\tversion=2.1",
        "Application/TAXII+JSON;Version=2.1",
        'application/taxii+json;version="2.1"',
        'application/taxii+json;version="2\\.1"',
        "application/taxii+json",
        "application/taxii+json;",
        "application/*",
        "*/*",
        "*/*;q=0.1",
        "application/taxii+json;version=2.1,application/stix+json;version=2.1",  # as section 5.3 asks of a manifest
        "text/html, application/taxii+json;version=2.1;q=0.5",
        ",, application/taxii+json;version=2.1 ,",
        "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
        'text/plain;x="a,b\\"c", application/taxii+json',
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2, application/taxii+json",  # two ranges break the grammar
        "application/taxii+json;version=2.1;q=0.001",
        "application/taxii+json;version=2.1;Q=1.000",
        "application/taxii+json;version=2.1;q=0.5, */*;q=0",
    ],
)
def test_what_the_standard_defines_is_never_refused(accept: str):
    assert negotiate(accept) == MEDIA_TYPE


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        ",",
        "text/html",
        "application/json",
        "application/stix+json;version=2.1",
        "application/taxii+json;version=2.0",
        "application/taxii+json;version=2.2",
        "application/taxii+json;version=2.10",
        "application/vnd.oasis.taxii+json; version=2.0",
        "application/taxii+json;version=2.1;charset=utf-8",
        "application/taxii+json;version=2.1;version=2.1",
        "application/taxii+json;q=0",
        "application/taxii+json;version=2.1;q=0.000",
        "application/taxii+json;version=2.1;q=0, application/taxii+json, */*",  # the closest range decides
        "application/taxii+json;q=0, */*",
        "application/taxii+json;version=2.1;q=2",
        "application/taxii+json;version=2.1;q=0.1234",
        "application/taxii+json;version=2.1;q=-1",
        "application/taxii+json;version = 2.1",
        "application/taxii+json version=2.1",
        "taxii+json",
        "*",
        "*/taxii+json",
        'text/plain;x="a, application/taxii+json',  # the quote does not close
        "application/taxii+json;version=2.1\r\nX: y",
        "аpplication/taxii+json",  # the first letter is Cyrillic
        "application/taxii+json," * 500,
    ],
)
def test_whatever_else_is_refused(accept: str | None):
    with pytest.raises(NotAcceptable) as refused:
        negotiate(accept)
    assert refused.value.http_status == 406


@pytest.mark.parametrize("hostile", ["; " * 2000, '"\\' * 2000, "a/b" + ";  " * 1300 + "!", 'a/b;c="' + "\\a" * 2000])
def test_a_header_made_to_be_slow_is_read_in_one_go(hostile: str):
    """Each would take longer than the world has, if the expressions went back over it."""
    with pytest.raises(NotAcceptable):
        negotiate(hostile[:4096])


@pytest.mark.parametrize(
    "content_type",
    ["application/taxii+json;version=2.1", "application/taxii+json", 'Application/Taxii+json; VERSION="2.1"'],
)
def test_a_body_of_taxii_is_taken(content_type: str):
    check_content_type(content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "*/*",
        "application/*",
        "application/json",
        "application/stix+json;version=2.1",
        "application/taxii+json;version=2.0",
        "application/taxii+json;version=2.1;charset=utf-8",
        "application/taxii+json;version=2.1;q=0.5",
        "application/taxii+json;version=2.1, application/taxii+json;version=2.1",
        "multipart/form-data; boundary=x",
    ],
)
def test_a_body_of_anything_else_is_not(content_type: str | None):
    with pytest.raises(UnsupportedMediaType) as refused:
        check_content_type(content_type)
    assert refused.value.http_status == 415


@pytest.mark.parametrize(
    ("content_type", "taxii"),
    [
        (MEDIA_TYPE, True),
        ("application/taxii+json", True),
        ("application/taxii+json; version=2.1; charset=UTF-8", True),
        ("application/taxii+json; version=2.1; charset=latin-1", False),
        ("application/taxii+json; version=2.0", False),
        ("text/html; charset=utf-8", False),  # a login page instead of a 401
        ("*/*", False),
        (None, False),
    ],
)
def test_what_a_server_answers_says_what_it_is(content_type: str | None, taxii: bool):
    assert is_taxii(content_type) is taxii


TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789+-.!", min_size=1, max_size=12)
OTHERS = st.builds(lambda t, s, q: f"other-{t}/{s};q={q}", TOKENS, TOKENS, st.sampled_from(["0", "0.5", "1"]))


@given(st.lists(OTHERS, max_size=6), st.integers(0, 6), st.sampled_from([",", ", ", " ,\t"]))
def test_our_range_counts_wherever_it_stands_among_others(others: list[str], at: int, comma: str):
    without = comma.join(others)
    with pytest.raises(NotAcceptable):
        negotiate(without)
    assert negotiate(comma.join([*others[:at], MEDIA_TYPE, *others[at:]])) == MEDIA_TYPE


@given(st.text('application/taxii+json;version=2.1q,*" \\\t', max_size=80) | st.text(max_size=40))
def test_no_header_does_worse_than_be_refused(header: str):
    is_taxii(header)
    for check, error in ((negotiate, NotAcceptable), (check_content_type, UnsupportedMediaType)):
        with contextlib.suppress(error):
            check(header)
