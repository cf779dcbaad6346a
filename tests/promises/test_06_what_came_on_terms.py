"""Promise 6: what came on terms leaves on terms.

Retention, sunset and withdrawal delete on both sides of the border, with receipts. What is deleted is in no file any
more, and unreadable in older backups too. Retention runs from the first receipt; touching an object restarts nothing.

Here one node is the origin of what it sends and the receiver of what comes; in `test_06_both_sides.py` two real nodes
are one each. What a database keeps of its own accord is a database's: see `vault.actions.scrub`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.db import connections
from tests.node.world import BASELINE, BR, EE_BR, RED, Content, World, accept, indicator, key_of, sdo

from comity.material import deterministic_id
from comity.messages import (
    Bill,
    DeletionCause,
    DeletionReceipt,
    Retraction,
    Withdrawal,
    make_deletion_receipt,
    make_receipt,
    make_retraction,
    sign_message,
    verify_deletion_receipt,
)
from comity.node import chance, keyring
from comity.node.border import actions as border
from comity.node.border.models import Quarantined, Release, Shelved
from comity.node.border.models import Withdrawal as Told
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.exchange import actions as exchange
from comity.node.treaties import actions as treaties
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, BoxKey, Holding
from comity.node.vault.sealed import bound_key, unlock
from promises.a_month import served
from promises.traces import files, found, tables

DAY = dt.timedelta(days=1)
SUNSET = dt.datetime(2028, 1, 1, tzinfo=dt.UTC)  # the annex ends with the last day of 2027

# What is sent, and the same from the other side. A victim is written to, and the attacker's machine stays useful.
MAIL, HOST, THEIR_MAIL, THEIR_HOST = (
    "mari.maasikas@kannatanu.example",
    "planted-here.attacker.example",
    "joana.jacaranda@vitima.example",
    "planted-there.attacker.example",
)
FILE = "haigla\\maasikas login.txt"  # whether it names somebody is in doubt
PLANTED = (MAIL, HOST, FILE, THEIR_MAIL, THEIR_HOST)
C2 = indicator("c2", name="It writes home", pattern=f"[domain-name:value = '{HOST}']")
NOTE = sdo("note", "told", content=f"The victim is {MAIL}.", object_refs=[C2["id"]])
FLAW = sdo("vulnerability", "flaw", name="CVE-2026-0451")  # lasts as long as the agreement
THEIRS = indicator("theirs", name="It writes home", pattern=f"[domain-name:value = '{THEIR_HOST}']")
THEIR_NOTE = sdo("note", "their-note", content=f"Ask {THEIR_MAIL}.", object_refs=[THEIRS["id"]])
STAYS = sdo("vulnerability", "stays", name="CVE-2026-0452")


def observable(kind: str, **content: str) -> Content:
    """Its id is made of its value without a key (STIX 2.1 section 2.9)."""
    made: Content = {"type": kind, "spec_version": "2.1", **content}
    return {**made, "id": str(deterministic_id(made))}


HOST_SEEN, FILE_SEEN = observable("domain-name", value=HOST), observable("file", name=FILE)
MAIL_SEEN, THEIR_MAIL_SEEN = (observable("email-addr", value=mail) for mail in (MAIL, THEIR_MAIL))
SEEN = [HOST_SEEN, FILE_SEEN, MAIL_SEEN]
SEEN += [sdo("note", "seen", content="Seen there.", object_refs=[C2["id"], *(one["id"] for one in SEEN)])]
SEEN += [sdo("relationship", "tie", relationship_type="related-to", source_ref=C2["id"], target_ref=HOST_SEEN["id"])]
THEIR_SEEN = [THEIR_MAIL_SEEN, sdo("note", "their-seen", content="Seen.", object_refs=[THEIR_MAIL_SEEN["id"]])]

CONSENTED = {
    EE_BR: [
        (
            "protect:\n",
            "share:\n  - {id: A1, what: [indicators, identities], for: incident-response, ceiling: amber,\n"
            "     release: automatic, consent: {of: victim-organisation}}\n\nprotect:\n",
        ),
        ("retention: {", "retention: {A1: P60D, "),
    ]
}


# -- what happens


def follow(world: World) -> None:
    """What the node's workers do by themselves: what is over goes, and what follows from that is done."""
    assert due.perform(_asked("sweep", world.now))
    for _ in range(5):
        for row in Due.objects.filter(kind="react", done_at=None):
            assert due.perform(row.pk), row.last_error


