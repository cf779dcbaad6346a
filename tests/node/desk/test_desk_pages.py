"""What officers see: home, the queue, a question. Everything is text, and looking is in the ledger."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.node.people.signed_in import signed_in
from tests.node.world import BR, JP, World, incident, indicator, sdo

from comity.node.border import actions as border
from comity.node.border.models import Question
from comity.node.journal import actions as journal
from comity.node.journal.models import Entry
from comity.node.people import actions as people

XSS = json.loads((Path(__file__).resolve().parents[2] / "vectors" / "attacks" / "xss_strings.json").read_bytes())[
    "cases"
]


def seen(response: Any) -> str:
    """What a reader reads: the page without its tags, spaces made one."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    return re.sub(r" ([,.;\]])", r"\1", words)


def of(question: Question, act: str = "") -> str:
    return f"/desk/questions/{question.pk}/{act}"


def look(page: Client, question: Question, reason: str = "approval") -> Any:
    """Give the reason, and see the question."""
    page.post(of(question, "look/"), {"reason": reason})
    return page.get(of(question))


def looks() -> list[dict[str, Any]]:
    bodies = (bytes(one.body) for one in Entry.objects.order_by("pk"))
    entries = [json.loads(body[body.index(b"{") :]) for body in bodies]
    return [one for one in entries if one.get("event") == "border:submission:seen"]


@pytest.fixture
def asked(world: World) -> Question:
    world.submitted([indicator("a"), incident("a", description="It began at a desk.")])
    (question,) = world.questions()
    return question


class TestHome:
    def test_what_waits_and_how_the_node_is(self, world: World, asked: Question):
        said = seen(signed_in(world.officer).get("/"))
        assert "1 question for an officer" in said and "in 2 days, 23 hours" in said
        assert "2026-11-23 10:00 UTC ⚑ exercise clock" in said
        assert "✓ fresh" in said and "Alarms ✓ none" in said

    def test_a_stale_proof_and_an_alarm(self, world: World):
        world.later(dt.timedelta(days=2), witnessed=False)
        journal.watch_freshness(world.now)
        said = seen(signed_in(world.officer).get("/"))
        assert "✗ stale" in said and "what is approved waits until partners vouch again" in said
        assert "stale-proof" in said or "stale" in said.partition("Alarms")[2]

    def test_somebody_without_a_role(self, world: World):
        page = signed_in(world.node.person("new"))
        said = seen(page.get("/"))
        assert "You have no role at this time" in said
        assert "How the node is" not in said and "for an officer" not in said

    @pytest.mark.parametrize("role", ["auditor", "administrator"])
    def test_sign_in_leads_whoever_has_no_queue_home(self, world: World, role: str):
        page = signed_in(world.node.person("somebody", role))
        assert page.get("/desk/")["Location"] == "/"
        assert "Open the queue" not in seen(page.get("/"))


class TestQueue:
    def test_a_line_has_all_that_is_asked_for(self, world: World, asked: Question):
        said = seen(signed_in(world.officer).get("/desk/"))
        for needed in (
            "May this incident go to CERT.br?",
            "for incident-response, under ee-br-csirt",
            "The share clause lets a person decide.",
            "csirt-baseline:S2",
            "2026-11-23 10:00",
            "2026-11-26 10:00 in 2 days, 23 hours",
        ):
            assert needed in said, needed

    def test_nothing_waits(self, world: World):
        said = seen(signed_in(world.officer).get("/desk/"))
        assert "Nothing waits. Whatever was certain has gone" in said

    def test_one_s_own_submission_is_marked(self, world: World, asked: Question):
        assert "your own: another officer answers" in seen(signed_in(world.analyst).get("/desk/"))
        assert "your own" not in seen(signed_in(world.officer).get("/desk/"))

    def test_what_is_late_says_so(self, world: World, asked: Question):
        world.later(dt.timedelta(hours=25))
        border.expire_questions(world.now)
        assert "! escalated" in seen(signed_in(world.officer).get("/desk/"))

    def test_what_has_expired_waits_no_longer_and_is_told_as_a_no(self, world: World, asked: Question):
        world.later(dt.timedelta(hours=73))
        border.expire_questions(world.now)
        assert "Nothing waits" in seen(signed_in(world.officer).get("/desk/"))
        said = seen(signed_in(world.analyst).get("/desk/"))
        assert "What became of your submissions" in said
        assert "✗ no No: nobody answered in time, and silence is no" in said

    def test_the_submitter_is_told_the_ground_of_a_refusal_and_nobody_else(self, world: World, asked: Question):
        border.reject(asked, ground="source-at-risk", by=world.officer, now=world.now)
        assert "No: it would lead to a source or a method" in seen(signed_in(world.analyst).get("/desk/"))
        assert "source or a method" not in seen(signed_in(world.officer).get("/desk/"))

    def test_nothing_of_the_material_is_in_it(self, world: World, asked: Question):
        response = signed_in(world.officer).get("/desk/")
        assert "It began" not in response.content.decode() and "Incident a" not in response.content.decode()
        assert looks() == []

    def test_many_questions_come_in_pages(self, world: World):
        world.submitted([incident(str(number)) for number in range(60)])
        page = signed_in(world.officer)
        first, second = page.get("/desk/"), page.get("/desk/?page=2")
        assert (first.content.count(b"May this incident"), second.content.count(b"May this incident")) == (50, 10)
        assert "60 questions" in seen(first) and "Page 2 of 2" in seen(second)
        assert page.get("/desk/?page=nonsense").status_code == 200

    def test_two_partners_are_two_groups(self, world: World):
        world.submitted([incident("a")], to=(BR, JP))
        said = seen(signed_in(world.officer).get("/desk/"))
        assert "To CERT.br" in said and "To JPCERT/CC" in said


