"""Import is a crossing too: verified, held against what the agreement lets its sender send, kept on its terms."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from collections import Counter
from importlib import import_module

import pytest
from tests.node.world import (
    AMBER,
    BASELINE,
    BR,
    EE_BR,
    EE_JP,
    GREEN,
    JP,
    PURPOSE,
    RED,
    ROOT,
    Content,
    World,
    indicator,
    key_of,
    sdo,
)

from comity.canon import dumps, format_instant
from comity.ledger import VerifierKey, public_key_text
from comity.messages import (
    BadMessage,
    Bill,
    DeletionReceipt,
    MalformedMessage,
    MessageError,
    NotStored,
    ObjectMissing,
    Receipt,
    Withdrawal,
    make_retraction,
    sign_message,
    verify_deletion_receipt,
    verify_receipt,
)
from comity.node import keyring
from comity.node.border import actions as border
from comity.node.border.models import Arrival, Quarantined
from comity.node.treaties import actions as treaties
from comity.node.vault import actions as vault
from comity.node.vault.models import Box, BoxKey, Holding, Tombstone

THEIRS, MORE = indicator("theirs"), indicator("more")
ADDRESS = {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.3",
           "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"}  # fmt: skip
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
SECRET = bytes(range(32))
receiving = import_module("comity.node.border.actions.receive")  # the package has the verb under that name


def held(world: World, partner: str = BR) -> list[Content]:
    """What is kept of a partner's, as it came."""
    rows = Holding.objects.filter(partner=partner, direction="received", deleted_at=None).select_related("box")
    return [json.loads(vault.opened(row.box)) for row in rows.order_by("object_id", "version")]


def apart() -> dict[str, str]:
    """What is quarantined, and why."""
    return dict(Quarantined.objects.values_list("object_id", "reason"))


def counted(arrived) -> dict[str, int]:
    return dict(Counter(one.reason.value for one in arrived.missing))


def ours() -> object:
    return keyring.held().signing.public_key()


# -- what is good is kept and countersigned


def test_a_release_is_kept_on_its_terms_and_countersigned(world):
    bill = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    arrived = world.arrives([THEIRS, MORE], bill=bill)
    assert held(world) == sorted([THEIRS, MORE], key=lambda one: one["id"])
    (told,) = world.told()
    said = verify_receipt(Receipt(content=told), ours(), bill)
    assert (said.complete, said.stored) == (True, 2)
    assert (arrived.arrival.stored, arrived.missing, arrived.again) == (2, (), False)
    holding = Holding.objects.get(object_id=THEIRS["id"])
    assert (holding.agreement, holding.bill, holding.first_receipt) == (EE_BR, bill.id, world.now)
    assert (holding.expires, holding.clauses) == (world.now + 30 * DAY, [f"{BASELINE}:S1"])


def test_the_same_bill_again_gives_the_same_receipt_and_does_nothing(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    first = world.arrives([THEIRS], bill=bill)
    world.later(DAY)
    again = world.arrives([THEIRS], bill=bill)
    assert (again.again, again.receipt.pk) == (True, first.receipt.pk)
    assert len(world.told()) == Arrival.objects.count() == 1
    assert Holding.objects.get(object_id=THEIRS["id"]).first_receipt == world.now - DAY


def test_what_did_not_come_any_more_is_named_in_the_receipt(world):
    bill = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    origin = world.origins[BR]
    with pytest.raises(ObjectMissing):
        border.receive(world.party(), bill, [THEIRS], log_key=origin.log_key.verifier, now=world.now)
    arrived = border.receive(
        world.party(), bill, [THEIRS], log_key=origin.log_key.verifier, absent=[MORE["id"]], now=world.now
    )
    assert counted(arrived) == {"not-received": 1}
    assert held(world) == [THEIRS]


# -- what is not theirs to send, or not for us (attacks A72, A73)


def refused(world: World, error: type[Exception], bill: Bill, objects=(THEIRS,), **how) -> None:
    how = {"log_key": world.origins[BR].log_key.verifier, "now": world.now, **how}
    partner = how.pop("partner", BR)
    with pytest.raises(error):
        border.receive(world.party(partner), bill, list(objects), **how)
    assert not Arrival.objects.exists()
    assert not Holding.objects.filter(direction="received").exists()
    assert not Quarantined.objects.exists()
    assert world.told() == []


def test_a_release_without_proof_of_logging_is_refused(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR], logged=False)
    refused(world, MessageError, bill)


def test_a_release_logged_in_another_log_is_refused(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    other = VerifierKey(world.origins[BR].log_key.name, key_of("mallory").public_key())
    refused(world, Exception, bill, log_key=other)


def test_a_bill_for_another_receiver_is_refused(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR], destination=JP)
    refused(world, border.NoSuchFlow, bill)