def _asked(kind: str, now: dt.datetime) -> int:
    due.schedule(kind, "", now)
    return int(Due.objects.get(kind=kind, key="", done_at=None).pk)


def until(world: World, end: dt.datetime) -> None:
    world.later(end - world.now)
    follow(world)


def holding(object_id: str, direction: str = vault.RELEASED) -> Holding:
    return Holding.objects.get(object_id=object_id, direction=direction, deleted_at=None)


def gone(object_id: str, direction: str = vault.RELEASED) -> bool:
    return not Holding.objects.filter(object_id=object_id, direction=direction, deleted_at=None).exists()


def release_of(object_id: str) -> Release:
    return Release.objects.get(items__object_id=object_id)


def bill_of(world: World, object_id: str) -> Bill:
    return next(one for one in world.bills() if object_id in {line["id"] for line in one.content["listed"]})


def came(world: World, objects: Iterable[Content], *, expires: dt.datetime | None = None) -> Bill:
    """cert-br released these to us: what `expires` then, or in thirty days."""
    listed = list(objects)
    text = None if expires is None else expires.strftime("%Y-%m-%dT%H:%M:%SZ")
    bill = world.origins[BR].bill(listed, world.now, text=world.texts[EE_BR], expires=text)
    world.arrives(listed, bill=bill)
    return bill


def retraction(world: World, bill: Bill, ids: Iterable[str]) -> Retraction:
    """cert-br takes them back."""
    key = key_of(BR)
    how: dict[str, Any] = {"key": key.public_key(), "secret": chance.octets(32), "made_at": world.now}
    made = make_retraction(bill, sorted(ids), reason=Withdrawal.ERROR, delete_by=world.now + 3 * DAY, **how)
    return sign_message(made, key)


def proofs(world: World, bill: Bill) -> list[Any]:
    """The deletion receipts for a bill that the partner can read from us, each verified with our pinned key."""
    ours, told = keyring.held().signing.public_key(), world.told()
    about = {one["retraction"] for one in told if one.get("retraction")}
    receipts = [DeletionReceipt(content=one) for one in told if one["type"] == "comity-deletion-receipt"]
    return [verify_deletion_receipt(one, ours, bill, retractions=about) for one in receipts if one.bill_id == bill.id]


def retracted(world: World) -> list[Content]:
    """The retractions that the partner can read from us."""
    return [one for one in world.told() if one["type"] == "comity-retraction"]


def answers(world: World, bill: Bill, ids: Iterable[str], **how: Any) -> None:
    """cert-br proves to us that it deleted these of our release."""
    key = key_of(BR)
    how = {"cause": DeletionCause.EXPIRY, "deleted_at": world.now, "made_at": world.now, **how}
    made = make_deletion_receipt(bill, ids, key=key.public_key(), secret=chance.octets(32), **how)
    border.take_deletion_receipt(world.party(), sign_message(made, key), now=world.now)


def stored(world: World, bill: Bill) -> None:
    """cert-br has stored all of it, and says so."""
    key = key_of(BR)
    made = make_receipt(bill, made_at=world.now, key=key.public_key(), secret=chance.octets(32))
    border.take_receipt(world.party(), sign_message(made, key), now=world.now)


@pytest.fixture
def world(node: Any) -> World:
    return World(node)


# -- retention is counted from the first receipt


def test_each_object_ends_as_its_clause_says_and_none_after_the_agreement(world: World):
    """P180D for an indicator, two years for a vulnerability: but the agreement is over before that."""
    world.sent([C2, FLAW])
    assert holding(C2["id"]).expires == world.now + 180 * DAY
    assert holding(FLAW["id"]).expires == SUNSET < world.now + 730 * DAY
    assert Holding.objects.filter(expires__gt=SUNSET).count() == 0


