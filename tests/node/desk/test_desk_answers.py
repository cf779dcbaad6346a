"""Answers on the desk: yes to what was shown, no with a ground, strip. Each once, by whoever may, and confirmed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests.node.desk.test_desk_pages import look, of, seen
from tests.node.people.signed_in import signed_in
from tests.node.world import World, incident, indicator, sdo

from comity.node.border import actions as border
from comity.node.border.models import Approval, Question, Release, Strip

GROUND = "needed-for-purpose"


@pytest.fixture
def asked(world: World) -> Question:
    world.submitted([indicator("a"), incident("a", description="It began at a desk.", labels=["x"])])
    (question,) = world.questions()
    return question


@pytest.fixture
def page(world: World) -> Client:
    """The officer's, who gave the second factor again just now."""
    return signed_in(world.officer, again=True)


def shown(response: Any) -> str:
    """The digest in the form."""
    (found,) = re.findall(r'name="shown" value="([^"]+)"', response.content.decode())
    return str(found)


def approve(page: Client, question: Question, **more: str) -> Any:
    """As the form sends it, after looking."""
    digest = shown(look(page, question))
    return page.post(of(question, "approve/"), {"shown": digest, "ground": GROUND, **more}, follow=True)


class TestYes:
    def test_it_goes(self, world: World, page: Client, asked: Question):
        response = approve(page, asked)
        assert "Approved. It goes to the partner as you were shown it." in seen(response)
        assert "✓ yes Yes: the receiver needs it for the purpose" in seen(response)
        answer = Approval.objects.get()
        assert (answer.yes, answer.ground, answer.by) == (True, GROUND, world.officer)
        world.publish()
        assert "incident" in {one["type"] for one in world.read()}

    def test_it_waits_where_the_proof_is_stale(self, world: World, page: Client, asked: Question):
        world.later(world.flow().witnessed_within * 2, witnessed=False)
        assert "It waits until the node may release again." in seen(approve(page, asked))
        assert not Release.objects.filter(made_at__gte=world.now).exists()

    def test_the_next_question_is_offered(self, world: World, page: Client):
        world.submitted([incident("a"), incident("b")])
        first, second = world.questions()
        assert of(second) in approve(page, first).content.decode()

    @pytest.mark.parametrize("digest", ["", "sha256:" + "0" * 64])
    def test_it_is_bound_to_what_was_shown(self, page: Client, asked: Question, digest: str):
        """Attack A76."""
        response = approve(page, asked, shown=digest)
        assert response.status_code == 409 and "is not what you were shown" in seen(response)
        assert not Approval.objects.exists()

    def test_a_digest_of_another_question_is_none_of_this(self, world: World, page: Client):
        """Attack A43: authorise one, change another."""
        world.submitted([incident("a"), incident("b")])
        one, other = world.questions()
        response = approve(page, one, shown=shown(look(page, other)))
        assert response.status_code == 409
        assert not Approval.objects.exists()

    @pytest.mark.parametrize("ground", ["", "personal-data", "because"])
    def test_it_has_a_ground_of_the_list(self, page: Client, asked: Question, ground: str):
        response = approve(page, asked, ground=ground)
        assert response.status_code == 400 and "ground to approve" in seen(response)
        assert not Approval.objects.exists()

    def test_sent_twice_it_is_done_once_and_says_so(self, world: World, page: Client, asked: Question):
        """Attack A48: double submit."""
        form = {"shown": shown(look(page, asked)), "ground": GROUND}
        assert page.post(of(asked, "approve/"), form).status_code == 302
        released = Release.objects.count()
        second = page.post(of(asked, "approve/"), form, follow=True)
        assert second.status_code == 200
        assert "Your answer was taken already; nothing was done twice." in seen(second)
        assert (Approval.objects.count(), Release.objects.count()) == (1, released)

    def test_of_two_officers_the_second_is_told_that_it_is_answered(self, world: World, page: Client, asked: Question):
        digest = shown(look(page, asked))
        border.reject(asked, ground="not-necessary", by=world.privacy, now=world.now)
        response = page.post(of(asked, "approve/"), {"shown": digest, "ground": GROUND})
        assert response.status_code == 409 and "no longer open" in seen(response)
        assert Approval.objects.get().yes is False

    def test_the_submitter_cannot(self, world: World):
        both = world.node.person("both", "analyst", "releasing-officer")
        world.analyst = both
        world.submitted([incident("own")])
        (question,) = world.questions()
        digest = shown(look(signed_in(world.officer), question))
        response = signed_in(both, again=True).post(of(question, "approve/"), {"shown": digest, "ground": GROUND})
        assert response.status_code == 403 and "another person has to decide" in seen(response)
        assert not Approval.objects.exists()

    def test_nobody_reads_eleven_in_a_minute(self, world: World, page: Client):
        """Attack A77."""
        world.submitted([incident(str(number)) for number in range(11)])
        questions = world.questions()
        for question in questions[:10]:
            assert approve(page, question).status_code == 200
        response = approve(page, questions[10])
        assert response.status_code == 429 and "within a minute" in seen(response)
        assert Approval.objects.count() == 10


