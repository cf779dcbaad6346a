"""Submissions and releases: what is plain goes at once, what follows is a delta, and nothing goes twice."""

from __future__ import annotations

import datetime as dt
import json
from importlib import import_module

import pytest
from tests.node.world import (
    BR,
    CORPUS,
    EE_BR,
    HOSPITAL,
    JP,
    PURPOSE,
    RED,
    World,
    bundle,
    incident,
    indicator,
    sdo,
)

from comity.canon import dumps, parse_instant
from comity.ledger import Statement, majority
from comity.messages import verify_bill
from comity.node import keyring
from comity.node.border import actions as border
from comity.node.border.models import Release, Shelved, Submission
from comity.node.journal.models import Entry
from comity.node.people.actions import NotAllowed
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

C2, MALWARE = indicator("c2"), sdo("malware", "wiper", is_family=True, name="wiper")
DAY = dt.timedelta(days=1)


def by_source(world: World, partner: str = BR) -> dict[str, dict]:
    """What the partner reads, by id, the newest version of each."""
    return {one["id"]: one for one in world.read(partner)}


# -- what goes


FLAW = sdo("vulnerability", "flaw", name="CVE-2026-12345")
TIE = sdo("relationship", "tie", relationship_type="related-to", source_ref=C2["id"], target_ref=FLAW["id"])


def ends(object_id: str) -> dt.datetime:
    return Shelved.objects.get(object_id=object_id, withdrawn_at=None).expires


@pytest.mark.parametrize("later", [False, True], ids=["with them", "when they stand already"])
def test_what_ties_others_ends_with_the_first_of_them(world, later):
    """Nothing is said of an object, and no source is kept for it, once the object is gone."""
    words = sdo("language-content", "words", object_ref=C2["id"], contents={"et": {"description": "Kaebused."}})
    if later:
        world.sent([C2, FLAW])
        world.later(5 * DAY)
    crossing = world.sent([C2, FLAW, TIE, words])
    assert ends(C2["id"]) < ends(FLAW["id"]), "else this shows nothing"
    assert ends(TIE["id"]) == ends(C2["id"])
    assert ends(words["id"]) == ends(C2["id"])
    kept = Submission.objects.get(pk=crossing.submission_id).source
    assert kept.expires == (ends(C2["id"]) if later else ends(FLAW["id"]))


def test_a_plain_permit_goes_at_once_and_is_what_the_crossing_says(world):
    crossing = world.sent([C2, MALWARE])
    assert (crossing.waits, crossing.counts["released"]) == ("", 3)  # and the marking that they bear
    again = border.replay(crossing)
    assert sorted(map(dumps, world.read())) == sorted(map(dumps, again.objects()))


def test_the_bill_verifies_offline_with_the_witnesses_that_partners_ask_for(world):
    crossing = world.sent(HOSPITAL.read_bytes())
    policy = majority({one.signer.name: one.signer.verifier for one in world.witnesses})
    objects = {(one["id"], one.get("modified") or one.get("created")): one for one in world.read()}
    bills = world.bills()
    assert len(bills) == crossing.releases.count() == 2
    for bill in bills:
        listed = [objects[line["id"], line.get("version")] for line in bill.content["listed"]]
        account = verify_bill(
            bill,
            keyring.held().signing.public_key(),
            listed,
            log_key=keyring.held().log.verifier,
            policy=policy,
            receiver=BR,
            agreement_digest=world.texts[EE_BR].digest,
        )
        assert account.objects == len(listed)
    assert sum(len(bill.content["listed"]) for bill in bills) == len(world.read())


def test_each_bill_comes_before_the_objects_that_it_lists(world):
    world.sent(HOSPITAL.read_bytes())
    waiting: set[str] = set()
    for item in world.page().items:
        if item.type == "comity-bill":
            assert not waiting, "the last release is complete"
            waiting = {line["id"] for line in json.loads(item.body)["listed"]}
        else:
            waiting.remove(item.object_id)
    assert not waiting