def test_both_sides_keep_to_the_same_instant(world: World):
    """The bill says it; the receiver's own node counts by what the bill says."""
    world.sent([C2, FLAW])
    for object_id in (C2["id"], FLAW["id"]):
        (said,) = [one["expires"] for one in bill_of(world, object_id).content["listed"] if one["id"] == object_id]
        assert dt.datetime.fromisoformat(said) == holding(object_id).expires
    bill = came(world, [THEIRS])
    (said,) = [one["expires"] for one in bill.content["listed"]]
    assert dt.datetime.fromisoformat(said) == holding(THEIRS["id"], vault.RECEIVED).expires


TOUCHES: dict[str, Callable[[World], object]] = {
    "sent again": lambda world: world.sent([C2]),
    "sent with something else": lambda world: world.sent([C2, indicator("other")]),
    "read": lambda world: world.read(),
    "taken back and sent again": lambda world: (
        border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=world.officer, now=world.now),
        world.sent([C2]),
    ),
    "put on hold and let go": lambda world: (
        vault.hold([holding(C2["id"])], "court-order", world.now + DAY, now=world.now, by=world.privacy),
        vault.unhold([holding(C2["id"])], now=world.now, by=world.privacy),
    ),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_touching_what_was_sent_does_not_restart_it(world: World, touch: str):
    world.sent([C2])
    ends = holding(C2["id"]).expires
    world.later(100 * DAY)
    TOUCHES[touch](world)
    assert holding(C2["id"]).expires == ends
    until(world, ends)
    assert gone(C2["id"])


def test_once_its_time_is_over_the_same_version_is_not_sent_again(world: World):
    world.sent([C2])
    until(world, holding(C2["id"]).expires)
    crossing = world.sent([C2])
    assert crossing.counts["retention-over"] == 1
    assert C2["id"] not in {one["id"] for one in world.read()}


def test_touching_what_came_does_not_restart_it(world: World):
    """The partner sends the same version again and lets it be kept for longer; here it was opened in between."""
    came(world, [THEIRS])
    first = holding(THEIRS["id"], vault.RECEIVED)
    world.later(10 * DAY)
    box = Box.objects.get(holding=first)
    assert THEIR_HOST.encode() in vault.opened(box)
    came(world, [THEIRS, STAYS])
    again = holding(THEIRS["id"], vault.RECEIVED)
    assert (again.pk, again.first_receipt, again.expires) == (first.pk, first.first_receipt, first.expires)
    assert holding(STAYS["id"], vault.RECEIVED).expires == first.expires + 10 * DAY


def test_a_shorter_end_of_a_later_receipt_counts(world: World):
    came(world, [THEIRS])
    came(world, [THEIRS, STAYS], expires=world.now + 3 * DAY)
    assert holding(THEIRS["id"], vault.RECEIVED).expires == world.now + 3 * DAY


@pytest.mark.parametrize(
    "case",
    [
        ("longer than its clause", 181 * DAY, "kept-too-long"),
        ("beyond the agreement", SUNSET + DAY, "kept-too-long"),
        ("as long as its clause", 180 * DAY, ""),
    ],
    ids=lambda case: case[0],
)
def test_nothing_is_kept_for_longer_than_the_agreement_lets_whatever_its_sender_says(world: World, case: Any):
    """Attack: a partner plants what never ends, so that we break the agreement."""
    _, end, code = case
    came(world, [THEIRS], expires=end if isinstance(end, dt.datetime) else world.now + end)
    assert [row.reason for row in Quarantined.objects.all()] == ([code] if code else [])
    assert gone(THEIRS["id"], vault.RECEIVED) == bool(code)


# -- on the origin's side


def test_at_the_instant_it_is_over_nobody_reads_it_though_no_sweep_has_run(world: World):
    world.sent([C2])
    ends = holding(C2["id"]).expires
    world.later(ends - world.now - dt.timedelta(seconds=1))
    assert C2["id"] in {one["id"] for one in world.read()}
    world.later(dt.timedelta(seconds=1))
    assert C2["id"] not in {one["id"] for one in world.read()}


