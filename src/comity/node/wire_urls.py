"""Partners' routes, and the public files of the log. INVARIANT: each is in the table that `promises/test_09` drives.

| path | who | answers |
| --- | --- | --- |
| /taxii2/, /exchange/... | a partner's node, or its tool | TAXII 2.1 |
| /ledger/checkpoint, /ledger/tile/... | everybody | tlog-tiles: hashes, no entries |
| /witness/add-checkpoint, /witness/<hash>/checkpoint | everybody; logs are known by their signatures | tlog-witness |
| /.well-known/comity.json | everybody | the node's card |
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from comity.node.exchange.serving import catalogue, discovery, objects, posting, statuses
from comity.node.exchange.serving.card import card
from comity.node.exchange.serving.endpoint import endpoint
from comity.node.journal import files, witness_views

_COLLECTION = "exchange/collections/<str:collection_id>/"
_OBJECT = f"{_COLLECTION}objects/<str:object_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("taxii2/", endpoint(GET=discovery.discovery)),
    path("exchange/", endpoint(GET=discovery.api_root)),
    path("exchange/status/<str:status_id>/", endpoint(GET=statuses.status)),
    path("exchange/collections/", endpoint(GET=catalogue.collections)),
    path(_COLLECTION, endpoint(GET=catalogue.collection)),
    path(f"{_COLLECTION}manifest/", endpoint(GET=objects.manifest)),
    path(f"{_COLLECTION}objects/", endpoint(GET=objects.objects, POST=posting.add)),
    path(_OBJECT, endpoint(GET=objects.one_object, DELETE=objects.delete)),
    path(f"{_OBJECT}versions/", endpoint(GET=objects.versions)),
    path("ledger/checkpoint", files.checkpoint),
    path("ledger/tile/<path:path>", files.tile),
    path("witness/add-checkpoint", witness_views.add_checkpoint),
    path("witness/<str:origin_hash>/checkpoint", witness_views.cosigned_checkpoint),
    path(".well-known/comity.json", card),
]