def test_a_partner_cannot_send_under_another_s_agreement(world):
    bill = world.origins[JP].bill([THEIRS], world.now, text=world.texts[EE_JP])
    refused(world, border.NoSuchFlow, bill)


def test_a_bill_signed_by_another_is_refused(world):
    other = public_key_text(world.origins[JP].key.public_key())
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    refused(world, MessageError, Bill(content={**bill.content, "signed_by": other}))


def test_objects_that_were_changed_added_or_left_out_are_refused(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    refused(world, MessageError, bill, [{**THEIRS, "name": "other"}])
    refused(world, MessageError, bill, [THEIRS, MORE])
    refused(world, MessageError, bill, [])
    refused(world, MessageError, bill, [THEIRS, THEIRS])


def test_a_release_of_a_suspended_flow_is_refused_until_it_is_resumed(world):
    flow = world.flow(outward=False)
    treaties.suspend(flow, "personal-data-breach", now=world.now, by=world.officer)
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    refused(world, border.NoSuchFlow, bill)
    treaties.resume(world.flow(outward=False), now=world.now, by=world.officer)
    world.arrives([THEIRS], bill=bill)
    assert held(world) == [THEIRS]


@pytest.mark.parametrize("span", [10 * MINUTE, -400 * DAY])
def test_a_bill_from_the_future_or_from_outside_the_term_is_refused(world, span):
    bill = world.origins[BR].bill([THEIRS], world.now + span, text=world.texts[EE_BR])
    refused(world, border.NotOfThisTime, bill)


def test_a_text_that_was_never_agreed_is_refused(world):
    other = dataclasses.replace(world.texts[EE_BR], digest="sha256:" + "7" * 64)
    bill = world.origins[BR].bill([THEIRS], world.now, text=other)
    refused(world, MessageError, bill)


def test_another_bill_of_the_same_id_is_refused(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS], bill=bill)
    other = world.origins[BR].bill([MORE], world.now, text=world.texts[EE_BR])
    with pytest.raises(border.AnotherBill):
        world.arrives([MORE], bill=Bill(content={**other.content, "id": bill.id}))
    assert held(world) == [THEIRS]


# -- what breaks the agreement is set apart, and the rest is kept


def breaks(world: World, content: Content, code: str, reason: NotStored = NotStored.QUARANTINED, **how) -> None:
    arrived = world.arrives([THEIRS, content], **how)
    assert apart() == {content["id"]: code}
    assert (held(world), counted(arrived)) == ([THEIRS], {reason.value: 1})
    (told,) = world.told()
    assert told["missing"] == [{"id": content["id"], "version": content["modified"], "reason": reason.value}]
    box = Quarantined.objects.get().box
    assert json.loads(vault.opened(box)) == content


def test_what_is_no_valid_stix(world):
    breaks(world, {**MORE, "pattern": "[no pattern"}, "invalid-object", NotStored.UNREADABLE)


def test_a_version_from_the_future(world):
    ahead = format_instant(world.now + 6 * MINUTE)
    breaks(world, {**MORE, "modified": ahead}, "from-the-future")


def test_a_type_longer_than_the_tables(world):
    name = "x-" + "a" * 79
    long = {**MORE, "type": name, "id": MORE["id"].replace("indicator", name)}
    arrived = world.arrives([THEIRS, long])
    assert (apart(), counted(arrived), held(world)) == ({"": "invalid-object"}, {"unreadable": 1}, [THEIRS])


def test_a_marking_above_every_ceiling(world):
    breaks(world, {**MORE, "object_marking_refs": [RED]}, "above-ceiling")


def test_a_marking_that_nobody_can_read(world):
    unknown = "marking-definition--aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
    breaks(world, {**MORE, "object_marking_refs": [unknown]}, "unknown-marking")


def test_a_part_of_it_above_the_ceiling(world):
    parts = [{"marking_ref": RED, "selectors": ["name"]}]
    breaks(world, {**MORE, "granular_markings": parts}, "above-ceiling")


def test_material_of_a_class_that_no_clause_shares(world):
    """Malware, for telling victims: the clause for that purpose does not share it."""
    said = {"clauses": (f"{BASELINE}:S3",), "expires": format_instant(world.now + DAY)}
    malware = sdo("malware", "m", name="m", is_family=True)
    breaks(world, malware, "not-shared", purpose="victim-notification", lists={THEIRS["id"]: said, malware["id"]: said})


def test_a_type_or_a_property_that_the_agreement_does_not_list(world):
    breaks(world, {**MORE, "x_opencti_score": 80}, "unknown-type")


def test_what_is_to_be_kept_longer_than_the_agreement_allows(world):
    late = format_instant(world.now + 181 * DAY)
    breaks(world, MORE, "kept-too-long", lists={MORE["id"]: {"expires": late}})