def test_retention_deletes_ours_and_a_partner_that_does_not_prove_the_same_is_found_out(world: World):
    """Attack A80: the silent partner."""
    world.sent([C2])
    bill = bill_of(world, C2["id"])
    stored(world, bill)
    until(world, holding(C2["id"]).expires)
    assert gone(C2["id"])
    world.later(4 * DAY)
    assert [one.bill for one in exchange.overdue(world.now) if one.code == "expiry-overdue"] == [bill.id]
    answers(world, bill, [C2["id"]])
    assert [one for one in exchange.overdue(world.now) if one.code == "expiry-overdue"] == []


def test_an_observable_whose_row_has_another_name_by_then_is_proved_to_be_gone_there_too(world: World):
    """Its row no longer has the id that the partner's receipt names (`vault.names`)."""
    world.sent([C2, NOTE, *SEEN])
    bill = bill_of(world, HOST_SEEN["id"])
    stored(world, bill)
    until(world, holding(HOST_SEEN["id"]).expires)
    assert not Shelved.objects.filter(object_id=HOST_SEEN["id"]).exists()
    world.later(4 * DAY)
    answers(world, bill, [line["id"] for line in bill.content["listed"]])
    row = Shelved.objects.get(object_id=vault.once_gone(HOST_SEEN["id"]))
    assert row.deleted_there_at == world.now
    assert [one for one in exchange.overdue(world.now) if one.code == "expiry-overdue"] == []


def test_a_withdrawal_deletes_ours_and_tells_the_partner_what_to_delete_and_until_when(world: World):
    world.sent([C2])
    bill = bill_of(world, C2["id"])
    stored(world, bill)
    border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=world.officer, now=world.now)
    assert gone(C2["id"])
    told = retracted(world)
    assert [(one["bill"], one["reason"]) for one in told] == [(bill.id, "error")]
    row = Told.objects.get(pk=told[0]["id"])
    assert row.delete_by == world.now + 3 * DAY
    world.later(4 * DAY)
    assert [one.code for one in exchange.overdue(world.now) if one.bill == bill.id] == ["retraction-overdue"]
    answers(world, bill, [C2["id"]], cause=DeletionCause.RETRACTION, retraction=row.pk)
    assert Shelved.objects.get(object_id=C2["id"], release__bill_id=bill.id).deleted_there_at == world.now
    assert [one for one in exchange.overdue(world.now) if one.bill == bill.id] == []


def test_who_takes_a_consent_back_takes_back_what_stood_on_it_on_both_sides(node: Any):
    """GDPR Art. 7(3): no officer has to do anything more."""
    world = World(node, edits=CONSENTED)
    consent = consented(world)
    world.sent([C2])
    assert not gone(C2["id"])
    treaties.withdraw_consent(consent, by=world.privacy, now=world.now)
    follow(world)
    assert gone(C2["id"])
    assert [one["reason"] for one in retracted(world)] == ["consent-withdrawn"]


def consented(world: World) -> Any:
    about = {"agreements": [EE_BR], "objects": [C2["id"]]}
    return treaties.record_consent(
        of="victim-organisation", reference="case-7", by=world.privacy, now=world.now, **about
    )


def test_at_the_sunset_nothing_that_was_sent_is_left(world: World):
    world.sent([C2, NOTE, FLAW])
    until(world, SUNSET)
    assert not Holding.objects.filter(direction=vault.RELEASED, deleted_at=None).exists()
    assert world.read() == world.bills() == []


# -- on the receiver's side


def test_retention_deletes_what_came_and_proves_it_to_its_origin(world: World):
    bill = came(world, [THEIRS, STAYS])
    end = holding(THEIRS["id"], vault.RECEIVED).expires
    until(world, end)
    proved = proofs(world, bill)
    assert [(one.cause, one.ids) for one in proved] == [(DeletionCause.EXPIRY, {THEIRS["id"], STAYS["id"]})]
    assert end <= proved[0].deleted_at < end + dt.timedelta(minutes=1)


