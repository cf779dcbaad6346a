"""Which addresses a name may stand for, and that one is connected to only as it was checked (attack A31)."""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import replace

import pytest

from comity.node.exchange.outgoing import AddressRefused, Caller, NoAddress, Origin, TooSlow
from comity.node.exchange.outgoing.addresses import refused_kind

from .calling import QUICK
from .wiretap import wiretap

PUBLIC = "203.0.113.10"
PARTNER = Origin.read("https://partner.example")

REFUSED = {
    "0.0.0.0": "unspecified",  # noqa: S104 -- nothing is bound to it
    "127.0.0.1": "loopback", "127.8.9.1": "loopback", "0.1.2.3": "unspecified",
    "10.0.0.5": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private",
    "100.64.0.1": "shared", "100.100.100.200": "metadata", "169.254.169.254": "metadata", "168.63.129.16": "metadata",
    "192.0.0.192": "metadata", "198.18.0.1": "benchmarking", "224.0.0.1": "multicast", "239.255.255.250": "multicast",
    "240.0.0.1": "reserved", "255.255.255.255": "broadcast", "192.88.99.1": "6to4",
    "::": "unspecified", "::1": "loopback", "::ffff:127.0.0.1": "IPv4", "::ffff:203.0.113.10": "IPv4",
    "::127.0.0.1": "outside", "64:ff9b::7f00:1": "NAT64", "64:ff9b::cb00:710a": "NAT64", "64:ff9b:1::1": "NAT64",
    "2002:7f00:1::1": "6to4", "2001::1": "Teredo", "2001:2::1": "protocol", "2001:20::1": "protocol",
    "fc00::1": "private", "fd00:ec2::254": "private", "fe80::1": "link-local", "fe80::1%1": "link-local",
    "fec0::1": "outside", "ff02::1": "multicast", "100::1": "outside", "5f00::1": "outside", "4000::1": "outside",
}  # fmt: skip
ALLOWED = [
    "203.0.113.10", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255",
    "2001:db8::1", "2606:4700::1111", "2a00:1450::1", "2001:200::1", "2400:cb00::1",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_on_our_own_side_is_refused(address: str):
    assert REFUSED[address] in str(refused_kind(ipaddress.ip_address(address)))


@pytest.mark.parametrize("address", ALLOWED)
def test_an_address_of_the_open_internet_is_not(address: str):
    assert refused_kind(ipaddress.ip_address(address)) is None


@pytest.mark.parametrize("address", [a for a in REFUSED if not ipaddress.ip_address(a).is_loopback])
@pytest.mark.parametrize("development", [False, True])
def test_no_name_leads_there_in_development_neither(address: str, development: bool):
    node = Caller(allowed={"p": PARTNER}, development=development, resolve=lambda *_: [address])
    with wiretap() as heard, pytest.raises(AddressRefused) as refused:
        node.call("p", "GET", "/")
    assert heard.connected == []
    assert "partner.example" in refused.value.sentence


@pytest.mark.parametrize("address", [a for a in REFUSED if "%" not in a])
def test_no_address_in_an_agreement_leads_there(address: str):
    host = f"[{ipaddress.ip_address(address)}]" if ":" in address else address
    node = Caller(allowed={"p": Origin.read(f"https://{host}")}, development=False)
    with wiretap() as heard, pytest.raises(AddressRefused):
        node.call("p", "GET", "/")
    assert heard.connected == []


@pytest.mark.parametrize("addresses", [[PUBLIC, "127.0.0.1"], ["10.0.0.5", PUBLIC], [PUBLIC, "::ffff:10.0.0.5"]])
def test_one_refused_address_refuses_the_call(addresses: list[str]):
    node = Caller(allowed={"p": PARTNER}, development=False, resolve=lambda *_: addresses)
    with wiretap() as heard, pytest.raises(AddressRefused):
        node.call("p", "GET", "/")
    assert heard.connected == []


@pytest.mark.parametrize(
    ("url", "development", "allowed"),
    [
        ("https://localhost:9441", True, True),
        ("https://node.localhost:9441", True, True),
        ("https://127.0.0.1:9441", True, True),
        ("https://[::1]:9441", True, True),
        ("http://localhost:9441", True, True),
        ("https://localhost:9441", False, False),
        ("https://127.0.0.1:9441", False, False),
        ("https://partner.example:9441", True, False),
        ("https://localhost.example:9441", True, False),
        ("https://notlocalhost:9441", True, False),
    ],
)
def test_loopback_needs_development_and_a_url_that_names_it(url: str, development: bool, allowed: bool):
    node = Caller(allowed={"p": Origin.read(url)}, development=development, resolve=lambda *_: ["127.0.0.1"])
    with wiretap() as heard, pytest.raises(Exception) as failed:
        node.call("p", "GET", "/")
    assert isinstance(failed.value, AddressRefused) is not allowed
    assert bool(heard.connected) is allowed


@pytest.mark.parametrize("found", [[], ["nonsense"], [""], [PUBLIC] * 17])
def test_a_resolver_that_gives_nothing_useful_is_named(found: list[str]):
    node = Caller(allowed={"p": PARTNER}, development=False, resolve=lambda *_: found)
    with wiretap() as heard, pytest.raises(NoAddress):
        node.call("p", "GET", "/")
    assert heard.connected == []


def test_a_resolver_that_fails_is_named():
    def fails(_host: str, _port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(NoAddress, match="not known"):
        Caller(allowed={"p": PARTNER}, development=False, resolve=fails).call("p", "GET", "/")


def test_a_name_server_that_never_answers_costs_the_call_s_time_and_no_more():
    released = threading.Event()

    def hangs(_host: str, _port: int) -> list[str]:
        released.wait()
        return [PUBLIC]

    node = Caller(allowed={"p": PARTNER}, development=False, resolve=hangs, timeouts=replace(QUICK, total=0.2))
    with wiretap() as heard, pytest.raises(TooSlow):
        node.call("p", "GET", "/")
    released.set()
    assert heard.connected == []


def test_a_name_that_turns_private_after_the_check_is_asked_only_once():
    """Rebinding: first a public address, then a private one. The connection is to the one that was checked."""
    answers = [[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]]
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    node = Caller(allowed={"p": PARTNER}, development=False, resolve=rebinding)
    with wiretap() as heard, pytest.raises(Exception, match="lets nothing out"):
        node.call("p", "GET", "/")
    assert asked == ["partner.example"]
    assert heard.connected == [(PUBLIC, 443)]
    assert heard.resolved == [], "nobody else was asked either"
    with pytest.raises(AddressRefused):
        node.call("p", "GET", "/")


def test_the_next_address_is_tried_when_one_does_not_answer():
    node = Caller(allowed={"p": PARTNER}, development=False, resolve=lambda *_: [PUBLIC, "2001:db8::1"])
    with wiretap() as heard, pytest.raises(Exception, match="lets nothing out"):
        node.call("p", "GET", "/")
    assert heard.connected == [(PUBLIC, 443), ("2001:db8::1", 443)]
