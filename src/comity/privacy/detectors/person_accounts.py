"""Names and accounts that spell each other: `Jane Doe` where `jdoe@` stands, and `(jdoe)` beside `Jane Doe`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from comity.canon import Category
from comity.privacy.detectors.linear import Linear
from comity.privacy.detectors.names import NOT_NAMES
from comity.privacy.detectors.shape import Found

_WORD = r"\p{Lu}[\pL'’-]+"
_PAIR = Linear(
    rf"\b({_WORD})(?: (?:van|von|de|da|der|den|di|del|la|le|dos|bin|al|el))*[ \n]({_WORD})(?:[ \n]({_WORD}))?"
)
_LOCAL = Linear(r"[A-Za-z0-9._%+-]+@")
_ACCOUNT = Linear(
    r"(?i)(?:users|home)[\\/]+([a-z0-9._-]+)|\\([a-z0-9._-]+)|\(([a-z0-9._-]+)\)|user(?:name)?[:=] ?<?([a-z0-9._-]+)"
)
_BESIDE = Linear(rf"({_WORD})(?: (?:van|von|de|da|der|den|di|del|la|le|dos))* ({_WORD}) \(([a-z][a-z0-9._-]{{1,30}})\)")


def named_by_accounts(text: str, known: set[str]) -> Iterator[Found]:
    """Two capitalised words that an address or account of the same text is made from."""
    if (
        "@" not in text
        and "\\" not in text
        and "(" not in text
        and "/home/" not in text
        and "user" not in text.casefold()
    ):
        return
    spelled = {_letters(match.group()[:-1]) for match in _LOCAL.finditer(text)}
    for match in _ACCOUNT.finditer(text):
        spelled.update(_letters(part) for part in (match.group(n) for n in range(1, 5)) if part)
    spelled = {account for account in spelled if len(account) >= 4}
    if not spelled:
        return
    for match in _PAIR.finditer(text):
        words = [word for word in (match.group(1), match.group(2), match.group(3)) if word]
        for pair, end in ((words[:2], match.end(2)), (words, match.end())):
            if any(word.casefold() in NOT_NAMES for word in pair):
                continue
            if spelled & _accounts_of(pair[0], pair[-1]):
                said = text[match.start() : end]
                why = "words that an account in the text is made from"
                yield Found(match.start(), end, Category.PERSON_NAME, 0.9, why, " ".join(said.casefold().split()))
                break


def beside_names(text: str) -> Iterator[Found]:
    """`Jane Doe (jdoe)`: an account in brackets after the name it is made from, or spelled with digits."""
    for match in _BESIDE.finditer(text) if "(" in text else ():
        account = _letters(match.group(3))
        if account in _accounts_of(match.group(1), match.group(2)) or any(
            c.isdecimal() or c in "._" for c in match.group(3)
        ):
            yield Found(
                match.start(3),
                match.end(3),
                Category.USERNAME,
                0.88,
                "an account beside its owner's name",
                match.group(3),
            )


def _letters(said: str) -> str:
    bare = unicodedata.normalize("NFKD", said.casefold())
    return "".join(c for c in bare if c.isascii() and c.isalpha())


def _accounts_of(given: str, family: str) -> set[str]:
    """The account names that organisations make of a person's name."""
    g, f = _letters(given), _letters(family)
    if len(g) < 2 or len(f) < 2:
        return set()
    made = {
        g + f,
        f + g,
        g[0] + f,
        f + g[0],
        g + f[0],
        g[:2] + f,
        f + g[:2],
        f[:3] + g[:3],
        g[:3] + f[:3],
        f[:5] + g[:2],
        g[:2] + f[:5],
    }
    if len(f) > 4:
        made.add(f)
    if len(g) > 5:
        made.add(g)
    return made
