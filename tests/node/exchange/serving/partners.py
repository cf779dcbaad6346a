"""Invented partners of this node, their agreements' rows, what stands on their shelves, and how they ask."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from comity.ledger import public_key_text
from comity.node import chance, clock
from comity.node.border.models import Collection, Shelved
from comity.node.border.partner_collections import material_of, messages_of
from comity.node.border.versions import rising, version_key
from comity.node.exchange.signatures import Request, SigningKey, nonce_of, sign_request
from comity.node.exchange.taxii import MEDIA_TYPE
from comity.node.journal.actions import record
from comity.node.treaties.models import Flow, Party, Text
from comity.node.vault import actions as vault

from .live import Got, LiveNode

YEAR = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A party with its key, its flows with us, and its four collections."""

    party: Party
    key: SigningKey
    material: Collection  # what we send them
    theirs: Collection  # what they send us
    inbox: Collection  # messages that they write
    outbox: Collection  # messages that they read

    def signed(
        self,
        server: LiveNode,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        nonce: str | None = None,
        at: dt.datetime | None = None,
    ) -> Request:
        """The request as this partner's node sends it to that server."""
        lines = {"Accept": MEDIA_TYPE, **({"Content-Type": MEDIA_TYPE} if body else {}), **(headers or {})}
        request = Request(method=method, target_uri=server.url + target, headers=tuple(lines.items()), body=body)
        return sign_request(request, key=self.key, now=at or clock.real(), nonce=nonce or nonce_of(chance.octets(16)))

    def ask(self, server: LiveNode, method: str, target: str, **more: Any) -> Got:
        return send(server, self.signed(server, method, target, **more))


def send(server: LiveNode, request: Request) -> Got:
    target = request.target_uri.removeprefix(server.url)
    body = request.body if request.body or request.method == "POST" else None
    return server.ask(request.method, target, headers=dict(request.headers), body=body)


def partner(name: str, now: dt.datetime, *, witnessed_within: dt.timedelta | None = None) -> Partner:
    """A partner under an agreement of its own with us, in force for a year."""
    private = Ed25519PrivateKey.from_private_bytes(chance.octets(32))
    party = Party.objects.create(
        id=name, name=name.upper(), jurisdiction="BR", key=public_key_text(private.public_key()), url=""
    )
    text = Text.objects.create(
        digest=f"sha256:{chance.octets(32).hex()}", agreement=f"ee-{name}", version=1, source=b"", signatures=b"",
        accepted_at=now,
    )  # fmt: skip
    flows = [
        Flow.objects.create(
            text=text, agreement=text.agreement, origin=origin, destination=destination, partner=party,
            outward=outward, starts=now.date(), ends=(now + YEAR).date(), witnessed_within=witnessed_within,
        )
        for origin, destination, outward in (("cert-ee", name, True), (name, "cert-ee", False))
    ]  # fmt: skip
    return Partner(
        party=party,
        key=SigningKey(keyid=name, private=private),
        material=material_of(flows[0]),
        theirs=material_of(flows[1]),
        inbox=messages_of(name, outward=False),
        outbox=messages_of(name, outward=True),
    )


def shelve(
    collection: Collection,
    objects: Iterable[Mapping[str, Any]],
    now: dt.datetime,
    *,
    dates: Iterable[dt.datetime] | None = None,
    **changes: Any,
) -> list[Shelved]:
    """Put objects on a shelf as if released and published: sealed, with dates that rise in the order of commits."""
    contents = list(objects)
    with transaction.atomic():
        locked = Collection.objects.select_for_update().get(pk=collection.pk)
        given = list(dates) if dates is not None else rising(len(contents), now=now, last=locked.last_added)
        boxes = vault.seal_many([("object", json.dumps(each).encode(), None) for each in contents], now)
        entry = record("border:release:made", str(collection.pk), kind="release", facts={"to": "partner"}, now=now)
        rows = Shelved.objects.bulk_create(
            Shelved(
                collection=collection, entry=entry, box=box, object_id=each["id"], object_type=each["type"],
                spec_version=each.get("spec_version", "2.0"), version=_version(each, date),
                version_key=version_key(_version(each, date)), date_added=date, **changes,
            )
            for each, box, date in zip(contents, boxes, given, strict=True)
        )  # fmt: skip
        locked.last_added = max(given)
        locked.save(update_fields=["last_added"])
    return rows


def _version(content: Mapping[str, Any], date: dt.datetime) -> str:
    return str(content.get("modified") or content.get("created") or f"{date:%Y-%m-%dT%H:%M:%S.%fZ}")


_numbers = itertools.count(1)


def indicator(**changes: Any) -> dict[str, Any]:
    """An invented one, another each time."""
    number = next(_numbers)
    at = "2026-11-20T08:00:00.000Z"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08x}-0000-4000-8000-000000000000",
        "created": at,
        "modified": at,
        "pattern": f"[ipv4-addr:value = '198.51.100.{number % 250}']",
        "pattern_type": "stix",
        "valid_from": at,
        **changes,
    }


def objects_of(collection: Collection, query: str = "") -> str:
    return f"/exchange/collections/{collection.pk}/objects/" + (f"?{query}" if query else "")
