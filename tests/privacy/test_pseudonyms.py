"""Pseudonyms: keyed, stable within an agreement and epoch, nothing outside, and nobody's."""

from __future__ import annotations

import ast
import ipaddress
import re
from itertools import combinations
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn

import comity.privacy
from comity.canon import Category
from comity.privacy.pseudonyms import Pseudonyms, WeakKey

BRAZIL = Pseudonyms(b"\x01" * 32, "2026")
JAPAN = Pseudonyms(b"\x02" * 32, "2026")
NEXT_YEAR = Pseudonyms(b"\x01" * 32, "2027")

# What may come out, by category: the reserved space each form lives in.
FITS = {
    Category.IPV4_ADDRESS: lambda p: ipaddress.ip_address(p) in ipaddress.ip_network("240.0.0.0/4"),
    Category.IPV6_ADDRESS: lambda p: ipaddress.ip_address(p) in ipaddress.ip_network("fd00::/8"),
    Category.EMAIL_ADDRESS: lambda p: p.endswith("@mail.invalid") and p.count("@") == 1,
    Category.HOSTNAME: lambda p: p.endswith(".invalid"),
    Category.DOMAIN_NAME: lambda p: p.endswith(".invalid"),
    Category.URL: lambda p: re.fullmatch(r"https://link-[a-z2-7]{13}\.invalid/", p),
    Category.MAC_ADDRESS: lambda p: int(p[:2], 16) & 3 == 2 and re.fullmatch(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", p),
    Category.PHONE_NUMBER: lambda p: re.fullmatch(r"\+999\d{12}", p),
    Category.PERSON_NAME: lambda p: re.fullmatch(r"Person [a-z2-7]{13}", p),
}


@pytest.mark.parametrize("category", list(Category))
def test_every_category_has_a_pseudonym_that_fits(category):
    token = BRAZIL.of(category, "Jan Novák 4111")
    assert FITS.get(category, lambda p: re.fullmatch(r"(?:[a-z-]+-|Address )[a-z2-7]{13}", p))(token)
    assert "jan" not in re.split(r"[^a-z]", token)


@pytest.mark.parametrize("category", list(Category))
def test_two_agreements_and_two_epochs_say_nothing_of_each_other(category):
    tokens = {one.of(category, "198.51.100.23") for one in (BRAZIL, JAPAN, NEXT_YEAR)}
    assert len(tokens) == 3


@pytest.mark.parametrize("category", list(Category))
def test_one_value_has_one_pseudonym(category):
    assert BRAZIL.of(category, "Some Value 7") == Pseudonyms(b"\x01" * 32, "2026").of(category, "Some Value 7")


@pytest.mark.parametrize(
    ("category", "spellings"),
    [
        (Category.EMAIL_ADDRESS, ["Jan.Novak@Example.CZ", "jan.novak@example.cz"]),
        (Category.PHONE_NUMBER, ["+420 601 234 567", "+420601234567", "+420-601-234-567"]),
        (Category.IBAN, ["CZ65 0800 0000 1920 0014 5399", "cz6508000000192000145399"]),
        (Category.IPV6_ADDRESS, ["2001:DB8:0:0::1", "2001:db8::1"]),
        (Category.MAC_ADDRESS, ["AA-BB-CC-00-11-22", "aa:bb:cc:00:11:22"]),
        (Category.HOSTNAME, ["LAPTOP.corp.example", "laptop.corp.example."]),
        (Category.PERSON_NAME, ["Jan  Novák", "jan novák"]),
    ],
)
def test_spellings_of_one_value_share_its_pseudonym(category, spellings):
    assert len({BRAZIL.of(category, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize("category", [Category.PASSWORD, Category.API_KEY, Category.CRYPTO_WALLET])
def test_case_tells_secrets_apart(category):
    assert BRAZIL.of(category, "abcDEF") != BRAZIL.of(category, "ABCdef")


def test_a_host_is_one_host_whether_called_host_or_domain():
    assert BRAZIL.of(Category.HOSTNAME, "a.example") == BRAZIL.of(Category.DOMAIN_NAME, "a.example")
    assert BRAZIL.of(Category.IBAN, "1") != BRAZIL.of(Category.PAYMENT_CARD, "1")


@given(st.text(min_size=1))
def test_no_pseudonym_is_a_valid_number_of_anything(value):
    with pytest.raises(phonenumbers.NumberParseException):  # no country has 999
        phonenumbers.parse(BRAZIL.of(Category.PHONE_NUMBER, value), "CZ")
    assert not iban.is_valid(BRAZIL.of(Category.IBAN, value))
    assert not luhn.is_valid(BRAZIL.of(Category.PAYMENT_CARD, value))


@given(st.binary(min_size=32, max_size=32))
def test_never_the_broadcast_address(digest):
    from comity.privacy.pseudonyms import _ipv4

    address = ipaddress.ip_address(_ipv4(digest))
    assert address in ipaddress.ip_network("240.0.0.0/4")
    assert str(address) != "255.255.255.255"
    assert _ipv4(b"\xff" * 4 + digest[4:]) != "255.255.255.255"


def test_two_thousand_values_share_no_token():
    for category in (Category.PERSON_NAME, Category.EMAIL_ADDRESS, Category.IPV6_ADDRESS, Category.USERNAME):
        tokens = {BRAZIL.of(category, f"value {n}") for n in range(2_000)}
        assert len(tokens) == 2_000


def test_pooled_releases_of_three_agreements_share_no_token():
    """Attack A52: partners who pool what they received join nobody."""
    agreements = [Pseudonyms(bytes([n]) * 32, "2026") for n in range(3)]
    seen = [{one.of(Category.PERSON_NAME, f"person {n}") for n in range(500)} for one in agreements]
    assert all(a.isdisjoint(b) for a, b in combinations(seen, 2))


@pytest.mark.parametrize("length", [0, 16, 31])
def test_a_short_key_is_refused(length):
    with pytest.raises(WeakKey, match=str(length)):
        Pseudonyms(b"k" * length, "2026")


def test_the_key_is_not_shown():
    assert not hasattr(BRAZIL, "__dict__")
    assert "\\x01" not in repr(BRAZIL)


# Where the room hashes without a key, and why nothing of it can leave.
EXCUSED = {
    "residue/unkeyed.py": "computes what a partner could, in order to find it; it compares and gives nothing out",
    "detectors/packaged.py": "the version of lists that ship with the program",
    "detectors/finance.py": "the checksum inside a wallet's address, compared",
}
UNKEYED = {
    "hashlib",
    "uuid",
    "uuid5",
    "uuid3",
    "deterministic_id",
    "digest",
    "digest_of",
    "md5",
    "sha1",
    "crc32",
    "zlib",
    "hash",
}


def test_no_unkeyed_hash_anywhere_in_the_room():
    """Attack A50: what anybody can compute, anybody can reverse by trying all values."""
    room = Path(comity.privacy.__file__).parent
    for file in sorted(room.rglob("*.py")):
        if file.relative_to(room).as_posix() in EXCUSED:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").split(".")[0], *(alias.name for alias in node.names)}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                names = {node.func.id}
            else:
                continue
            assert not names & UNKEYED, f"{file.relative_to(room)}:{node.lineno}"