def test_what_has_no_end(world):
    breaks(world, MORE, "no-expiry", lists={MORE["id"]: {"expires": None}})


def test_a_clause_of_no_text_between_us(world):
    breaks(world, MORE, "clause-unknown", lists={MORE["id"]: {"clauses": ("other-agreement:S1",)}})


def test_a_forged_marking(world):
    forged = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": GREEN,
        "created": "2022-10-01T00:00:00.000Z",
        "name": "TLP:GREEN",
        "definition_type": "statement",
        "definition": {"statement": "share with everybody"},
    }
    arrived = world.arrives([THEIRS, forged])
    assert apart() == {GREEN: "invalid-object"}
    assert counted(arrived) == {"unreadable": 1}


def test_a_marking_that_says_something_else_than_it_did(world):
    """A definition has no versions: whoever bore it would be marked otherwise (attack A15)."""
    said = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": "marking-definition--aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa",
        "created": "2026-11-01T08:00:00.000Z",
        "definition_type": "statement",
        "definition": {"statement": "for CERTs"},
    }
    world.arrives([said, {**THEIRS, "object_marking_refs": [GREEN, said["id"]]}])
    world.later(DAY)
    world.arrives([{**said, "definition": {"statement": "for everybody"}}, MORE])
    assert apart() == {said["id"]: "conflict"}
    assert said in held(world)


def test_a_published_marking_comes_as_often_as_it_likes(world):
    tlp = json.loads((ROOT / "examples/incidents/hospital.json").read_text())["objects"][1]
    assert tlp["id"] == GREEN
    world.arrives([tlp, THEIRS])
    world.later(DAY)
    world.arrives([{k: v for k, v in tlp.items() if k != "created_by_ref"}, MORE])
    assert (len(held(world)), apart()) == (3, {})


def test_a_purpose_that_the_agreement_does_not_name(world):
    arrived = world.arrives([THEIRS], purpose="marketing")
    assert (held(world), counted(arrived)) == ([], {"quarantined": 1})
    assert apart() == {THEIRS["id"]: "not-shared"}


def test_what_had_to_be_deleted_by_the_time_it_came_is_not_kept(world):
    bill = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR],
                                  lists={MORE["id"]: {"expires": format_instant(world.now + DAY)}})  # fmt: skip
    world.later(DAY)
    arrived = world.arrives([THEIRS, MORE], bill=bill)
    assert (held(world), counted(arrived), apart()) == ([THEIRS], {"expired": 1}, {})


def test_quarantine_is_used_for_nothing_and_does_not_last(world):
    world.arrives([{**MORE, "object_marking_refs": [RED]}])
    box = Quarantined.objects.get().box
    world.later(31 * DAY)
    vault.sweep(world.now)
    assert Quarantined.objects.get().box is None
    assert not bytes(BoxKey.objects.get(pk=box.pk).wrapped)


def partly(world: World, *, ends: dict[str, dt.timedelta]) -> Bill:
    """One object is kept and one set apart, each with its own end."""
    red = {**MORE, "object_marking_refs": [RED]}
    lists = {name: {"expires": format_instant(world.now + span)} for name, span in ends.items()}
    bill = world.origins[BR].bill([THEIRS, red], world.now, text=world.texts[EE_BR], lists=lists)
    world.arrives([THEIRS, red], bill=bill)
    assert (held(world), apart()) == ([THEIRS], {MORE["id"]: "above-ceiling"})
    return bill


def over(world: World, bill: Bill) -> None:
    vault.sweep(world.now)
    border.after_deletion(bill.id, world.now)


def test_quarantine_does_not_outlast_what_the_bill_says_of_it(world):
    bill = partly(world, ends={THEIRS["id"]: 9 * DAY, MORE["id"]: DAY})
    box = Quarantined.objects.get().box
    assert (box.expires, Arrival.objects.get().bill_box.expires > box.expires) == (world.now + DAY, True)
    world.later(DAY, witnessed=False)
    over(world, bill)
    assert Quarantined.objects.get().box is None
    assert not bytes(BoxKey.objects.get(pk=box.pk).wrapped)
    assert Arrival.objects.get().bill_box is not None, "the rest is still held"


def test_quarantine_does_not_outlast_the_flow(node):
    world = World(node, edits={EE_BR: [("sunset: 2027-12-31", "sunset: 2026-11-30")]})
    red = {**MORE, "object_marking_refs": [RED]}
    lists = {MORE["id"]: {"expires": format_instant(world.now + 3000 * DAY)}}
    bill = world.origins[BR].bill([red], world.now, text=world.texts[EE_BR], lists=lists)
    world.arrives([red], bill=bill)
    assert Quarantined.objects.get().box.expires == dt.datetime(2026, 12, 1, tzinfo=dt.UTC)


