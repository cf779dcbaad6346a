"""Questions: a person decides what a rule cannot, sees exactly what would go, and is never the one who submitted it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from tests.node.world import BR, EE_JP, HOSPITAL, JP, PURPOSE, World, bundle, incident, indicator, sdo

from comity.agreement import CheckFailed
from comity.canon import ComityError
from comity.law import UnknownTerm
from comity.ledger import Statement
from comity.material import deterministic_id
from comity.node.border import actions as border
from comity.node.border.actions.approve import MOST_A_MINUTE
from comity.node.border.keeping import ANSWER_WITHIN
from comity.node.border.models import Approval, Question, Shelved, Strip, Submission
from comity.node.journal.models import Entry
from comity.node.people.actions import NotAllowed
from comity.node.people.actions import assign as give
from comity.node.treaties import actions as treaties
from comity.node.treaties.actions import plans as compiling
from comity.node.vault import actions as vault
from comity.node.vault.models import BoxKey

FROM_LOGS = {"collected_by": "victim-log"}
C2 = indicator("c2")
# Of the account and of the address it is not certain that they are that; what stands beside them is certain.
UNSURE = sdo(
    "note",
    "unsure",
    content="The share haigla\\kask is a nurse's or the log server's; 10.4.0.11 in it is an address or a release.",
    object_refs=[C2["id"]],
)


def note_of(world: World) -> str:
    return [one["content"] for one in world.read() if one["type"] == "note"][-1]


def facts_of(event: str) -> list[dict]:
    rows = Entry.objects.filter(event=event).order_by("pk")
    return [dict(Statement.parse(bytes(row.body)).facts) for row in rows]


def only(world: World) -> Question:
    (question,) = world.questions()
    return question


# -- strip and go


def test_doubt_is_stripped_the_rest_goes_at_once_and_what_is_approved_follows(world):
    world.sent([C2, UNSURE])
    assert "kask" not in note_of(world)
    assert "10.4.0.11" not in note_of(world)
    questions = world.questions()
    assert [(q.path, q.reasons) for q in questions] == [
        ("/content", ["username", "doubt"]),
        ("/content", ["ipv4-address", "doubt"]),
    ]
    account = questions[0]
    crossing = world.approved(account)
    assert crossing.counts["released"] == 1, "the delta, and nothing else"
    world.publish()
    assert "kask" in note_of(world)
    assert "10.4.0.11" not in note_of(world)
    assert [q.pk for q in world.questions()] == [questions[1].pk]
    assert world.told() == [], "what grew is a newer version; nothing is taken back"


def test_what_a_clause_has_approved_waits_whole_and_goes_whole(world):
    world.sent([C2, incident("one")], **FROM_LOGS)
    assert [one["type"] for one in world.read()] == ["marking-definition", "indicator"]
    assert only(world).path == ""
    world.approved(only(world))
    world.publish()
    assert "Incident one" in [one.get("name") for one in world.read()]


def test_what_waits_takes_what_cannot_stand_without_it_along(world):
    hit = incident("one")
    use = sdo("relationship", "r", relationship_type="related-to", source_ref=C2["id"], target_ref=hit["id"])
    world.sent([C2, hit, use], **FROM_LOGS)
    assert use["id"] not in {one["id"] for one in world.read()}
    seen = border.before_and_after(only(world), by=world.officer, now=world.now)
    assert seen.also == (use["id"],)
    world.approved(only(world))
    world.publish()
    assert use["id"] in {one["id"] for one in world.read()}


# -- who may answer


def test_the_submitter_cannot_answer_whatever_else_they_are(world):
    world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    year = dt.timedelta(days=365)
    give(world.analyst, "releasing-officer", starts=world.now, ends=world.now + year, by=None, now=world.now)
    (waiting,) = border.queue(world.analyst, now=world.now)
    assert waiting.own
    seen = border.before_and_after(question, by=world.analyst, now=world.now)
    with pytest.raises(border.OwnSubmission):
        border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=world.analyst, now=world.now)
    with pytest.raises(border.OwnSubmission):
        border.reject(question, ground="personal-data", by=world.analyst, now=world.now)
    assert not Approval.objects.exists()


def test_nobody_without_the_verb_answers_or_looks(world):
    world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    seen = border.before_and_after(question, by=world.officer, now=world.now)
    other = world.node.person("other", "analyst")
    for person in (other, world.auditor):
        with pytest.raises(NotAllowed):
            border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=person, now=world.now)
        with pytest.raises(NotAllowed):
            border.reject(question, ground="personal-data", by=person, now=world.now)
    with pytest.raises(NotAllowed):
        border.before_and_after(question, by=world.auditor, now=world.now)
    with pytest.raises(NotAllowed):
        border.queue(world.auditor, now=world.now)


def test_an_answer_by_the_submitter_that_got_into_the_tables_lets_nothing_go(world):
    """The verb refuses it; and were a row there all the same, the crossing does not count it."""
    (crossing,) = world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    Question.objects.filter(pk=question.pk).update(state=Question.APPROVED)
    Approval.objects.create(
        question=question, yes=True, ground="needed-for-purpose", by=world.analyst, at=world.now, shown=""
    )
    (again,) = border.release(crossing.submission, by=world.officer, now=world.now)
    assert (again.counts["refer"], again.counts["released"]) == (1, 0)


def test_grounds_are_codes_of_closed_lists(world):
    world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    seen = border.before_and_after(question, by=world.officer, now=world.now)
    for call in (
        lambda: border.approve(question, shown=seen.shown, ground="looks fine", by=world.officer, now=world.now),
        lambda: border.reject(question, ground="", by=world.officer, now=world.now),
        lambda: border.before_and_after(question, by=world.officer, now=world.now, reason="curious about Mari"),
    ):
        with pytest.raises(border.UnknownCode):
            call()
    assert only(world).pk == question.pk


# -- exactly what was shown (attack A76)


def test_what_an_officer_sees(world):
    world.submitted([C2, UNSURE])
    account = world.questions()[0]
    seen = border.before_and_after(account, by=world.officer, now=world.now)
    assert dict(seen.before) == UNSURE
    assert [(m.category, m.asked, m.waits) for m in seen.marks] == [
        ("username", True, True),
        ("ipv4-address", False, True),
    ]
    assert "kask" not in json.dumps(seen.now_leaves)
    assert "kask" in json.dumps(seen.would_leave)
    assert "10.4.0.11" not in json.dumps(seen.would_leave)


def test_each_look_is_in_the_ledger_with_its_reason_and_without_a_name(world):
    world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    border.before_and_after(question, by=world.officer, now=world.now, reason="incident")
    (facts,) = facts_of("border:submission:seen")
    assert (facts["reason"], facts["question"]) == ("incident", str(question.pk))
    assert facts["actor"].startswith("hmac-sha256:")


def test_a_yes_to_another_digest_is_no_yes(world):
    world.submitted([incident("one")], **FROM_LOGS)
    for shown in ("", "sha256:" + "0" * 64):
        with pytest.raises(border.NotAsShown):
            border.approve(only(world), shown=shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    assert not Approval.objects.exists()


def test_what_changed_after_it_was_shown_stops_the_approval_and_is_asked_again(world):
    """An officer looks; another one's answer changes what a yes would let go; the first yes is stopped."""
    hit, other = incident("one"), incident("two")
    tie = sdo("relationship", "r", relationship_type="related-to", source_ref=hit["id"], target_ref=other["id"])
    world.submitted([hit, other, tie], **FROM_LOGS)
    first, second = world.questions()
    seen = border.before_and_after(first, by=world.officer, now=world.now)
    world.approved(second, by=world.privacy)
    with pytest.raises(border.NotAsShown):
        border.approve(first, shown=seen.shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    again = border.before_and_after(first, by=world.officer, now=world.now)
    assert again.also == (tie["id"],)
    border.approve(first, shown=again.shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    world.publish()
    assert tie["id"] in {one["id"] for one in world.read()}


def test_time_alone_does_not_change_what_was_shown(world):
    world.submitted([C2, UNSURE])
    seen = border.before_and_after(world.questions()[0], by=world.officer, now=world.now)
    world.later(dt.timedelta(hours=2))
    border.approve(world.questions()[0], shown=seen.shown, ground="not-personal", by=world.officer, now=world.now)
    assert Approval.objects.get().shown == seen.shown


def test_a_question_is_answered_once(world):
    world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    seen = border.before_and_after(question, by=world.officer, now=world.now)
    border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    with pytest.raises(border.NotAsked):
        border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    with pytest.raises(border.NotAsked):
        border.reject(question, ground="personal-data", by=world.privacy, now=world.now)
    with pytest.raises(border.NotAsked):
        border.before_and_after(question, by=world.officer, now=world.now)
    assert Approval.objects.get().yes


def test_the_same_content_submitted_again_is_asked_again(world):
    """An answer counts for the submission that it was given for: who submits it next is perhaps who approved it."""
    world.submitted([incident("one")], **FROM_LOGS)
    world.approved(only(world))
    world.submitted([incident("one")], **FROM_LOGS)
    assert only(world).state == Question.ASKED


def test_an_approval_for_one_partner_is_none_for_another(world):
    world.submitted([incident("one")], to=(BR, JP), **FROM_LOGS)
    (for_br,) = (q for q in world.questions() if q.flow.partner_id == BR)
    world.approved(for_br)
    world.publish()
    assert "incident" in [one["type"] for one in world.read(BR)]
    assert "incident" not in [one["type"] for one in world.read(JP)]


# -- fatigue (attack A77)


def test_more_approvals_in_a_minute_than_anybody_can_read_are_refused(world):
    world.submitted([incident(f"i{n}") for n in range(MOST_A_MINUTE + 1)], **FROM_LOGS)
    questions = world.questions()
    for question in questions[:MOST_A_MINUTE]:
        world.approved(question)
    with pytest.raises(border.TooManyAtOnce):
        world.approved(questions[-1])
    assert Approval.objects.count() == MOST_A_MINUTE
    assert only(world).pk == questions[-1].pk, "it waits"
    world.approved(questions[-1], by=world.privacy)


def test_a_minute_later_there_is_time_again(world):
    world.submitted([incident(f"i{n}") for n in range(MOST_A_MINUTE + 1)], **FROM_LOGS)
    questions = world.questions()
    for question in questions[:MOST_A_MINUTE]:
        world.approved(question)
    world.later(dt.timedelta(minutes=1))
    world.approved(questions[-1])
    assert Approval.objects.count() == MOST_A_MINUTE + 1


# -- no, and silence


def test_a_refusal_has_a_ground_and_the_submitter_is_told(world):
    (crossing,) = world.submitted([C2, incident("one")], **FROM_LOGS)
    question = border.reject(only(world), ground="ongoing-investigation", by=world.officer, now=world.now)
    assert (question.state, question.answer.ground) == (Question.REJECTED, "ongoing-investigation")
    (facts,) = facts_of("border:question:rejected")
    assert (facts["yes"], facts["ground"]) == (False, "ongoing-investigation")
    (again,) = border.release(crossing.submission, by=world.officer, now=world.now)
    assert (again.counts["refer"], again.counts["released"]) == (1, 0)
    assert world.questions() == [], "a no is not asked again"


def test_an_unanswered_question_escalates_and_then_expires_to_no(world):
    world.submitted([incident("one")], **FROM_LOGS)
    question = only(world)
    assert question.expires == world.now + ANSWER_WITHIN
    assert border.expire_questions(world.now) == (0, 0)
    world.later(dt.timedelta(hours=24))
    assert border.expire_questions(world.now) == (1, 0)
    assert border.expire_questions(world.now) == (0, 0), "once"
    seen = border.before_and_after(question, by=world.officer, now=world.now)
    world.later(dt.timedelta(hours=48))
    assert world.questions() == []
    with pytest.raises(border.NotAsked):
        border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    assert border.expire_questions(world.now) == (0, 1)
    question.refresh_from_db()
    assert question.state == Question.EXPIRED
    assert question.escalated_at is not None
    (facts,) = facts_of("border:question:expired")
    assert (facts["yes"], facts["ground"]) == (False, "unanswered")


def test_of_a_file_of_which_nothing_went_no_row_names_what_was_in_it_once_its_time_is_over(world):
    """The id of what was asked about is made of its value, and the record of the crossing names it too."""
    doubtful = {"type": "file", "spec_version": "2.1", "name": "haigla\\kask login.txt"}
    doubtful["id"] = deterministic_id(doubtful)
    world.later(dt.timedelta(days=3), witnessed=False)  # so it waits, and never goes
    (crossing,) = world.submitted([{**UNSURE, "content": "Seen.", "object_refs": [doubtful["id"]]}, doubtful])
    Strip.objects.create(
        submission=crossing.submission, flow=crossing.flow, object_id=doubtful["id"], by=world.officer, at=world.now
    )
    submission, asked = crossing.submission, Question.objects.filter(object_id=doubtful["id"])
    assert (asked.count(), crossing.waits) == (1, "stale-proof")
    world.later(dt.timedelta(days=30), witnessed=False)
    border.expire_questions(world.now)
    assert border.forget_submissions(world.now) == 0, "its source is there yet"
    vault.sweep(world.now)
    assert border.forget_submissions(world.now) == 1
    assert border.forget_submissions(world.now) == 0
    names = {row.object_id for table in (Question, Strip) for row in table.objects.all()}
    assert names == {vault.once_gone(doubtful["id"])}
    submission.refresh_from_db()
    crossing.refresh_from_db()
    assert (submission.deleted_at, crossing.record, crossing.circumstances) == (world.now, None, None)


# -- stripping more


def test_a_stripped_place_goes_to_this_partner_no_more_and_what_had_left_with_it_is_retracted(world):
    note = sdo("note", "n", abstract="The wiper is back", content="It spreads by the share.", object_refs=[C2["id"]])
    (crossing, _) = world.submitted([C2, note], to=(BR, JP))
    world.publish()
    border.strip(
        crossing.submission,
        flows=[crossing.flow],
        object_id=note["id"],
        paths=["/abstract"],
        by=world.officer,
        now=world.now,
    )
    world.publish()
    (copy,) = (one for one in world.read(BR) if one["type"] == "note")
    assert "abstract" not in copy
    assert (copy["content"], copy["id"] == note["id"]) == (note["content"], False)
    assert "granular_markings" not in copy, "how it was stripped is nobody's business"
    (retraction,) = world.told(BR)
    assert retraction["objects"] == [note["id"]]
    assert note in world.read(JP), "other partners keep it"


def test_a_strip_before_an_answer_has_the_question_asked_anew(world):
    (crossing,) = world.submitted([incident("one", description="Do not tell this.")], **FROM_LOGS)
    question = only(world)
    seen = border.before_and_after(question, by=world.officer, now=world.now)
    border.strip(
        crossing.submission,
        flows=[crossing.flow],
        object_id=question.object_id,
        paths=["/description"],
        by=world.officer,
        now=world.now,
    )
    with pytest.raises(border.NotAsked):
        border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=world.officer, now=world.now)
    again = only(world)
    assert again.pk != question.pk
    world.approved(again)
    world.publish()
    (left,) = (one for one in world.read() if one["type"] == "incident")
    assert "description" not in left


def test_a_whole_object_can_be_kept_home(world):
    (crossing,) = world.submitted([incident("one"), C2], **FROM_LOGS)
    (again,) = border.strip(
        crossing.submission,
        flows=[crossing.flow],
        object_id=incident("one")["id"],
        paths=[""],
        by=world.officer,
        now=world.now,
    )
    assert (again.counts["refer"], again.counts["deny"]) == (0, 1)
    assert world.questions() == []


@pytest.mark.parametrize("path", ["/id", "/name", "/nothing", "name", "/labels/0", "/created"])
def test_what_an_object_cannot_lose_is_not_stripped(world, path):
    (crossing,) = world.submitted([C2, sdo("malware", "m", name="m", is_family=True)])
    object_id = sdo("malware", "m")["id"] if path != "/name" else incident("x")["id"]
    with pytest.raises((border.CannotStrip, border.NoSuchObject)):
        border.strip(
            crossing.submission,
            flows=[crossing.flow],
            object_id=object_id,
            paths=[path],
            by=world.officer,
            now=world.now,
        )


def test_a_strip_takes_back_every_copy_that_the_partner_reads_and_not_only_the_newest(world):
    """What was doubtful went as two copies: the certain part at once, and a span more once it was approved."""
    crossing = world.sent([C2, UNSURE])
    world.later(dt.timedelta(minutes=5))
    world.approved(world.questions()[0])
    world.publish()
    copies = [one for one in world.read() if one["type"] == "note"]
    assert (len(copies), world.told()) == (2, []), "an answer adds, and takes nothing back"
    bills = {bill.id for bill in world.bills() for line in bill.content["listed"] if line["id"] == copies[0]["id"]}
    world.later(dt.timedelta(minutes=5))
    border.strip(
        crossing.submission, flows=[crossing.flow], object_id=UNSURE["id"], paths=[""], by=world.officer, now=world.now
    )
    world.publish()
    assert "note" not in {one["type"] for one in world.read()}
    assert len(bills) == 2
    assert {one["bill"] for one in world.told()} == bills


def test_a_place_stripped_later_is_in_no_older_copy_either(world):
    unsure = {**UNSURE, "abstract": "The wiper is back"}
    crossing = world.sent([C2, unsure])
    world.later(dt.timedelta(minutes=5))
    world.approved(world.questions()[0])
    world.publish()
    world.later(dt.timedelta(minutes=5))
    place = {"object_id": unsure["id"], "paths": ["/abstract"]}
    border.strip(crossing.submission, flows=[crossing.flow], **place, by=world.officer, now=world.now)
    world.publish()
    (left,) = (one for one in world.read() if one["type"] == "note")
    assert "abstract" not in left
    assert len(world.told()) == 2, "one for each release that a copy went with"


def test_of_several_places_all_are_stripped_or_none(world):
    """What one of them destroyed would be gone, though the other had it refused."""
    note = sdo("note", "n", abstract="The wiper is back", content="It spreads.", confidence=80, object_refs=[C2["id"]])
    crossing = world.sent([C2, note])
    how = {"flows": [crossing.flow], "object_id": note["id"], "by": world.officer, "now": world.now}
    keys = BoxKey.objects.filter(destroyed_at=None).count()
    with pytest.raises(border.CannotStrip):
        border.strip(crossing.submission, paths=["/abstract", "/nothing"], **how)
    assert note in world.read()
    assert BoxKey.objects.filter(destroyed_at=None).count() == keys
    (again,) = border.strip(crossing.submission, paths=["/abstract", "/confidence"], **how)
    assert again.counts["taken-off"] == 1
    world.publish()
    (left,) = (one for one in world.read() if one["type"] == "note")
    assert {"abstract", "confidence"} & left.keys() == set()


def test_a_marking_in_the_material_cannot_undo_a_strip(world):
    """Whoever wrote the material does not know which marking it is, and theirs says nothing of ours."""
    from comity.node.border.sources import strip_marking

    assert strip_marking() not in (HOSPITAL.read_text(), json.dumps(C2))
    defined = {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": "marking-definition--6d1a4d1c-8f4e-4c1e-9a40-7a9f0f5a3a0e",
        "created": "2026-11-01T08:00:00.000Z",
        "definition_type": "statement",
        "definition": {"statement": "free"},
    }
    (crossing,) = world.submitted([C2, defined])
    border.strip(
        crossing.submission, flows=[crossing.flow], object_id=C2["id"], paths=[""], by=world.officer, now=world.now
    )
    world.publish()
    assert C2["id"] not in {one["id"] for one in world.read()}


# -- tell


def test_one_person_alone_tells_everybody_everything_that_is_certain(world):
    submission, told = border.tell(
        HOSPITAL.read_bytes(), by=world.analyst, purpose="incident-response", reason="incident", now=world.now
    )
    assert [one.partner for one in told] == [BR, JP]
    world.publish()
    for one in told:
        assert one.told == len(world.read(one.partner)) > 50
        assert one.waiting > 0
        assert one.stripped_spans > 0
        assert sum(one.stayed.values()) > 0
        assert all((sentence and not sentence.islower()) or sentence for sentence in one.stayed)
    assert {q.submission_id for q in world.questions()} == {submission.pk}
    assert facts_of("border:submission:imported")[-1]["reason"] == "incident"


def changed_text(world: World) -> None:
    """Somebody has changed a clause of an annex in the database: it is not what was signed any more."""
    text = world.flow(JP).text
    text.source = bytes(text.source).replace(b"version: 1\ntitle: ", b"version: 1\ntitle: Another ")
    text.save(update_fields=["source"])


def changed_law(world: World) -> None:
    """A decision that an annex rests on was withdrawn, so that it fails its check."""
    flow, kept = world.flow(JP), treaties.plan_for

    def plan_for(asked, on):
        if asked.pk == flow.pk:
            said = {"agreement": flow.agreement, "count": 1, "code": "C201", "clause": "transfers[0]"}
            raise CheckFailed(**said, text="the decision was withdrawn", remedy="agree another instrument")
        return kept(asked, on)

    treaties.plan_for = plan_for


FAULTS = pytest.mark.parametrize(
    ("fault", "says"), [(changed_text, "is not what was signed"), (changed_law, "does not compile")]
)


@pytest.fixture
def plans(monkeypatch):
    """What was compiled before is compiled anew, and the fault is gone with the test."""
    monkeypatch.setattr(treaties, "plan_for", treaties.plan_for)
    compiling._plan_of_text.cache_clear()
    yield
    compiling._plan_of_text.cache_clear()


@FAULTS
@pytest.mark.usefixtures("plans")
def test_a_partner_whose_agreement_cannot_be_applied_keeps_no_other_from_being_told(world, fault, says):
    fault(world)
    _, (br, jp) = border.tell(bundle([C2]), by=world.analyst, purpose=PURPOSE, reason="incident", now=world.now)
    assert (br.partner, br.told > 0, br.waits) == (BR, True, "")
    assert (jp.partner, jp.told, jp.waits) == (JP, 0, "not-decided")
    ((why, count),) = jp.stayed.items()
    assert (says in why, EE_JP in why, count) == (True, True, 1)
    world.publish()
    assert C2["id"] in {one["id"] for one in world.read()}
    assert not Shelved.objects.filter(collection__partner=JP, holding__isnull=False).exists()


@FAULTS
@pytest.mark.usefixtures("plans")
def test_what_is_submitted_to_named_partners_goes_to_all_of_them_or_to_none(world, fault, says):
    fault(world)
    with pytest.raises(ComityError, match=says) as raised:
        world.submitted([C2], to=(BR, JP))
    assert EE_JP in raised.value.sentence
    assert not Shelved.objects.filter(holding__isnull=False).exists()


def test_a_purpose_that_nobody_knows_is_refused_before_anything_is_kept(world):
    with pytest.raises(UnknownTerm):
        border.tell(bundle([C2]), by=world.analyst, purpose="fun", reason="incident", now=world.now)
    assert not Submission.objects.exists()


def test_with_nobody_to_tell_nothing_is_kept(world):
    from comity.node.treaties.models import Flow

    Flow.objects.update(suspended_at=world.now)
    with pytest.raises(border.NobodyToTell):
        border.tell(bundle([C2]), by=world.analyst, purpose="incident-response", reason="incident", now=world.now)
    assert not Shelved.objects.exists()


def test_only_who_may_tell_tells(world):
    with pytest.raises(NotAllowed):
        border.tell(bundle([C2]), by=world.officer, purpose="incident-response", reason="incident", now=world.now)
