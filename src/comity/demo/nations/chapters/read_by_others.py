"""What the partner received, read with `taxii2-client`, which knows nothing of Comity."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from rich.table import Table

from comity.canon import dumps
from comity.demo.chapter import Chapter, Check
from comity.demo.nations.world import BEGINS, COUNTRIES, ORIGIN, PARTNERS, World


def read_by_others(world: World) -> Chapter:
    world.doing("reading the partners' collections with taxii2-client")
    received = {party: _read(world, party) for party in PARTNERS}
    table = Table("tool of", "collections", "objects", "people's values in them", "the threat's values in them")
    people, threat = world.packaged.planted("people"), world.packaged.planted("threat")
    found = {}
    for party, (collections, objects) in received.items():
        text = b"".join(dumps(one) for one in objects).decode().casefold()
        found[party] = (
            sum(value.casefold() in text for value in people),
            sum(value.casefold() in text for value in threat),
        )
        table.add_row(COUNTRIES[party], str(collections), str(len(objects)), *map(str, found[party]))
    return Chapter(
        title="What a partner can read",
        intro="An administrator turns on a read-only tool for each partner. taxii2-client, as it comes, reads what the "
        "partner's own node read: STIX 2.1 over TAXII 2.1. The incident was written with values of people in every "
        "corner; none of them is there, and the attacker's addresses are.",
        body=(table,),
        checks=(
            Check(
                shown="taxii2-client reads the collections unmodified",
                held=all(objects for _, objects in received.values()),
                evidence=", ".join(f"{len(objects)} objects to {party}" for party, (_, objects) in received.items()),
            ),
            Check(
                shown="nobody's personal data is in what the partners read, and the threat is",
                held=all(persons == 0 and threats > 0 for persons, threats in found.values()),
                evidence=f"{len(people)} planted values of people looked for, {len(threat)} of the threat",
            ),
        ),
        facts={"objects": {party: len(objects) for party, (_, objects) in received.items()}, "found": found},
    )


def _read(world: World, party: str) -> tuple[int, list[dict[str, Any]]]:
    from taxii2client.v21 import Server, as_pages  # noqa: PLC0415 -- of the demo alone

    admin, tool = world.desk("admin"), f"{party}-siem"
    ends = (BEGINS + dt.timedelta(days=300)).isoformat()
    secret = admin.post("/api/tools", partner=party, scheme="basic", username=tool, ends=ends)["secret"]
    admin.post(f"/api/tools/{tool}/enable")
    nation = world.nations[ORIGIN]
    os.environ["REQUESTS_CA_BUNDLE"] = str(nation.trust)  # how its HTTP library is told whom to trust
    server = Server(f"{nation.url}/taxii2/", user=tool, password=secret)
    objects: list[dict[str, Any]] = []
    collections = [one for one in server.api_roots[0].collections if one.can_read]
    for collection in collections:
        for page in as_pages(collection.get_objects, per_request=100):
            objects += page.get("objects", [])
    server.close()
    return len(collections), objects