def test_an_originator_takes_back_what_is_set_apart_though_the_rest_is_over(world):
    """Its bill is kept as long as that, and no longer."""
    bill = partly(world, ends={THEIRS["id"]: DAY, MORE["id"]: 9 * DAY})
    world.later(2 * DAY, witnessed=False)
    over(world, bill)
    box = Quarantined.objects.get().box
    assert b"more.attacker" in vault.opened(box)
    assert Arrival.objects.get().bill_box.expires == box.expires
    retraction = retraction_of(world, bill, [MORE["id"]], reason=Withdrawal.ERASURE)
    row = border.take_retraction(world.party(), retraction, now=world.now)
    receipt = DeletionReceipt(content=next(m for m in world.told() if m["id"] == row.object_id))
    assert verify_deletion_receipt(receipt, ours(), bill, retractions=[retraction.id]).ids == {MORE["id"]}
    assert not bytes(BoxKey.objects.get(pk=box.pk).wrapped)
    assert (Quarantined.objects.get().box, Arrival.objects.get().bill_box) == (None, None)


def test_with_the_last_of_what_is_set_apart_its_bill_is_over_too(world):
    bill = partly(world, ends={THEIRS["id"]: DAY, MORE["id"]: 9 * DAY})
    for days in (2, 7):
        world.later(days * DAY, witnessed=False)
        over(world, bill)
    assert (Quarantined.objects.get().box, Arrival.objects.get().bill_box) == (None, None)


def test_what_is_taken_back_before_its_origin_was_told_of_the_rest_is_told_of_still(world):
    bill = partly(world, ends={THEIRS["id"]: DAY, MORE["id"]: 9 * DAY})
    world.later(2 * DAY, witnessed=False)
    vault.sweep(world.now)
    border.take_retraction(world.party(), retraction_of(world, bill, [MORE["id"]]), now=world.now)
    border.after_deletion(bill.id, world.now)
    told = [m["cause"] for m in world.told() if m["type"] == "comity-deletion-receipt"]
    assert sorted(told) == ["expiry", "retraction"]
    assert Arrival.objects.get().bill_box is None


def test_what_has_no_room_in_the_tables_goes_with_a_retraction_too(world):
    longer = {**indicator("longer"), "type": "x-" + "y" * 82}
    longer["id"] = f"{longer['type']}--{longer['id'].partition('--')[2]}"
    bill = world.origins[BR].bill([THEIRS, longer], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS, longer], bill=bill)
    border.take_retraction(world.party(), retraction_of(world, bill, [THEIRS["id"]]), now=world.now)
    assert (Quarantined.objects.get().object_id, Quarantined.objects.get().box is None) == ("", False)
    border.take_retraction(world.party(), retraction_of(world, bill, [longer["id"]]), now=world.now)
    assert Quarantined.objects.get().box is None


# -- sequences of versions (attacks A07 to A12, A14): the published cases

# The agreement lets nothing TLP:RED in at all, and no property that it does not list: the cases are told with the
# strictest marking that it lets in, and with a property that it lists.
TOLD = (ROOT / "tests/vectors/attacks/version_sequences.json").read_text().replace(RED, AMBER)
CASES = json.loads(TOLD.replace('"x_note"', '"x_misp_note"'))["cases"]
PARTNERS = {"A": BR, "B": JP}


def came(world: World, step: dict) -> str:
    """What becomes of one step, in the words of the vectors."""
    partner, objects = PARTNERS[step["partner"]], step["object"]
    objects = objects if isinstance(objects, list) else [objects]
    rows = Holding.objects.filter(direction="received", object_id=objects[0]["id"], deleted_at=None)
    versions = set(rows.values_list("version", flat=True))
    partners = set(rows.values_list("partner", flat=True))
    already = Quarantined.objects.count()
    try:
        arrived = world.arrives(objects, partner=partner)
    except (MessageError, BadMessage, MalformedMessage):  # a bill that lists such a thing is no bill
        return "conflict" if len(objects) > 1 else "reject"
    if arrived.missing:
        (reason,) = {one.reason for one in arrived.missing}
        if reason is NotStored.UNREADABLE:
            return "reject"
        code = Quarantined.objects.order_by("at", "pk")[already:].last().reason
        return {"conflict": "conflict", "from-the-future": "quarantine", "marking-lowered": "hold"}.get(code, "reject")
    new = set(rows.all().values_list("version", flat=True)) - versions
    if partners and partner not in partners:
        return "keep-separate"
    if not new and versions:
        return "duplicate"
    return "archive" if versions and max(new) < max(versions) else "store"


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_versions_that_come_one_after_another(world, case):
    """`store-warn`: nobody can tell from an id alone that it was made in the namespace of observables."""
    for number, step in enumerate(case["steps"]):
        world.node.move(MINUTE)
        expected = "store" if step["expect"] == "store-warn" else step["expect"]
        assert came(world, step) == expected, f"step {number}: {case['why']}"