class TestNo:
    def test_it_stays_and_the_ground_is_told(self, world: World, page: Client, asked: Question):
        response = page.post(of(asked, "reject/"), {"ground": "source-at-risk"}, follow=True)
        assert "whoever submitted it is told why" in seen(response)
        assert Approval.objects.get().yes is False
        assert "No: it would lead to a source or a method" in seen(signed_in(world.analyst).get("/desk/"))
        world.publish()
        assert "incident" not in {one["type"] for one in world.read()}

    def test_sent_twice_it_is_done_once(self, page: Client, asked: Question):
        for _ in range(2):
            assert page.post(of(asked, "reject/"), {"ground": "not-necessary"}, follow=True).status_code == 200
        assert Approval.objects.count() == 1

    def test_a_no_after_a_yes_is_too_late(self, page: Client, asked: Question):
        approve(page, asked)
        response = page.post(of(asked, "reject/"), {"ground": "not-necessary"})
        assert response.status_code == 409
        assert Approval.objects.get().yes is True

    @pytest.mark.parametrize("ground", ["", GROUND])
    def test_it_has_a_ground_of_its_own_list(self, page: Client, asked: Question, ground: str):
        assert page.post(of(asked, "reject/"), {"ground": ground}).status_code == 400


class TestStrip:
    def test_marked_places_stay_and_it_is_asked_anew(self, world: World, page: Client, asked: Question):
        response = page.post(of(asked, "strip/"), {"place": ["/description", "/labels"]}, follow=True)
        assert "What you marked stays here." in seen(response)
        assert {one.path for one in Strip.objects.all()} == {"/description", "/labels"}
        (question,) = world.questions()
        approve(page, question)
        world.publish()
        (there,) = [one for one in world.read() if one["type"] == "incident"]
        assert not {"description", "labels"} & there.keys()

    def test_the_whole_of_it(self, world: World, page: Client, asked: Question):
        response = page.post(of(asked, "strip/"), {"place": ["", "/description"]}, follow=True)
        assert "The whole object stays here." in seen(response)
        assert [one.path for one in Strip.objects.all()] == [""]
        assert world.questions() == []

    def test_all_of_what_was_marked_or_none(self, page: Client, asked: Question):
        response = page.post(of(asked, "strip/"), {"place": ["/description", "/type"]})
        assert response.status_code == 400 and "cannot be stripped" in seen(response)
        assert not Strip.objects.exists()

    @pytest.mark.parametrize(
        ("places", "expected"),
        [([], "no place was marked"), ([f"/x/{n}" for n in range(21)], "21 places were marked")],
    )
    def test_too_few_and_too_many(self, page: Client, asked: Question, places: list[str], expected: str):
        response = page.post(of(asked, "strip/"), {"place": places})
        assert response.status_code == 400 and expected in seen(response)

    def test_it_counts_for_this_partner_and_this_object_alone(self, world: World, page: Client, asked: Question):
        page.post(of(asked, "strip/"), {"place": ["/description"], "object_id": indicator("a")["id"], "to": "cert-jp"})
        (one,) = Strip.objects.all()
        assert (one.object_id, one.flow_id) == (asked.object_id, asked.flow_id)

    def test_a_box_is_offered_for_what_can_be_stripped(self, world: World, page: Client):
        note = sdo("note", "n", content="10.4.0.11 in its banner", abstract="Q", object_refs=[indicator("a")["id"]])
        world.submitted([indicator("a"), note])
        (question,) = world.questions()
        text = look(page, question).content.decode()
        assert 'value="/abstract"' in text and 'value="/content"' not in text