def test_each_deletion_is_proved_once_whatever_runs_again(world: World):
    bill = came(world, [THEIRS])
    until(world, holding(THEIRS["id"], vault.RECEIVED).expires)
    border.after_deletion(bill.id, world.now)
    follow(world)
    assert len(proofs(world, bill)) == 1


def test_what_a_partner_takes_back_goes_here_at_once_and_nothing_else_does(world: World):
    bill, other = came(world, [THEIRS, THEIR_NOTE]), came(world, [STAYS])
    border.take_retraction(world.party(), retraction(world, bill, [THEIRS["id"]]), now=world.now)
    (proof,) = proofs(world, bill)
    assert (proof.cause, proof.ids, proof.held) == (DeletionCause.RETRACTION, {THEIRS["id"]}, ())
    assert gone(THEIRS["id"], vault.RECEIVED)
    assert not gone(THEIR_NOTE["id"], vault.RECEIVED)
    assert proofs(world, other) == []


def test_what_a_court_holds_is_not_claimed_to_be_deleted(world: World):
    """A false receipt would be worse than none: what stays is said, with its ground and when it is looked at again."""
    bill = came(world, [THEIRS])
    review = world.now + 7 * DAY
    vault.hold([holding(THEIRS["id"], vault.RECEIVED)], "court-order", review, now=world.now, by=world.privacy)
    border.take_retraction(world.party(), retraction(world, bill, [THEIRS["id"]]), now=world.now)
    (proof,) = proofs(world, bill)
    assert proof.ids == frozenset()
    assert [(one.ids, one.review_by) for one in proof.held] == [({THEIRS["id"]}, review)]
    assert not gone(THEIRS["id"], vault.RECEIVED)


def test_at_the_sunset_nothing_that_came_is_left_and_its_origin_has_proof(world: World):
    bill = came(world, [FLAW], expires=SUNSET)
    until(world, SUNSET)
    assert not Holding.objects.filter(direction=vault.RECEIVED, deleted_at=None).exists()
    (proof,) = proofs(world, bill)
    assert proof.ids == {FLAW["id"]}, "an agreement that is over still carries what it let cross to its end"


def test_what_was_deleted_does_not_come_back_by_another_way(world: World):
    """Attack A81: the same old release once more, by somebody who had a copy."""
    bill = came(world, [THEIRS])
    border.take_retraction(world.party(), retraction(world, bill, [THEIRS["id"]]), now=world.now)
    again = world.origins[BR].bill([THEIRS], world.now - DAY, text=world.texts[EE_BR])
    arrived = world.arrives([THEIRS], bill=again)
    assert [one.reason.value for one in arrived.missing] == ["tombstoned"]
    assert gone(THEIRS["id"], vault.RECEIVED)


# -- an agreement that ends sooner


def shortened(world: World) -> dt.datetime:
    """Both sign a second version, which is over with January. Returns: the first instant after it."""
    annex = [("version: 1\ntitle", "version: 2\ntitle"), ("sunset: 2027-12-31", "sunset: 2027-01-31")]
    accept(EE_BR, world.now, {EE_BR: annex}, world.texts[BASELINE])
    follow(world)
    return dt.datetime(2027, 2, 1, tzinfo=dt.UTC)


def test_a_sunset_that_is_brought_forward_ends_what_was_sent_and_what_came_before(world: World):
    """Each side's own node does it by the new text, which both have signed: what is held never outlasts its terms."""
    world.sent([C2, FLAW])
    bill = came(world, [STAYS], expires=SUNSET)
    end = shortened(world)
    assert Holding.objects.filter(expires__gt=end).count() == 0
    until(world, end)
    assert not Holding.objects.filter(deleted_at=None).exists()
    assert [one.ids for one in proofs(world, bill)] == [{STAYS["id"]}]
    assert boxes_of([FLAW["name"], STAYS["name"], HOST]) == []