def test_the_entry_of_a_release_says_what_its_bill_says_and_not_who_made_it(world):
    world.sent([C2])
    (bill, *_) = world.bills()
    facts = Statement.parse(bytes(Release.objects.get(bill_id=bill.id).entry.body)).facts
    assert facts.keys() == {"agreement", "from", "to", "purpose", "objects", "commitment"}


def test_every_object_has_an_end_and_a_clause(world):
    world.sent(HOSPITAL.read_bytes())
    for holding in Holding.objects.filter(direction="released"):
        assert holding.clauses
        assert holding.expires is not None
        assert holding.first_receipt == world.now
    listed = [line for bill in world.bills() for line in bill.content["listed"]]
    assert all("expires" in line for line in listed)
    ends = {holding.object_id: holding.expires for holding in Holding.objects.filter(direction="released")}
    assert {line["id"]: parse_instant(line["expires"]) for line in listed} == ends


def test_the_same_file_goes_to_two_partners_under_ids_that_tell_nothing_of_each_other(world):
    world.submitted(HOSPITAL.read_bytes(), to=(BR, JP))
    world.publish()
    read = {partner: by_source(world, partner) for partner in (BR, JP)}
    changed = {
        partner: {name for name, one in read[partner].items() if "Sõnajala" in json.dumps(one, ensure_ascii=False)}
        for partner in read
    }
    assert changed[BR]
    assert not changed[BR] & changed[JP]


def test_a_real_feed_goes_whole(world):
    """A published feed of indicators of mobile spyware: none of it is anybody's but the attacker's."""
    path = min((CORPUS / "mvt-indicators").glob("*.stix2"), key=lambda p: p.stat().st_size)
    crossing = world.sent(path.read_bytes(), purpose="threat-detection")
    assert crossing.counts["material"] == len(
        [o for o in border.replay(crossing).objects() if o["type"] != "marking-definition"]
    )
    assert len(world.read()) == crossing.counts["released"] > 0


def test_what_no_clause_lets_go_stays_with_its_reason(world):
    crossing = world.sent([{**C2, "object_marking_refs": [RED]}])
    assert (crossing.counts["deny"], crossing.releases.count(), world.read()) == (1, 0, [])


# -- who, and to whom


def test_only_who_imported_it_submits_it(world):
    submission = border.import_file(bundle([C2]), by=world.analyst, now=world.now)
    other = world.node.person("other", "analyst")
    with pytest.raises(border.NotYours):
        border.submit(submission, to=[BR], purpose=PURPOSE, by=other, now=world.now)
    with pytest.raises(NotAllowed):
        border.submit(submission, to=[BR], purpose=PURPOSE, by=world.officer, now=world.now)


def test_the_annex_goes_before_its_baseline_and_nobody_unknown_is_sent_anything(world):
    submission = border.import_file(bundle([C2]), by=world.analyst, now=world.now)
    (crossing,) = border.submit(submission, to=[BR], purpose=PURPOSE, by=world.analyst, now=world.now)
    assert crossing.flow.agreement == EE_BR
    with pytest.raises(border.NoFlow):
        border.submit(submission, to=["cert-xx"], purpose=PURPOSE, by=world.analyst, now=world.now)
    with pytest.raises(border.NoFlow):
        border.submit(submission, to=[world.flow(outward=False)], purpose=PURPOSE, by=world.analyst, now=world.now)


def test_a_submission_has_one_purpose(world):
    submission = border.import_file(bundle([C2]), by=world.analyst, now=world.now)
    border.submit(submission, to=[BR], purpose=PURPOSE, by=world.analyst, now=world.now)
    with pytest.raises(border.OtherPurpose):
        border.submit(submission, to=[JP], purpose="threat-detection", by=world.analyst, now=world.now)