def test_nothing_that_came_changes_an_object_of_ours(world):
    """Attack A07: we released it; a partner sends a newer version of it."""
    world.sent([THEIRS])
    world.later(DAY)
    newer = {**THEIRS, "modified": "2026-11-20T08:00:00.000Z", "name": "harmless", "revoked": True}
    world.arrives([newer, MORE])
    assert apart() == {THEIRS["id"]: "foreign-creator"}
    assert held(world) == [MORE]


def test_an_echo_of_what_we_sent_is_kept_as_their_word(world):
    world.sent([THEIRS])
    world.arrives([THEIRS])
    assert (held(world), apart()) == ([THEIRS], {})


# -- what was deleted does not come back (attack A81)


def test_what_was_deleted_on_terms_is_refused_when_an_old_bill_brings_it_back(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    again = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS], bill=bill)
    world.later(DAY)
    vault.delete(Holding.objects.filter(object_id=THEIRS["id"]), "retraction", world.now)
    arrived = world.arrives([THEIRS, MORE], bill=again)
    assert (counted(arrived), held(world)) == ({"tombstoned": 1}, [MORE])


def test_its_origin_may_release_it_anew_after_the_deletion(world):
    world.arrives([THEIRS])
    world.later(DAY)
    vault.delete(Holding.objects.filter(object_id=THEIRS["id"]), "retraction", world.now)
    world.later(DAY)
    world.arrives([THEIRS])
    assert held(world) == [THEIRS]


def test_what_a_partner_took_back_is_not_passed_on_from_a_copy(world):
    """An analyst has a file with it from before: it is refused to every partner."""
    world.arrives([THEIRS])
    vault.delete(Holding.objects.filter(object_id=THEIRS["id"]), "retraction", world.now)
    crossing = world.sent([THEIRS, MORE], to=(JP,))
    assert THEIRS["id"] not in {one["id"] for one in world.read(JP)}
    assert MORE["id"] in {one["id"] for one in world.read(JP)}
    assert crossing.counts["deny"] == 1


def test_what_was_deleted_and_had_a_telling_id_is_known_again_all_the_same(world):
    """The row that remains has another name (`vault.names`); what it is asked for is what it was."""
    world.arrives([ADDRESS])
    again = world.origins[BR].bill([ADDRESS, MORE], world.now, text=world.texts[EE_BR])
    world.later(DAY)
    vault.delete(Holding.objects.filter(object_id=ADDRESS["id"]), "retraction", world.now)
    assert not Holding.objects.filter(object_id=ADDRESS["id"]).exists()
    arrived = world.arrives([ADDRESS, MORE], bill=again)
    assert (counted(arrived), held(world)) == ({"tombstoned": 1}, [MORE])
    assert world.sent([ADDRESS], to=(JP,)).counts["deny"] == 1, "it is still the partner's"
    world.later(DAY)
    world.arrives([ADDRESS])
    assert held(world) == sorted([ADDRESS, MORE], key=lambda one: one["id"]), "its origin may release it anew"