def test_a_sunset_that_is_brought_forward_ends_what_is_set_apart_too(world: World):
    """What a partner may not even send is kept no longer than what it may."""
    world.later(dt.datetime(2027, 1, 20, tzinfo=dt.UTC) - world.now)
    came(world, [{**THEIRS, "object_marking_refs": [RED]}])
    end = shortened(world)
    (row,) = Quarantined.objects.select_related("box")
    assert row.box is not None
    assert row.box.expires == end
    until(world, end)
    assert boxes_of([THEIR_HOST]) == []


def test_a_baseline_that_ends_sooner_ends_what_crossed_under_its_annexes(world: World):
    """All parties have agreed that it is over by then: nothing goes, comes, is read or is held under an annex to it."""
    world.sent([C2, FLAW])
    bill = came(world, [STAYS], expires=SUNSET)
    ends_sooner = [("version: 1\ntitle", "version: 2\ntitle"), ("sunset: 2028-02-29", "sunset: 2027-01-31")]
    accept(BASELINE, world.now, {BASELINE: ends_sooner})
    follow(world)
    end = dt.datetime(2027, 2, 1, tzinfo=dt.UTC)
    assert Holding.objects.filter(expires__gt=end).count() == 0
    came(world, [THEIRS], expires=world.now + 100 * DAY)
    assert holding(THEIRS["id"], vault.RECEIVED).expires == end, "whatever its sender, who may not know yet, says"
    world.sent([indicator("other")])
    assert holding(indicator("other")["id"]).expires == end
    until(world, end)
    assert (world.read(), Holding.objects.filter(deleted_at=None).count()) == ([], 0)
    assert [one.ids for one in proofs(world, bill)] == [{STAYS["id"]}]
    with pytest.raises(border.NoFlow):
        world.submitted([C2])
    with pytest.raises(border.NoSuchFlow):
        came(world, [STAYS])


def test_a_sunset_that_is_brought_forward_lengthens_nothing(world: World):
    came(world, [THEIRS])
    before = holding(THEIRS["id"], vault.RECEIVED).expires
    shortened(world)
    assert holding(THEIRS["id"], vault.RECEIVED).expires == before


# -- and then it is in no file


@pytest.fixture
def live(node_live: Any) -> World:
    return World(node_live)


def sent_and_came(world: World) -> Bill:
    """Both ways something that is to leave, and something beside it that lasts as long as the agreement."""
    submission = world.sent([C2, NOTE, *SEEN]).submission
    officer: dict[str, Any] = {"by": world.officer, "now": world.now}
    for question in world.questions():
        border.reject(question, ground="personal-data", **officer)
    border.strip(submission, flows=[world.flow()], object_id=MAIL_SEEN["id"], paths=[""], **officer)
    world.sent([FLAW])
    bill = came(world, [THEIRS, THEIR_NOTE, *THEIR_SEEN])
    came(world, [STAYS], expires=SUNSET)
    assert not Quarantined.objects.exists()
    return bill


def boxes_of(values: Iterable[str]) -> list[Box]:
    """Whatever opens to one of these values: a copy, its source, the record of a crossing, a part that waits."""
    boxes = list(Box.objects.all())
    opened = vault.opened_many(boxes)
    return [box for box in boxes if any(value.encode() in opened[box.pk] for value in values)]


PIECE = 200  # octets: PostgreSQL keeps a long value in pieces of two thousand


def what_opens(boxes: Iterable[Box]) -> dict[str, list[bytes]]:
    """What the content of these boxes could be known by in a file, and what it could be opened with."""
    sealed = {box.pk: bytes(box.sealed)[:PIECE] for box in boxes}
    wrapped = {row.box_id: bytes(row.wrapped) for row in BoxKey.objects.filter(box_id__in=sealed)}
    keys = [unlock(keyring.held().sealing, one, bound_key(box)) for box, one in wrapped.items()]
    return {"sealed": [*sealed.values()], "wrapped": [*wrapped.values()], "key": keys}


def in_files(needles: dict[str, list[bytes]]) -> dict[str, int]:
    """How many of each kind are in any file."""
    data = [data for _, data in files()]
    counts = {kind: sum(any(one in each for each in data) for one in ones) for kind, ones in needles.items()}
    return {kind: count for kind, count in counts.items() if count}