class TestWhyOneLooks:
    def test_it_is_asked_once_for_each_submission(self, world: World):
        world.submitted([incident("a"), incident("b")])
        world.submitted([incident("c")])
        one, two, other = world.questions()
        page = signed_in(world.officer)
        assert "Why do you look at this submission?" in seen(page.get(of(one)))
        assert "Before and after" in seen(look(page, one))
        assert "Before and after" in seen(page.get(of(two)))
        assert "Why do you look at this submission?" in seen(page.get(of(other)))

    def test_the_code_is_in_the_ledger_with_every_look(self, world: World, asked: Question):
        page = signed_in(world.officer)
        page.get(of(asked))
        assert looks() == []
        look(page, asked, "audit")
        page.get(of(asked))
        assert [one["reason"] for one in looks()] == ["audit", "audit"]

    def test_another_session_is_asked_again(self, world: World, asked: Question):
        look(signed_in(world.officer), asked)
        assert "Why do you look" in seen(signed_in(world.officer).get(of(asked)))

    @pytest.mark.parametrize("reason", ["", "curiosity", "<script>"])
    def test_a_reason_is_a_code(self, world: World, asked: Question, reason: str):
        said = seen(look(signed_in(world.officer), asked, reason))
        assert "Choose a reason first." in said and "It began" not in said
        assert looks() == []

    def test_without_a_reason_nothing_of_the_material_is_shown(self, world: World, asked: Question):
        assert b"It began" not in signed_in(world.officer).get(of(asked)).content


