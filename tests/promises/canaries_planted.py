"""A node with canaries: what one partner may read, and everything beside it that it may not, each with its own word.

Whatever holds the word of a canary, or an id by which it could be known, may not reach that partner by any way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.node.world import BR, EE_BR, JP, RED, World, bundle, incident, indicator, named, sdo

from comity.material import TLP_DEFINITIONS
from comity.messages import Withdrawal
from comity.node.border import actions as border
from comity.node.border.models import Crossing, Question, Release, Shelved, Submission
from comity.node.treaties import actions as treaties
from comity.node.vault.models import Holding
from promises.a_month import DAY, STAFF, staffed

VISIBLE = "released-one"
ANOTHERS = "canary-anothers"
HIDDEN = (
    "canary-denied",  # marked above every ceiling
    "canary-waiting",  # a person is asked
    "canary-expired",
    "canary-withdrawn",
    "canary-lapsed",  # its consent was withdrawn, and nobody has reacted yet
    "canary-unpublished",  # no witness has seen it yet
    "canary-imported",  # nobody has proposed it for anybody
    "canary-received",  # another partner sent it
    "canary-quarantined",  # another partner may not even send it
    "canary-treated",  # a person's name in a note that crosses without it
    ANOTHERS,  # released, to another partner
)
CONSENTED: Mapping[str, list[tuple[str, str]]] = {
    EE_BR: [
        (
            "protect:\n",
            "share:\n"
            "  - {id: A1, what: [indicators, identities], for: incident-response, ceiling: amber,\n"
            "     release: automatic, consent: {of: victim-organisation}}\n"
            "  - {id: A2, what: [notes], for: incident-response, ceiling: amber, release: automatic}\n"
            "  - {id: A3, what: [incidents], for: incident-response, ceiling: amber, release: approved}\n\n"
            "protect:\n",
        ),
        ("retention: {", "retention: {A1: P180D, A2: P180D, A3: P60D, "),
    ]
}
TREATED = "mari.canary-treated@kannatanu.example"
NOTE = sdo(
    "note",
    VISIBLE,
    content=f"Told by {TREATED}; see also what stays home.",
    object_refs=[indicator(VISIBLE)["id"], indicator("canary-denied")["id"]],
)


def planted(node: Any, edits: Mapping[str, Any] | None = None) -> World:
    """`edits`: to the agreements, beside that the annex asks for the victim's consent to indicators."""
    world = staffed(World(node, edits={**CONSENTED, **(edits or {})}))
    consent = agreed(world, VISIBLE, "canary-expired", "canary-withdrawn", "canary-unpublished", "canary-denied")
    assert consent.withdrawn_at is None
    world.sent([indicator("canary-expired")])
    world.later(200 * DAY)
    world.sent([indicator("canary-withdrawn")])
    (taken_back,) = Release.objects.filter(items__object_id=indicator("canary-withdrawn")["id"])
    border.withdraw(taken_back, why=Withdrawal.ERROR, by=world.officer, now=world.now)
    lapsing = agreed(world, "canary-lapsed")
    world.sent([indicator("canary-lapsed")])
    treaties.withdraw_consent(lapsing, now=world.now, by=world.privacy)
    world.sent([indicator(ANOTHERS)], to=(JP,))
    world.arrives([indicator("canary-received")], partner=JP)
    world.arrives([{**indicator("canary-quarantined"), "object_marking_refs": [RED]}], partner=JP)
    denied = {**indicator("canary-denied"), "object_marking_refs": [RED]}
    world.sent([indicator(VISIBLE), denied, NOTE, incident("canary-waiting")], collected_by="victim-log")
    border.import_file(bundle([indicator("canary-imported")]), by=world.analyst, now=world.now)
    world.submitted([indicator("canary-unpublished")])
    return world


def agreed(world: World, *labels: str) -> Any:
    """The victim's consent to these indicators, under the annex."""
    return treaties.record_consent(
        of="victim-organisation",
        reference="case-7",
        agreements=[EE_BR],
        objects=[indicator(label)["id"] for label in labels],
        by=world.privacy,
        now=world.now,
    )


SENT_BY = {BR: (), JP: ("canary-received", "canary-quarantined")}
"""What a partner sent itself: the receipt that it reads names what was not kept of it."""


def open_to(party: str) -> str:
    """The one label whose object this partner may read."""
    return {BR: VISIBLE, JP: ANOTHERS}[party]


def needles(world: World, party: str) -> dict[str, bytes]:
    """What may not be in anything that this partner gets: words, ids of objects, ids of our rows, names of staff.

    A bill that it can read lists, by id, whatever went with what still stands, also what was taken off since: it is
    signed as a whole. So those ids are known; what they stand for is not.
    """
    labels = {*HIDDEN, VISIBLE} - {open_to(party), *SENT_BY[party]}
    listed = {line["id"] for bill in world.bills(party) for line in bill.content["listed"]}
    left = set(Shelved.objects.filter(holding__isnull=False).values_list("object_id", flat=True))
    sources = {named(kind, label) for label in labels for kind in ("indicator", "incident", "note")}
    ids = {*left, *sources} - listed - {*TLP_DEFINITIONS}
    return {one: one.encode() for one in (*labels, *STAFF, *ids, *_rows())}


def _rows() -> Iterator[str]:
    for model in (Submission, Crossing, Question, Release, Holding):
        yield from (str(pk) for pk in model._default_manager.values_list("pk", flat=True))
