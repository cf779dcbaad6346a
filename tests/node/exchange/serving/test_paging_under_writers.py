"""Attack A46: while others write, who pages meets every item once; also with date_added alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from comity.node import clock
from comity.node.exchange.taxii import DATE_ADDED_LAST

from .asking import basic, new_tool
from .live import LiveNode
from .partners import Partner, indicator, objects_of, shelve

WRITERS, BATCHES, BATCH = 4, 6, 3


def write(partner: Partner, written: list[str], lock: threading.Lock) -> None:
    """Batches of releases, each dated at its commit, as the border does."""
    try:
        for _ in range(BATCHES):
            rows = shelve(partner.material, [indicator() for _ in range(BATCH)], clock.now())
            with lock:
                written += [row.object_id for row in rows]
    finally:
        connections.close_all()


@pytest.mark.parametrize("by", ["added_after", "next"])
def test_a_reader_meets_every_item_once(by: str, server: LiveNode, br: Partner, node_live: Any):
    headers = basic("siem", new_tool(node_live, "cert-br"))
    written: list[str] = []
    lock, met = threading.Lock(), list[str]()
    with ThreadPoolExecutor(WRITERS) as threads:
        writers = [threads.submit(write, br, written, lock) for _ in range(WRITERS)]
        after, token, last_round = "", "", False
        while True:
            asked = "limit=2" + (f"&added_after={after}" if after else "") + (f"&next={token}" if token else "")
            got = server.ask("GET", objects_of(br.material, asked), headers=headers)
            assert got.status == 200, got.body
            page = got.json
            met += [each["id"] for each in page.get("objects", [])]
            if by == "next" and page.get("more"):
                token = page["next"]
                continue
            # At the end of a walk, or of a page: go on from the last date.
            token, after = "", got.headers.get(DATE_ADDED_LAST.lower(), after)
            if last_round and not page.get("objects"):
                break
            last_round = all(writer.done() for writer in writers)
        for writer in writers:
            writer.result()
    assert len(written) == WRITERS * BATCHES * BATCH
    assert sorted(met) == sorted(written)