def test_a_suspended_partner_is_not_sent_anything(world):
    treaties.suspend(world.flow(), "personal-data-breach", now=world.now, by=world.officer)
    submission = border.import_file(bundle([C2]), by=world.analyst, now=world.now)
    with pytest.raises(border.NoFlow):
        border.submit(submission, to=[BR], purpose=PURPOSE, by=world.analyst, now=world.now)
    (crossing,) = border.submit(submission, to=[world.flow()], purpose=PURPOSE, by=world.analyst, now=world.now)
    assert (crossing.waits, crossing.releases.count()) == ("no-agreement", 0)
    assert not Shelved.objects.filter(object_id=C2["id"]).exists()


# -- proof


def test_with_stale_proof_nothing_is_released_and_it_says_so_and_goes_later(world):
    world.later(25 * dt.timedelta(hours=1), witnessed=False)
    (crossing,) = world.submitted([C2])
    assert (crossing.waits, crossing.releases.count()) == ("stale-proof", 0)
    assert crossing.counts["permit"] == 1, "what would go is decided already"
    (still,) = border.release(crossing.submission, by=world.officer, now=world.now)
    assert still.waits == "stale-proof"
    world.witness()
    (now,) = border.release(crossing.submission, by=world.officer, now=world.now)
    assert (now.waits, now.counts["released"]) == ("", 2)
    world.publish()
    assert C2["id"] in by_source(world)


def test_questions_are_asked_though_the_proof_is_stale(world):
    world.later(25 * dt.timedelta(hours=1), witnessed=False)
    world.submitted([incident("one")], collected_by="victim-log")
    (question,) = world.questions()
    crossing = world.approved(question)
    assert (crossing.waits, crossing.releases.count()) == ("stale-proof", 0)
    world.witness()
    border.release(crossing, by=world.officer, now=world.now)
    world.publish()
    assert [one["name"] for one in world.read() if one["type"] == "incident"] == ["Incident one"]


# -- the delta


def test_nothing_goes_twice(world):
    crossing = world.sent(HOSPITAL.read_bytes())
    before = [item.object_id for item in world.page().items]
    world.later(dt.timedelta(hours=2))
    (again,) = border.release(crossing.submission, by=world.officer, now=world.now)
    assert (again.counts["released"], again.counts["unchanged"]) == (0, crossing.counts["released"])
    world.publish()
    assert [item.object_id for item in world.page().items] == before


def test_the_same_file_submitted_again_goes_nowhere(world):
    first = world.sent([C2, MALWARE])
    world.later(DAY)
    second = world.sent([C2, MALWARE])
    assert (second.counts["released"], second.counts["unchanged"]) == (0, first.counts["released"])


def test_an_unchanged_copy_keeps_its_version(world):
    """A changed copy takes `modified` from the clock; that alone is no news."""
    world.sent(HOSPITAL.read_bytes())
    versions = {one["id"]: one.get("modified") for one in world.read()}
    world.later(DAY)
    world.sent(HOSPITAL.read_bytes())
    assert {one["id"]: one.get("modified") for one in world.read()} == versions


def test_a_newer_version_follows_and_the_older_one_stays_readable(world):
    world.sent([C2])
    newer = {**C2, "modified": "2026-11-20T08:00:00.000Z", "confidence": 90}
    world.sent([newer])
    assert [one.get("confidence") for one in world.read() if one["id"] == C2["id"]] == [None, 90]


def test_touching_an_object_is_no_news(world):
    world.sent([C2])
    crossing = world.sent([{**C2, "modified": "2026-11-20T08:00:00.000Z"}])
    assert crossing.counts["released"] == 0


def test_a_reference_to_what_the_partner_holds_resolves(world):
    world.sent([C2])
    use = sdo("relationship", "uses", relationship_type="indicates", source_ref=C2["id"], target_ref=MALWARE["id"])
    world.sent([MALWARE, use])
    assert by_source(world)[use["id"]] == use


def test_a_reference_to_what_another_partner_holds_does_not(world):
    world.sent([C2], to=(JP,))
    use = sdo("relationship", "uses", relationship_type="indicates", source_ref=C2["id"], target_ref=MALWARE["id"])
    crossing = world.sent([MALWARE, use])
    assert use["id"] not in by_source(world)
    assert crossing.counts["deny"] == 1


