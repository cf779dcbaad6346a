"""What a URL says about people: user and password before the host, and values of its query."""
# ruff: noqa: SIM905  (a grammar is one line; letters of many scripts and lists of words are its substance)

from __future__ import annotations

from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.shape import Detector, Found, Place
from comity.privacy.detectors.words import category_of_label

_URL = Linear(r"(?i)\b[a-z][a-z0-9+.-]{1,15}://[^\s\"'<>`|\\\x{3001}\x{3002}\x{300d}]+")
_USERINFO = Linear(r"(?i)^[a-z][a-z0-9+.-]{1,15}://([^/@:\s?#]+)(?::([^/@\s?#]*))?@")
_PAIR = Linear(r"[?&;#]([^=&;#?/]+)=([^&;#]+)")
# Query values that name a session or a secret; a campaign's or sample's id is not one.
_SKIP = frozenset("id s q t v p page lang ref".split())


def find(text: str, place: Place) -> Iterator[Found]:
    for match in _URL.finditer(text):
        url, at = match.group(), match.start()
        said = _USERINFO.match(url)
        if said is not None:
            user, password = said.group(1), said.group(2)
            yield Found(
                at + said.start(1), at + said.end(1), Category.USERNAME, 0.9, "the user in a URL", user.casefold()
            )
            if password:
                yield Found(
                    at + said.start(2), at + said.end(2), Category.PASSWORD, 0.95, "the password in a URL", password
                )
        for pair in _PAIR.finditer(url):
            label, value = pair.group(1), pair.group(2)
            category = None if label.lower() in _SKIP else category_of_label(label)
            if category is None or len(value) < 3 or category is Category.EMAIL_ADDRESS:
                continue
            if category is Category.PERSON_NAME and _FILE.search(value) is not None:
                continue  # `?name=report.pdf`
            start = at + pair.start(2)
            yield Found(
                start,
                start + len(value),
                category,
                0.85,
                "a value of a URL's query under a telling name",
                value.casefold(),
            )


_FILE = Linear(
    r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|txt|zip|rar|7z|exe|dll|html?|php|aspx?|jsp|png|jpe?g|gif|js|css|xml|json|csv)$"
)
DETECTOR = Detector("url", 1, "://", find)
