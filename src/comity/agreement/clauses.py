"""Clauses and how they are cited: by their own id, or by the key of their section.

ee-br-csirt:P2                 a clause of share, never, protect or requests
ee-br-csirt:transfers[0]       the first of a list without ids
ee-br-csirt:authority.cert-ee  a member of a map with free names (authority, contacts, retention)
ee-br-csirt:parties.cert-ee    a party
ee-br-csirt:term               any other section
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.agreement.grammar.text import AgreementText
from comity.agreement.strict_yaml import Path
from comity.canon import Json

WITH_IDS = ("share", "never", "protect", "requests")
FREE_NAMES = ("authority", "contacts", "retention")


def own_ids(text: AgreementText) -> Iterator[tuple[str, int, str]]:
    """Section, index and id of each clause that has one."""
    yield from (("share", index, share.id) for index, share in enumerate(text.share or ()))
    yield from (("never", index, never.id) for index, never in enumerate(text.never or ()))
    yield from (("protect", index, rule.id) for index, rule in enumerate(text.protect or ()))
    yield from (("requests", index, request.id) for index, request in enumerate(text.requests or ()))


def citeable(text: AgreementText, data: Json) -> Iterator[tuple[str, Path]]:
    """The name, without the agreement's id, and the path of every clause."""
    for section, index, clause in own_ids(text):
        yield clause, (section, index)
    for index, party in enumerate(text.parties):
        yield f"parties.{party.id}", ("parties", index)
    for section, value in data.items():
        yield section, (section,)
        if section in FREE_NAMES:
            for name in value:
                yield f"{section}.{name}", (section, name)
        elif isinstance(value, list) and section not in (*WITH_IDS, "parties"):
            for index in range(len(value)):
                yield f"{section}[{index}]", (section, index)