def test_version_1_crossed_unchanged_and_version_2_is_reduced_so_version_1_is_retracted(world):
    """DESIGN section 7."""
    plain = sdo("note", "n", content="The wiper is back.", object_refs=[MALWARE["id"]])
    world.sent([MALWARE, plain])
    assert plain["id"] in by_source(world)
    told = {**plain, "modified": "2026-11-20T08:00:00.000Z", "content": "Write to mari.maasikas@kannatanu.example."}
    world.sent([MALWARE, told])
    read = by_source(world)
    assert plain["id"] not in read
    (copy,) = (one for one in read.values() if one["type"] == "note")
    assert "kannatanu" not in copy["content"]
    (retraction,) = (one for one in world.told() if one["type"] == "comity-retraction")
    assert (retraction["objects"], retraction["reason"]) == ([plain["id"]], "superseded-by-reduced")


def test_a_reduced_version_takes_back_every_older_one_that_stands(world):
    """Two versions crossed unchanged and the third is treated: the first does not come to light behind the second."""
    plain = sdo("note", "n", content="The wiper is back.", object_refs=[MALWARE["id"]])
    world.sent([MALWARE, plain])
    world.sent([{**plain, "modified": "2026-11-19T08:00:00.000Z", "content": "The wiper is back, and another."}])
    assert world.told() == [], "a new version alone takes none back"
    bills = {bill.id for bill in world.bills() for line in bill.content["listed"] if line["id"] == plain["id"]}
    told = {**plain, "modified": "2026-11-20T08:00:00.000Z", "content": "Write to mari.maasikas@kannatanu.example."}
    world.sent([told])
    (copy,) = (one for one in world.read() if one["type"] == "note")
    assert copy["id"] != plain["id"]
    assert len(bills) == 2
    assert {one["bill"] for one in world.told()} == bills


def test_what_a_submission_put_there_is_taken_back_below_a_newer_version_of_another_s(world):
    crossing = world.sent([C2])
    newer = {**C2, "modified": "2026-11-20T08:00:00.000Z", "confidence": 90}
    world.sent([newer])
    border.strip(
        crossing.submission, flows=[crossing.flow], object_id=C2["id"], paths=[""], by=world.officer, now=world.now
    )
    assert [one for one in world.read() if one["id"] == C2["id"]] == [newer]
    assert len(world.told()) == 1


def test_what_the_agreement_lets_go_no_longer_is_taken_back(world):
    """An object that this submission sent, denied when an officer keeps it home after all."""
    crossing = world.sent([C2, MALWARE])
    border.strip(
        crossing.submission, flows=[crossing.flow], object_id=C2["id"], paths=[""], by=world.officer, now=world.now
    )
    assert C2["id"] not in by_source(world)
    assert MALWARE["id"] in by_source(world)
    (retraction,) = world.told()
    assert (retraction["objects"], retraction["reason"]) == ([C2["id"]], "error")


def test_another_submission_s_refusal_takes_nothing_back(world):
    world.sent([C2])
    world.sent([{**C2, "modified": "2026-11-20T08:00:00.000Z", "object_marking_refs": [RED]}])
    assert C2["id"] in by_source(world)
    assert world.told() == []


# -- retention


def test_sending_it_again_restarts_no_retention(world):
    world.sent([C2])
    first = Holding.objects.get(object_id=C2["id"])
    world.later(100 * DAY)
    world.sent([C2])
    assert Holding.objects.get(object_id=C2["id"]).expires == first.expires


def test_what_had_to_be_deleted_does_not_go_again(world):
    world.sent([C2, MALWARE])
    expires = Holding.objects.get(object_id=C2["id"]).expires
    world.later(expires - world.now)
    vault.sweep(world.now)
    crossing = world.sent([C2, indicator("new")])
    assert crossing.counts["retention-over"] == 1
    assert C2["id"] not in by_source(world)
    assert indicator("new")["id"] in by_source(world)


