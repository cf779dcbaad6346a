"""E-mail addresses (RFC 5321 mailbox, IDN domains), however defanged or encoded: the text is folded before."""
# ruff: noqa: SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category, Role
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place
from comity.privacy.detectors.suffixes import known_suffix

# Letters of the scripts that separate words; kana and ideographs stand right beside an address in Japanese prose.
_LETTER = r"0-9A-Za-z\x{00C0}-\x{02AF}\p{Greek}\p{Cyrillic}\p{Hebrew}\p{Armenian}"
_ADDRESS = Linear(
    rf"[{_LETTER}_][{_LETTER}!#$&'*/=?^_`{{|}}~%+.-]*@(?:[{_LETTER}](?:[{_LETTER}-]*[{_LETTER}])?\.)+[{_LETTER}-]*[{_LETTER}]"
)
_QUERY = Linear(r".*[/=&?|'*`]")  # what precedes an address in a URL's query or a quoted list is not its local part

_USERINFO = Linear(r"://[^\s/?#@]*:?$")  # RFC 3986 3.2.1: what stands before the at sign of a URL is no mailbox
_MESSAGE_ID = Linear(
    r"(?i)(?:message-id|in-reply-to|references|content-id)[\"']?\s?:\s?[\"'\[]*<?$"
)  # RFC 5322 3.6.4: not a mailbox

# RFC 2142 and what organisations publish: the mailbox of a function, not of a person.
FUNCTIONS = frozenset(
    "abuse admin administrator billing careers cert contact csirt customerservice datenschutz dpo enquiries feedback"
    " help helpdesk hostmaster hr incident incidents info inquiries it it-support jobs legal mail marketing media"
    " mailer-daemon news newsletter no-reply noc noreply notifications notify office ops orders podpora postmaster"
    " press privacy psirt registrar registry report reports sales secretariat security service servicedesk soc spam"
    " support team webmaster whois www-data datenschutzbeauftragter soporte contato contacto kontakt biuro ciso cso"
    .split()
)  # fmt: skip


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _ADDRESS.finditer(text):
        start, end = match.span()
        said = match.group()
        local, _, domain = said.rpartition("@")
        cut = _QUERY.match(local)
        if cut is not None:
            start += cut.end()
            local = local[cut.end() :]
        local_start = len(local) - len(local.lstrip(".-+%"))
        start, local = start + local_start, local[local_start:]
        if not local or len(local) > 64 or len(domain) > 253 or local.endswith("."):
            continue
        if (
            not known_suffix(domain)
            or _USERINFO.search(text[max(0, start - 80) : start]) is not None
            or _MESSAGE_ID.search(text[max(0, start - 20) : start]) is not None
        ):
            continue
        value = f"{local}@{_ascii(domain)}".casefold()
        if local.casefold() in FUNCTIONS:
            yield Found(
                start, end, Category.EMAIL_ADDRESS, 0.9, "an e-mail address of a function", value, Role.ORGANISATION
            )
        else:
            yield Found(start, end, Category.EMAIL_ADDRESS, 0.97, "an e-mail address with a registrable domain", value)


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


DETECTOR = Detector("email-address", 1, "@", find)
