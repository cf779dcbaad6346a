"""The card of a node: whose it is and with which keys it signs, held to the key that the agreement pins."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.messages.releases import DAY, LOG, MADE_AT, ORIGIN, STRANGER, WITNESS, a_card

from comity.canon import ComityError, NaiveTime, StrictJsonError, dumps, strict_base64
from comity.ledger import Algorithm, VerifierKey, public_key_text
from comity.messages import (
    BadMessage,
    CardExpired,
    CardNotYetValid,
    ChangedAfterSigning,
    DevelopmentCard,
    MalformedMessage,
    NotSigned,
    OlderCard,
    OtherParty,
    OtherUrl,
    SignedByAnother,
    read_card,
    sign_message,
    verify_card,
)

NOW = MADE_AT + DAY
URL = "https://comity.cert-ee.example/"


def verified(data, key=ORIGIN, party="cert-ee", now=NOW, **expected):
    return verify_card(data, key.public_key(), party, now, **expected)


def test_a_card_says_where_a_node_is_whose_it_is_and_what_it_signs_with():
    card = verified(bytes(a_card()), url=URL, last_serial=6)
    assert (card.url, card.party, card.serial, card.development) == (URL, "cert-ee", 7, False)
    assert (card.log, card.witness) == (LOG, WITNESS)
    assert (card.log.name, card.witness.name) == ("cert-ee/releases", "cert-ee/witness")
    assert (card.issued_at, card.valid_until) == (MADE_AT, MADE_AT + 30 * DAY)


def test_a_card_has_one_spelling():
    raw = bytes(a_card())
    assert bytes(read_card(raw)) == raw == dumps(json.loads(raw)) + b"\n"
    for other in (raw.rstrip(b"\n"), raw + b"\n", json.dumps(json.loads(raw)).encode() + b"\n"):
        with pytest.raises(MalformedMessage, match="not in canonical form"):
            read_card(other)


@given(
    serial=st.integers(1, 2**53 - 1),
    development=st.booleans(),
    issued=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 11, 25), timezones=st.just(dt.UTC)),
    name=st.text("abcdefghijklmnopqrstuvwxyz0123456789-./", min_size=1, max_size=100),
)
def test_a_card_is_read_back(serial, development, issued, name):
    log = VerifierKey(name, STRANGER.public_key())
    card = a_card(serial=serial, development=development, issued_at=issued, log=log)
    again = verified(bytes(card), development=True)
    assert again == card
    assert (again.serial, again.development, again.log) == (serial, development, log)


# -- whose it is -----------------------------------------------------------------------------------------------------


def test_a_card_by_another_key_is_refused():
    with pytest.raises(SignedByAnother, match="signed by another than its party"):
        verified(bytes(a_card(STRANGER)))
    with pytest.raises(SignedByAnother):
        verified(bytes(a_card()), key=STRANGER)


def test_a_card_of_another_party_is_refused_even_when_it_is_genuine():
    with pytest.raises(OtherParty):
        verified(bytes(a_card(party="cert-br")))
    with pytest.raises(OtherParty):
        verified(bytes(a_card()), party="cert-br")


def test_a_card_of_another_node_of_the_party_is_refused_where_one_was_asked():
    with pytest.raises(OtherUrl):
        verified(bytes(a_card()), url="https://other.cert-ee.example/")


def test_a_card_is_signed_by_the_key_that_it_names():
    with pytest.raises(BadMessage, match="not the one that it names"):
        sign_message(a_card(), STRANGER)


# -- when it holds ---------------------------------------------------------------------------------------------------


def test_a_card_holds_until_the_moment_it_names():
    until = MADE_AT + 30 * DAY
    verified(bytes(a_card()), now=until - dt.timedelta(milliseconds=1))
    with pytest.raises(CardExpired, match=r"held until 2026-12-24T09:30:00\.000Z"):
        verified(bytes(a_card()), now=until)


def test_a_card_from_the_future_is_refused_but_for_what_clocks_differ():
    verified(bytes(a_card()), now=MADE_AT - dt.timedelta(minutes=5))
    with pytest.raises(CardNotYetValid):
        verified(bytes(a_card()), now=MADE_AT - dt.timedelta(minutes=5, milliseconds=1))


def test_a_clock_without_a_zone_is_refused():
    with pytest.raises(NaiveTime):
        verified(bytes(a_card()), now=dt.datetime(2026, 11, 25))


def test_a_card_older_than_one_that_was_seen_is_refused():
    verified(bytes(a_card()), last_serial=7)
    with pytest.raises(OlderCard, match="its serial is 7, and 8 was seen"):
        verified(bytes(a_card()), last_serial=8)


def test_a_node_in_development_is_refused_by_one_in_production():
    card = bytes(a_card(development=True))
    with pytest.raises(DevelopmentCard):
        verified(card)
    assert verified(card, development=True).development
    verified(bytes(a_card()), development=True)


# -- what is refused whatever it says --------------------------------------------------------------------------------

CARD = dict(a_card().content)
COSIGNED = VerifierKey("cert-ee/witness", ORIGIN.public_key(), Algorithm.COSIGNATURE)


@pytest.mark.parametrize("name", CARD)
@pytest.mark.parametrize("spoil", ["removed", "nulled", "listed"])
def test_no_member_can_be_left_out_or_be_something_else(name, spoil):
    content = {member: value for member, value in CARD.items() if member != name}
    if spoil != "removed":
        content[name] = None if spoil == "nulled" else [CARD[name]]
    with pytest.raises((MalformedMessage, NotSigned)):
        verified(dumps(content) + b"\n")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"url": "https://evil.example/"}, ChangedAfterSigning),
        ({"party": "cert-br"}, OtherParty),
        ({"log": str(VerifierKey("cert-ee/releases", STRANGER.public_key()))}, ChangedAfterSigning),
        ({"witness": str(COSIGNED)}, ChangedAfterSigning),
        ({"serial": 8}, ChangedAfterSigning),
        ({"issued_at": "2026-11-24T09:30:00.001Z"}, ChangedAfterSigning),
        ({"valid_until": "2036-12-24T09:30:00.000Z"}, ChangedAfterSigning),
        ({"development": True}, ChangedAfterSigning),
        ({"signed_by": public_key_text(STRANGER.public_key())}, SignedByAnother),
        ({"signature": strict_base64.encode(bytes(64))}, ChangedAfterSigning),
        ({"card": 2}, MalformedMessage),
        ({"partners": ["cert-br"]}, MalformedMessage),
        ({"serial": 0}, MalformedMessage),
        ({"serial": 7.5}, MalformedMessage),
        ({"serial": True}, MalformedMessage),
        ({"party": "cert ee"}, MalformedMessage),
        ({"party": "x" * 201}, MalformedMessage),
        ({"valid_until": "2026-11-24T09:30:00.000Z"}, MalformedMessage),
        ({"valid_until": "2026-11-31T09:30:00.000Z"}, MalformedMessage),
        ({"url": "http://comity.cert-ee.example/"}, MalformedMessage),
        ({"url": "file:///etc/passwd"}, MalformedMessage),
        ({"url": "https://user:secret@comity.cert-ee.example/"}, MalformedMessage),
        ({"url": "https://comity.cert-ee.example/?to=evil"}, MalformedMessage),
        ({"url": "https://comity.cert-ee.example/#evil"}, MalformedMessage),
        ({"url": "https://"}, MalformedMessage),
        ({"url": "https:///path"}, MalformedMessage),
        ({"url": "https://host:99999/"}, MalformedMessage),
        ({"url": "https://[::1/"}, MalformedMessage),
        ({"url": "https://" + "x" * 201}, MalformedMessage),
        ({"log": str(VerifierKey("cert-ee/releases", ORIGIN.public_key(), Algorithm.COSIGNATURE))}, MalformedMessage),
        ({"witness": str(VerifierKey("cert-ee/witness", STRANGER.public_key()))}, MalformedMessage),
        ({"log": str(LOG).replace("cert-ee", "cert-br")}, MalformedMessage),  # the key id is that of another name
        ({"log": "cert-ee/releases"}, MalformedMessage),
    ],
)
def test_a_tampering_is_refused_by_its_name(changes, error):
    with pytest.raises(error) as caught:
        verified(dumps({**CARD, **changes}) + b"\n", development=True)
    assert type(caught.value) is error
    assert caught.value.remedy


def test_plain_http_is_for_nodes_in_development():
    assert a_card(url="http://127.0.0.1:8001/", development=True).url == "http://127.0.0.1:8001/"
    with pytest.raises(MalformedMessage, match="not https"):
        a_card(url="http://127.0.0.1:8001/")


@given(st.data())
def test_no_byte_of_a_card_can_be_changed(data):
    raw = bytes(a_card())
    at = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != raw[at]))
    with pytest.raises(ComityError):
        verified(raw[:at] + bytes([byte]) + raw[at + 1 :])


@pytest.mark.parametrize("data", [b"", b"{}\n", b"[]\n", b"null\n", b"\x00" * 100, b"[" * 10_000])
def test_what_a_hostile_server_shows_is_refused(data):
    with pytest.raises((MalformedMessage, StrictJsonError)):
        verified(data)


def test_a_card_without_end_is_not_read():
    with pytest.raises(StrictJsonError, match="more than the 16384 that are read"):
        verified(b" " * 20_000 + bytes(a_card()))
