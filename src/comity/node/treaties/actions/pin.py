"""pin: who the parties are, and the key each signs with. Whoever could change a pinned key could be that party."""

from __future__ import annotations

from urllib.parse import urlsplit

from comity.agreement import Agreement
from comity.canon import InputError, ProofError
from comity.node.config import current
from comity.node.treaties.models import Party


class KeyChanged(ProofError):
    what = "{agreement} is not accepted"
    why = "it names another key for {party} than the one that is pinned, and is no new version of a text that pinned it"
    do = "have {party} change its key by a new version of an agreement that names the old one"


class PlainAddress(InputError):
    what = "{agreement} is not accepted"
    why = "the address of {party} is not https, and this is no development node"
    do = "agree an address with https"


def pin(agreement: Agreement, baseline: Agreement | None, before: Agreement | None) -> None:
    """Write the parties of a text that every one of them has signed.

    `before` is the version in force until now. Where the key stays the same, its holder has signed whatever else the
    text says of it, as a new address. An annex that gives no address leaves that of its baseline.
    Raises: KeyChanged, PlainAddress.
    """
    rows = {row.pk: row for row in Party.objects.filter(pk__in=[party.id for party in agreement.text.parties])}
    for party in agreement.text.parties:
        row, key = rows.get(party.id), party.key or ""
        if row is not None and row.key != key:
            pinned = before.party(party.id) if before is not None else None
            if pinned is None or pinned.key != row.key:
                raise KeyChanged(agreement=agreement.id, party=party.id)
        under = baseline.party(party.id) if baseline is not None else None
        url = party.url or (row.url if row is not None else "") or (under.url if under is not None else None) or ""
        if url and urlsplit(url).scheme != "https" and not current().development:
            raise PlainAddress(agreement=agreement.id, party=party.id)
        said = {"name": party.name, "jurisdiction": party.jurisdiction, "key": key, "url": url}
        Party.objects.update_or_create(pk=party.id, defaults=said)