NAMING = {"vault_holding", "border_shelved", "border_question", "border_strip"}  # tables whose rows name what is held


def stands(world: World) -> list[str]:
    """Planted values that stand in clear: in a file, in a row, or in what the log serves to anybody."""
    rows = tables("border", "vault", "exchange", "journal", "treaties", "due", "people")
    return found(PLANTED, [*files(), *rows, *served()])


def telling(traces: Iterable[str]) -> list[str]:
    """Those that a value can be told by. PostgreSQL leaves an id that a row had in its page, until that is full."""
    if connections["default"].vendor != "postgresql":
        return [*traces]
    return [one for one in traces if " as id of " not in one or not one.rpartition(" in ")[2][0].isdigit()]


ENDS: dict[str, Callable[[World, Bill], object]] = {
    "retention": lambda world, _: until(world, world.now + 180 * DAY),
    "sunset": lambda world, _: until(world, SUNSET),
    "withdrawal": lambda world, bill: (
        border.withdraw(release_of(C2["id"]), why=Withdrawal.ERROR, by=world.officer, now=world.now),
        border.take_retraction(
            world.party(), retraction(world, bill, [one["id"] for one in bill.content["listed"]]), now=world.now
        ),
        follow(world),
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_has_left_is_in_no_file_and_nothing_opens_to_it(live: World, end: str):
    """Databases, their logs, the keys and the tiles of the ledger are searched, before and after."""
    bill = sent_and_came(live)
    boxes = boxes_of(PLANTED)
    assert {box.kind for box in boxes} == {"object", "submission"}, "what follows is about all of these"
    needles = what_opens(boxes)
    assert in_files(needles) == {"sealed": len(boxes), "wrapped": len(boxes)}, "the search finds them; no key is there"
    before = stands(live)
    assert all(" as id of " in one for one in before), "a value stands nowhere; what its id tells is searched for too"
    assert {one.rpartition(" in ")[2] for one in before} >= NAMING
    ENDS[end](live, bill)
    assert due.perform(_asked("repair", live.now))
    assert boxes_of(PLANTED) == []
    left = in_files(needles)
    if connections["default"].vendor == "postgresql":
        left.pop("sealed", None)  # noise, which the server's own vacuum takes away: no key opens it
    assert left == {}
    assert telling(stands(live)) == []


@pytest.mark.parametrize("end", ENDS)
def test_yesterdays_copy_gives_nothing_of_it_and_all_of_what_stays(live: World, end: str):
    """Whoever keeps backups of the database for years keeps noise. Attacks A78 and A79."""
    bill = sent_and_came(live)
    going, staying = boxes_of(PLANTED), [Box.objects.get(holding__object_id=one["id"]) for one in (FLAW, STAYS)]
    yesterday = list(Box.objects.all())
    assert vault.opened_many(yesterday).keys() == {box.pk for box in yesterday}
    ENDS[end](live, bill)
    opened = vault.opened_many(yesterday)
    assert not any(value.encode() in content for value in PLANTED for content in opened.values())
    assert opened.keys().isdisjoint(box.pk for box in going)
    if end == "sunset":
        assert opened.keys().isdisjoint(box.pk for box in staying)
    else:
        assert opened.keys() >= {box.pk for box in staying}, "what is held beside it still opens"


@pytest.fixture
def planting(live: World) -> Iterator[World]:
    """Afterwards no test finds in a page of PostgreSQL's what this one planted: an emptied table keeps its old rows."""
    yield live
    if connections["default"].vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute("TRUNCATE vault_box CASCADE")


def test_the_search_finds_what_is_planted(planting: World):
    """A search that finds nothing must prove that it can."""
    came(planting, [THEIRS])
    (box,) = boxes_of([THEIR_HOST])
    Box.objects.filter(pk=box.pk).update(sealed=f"left in clear: {THEIR_MAIL}".encode())
    assert any(THEIR_MAIL in one and "vault_box" in one for one in stands(planting))
    assert any(THEIR_MAIL in one and "vault_box" not in one for one in stands(planting)), "in the file too"