def test_a_newer_version_is_a_new_holding_with_its_own_end(world):
    world.sent([C2])
    world.later(100 * DAY)
    newer = {**C2, "modified": "2027-02-20T08:00:00.000Z", "confidence": 90}
    world.sent([newer])
    old, new = Holding.objects.filter(object_id=C2["id"]).order_by("expires")
    assert (new.expires - old.expires, new.first_receipt) == (100 * DAY, world.now)


def test_an_observable_seen_anew_after_its_end_goes_anew(world):
    """It has no versions: the attacker's address seen a year later is another sighting of it, not the old one."""
    address = {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.3",
               "id": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"}  # fmt: skip
    server = sdo("infrastructure", "srv", name="srv", infrastructure_types=["command-and-control"])
    tie = sdo("relationship", "tie", relationship_type="consists-of", source_ref=server["id"], target_ref=address["id"])
    world.sent([server, address, tie])
    assert address["id"] in by_source(world)
    world.later(200 * DAY)
    vault.sweep(world.now)
    later = {**tie, "id": sdo("relationship", "tie2")["id"], "modified": "2027-06-01T08:00:00.000Z"}
    seen = sdo("infrastructure", "srv2", name="srv2", infrastructure_types=["command-and-control"])
    world.sent([seen, address, {**later, "source_ref": seen["id"]}])
    assert address["id"] in by_source(world)


# -- the same inputs, the same crossing (promise 8)


def test_a_crossing_is_done_again_from_its_sealed_circumstances_byte_for_byte(world):
    crossing = world.sent(HOSPITAL.read_bytes())
    again = border.replay(crossing)
    assert again.circumstances.digest == crossing.circumstances_digest
    left = {one.object_id: one for one in world.page().items if one.type != "comity-bill"}
    assert {content["id"]: dumps(content) for content in again.objects()} == {
        name: item.body for name, item in left.items()
    }
    world.later(DAY)
    assert b"".join(border.replay(crossing).bundle()) == b"".join(again.bundle())


def test_a_crossing_under_another_text_is_not_done_again(world):
    crossing = world.sent([C2])
    crossing.text_digest = "sha256:" + "0" * 64
    with pytest.raises(border.CannotReplay):
        border.replay(crossing)


# -- things move while it is decided (attack A75)


def test_what_changes_while_it_is_decided_is_decided_anew(world, monkeypatch):
    """The flow is suspended after it was read and before anything is written."""
    module = import_module("comity.node.border.actions.submit")
    decide, moved = module.decide, []

    def slow(*args, **kwargs):
        decided = decide(*args, **kwargs)
        if not moved:
            moved.append(True)
            treaties.suspend(world.flow(), "personal-data-breach", now=world.now, by=world.officer)
        return decided

    monkeypatch.setattr(module, "decide", slow)
    (crossing,) = world.submitted([C2])
    assert moved
    assert (crossing.waits, crossing.releases.count()) == ("no-agreement", 0)
    assert not Shelved.objects.filter(object_id=C2["id"]).exists()


def test_when_things_keep_moving_nothing_is_written(world, monkeypatch):
    from comity.node.border import deciding

    monkeypatch.setattr(deciding.Decided, "still_stands", lambda self: False)
    with pytest.raises(border.Moved):
        world.submitted([C2])
    assert not Shelved.objects.filter(object_id=C2["id"]).exists()
    assert Submission.objects.get().crossings.count() == 0


def test_the_border_keeps_nothing_of_a_crossing_unsealed(world):
    crossing = world.sent(HOSPITAL.read_bytes())
    for box in (crossing.circumstances, crossing.record):
        assert b"Maarika" not in bytes(box.sealed)
    assert crossing.text_digest == Flow.objects.get(pk=crossing.flow_id).text_id
    assert Entry.objects.filter(event="border:submission:crossed", subject=str(crossing.pk)).count() == 1
