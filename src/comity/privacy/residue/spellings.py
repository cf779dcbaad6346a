"""The ways one value can be written, each as a sequence of tokens: what separates them does not matter."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

import phonenumbers

from comity.canon import Category
from comity.privacy.normal_form import normal_form
from comity.privacy.residue.encodings import SHORTEST_BASE64
from comity.privacy.residue.folding import token_texts
from comity.privacy.residue.ordinary import PARTICLES, WORDS, is_ordinary
from comity.privacy.residue.unkeyed import unkeyed
from comity.privacy.treatments.outcome import Gone

Stands = Literal["anything", "name", "account"]


class Spelling(NamedTuple):
    """`sure`: a match is the value, and refuses; otherwise it refers. `only`: what may separate the tokens, if not
    anything short. `stands`: what a match has to stand as, for words that are also just words."""

    tokens: tuple[str, ...]
    how: str
    sure: bool = True
    only: str = ""
    stands: Stands = "anything"


_WRITTEN = "as written"
SHORTEST_PART = 2  # a part of a name this short is a word of some language
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_OPEN = frozenset({
    Category.HEALTH, Category.ETHNICITY, Category.RELIGION, Category.POLITICS, Category.TRADE_UNION,
    Category.SEXUAL_ORIENTATION, Category.BIOMETRIC, Category.GENETIC, Category.CRIME_VICTIM, Category.OFFENCE,
})  # fmt: skip

# A login such as `agents` is a word of any text as well: it gives nobody away but where a login stands.
_ACCOUNTS = frozenset({Category.USERNAME, Category.SOCIAL_HANDLE, Category.HOSTNAME})


def spellings(gone: Gone, salts: Iterable[bytes]) -> Iterator[Spelling]:
    """Every way of writing a treated value that is searched for as tokens."""
    category, value, text = gone.category, gone.value, gone.text
    for one in dict.fromkeys((value, text)):
        tokens = token_texts(one)
        if tokens and not (category is Category.IPV4_ADDRESS and is_ipv4(one)):  # those are compared as addresses
            stands: Stands = "account" if category in _ACCOUNTS and len(tokens) == 1 and one.isalpha() else "anything"
            yield Spelling(tokens, _WRITTEN, _sure(category, tokens) and stands == "anything", stands=stands)
        yield from _short_encodings(one, _sure(category, tokens))
    yield from _MORE.get(category, _nothing)(value)
    for how, spelled in unkeyed(category, value, text, salts):
        yield Spelling(tuple(spelled.split("-")[-2:]), how)  # the last two groups of a UUID are 62 bits of it


def is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def identifier(stix_id: str) -> Spelling:
    """The id of an object whose identifying value was treated, in an id or any reference."""
    return Spelling(token_texts(stix_id.partition("--")[2])[-2:], "STIX id")


def _sure(category: Category, tokens: tuple[str, ...]) -> bool:
    if category in _OPEN:
        return len(tokens) >= 3  # a phrase; a single word is in every dictionary
    if category is Category.DATE_OF_BIRTH or (category is Category.PERSON_NAME and len(tokens) < 2):
        return False
    return not is_ordinary(tokens)


def _short_encodings(text: str, sure: bool) -> Iterator[Spelling]:
    """Base64 and hexadecimal of a value too short to be found by undoing them everywhere."""
    raw = text.encode("utf-8", "surrogatepass")
    for data, how in ((raw, ""), (text.encode("utf-16-le", "surrogatepass"), ", UTF-16")):
        encoded = base64.b64encode(data).decode().rstrip("=")
        if 5 < len(encoded) < SHORTEST_BASE64:  # four letters of base64 are a word like any other
            yield Spelling(token_texts(encoded), "base64" + how, sure)
        if len(data) < 8:  # as `encodings` undoes hexadecimal of eight bytes or more
            yield Spelling((data.hex(),), "hexadecimal" + how, sure and len(data) > 3)


def _name(value: str) -> Iterator[Spelling]:
    parts = token_texts(value)
    if not all(part.isalpha() for part in parts) or any(len(part) == 1 for part in parts):
        return  # no name in parts that can be told: a script of single characters, or with numbers in it
    own = [part for part in parts if part not in PARTICLES]
    if len(own) > 1:
        first, last = own[0], own[-1]
        yield Spelling((last, first), "surname first")
        yield Spelling(tuple(reversed(parts)), "surname first")
        yield Spelling((first, last), "first and last name")
        for glued in (first + last, last + first):
            yield Spelling((glued,), "written together")
        for initial in (first[0] + last, last + first[0]):
            yield Spelling((initial,), "initial and surname", sure=False)
        yield Spelling((first[0], last), "initial and surname", sure=False, stands="name")
    for part in own:
        if len(part) > SHORTEST_PART and part not in WORDS:
            yield Spelling((part,), "part of a name", sure=False, stands="name")


def _email(value: str) -> Iterator[Spelling]:
    local = value.rpartition("@")[0]
    parts = token_texts(local)
    if len(parts) > 1 or any(char.isdigit() for char in local):
        yield Spelling(parts, "mailbox name", sure=False)
    yield from _international(value)


def _host(value: str) -> Iterator[Spelling]:
    labels = [token_texts(label) for label in value.rstrip(".").split(".")]
    if len(labels) > 2:
        yield Spelling(tuple(token for label in reversed(labels) for token in label), "reversed", only=".-_")
    yield from _international(value)


def _international(value: str) -> Iterator[Spelling]:
    """The other spelling of an internationalised host: `xn--...` and what it stands for (RFC 5891)."""
    host = value.rpartition("@")[2]
    for change in (_to_punycode, _from_punycode):
        try:
            other = change(host)
        except UnicodeError:
            continue
        if other != host:
            yield Spelling(token_texts(value[: len(value) - len(host)] + other), "punycode")


def _to_punycode(host: str) -> str:
    return str(host.encode("idna"), "ascii")


def _from_punycode(host: str) -> str:
    return str(host.encode("ascii"), "idna")


def _url(value: str) -> Iterator[Spelling]:
    rest = token_texts(value.partition("://")[2])
    if len(rest) > 1:
        yield Spelling(rest, "without its scheme", not is_ordinary(rest))


def _ipv4(value: str) -> Iterator[Spelling]:
    if not is_ipv4(value):
        return
    address = ipaddress.IPv4Address(value)
    octets = tuple(str(byte) for byte in address.packed)
    number = f"{int(address):08x}"
    high, low = (number[:4].lstrip("0") or "0"), (number[4:].lstrip("0") or "0")
    yield Spelling(octets, "with dashes", only="-_")
    yield Spelling((*reversed(octets), "in", "addr", "arpa"), "reverse DNS")
    yield Spelling((str(int(address)),), "as a number", sure=int(address) >= 2**24)
    yield Spelling((number,), "hexadecimal")
    yield Spelling(("0x" + number,), "hexadecimal")
    yield Spelling(tuple(f"0x{byte:02x}" for byte in address.packed), "hexadecimal")
    yield Spelling(tuple(f"0{byte:o}" for byte in address.packed), "octal", only=".")
    yield Spelling(("ffff", high, low), "inside IPv6", only=":")
    yield Spelling(("2002", high, low), "inside IPv6", only=":")


def _ipv6(value: str) -> Iterator[Spelling]:
    try:
        address = ipaddress.IPv6Address(value.partition("%")[0])
    except ValueError:
        return
    yield Spelling((*reversed(address.exploded.replace(":", "")), "ip6", "arpa"), "reverse DNS")
    yield Spelling((address.packed.hex(),), "hexadecimal")


def _mac(value: str) -> Iterator[Spelling]:
    digits = normal_form(Category.MAC_ADDRESS, value)
    if len(digits) != 12:
        return
    yield Spelling((digits,), "without separators")
    yield Spelling(tuple(digits[n : n + 2] for n in range(0, 12, 2)), _WRITTEN)
    yield Spelling(tuple(digits[n : n + 4] for n in range(0, 12, 4)), _WRITTEN)
    flipped = f"{int(digits[:2], 16) ^ 2:02x}{digits[2:]}"  # EUI-64 in an IPv6 address: RFC 4291 appendix A
    groups = (flipped[:4], flipped[4:6] + "ff", "fe" + flipped[6:8], flipped[8:])
    yield Spelling(tuple(group.lstrip("0") or "0" for group in groups), "inside IPv6", only=":")


def _number(category: Category) -> Callable[[str], Iterator[Spelling]]:
    def written(value: str) -> Iterator[Spelling]:
        yield Spelling((normal_form(category, value).lstrip("+"),), "without separators")

    return written


def _account(value: str) -> Iterator[Spelling]:
    own = re.split(r"[\\/@]", value.strip("@"))
    name = own[-1] if "\\" in value or "/" in value else own[0]
    parts = token_texts(name)
    if parts and name != value:
        yield Spelling(parts, "account without its domain", not is_ordinary(parts))


def _date(value: str) -> Iterator[Spelling]:
    match = _DATE.match(value)
    if match is None:
        return
    year, month, day = match.groups()
    short = (day.lstrip("0"), month.lstrip("0"))
    orders = [
        (year, month, day), (year, short[1], short[0]), (day, month, year), (*short, year), (month, day, year),
        (short[1], short[0], year), (year, month, day + "t00"), (year + month + day,), (day + month + year,),
    ]  # fmt: skip
    name = _MONTHS[int(month) - 1] if 1 <= int(month) <= 12 else month
    for said in (name, name[:3]):
        orders += [(short[0], said, year), (day, said, year), (said, short[0], year), (said, short[0] + "th", year)]
    for order in orders:
        yield Spelling(order, "as a date", sure=False)


def _instant(value: str) -> Iterator[Spelling]:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return
    if moment.tzinfo is None:
        return
    date, _, clock = value.partition("T")
    whole = re.split(r"[.Z+]", clock)[0]
    yield Spelling(token_texts(f"{date}T{whole}"), "to the second")
    yield Spelling(token_texts(f"{date} {whole}"), "to the second")
    yield Spelling((str(int(moment.timestamp())),), "as a number")
    yield Spelling((str(round(moment.timestamp() * 1000)),), "as a number")


def _position(value: str) -> Iterator[Spelling]:
    for number in re.findall(r"-?\d{1,3}\.\d{3,}", value):
        yield Spelling(token_texts(number), "one coordinate", sure=False, only=".")


def digit_runs(gone: Gone) -> Iterator[tuple[str, bool]]:
    """The digits by which a number is known however it is grouped, and whether so many can be no chance."""
    if gone.category is Category.PHONE_NUMBER:
        try:
            number = phonenumbers.parse(gone.value, None)
        except phonenumbers.NumberParseException:
            pass
        else:
            national = phonenumbers.national_significant_number(number)
            for run in (
                f"{number.country_code}{national}",
                national,
                "0" + national,
                f"00{number.country_code}{national}",
            ):
                yield run, len(run) >= 8
            return
    if gone.category in _NUMBERS:
        run = max(re.findall(r"\d+", normal_form(gone.category, gone.value)), key=len, default="")
        if len(run) >= SHORTEST_RUN:
            yield run, len(run) >= 8


SHORTEST_RUN = 6
_NUMBERS = frozenset({
    Category.PHONE_NUMBER, Category.NATIONAL_ID, Category.PASSPORT, Category.IBAN, Category.PAYMENT_CARD,
    Category.DEVICE_ID, Category.VEHICLE_ID, Category.ACCOUNT_ID,
})  # fmt: skip


def _nothing(_value: str) -> Iterator[Spelling]:
    return iter(())


_MORE: dict[Category, Callable[[str], Iterator[Spelling]]] = {
    Category.PERSON_NAME: _name,
    Category.EMAIL_ADDRESS: _email,
    Category.HOSTNAME: _host,
    Category.DOMAIN_NAME: _host,
    Category.URL: _url,
    Category.IPV4_ADDRESS: _ipv4,
    Category.IPV6_ADDRESS: _ipv6,
    Category.MAC_ADDRESS: _mac,
    Category.USERNAME: _account,
    Category.SOCIAL_HANDLE: _account,
    Category.DATE_OF_BIRTH: _date,
    Category.TRAFFIC_DATA: _instant,
    Category.GPS_POSITION: _position,
    **{category: _number(category) for category in sorted(_NUMBERS)},
}