def test_a_type_that_an_id_had_is_known_when_the_row_has_another_name(world):
    """An id that was made of something, as some producers make all of theirs, is not used for another type."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, "theirs")
    first = {**THEIRS, "id": f"indicator--{name}"}
    world.arrives([first])
    world.later(DAY)
    vault.delete(Holding.objects.all(), "retraction", world.now)
    world.later(DAY)
    tool = {**sdo("tool", "theirs", name="theirs"), "id": f"tool--{name}"}
    world.arrives([tool])
    assert apart() == {vault.once_gone(tool["id"]): "identifier-reused"}


@pytest.mark.parametrize("what", [THEIRS, ADDRESS], ids=["a version", "an observable"])
def test_what_is_over_is_not_countersigned_and_deleted_with_the_next_sweep(world, what):
    """Its end came, the sweep did not yet, and its origin releases it anew."""
    old = world.origins[BR].bill([what, MORE], world.now, text=world.texts[EE_BR])
    world.arrives([what], expires=format_instant(world.now + DAY))
    world.later(DAY + MINUTE / 3)
    assert counted(world.arrives([what, MORE], bill=old)) == {"tombstoned": 1}, "an old bill does not bring it back"
    world.later(MINUTE / 3)
    assert counted(world.arrives([what])) == {}
    world.later(MINUTE)
    vault.sweep(world.now)
    assert what in held(world)


def test_at_its_end_before_the_sweep_its_origin_releases_it_anew(world):
    world.arrives([ADDRESS], expires=format_instant(world.now + DAY))
    world.later(DAY + MINUTE / 3)
    assert counted(world.arrives([ADDRESS])) == {}
    world.later(MINUTE)
    assert vault.sweep(world.now).holdings == 0
    (row,) = Holding.objects.filter(deleted_at=None)
    assert row.first_receipt == world.now - MINUTE


# -- passing it on asks for a purpose, and is decided the same way


def test_what_came_from_a_partner_does_not_go_on_to_another_without_its_word(world):
    world.arrives([THEIRS])
    crossing = world.sent([THEIRS, MORE], to=(JP,))
    assert THEIRS["id"] not in {one["id"] for one in world.read(JP)}
    assert crossing.counts["deny"] == 1


def test_with_its_word_it_goes_on_for_the_same_purpose_and_no_wider_marking(node):
    word = ("onward: {to: constituents, others: ask-originator", "onward: {to: parties, others: ask-originator")
    world = World(node, edits={BASELINE: [word], EE_JP: [word]})
    world.arrives([THEIRS, {**MORE, "object_marking_refs": [AMBER]}], partner=BR)
    world.sent([THEIRS, {**MORE, "object_marking_refs": [AMBER]}], to=(JP,))
    assert [one["id"] for one in world.read(JP) if one["type"] == "indicator"] == [THEIRS["id"]]
    world.arrives([indicator("third")], partner=BR)
    world.sent([indicator("third")], to=(JP,), purpose="threat-detection")
    assert indicator("third")["id"] not in {one["id"] for one in world.read(JP)}


def test_an_address_that_we_saw_ourselves_is_ours_whoever_else_has_sent_it(world):
    """An observable has no owner: a partner cannot keep us from telling what we saw by sending it first."""
    address = {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.3",
               "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"}  # fmt: skip
    server = sdo("infrastructure", "srv", name="srv", infrastructure_types=["command-and-control"])
    tie = sdo("relationship", "tie", relationship_type="consists-of", source_ref=server["id"], target_ref=address["id"])
    world.arrives([address])
    world.sent([server, address, tie], to=(JP,))
    assert address["id"] in {one["id"] for one in world.read(JP)}
    crossing = world.sent([address], to=(JP,))
    assert crossing.counts["deny"] == 1, "alone it is what the partner sent"


def test_retention_of_what_is_passed_on_runs_from_when_it_came(node):
    word = ("onward: {to: constituents, others: ask-originator", "onward: {to: parties, others: ask-originator")
    world = World(node, edits={BASELINE: [word], EE_JP: [word]})
    world.arrives([THEIRS])
    world.later(20 * DAY)
    world.sent([THEIRS], to=(JP,))
    holding = Holding.objects.get(object_id=THEIRS["id"], direction="released")
    assert holding.first_receipt == world.now - 20 * DAY


# -- taking back what came


def retraction_of(world: World, bill: Bill, objects=None, partner: str = BR, **how):
    key = world.origins[partner].key
    how = {"reason": Withdrawal.ERROR, "delete_by": world.now + DAY, "made_at": world.now, **how}
    return sign_message(make_retraction(bill, objects, key=key.public_key(), secret=SECRET, **how), key)


def test_a_retraction_deletes_exactly_what_came_under_that_bill(world):
    first = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS, MORE], bill=first)
    other = indicator("other")
    world.arrives([other])
    world.arrives([THEIRS], partner=JP)
    boxes = {h.object_id: h.box_id for h in Holding.objects.filter(bill=first.id)}
    retraction = retraction_of(world, first, [THEIRS["id"]])
    row = border.take_retraction(world.party(), retraction, now=world.now)
    assert held(world) == sorted([MORE, other], key=lambda one: one["id"])
    assert held(world, JP) == [THEIRS], "what another partner sent is another holding"
    assert not Box.objects.filter(pk=boxes[THEIRS["id"]]).exists()
    receipt = DeletionReceipt(content=next(m for m in world.told() if m["id"] == row.object_id))
    said = verify_deletion_receipt(receipt, ours(), first, retractions=[retraction.id])
    assert (said.ids, said.retraction, said.held) == (frozenset((THEIRS["id"],)), retraction.id, ())
    assert THEIRS["id"] not in dumps(dict(receipt.content)).decode(), "no object is named in clear"


def test_an_observable_that_a_later_bill_replaced_is_not_what_the_earlier_one_brought(world):
    first = world.origins[BR].bill([ADDRESS], world.now, text=world.texts[EE_BR])
    world.arrives([ADDRESS], bill=first)
    world.later(DAY)
    newer = {**ADDRESS, "defanged": True}
    second = world.origins[BR].bill([newer], world.now, text=world.texts[EE_BR])
    world.arrives([newer], bill=second)
    assert held(world) == [newer], "its whole state is replaced"
    border.take_retraction(world.party(), retraction_of(world, first), now=world.now)
    assert held(world) == [newer]
    border.take_retraction(world.party(), retraction_of(world, second), now=world.now)
    assert held(world) == []


# -- one object that the vault does not take stops no other (attack A08)


def test_a_contradiction_that_came_meanwhile_stops_no_other(world, monkeypatch):
    """Two workers take two releases of one partner; both were judged before either was kept."""
    judge, other = receiving._judge, {**THEIRS, "name": "something else"}

    def slowly(*args):
        judged = list(judge(*args))
        monkeypatch.setattr(receiving, "_judge", judge)
        world.arrives([other])
        return judged

    monkeypatch.setattr(receiving, "_judge", slowly)
    arrived = world.arrives([MORE, THEIRS])
    assert (arrived.arrival.stored, counted(arrived)) == (1, {"quarantined": 1})
    assert apart() == {THEIRS["id"]: "conflict"}
    assert held(world) == sorted([other, MORE], key=lambda one: one["id"])


def test_a_contradiction_of_what_cannot_be_read_stops_no_other(world):
    """What is held has lost its seal: nobody can compare the content, and its digest still says that it is another."""
    world.arrives([THEIRS])
    before = Holding.objects.get(object_id=THEIRS["id"])
    Box.objects.filter(pk=before.box_id).update(sealed=b"not what was sealed")
    world.later(DAY)
    many = [indicator(f"one of many {n}") for n in range(9)]
    arrived = world.arrives([*many[:4], {**THEIRS, "name": "something else"}, *many[4:]])
    assert (arrived.arrival.stored, counted(arrived)) == (9, {"quarantined": 1})
    assert apart() == {THEIRS["id"]: "conflict"}
    assert Holding.objects.get(object_id=THEIRS["id"]).digest == before.digest


def test_an_observable_on_legal_hold_stops_no_other(world):
    """Its newest content would take the place of what a court asked us to keep."""
    world.arrives([ADDRESS])
    vault.hold(Holding.objects.filter(object_id=ADDRESS["id"]), "court-order", world.now + 7 * DAY, now=world.now)
    world.later(DAY)
    arrived = world.arrives([{**ADDRESS, "defanged": True}, MORE])
    assert counted(arrived) == {"quarantined": 1}
    assert apart() == {vault.once_gone(ADDRESS["id"]): "conflict"}
    assert held(world) == sorted([ADDRESS, MORE], key=lambda one: one["id"])


def test_what_is_deleted_meanwhile_stops_no_other(world, monkeypatch):
    """Attack A81: deleted on terms by one worker, while another had judged it already."""
    world.arrives([THEIRS])
    judge = receiving._judge

    def slowly(*args):
        judged = list(judge(*args))
        vault.delete(Holding.objects.filter(object_id=THEIRS["id"]), "retraction", world.now)
        return judged

    monkeypatch.setattr(receiving, "_judge", slowly)
    arrived = world.arrives([THEIRS, MORE], expires=format_instant(world.now + 5 * DAY))
    assert counted(arrived) == {"tombstoned": 1}
    assert held(world) == [MORE]


def test_what_two_bills_brought_alike_goes_with_either(world):
    """It says that it deleted what the bill lists; so nothing of it is held."""
    first = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    second = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS], bill=first)
    world.arrives([THEIRS, MORE], bill=second)
    retraction = retraction_of(world, second, [THEIRS["id"]])
    row = border.take_retraction(world.party(), retraction, now=world.now)
    assert held(world) == [MORE]
    receipt = DeletionReceipt(content=next(m for m in world.told() if m["id"] == row.object_id))
    assert verify_deletion_receipt(receipt, ours(), second, retractions=[retraction.id]).ids == {THEIRS["id"]}


def test_what_was_taken_back_lies_under_its_tombstone_to_the_end_of_the_agreement(node):
    """A bill from before may let it be kept to that end."""
    until = [("sunset: 2027-12-31", "sunset: 2030-12-31")]
    base = [("sunset: 2028-02-29", "sunset: 2031-02-28")]
    world = World(node, edits={EE_BR: until, EE_JP: until, BASELINE: base})
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS], bill=bill)
    border.take_retraction(world.party(), retraction_of(world, bill), now=world.now)
    assert Tombstone.objects.get().until == dt.datetime(2031, 1, 1, tzinfo=dt.UTC)


def test_a_retraction_again_gives_the_same_answer(world):
    bill = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS, MORE], bill=bill)
    retraction = retraction_of(world, bill, [THEIRS["id"]])
    first = border.take_retraction(world.party(), retraction, now=world.now)
    again = border.take_retraction(world.party(), retraction, now=world.now + DAY)
    assert first.pk == again.pk
    border.after_deletion(bill.id, world.now)
    assert len([m for m in world.told() if m["type"] == "comity-deletion-receipt"]) == 1, "told once"


def test_quarantined_objects_go_with_a_retraction_too(world):
    red = {**MORE, "object_marking_refs": [RED]}
    bill = world.origins[BR].bill([THEIRS, red], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS, red], bill=bill)
    border.take_retraction(world.party(), retraction_of(world, bill), now=world.now)
    assert Quarantined.objects.get().box is None
    assert held(world) == []


def test_a_quarantined_observable_stands_under_a_name_that_tells_nothing(world):
    """Its content goes by itself after a month; the row stays."""
    red = {**ADDRESS, "object_marking_refs": [RED]}
    bill = world.origins[BR].bill([THEIRS, red], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS, red], bill=bill)
    border.quarantine(BR, [(ADDRESS["id"], dumps(ADDRESS), "no-bill")], now=world.now)
    assert set(Quarantined.objects.values_list("object_id", flat=True)) == {vault.once_gone(ADDRESS["id"])}
    border.take_retraction(world.party(), retraction_of(world, bill), now=world.now)
    assert Quarantined.objects.get(bill_id=bill.id).box is None


def test_what_a_legal_hold_keeps_is_named_with_its_ground(world):
    bill = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS, MORE], bill=bill)
    review = world.now + 7 * DAY
    vault.hold(Holding.objects.filter(object_id=MORE["id"]), "court-order", review, now=world.now)
    retraction = retraction_of(world, bill)
    row = border.take_retraction(world.party(), retraction, now=world.now)
    receipt = DeletionReceipt(content=next(m for m in world.told() if m["id"] == row.object_id))
    said = verify_deletion_receipt(receipt, ours(), bill, retractions=[retraction.id])
    assert said.ids == frozenset((THEIRS["id"],))
    (hold,) = said.held
    assert (hold.ids, hold.ground.value, hold.review_by) == (
        frozenset((MORE["id"],)),
        "judicial-proceedings",
        review,
    )
    assert held(world) == [MORE]


def test_nobody_else_s_retraction_deletes_anything(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    world.arrives([THEIRS], bill=bill)
    with pytest.raises(border.NoSuchRelease):
        border.take_retraction(world.party(JP), retraction_of(world, bill), now=world.now)
    key = key_of("mallory")
    forged = sign_message(
        make_retraction(
            bill,
            reason=Withdrawal.ERROR,
            delete_by=world.now + DAY,
            made_at=world.now,
            key=key.public_key(),
            secret=SECRET,
        ),
        key,
    )
    with pytest.raises(MessageError):
        border.take_retraction(world.party(), forged, now=world.now)
    assert held(world) == [THEIRS]


def test_a_retraction_of_what_has_not_come_yet_waits(world):
    bill = world.origins[BR].bill([THEIRS], world.now, text=world.texts[EE_BR])
    with pytest.raises(border.NoSuchRelease):
        border.take_retraction(world.party(), retraction_of(world, bill), now=world.now)


# -- the end of what came


def test_at_its_end_what_came_is_deleted_and_its_origin_gets_the_proof(world):
    bill = world.origins[BR].bill([THEIRS, MORE], world.now, text=world.texts[EE_BR],
                                  lists={MORE["id"]: {"expires": format_instant(world.now + 60 * DAY)}})  # fmt: skip
    world.arrives([THEIRS, MORE], bill=bill)
    world.later(30 * DAY)
    vault.sweep(world.now)
    border.after_deletion(bill.id, world.now)
    border.after_deletion(bill.id, world.now)
    (told,) = (m for m in world.told() if m["type"] == "comity-deletion-receipt")
    said = verify_deletion_receipt(DeletionReceipt(content=told), ours(), bill)
    assert (said.ids, said.cause.value, said.deleted_at) == (frozenset((THEIRS["id"],)), "expiry", world.now)
    arrival = Arrival.objects.get()
    assert arrival.bill_box is not None
    world.later(30 * DAY)
    vault.sweep(world.now)
    border.after_deletion(bill.id, world.now)
    assert len([m for m in world.told() if m["type"] == "comity-deletion-receipt"]) == 2
    arrival.refresh_from_db()
    assert arrival.bill_box is None, "the bill, with a digest of each object, goes with the last of them"


def test_our_own_release_is_what_a_partner_of_ours_would_take(world):
    """What our node sends holds before what our node asks of others: the same rules, both ways."""
    from tests.node.world import HOSPITAL

    from comity.material import StixObject
    from comity.node.border.admission import Terms, breach

    world.sent(HOSPITAL.read_bytes())
    objects = {one["id"]: one for one in world.read()}
    plan = treaties.plan_for(world.flow(), on=world.now.date())
    definitions = {name: one for name, one in objects.items() if one["type"] == "marking-definition"}
    for bill in world.bills():
        terms = Terms(plan=plan, purpose=PURPOSE, made_at=bill.made_at, definitions=definitions, now=world.now)
        for line in bill.content["listed"]:
            one = objects[line["id"]]
            obj = StixObject(id=one["id"], type=one["type"], content=one, place="")
            assert breach(obj, line, terms) is None, one
