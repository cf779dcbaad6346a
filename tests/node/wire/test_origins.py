"""Where a call may go: `vectors/attacks/ssrf_urls.json`, and what else a URL can hide (attack A31)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.node.exchange.outgoing import BadUrl, Caller, CallNotAllowed, Origin, OtherOrigin

from .calling import caller
from .keys import VECTORS
from .wiretap import wiretap

CASES: list[dict[str, Any]] = json.loads((VECTORS / "attacks" / "ssrf_urls.json").read_text("utf-8"))["cases"]
PARTNER = Origin(scheme="https", host="partner.example", port=443)
PUBLIC = "203.0.113.10"


def production(resolves_to: str = PUBLIC) -> Caller:
    return caller(str(PARTNER), development=False, resolve=lambda _host, _port: [resolves_to])


@pytest.mark.parametrize("case", [case for case in CASES if not case["allow"]], ids=lambda case: case["case"])
def test_a_url_that_a_partner_sends_is_refused_before_anything_is_asked_or_connected(case: dict[str, Any]):
    with wiretap() as heard, pytest.raises(CallNotAllowed):
        production().call("cert-br", "GET", case["url"])
    assert heard.connected == []
    assert heard.resolved == []


@pytest.mark.parametrize("case", [case for case in CASES if case["allow"]], ids=lambda case: case["case"])
def test_an_allowed_url_is_called_at_the_checked_address(case: dict[str, Any]):
    with wiretap() as heard, pytest.raises(Exception, match="lets nothing out"):
        production().call("cert-br", "GET", case["url"])
    assert heard.connected == [(PUBLIC, 443)]
    assert PARTNER.at(case["url"]) == "https://partner.example/taxii2/"


@pytest.mark.parametrize("case", [case for case in CASES if not case["allow"]], ids=lambda case: case["case"])
def test_the_same_url_in_an_agreement_reaches_nothing_private(case: dict[str, Any]):
    """An agreement is signed by people, but a URL in it is no less checked: as its own origin, it leads nowhere."""
    with wiretap() as heard:
        try:
            origin = Origin.read(case["url"])
        except BadUrl:
            return
        outside = Caller(allowed={"p": origin}, development=False, resolve=lambda *_: ["127.0.0.1"])
        with pytest.raises(CallNotAllowed):
            outside.call("p", "GET", "/")
    assert heard.connected == []


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://partner.example", "https://partner.example"),
        ("https://partner.example:443/", "https://partner.example"),
        ("HTTPS://Partner.Example:8443/taxii2/", "https://partner.example:8443"),
        ("http://localhost:9441", "http://localhost:9441"),
        ("http://partner.example:80/x", "http://partner.example"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("https://203.0.113.10/", "https://203.0.113.10"),
        ("https://xn--prtner-3nf.example/", "https://xn--prtner-3nf.example"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, text: str):
    assert str(Origin.read(url)) == text
    assert Origin.read(text) == Origin.read(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "partner.example", "https://", "https://partner_example/", "https://-a.example/", "https://a..example/",
        "https://partner.example:0/", "https://partner.example:65536/", "https://partner.example:x/",
        "https://user:secret@partner.example/", "https://partner.example/#x", "https://partner.example/?x",
        "https://partner.example\\@evil.example/", "https://partner.example/ ", " https://partner.example/",
        "https://partner.example/\n", "https://partner.example\t/", "https://partner.exam\u200bple/", "https://１27.0.0.1/",
        "https://127.0.0.1.0x1/", "https://example.1/", "https://0x7f000001/", "https://017700000001/", "https://127.000.0.1/",
        "https://[0:0:0:0:0:0:0:1]/", "https://[::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[v1.a]/",
        "https://%6cocalhost/", "https://" + "a" * 300 + ".example/", "javascript://partner.example/", "wss://partner.example/",
        "https://partner.example/" + "a" * 5000,
    ],
)  # fmt: skip
def test_a_url_with_a_plainer_spelling_or_none_is_no_origin(url: str):
    with pytest.raises(BadUrl) as refused:
        Origin.read(url)
    assert refused.value.sentence.isascii()


def test_a_relative_api_root_is_at_the_partner():
    """TAXII 2.1 section 4.1.1: api_roots are absolute or relative."""
    assert PARTNER.at("/api1/") == "https://partner.example/api1/"
    assert PARTNER.at("https://partner.example") == "https://partner.example/"


@pytest.mark.parametrize(
    "path",
    ["", "api1/", "//evil.example/", "/../x", "/a/./b", "/a/..", "/a/%2e%2E/b", "/.%2e/", "/a b", "/a?x=1", "/a#b",
     "/%zz", "/a\\b", "/é", "/a\r\nHost: evil.example", "?x=1"],
)  # fmt: skip
def test_a_path_that_could_become_another_is_refused(path: str):
    with pytest.raises(BadUrl):
        PARTNER.at(path)


@pytest.mark.parametrize(
    "url", ["https://other.example/", "http://partner.example/", "https://partner.example:8443/", "https://127.0.0.1/"]
)
def test_another_origin_is_another(url: str):
    with pytest.raises(OtherOrigin) as refused:
        PARTNER.at(url, party="cert-br")
    assert "https://partner.example alone" in refused.value.sentence


def test_a_query_is_encoded_apart_from_the_url():
    query = [("match[type]", "indicator,malware"), ("next", "a&b=c#d/é"), ("limit", "10")]
    assert PARTNER.at("/o/", query) == (
        "https://partner.example/o/?match%5Btype%5D=indicator%2Cmalware&next=a%26b%3Dc%23d%2F%C3%A9&limit=10"
    )


def test_a_token_without_end_is_not_sent():
    with pytest.raises(BadUrl):
        PARTNER.at("/o/", [("next", "x" * 5000)])


def test_an_allowed_party_s_address_is_not_another_s():
    """Credentials of one agreement never go to the other's partner."""
    both = Caller(
        allowed={"a": PARTNER, "b": Origin.read("https://b.example")}, development=False, resolve=lambda *_: [PUBLIC]
    )
    with wiretap() as heard, pytest.raises(OtherOrigin):
        both.call("b", "GET", "https://partner.example/taxii2/")
    assert heard.connected == []