class TestTheSecondFactor:
    """A sensitive act asks for it again; the page comes back with the same ground chosen, and nothing was done."""

    @pytest.mark.parametrize("act", ["approve", "reject", "strip"])
    def test_without_it_nothing_is_done(self, world: World, asked: Question, act: str):
        page = signed_in(world.officer)
        form = {"shown": shown(look(page, asked)), "ground": GROUND, "place": "/description"}
        response = page.post(of(asked, f"{act}/"), form)
        assert response.status_code == 302 and response["Location"].startswith("/accounts/again/")
        assert not Approval.objects.exists() and not Strip.objects.exists()
        assert Question.objects.get(pk=asked.pk).state == Question.ASKED

    def test_what_was_chosen_is_chosen_again_once(self, world: World, asked: Question):
        page = signed_in(world.officer)
        page.post(of(asked, "approve/"), {"shown": shown(look(page, asked)), "ground": "attacker-side"})
        text = page.get(of(asked)).content.decode()
        assert re.search(r'value="attacker-side" required checked', text)
        assert "checked" not in page.get(of(asked)).content.decode()

    def test_it_is_not_chosen_for_another_question(self, world: World):
        world.submitted([incident("a"), incident("b")])
        one, other = world.questions()
        page = signed_in(world.officer)
        page.post(of(one, "approve/"), {"shown": shown(look(page, one)), "ground": "attacker-side"})
        assert "checked" not in page.get(of(other)).content.decode()

    @pytest.mark.parametrize("act", ["approve", "reject", "strip"])
    def test_coming_back_by_its_address_shows_the_question(self, page: Client, asked: Question, act: str):
        assert page.get(of(asked, f"{act}/"))["Location"] == of(asked)

    def test_nothing_of_the_material_is_in_the_session(self, world: World, page: Client, asked: Question):
        look(page, asked)
        page.post(of(asked, "approve/"), {"shown": "x", "ground": "<script>It began"})
        kept = str(dict(page.session))
        assert "at a desk" not in kept


class TestForms:
    @pytest.mark.parametrize("act", ["look", "approve", "reject", "strip"])
    def test_a_form_of_another_site_is_refused(self, world: World, asked: Question, act: str):
        """Attack A48: CSRF."""
        page = signed_in(world.officer, again=True, client=Client(enforce_csrf_checks=True))
        form = {"shown": "x", "ground": "not-necessary", "reason": "approval", "place": "/description"}
        response = page.post(of(asked, f"{act}/"), form)
        assert response.status_code == 403 and "did not come from a page of this node" in seen(response)
        assert not Approval.objects.exists() and not Strip.objects.exists()

    def test_nothing_is_done_by_following_a_link(self, page: Client, asked: Question):
        """MISP exported by GET (2024-01)."""
        for act in ("look", "approve", "reject", "strip"):
            page.get(of(asked, f"{act}/"), {"ground": "not-necessary", "reason": "approval", "place": ""})
        assert not Approval.objects.exists() and not Strip.objects.exists()
        assert Question.objects.get(pk=asked.pk).state == Question.ASKED
        assert "Why do you look" in seen(page.get(of(asked)))