class TestQuestion:
    def test_before_after_and_what_the_partner_gets(self, world: World, asked: Question):
        said = seen(look(signed_in(world.officer), asked))
        for needed in (
            "May this incident go to CERT.br?",
            "The share clause lets a person decide.",
            "csirt-baseline:S2 id: S2, what: [incidents, sightings, observed-data]",
            "What CERT.br gets ✓ with a yes This incident, as the column With a yes shows it.",
            "✗ with a no Nothing of this incident.",
            "description = as it is It began at a desk. It began at a desk.",
            "What every decision of this flow rests on",
            "eu.pi.csirt",
        ):
            assert needed in said, needed

    def test_a_doubtful_place_with_what_goes_already(self, world: World):
        content = "The banner says 10.4.0.11; told by Oskar Lepamets, oskar@haigla.example."
        world.submitted([indicator("a"), sdo("note", "n", content=content, object_refs=[indicator("a")["id"]])])
        (question,) = world.questions()
        said = seen(look(signed_in(world.officer), question))
        for needed in (
            "May what is in doubt in this note go to CERT.br?",
            "It may be somebody’s ipv4 address.",
            "This note without what is in doubt, as the column Without a yes shows it.",
            "content ▸ opened by a yes",
            "[goes by your yes: 10.4.0.11;]",
            "ipv4 address ? you are asked /content",
            "60%",
            "csirt-baseline:P8",
            "email address",
            "redact",
        ):
            assert needed in said, needed

    def test_what_else_goes_by_a_yes(self, world: World):
        tied = sdo("note", "n", content="About it.", object_refs=[incident("a")["id"]])
        world.submitted([incident("a"), tied])
        question = next(one for one in world.questions() if one.object_id.startswith("incident"))
        said = seen(look(signed_in(world.officer), question)).partition("And with it:")[2].partition("with a no")[0]
        assert "1 note" in said and tied["id"] in said

    def test_one_heading_of_the_first_rank_and_labels_for_all_fields(self, world: World, asked: Question):
        page = signed_in(world.officer)
        for response in (page.get("/"), page.get("/desk/"), page.get(of(asked)), look(page, asked)):
            text = response.content.decode()
            assert text.count("<h1") == 1
            fields = re.findall(r"<input(?![^>]*hidden)[^>]*>", text)
            assert len(fields) == len(re.findall(r"<label>\s*<input", text))

    def test_who_submitted_it_sees_it_and_has_nothing_to_answer_with(self, world: World, asked: Question):
        both = world.node.person("both", "analyst", "releasing-officer")
        world.analyst = both
        world.submitted([incident("own")])
        question = next(one for one in world.questions() if one.submission.submitter_id == both.pk)
        response = look(signed_in(both), question)
        assert "Your own submission." in seen(response)
        assert b"/approve/" not in response.content and b"/reject/" not in response.content

    def test_who_may_look_and_not_answer(self, world: World, asked: Question):
        response = look(signed_in(world.analyst), asked)
        assert response.status_code == 200
        for act in (b"/approve/", b"/reject/", b"/strip/"):
            assert act not in response.content

    @pytest.mark.parametrize("role", ["auditor", "administrator"])
    def test_who_may_not_look(self, world: World, asked: Question, role: str):
        response = signed_in(world.node.person("somebody", role)).get(of(asked))
        assert response.status_code == 403 and b"It began" not in response.content

    def test_a_question_that_there_is_not(self, world: World):
        page = signed_in(world.officer)
        assert page.get("/desk/questions/00000000-0000-4000-8000-000000000000/").status_code == 404
        assert page.get("/desk/questions/1/").status_code == 404

    def test_what_is_answered_is_only_told_of(self, world: World, asked: Question):
        page = signed_in(world.officer)
        look(page, asked)
        border.reject(asked, ground="not-necessary", by=world.privacy, now=world.now)
        response = page.get(of(asked))
        assert "✗ no No: the purpose does not need it" in seen(response)
        assert b"It began" not in response.content and b"<form" not in response.content.partition(b"<main")[2]

    def test_an_agreement_that_has_ended_does_not_hide_the_question(self, world: World, asked: Question):
        world.node.move(dt.timedelta(hours=1))
        flow = world.flow()
        flow.suspended_at, flow.suspended_why = world.now, "compelled-access"
        flow.save()
        assert look(signed_in(world.officer), asked).status_code == 200


class TestNothingOfItIsMarkup:
    """Attack A23: each published string in every free text of an object."""

    @pytest.mark.parametrize("case", XSS, ids=lambda case: case["case"])
    def test_it_is_shown_as_text(self, world: World, case: dict[str, str]):
        text = case["text"]
        hostile = incident(
            "evil",
            name=f"name {text}",
            description=text,
            labels=[text[:100] or "x"],
            external_references=[{"source_name": text, "description": text, "url": "javascript:alert(1)"}],
        )
        world.submitted([hostile])
        questions = world.questions()
        if not questions:  # refused for what it is; then there is nothing to show
            return
        response = look(signed_in(world.officer), questions[0])
        assert response.status_code == 200
        body = response.content.decode()
        main = body.partition("<main")[2].partition("</main>")[0]
        assert not re.search(r"<(script|img|iframe|svg|style|base|meta|object|embed|math|video|body)\b", main, re.I)
        assert not re.search(r"<[^>]*\son\w+\s*=", main, re.I)
        links = re.findall(r'href="([^"]*)"', body)
        assert all(link.startswith(("/", "#", "?", "data:,")) for link in links), links


def test_every_page_forbids_frames_scripts_and_caching(world: World, asked: Question):
    page = signed_in(world.officer)
    for response in (page.get("/"), page.get("/desk/"), look(page, asked)):
        assert response["X-Frame-Options"] == "DENY"
        policy = response["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert response["Cache-Control"] == "no-store"
        assert b"<script" not in response.content and b"style=" not in response.content


def test_the_node_fails_and_the_page_says_nothing_of_it(world: World, asked: Question, monkeypatch: Any):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Maarika Tuulepuu")

    monkeypatch.setattr("comity.node.border.actions.before_and_after", broken)
    page = signed_in(world.officer)
    page.raise_request_exception = False
    response = look(page, asked)
    assert response.status_code == 500 and b"Maarika" not in response.content


def test_whoever_lost_the_role_is_out_at_once(world: World, asked: Question):
    page = signed_in(world.officer)
    look(page, asked)
    for one in world.officer.assignments.all():
        people.end_assignment(one, by=world.node.person("chief", "administrator"), now=world.now)
    assert page.get(of(asked)).status_code == 403
