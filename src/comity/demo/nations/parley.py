"""The agreements between the nations: the worked examples with these nodes' keys and addresses, signed by all."""

from __future__ import annotations

import re
from collections.abc import Mapping

from comity.agreement import parse
from comity.demo.nations.desk import Desk
from comity.demo.packaged import ANNEXES, BASELINE, Packaged


def conclude(packaged: Packaged, officers: Mapping[str, Desk]) -> list[str]:
    """A baseline and two annexes: signed by each party's own node, and accepted by each that they bind.

    Returns: the ids of the agreements, as `GET /api/agreements` of the first nation lists them.
    """
    baseline = _with_nodes(packaged.agreement(BASELINE).decode(), officers)
    _sign(baseline, list(officers.values()))
    digest = parse(baseline.encode(), BASELINE).digest
    origin = next(iter(officers))
    for partner, name in ANNEXES.items():
        text = _with_nodes(packaged.agreement(name).decode(), officers)
        text = re.sub(r"sha256:[0-9a-f]{64}", digest, text, count=1)
        _sign(text, [officers[origin], officers[partner]])
    return [one["agreement"] for one in officers[origin].get("/api/agreements")]


def _sign(source: str, officers: list[Desk]) -> None:
    signatures: str | None = None
    for officer in officers:
        body = {"source": source} if signatures is None else {"source": source, "signatures": signatures}
        signatures = officer.post("/api/signatures", **body)["signatures"]
    for officer in officers:
        officer.post("/api/agreements", source=source, signatures=signatures)


def _with_nodes(text: str, officers: Mapping[str, Desk]) -> str:
    """The keys that the nodes have and the addresses where they are, in place of the examples'."""
    for party, officer in officers.items():
        nation = officer.nation
        party_of = rf"(- id: {party}\n(?:    .*\n)*?    {{}}: )\"[^\"]*\""
        text = re.sub(party_of.format("key"), rf'\g<1>"{nation.pinned}"', text)
        text = re.sub(party_of.format("url"), rf'\g<1>"{nation.url}"', text)
    return text
