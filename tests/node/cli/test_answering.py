"""queue, approve, reject, strip, release, withdraw: what a person decides, and what follows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.node.cli.conftest import Prompt
from tests.node.world import BR, HOSPITAL, PURPOSE, World, bundle, incident, indicator, sdo

from comity.node.border.models import Approval, Question, Release, Shelved
from comity.node.journal.models import Entry

GROUND = ("--ground", "needed-for-purpose")


@pytest.fixture
def asked(served: World) -> Question:
    """An incident that waits for an officer."""
    served.submitted([indicator("a"), incident("a", description="It began at a desk.")])
    (question,) = served.questions()
    return question


def looks(question: Question) -> int:
    return sum(b"border:submission:seen" in bytes(one.body) for one in Entry.objects.all())


@pytest.mark.slow
class TestQueue:
    def test_what_waits_with_its_urgency(self, officer: Prompt, asked: Question):
        said = officer("queue")
        assert said.status == 0
        assert str(asked.pk) in said.out and "2026-11-26 10:00" in said.out
        assert "release-needs-approval" in said.out

    def test_one_s_own_are_marked(self, analyst: Prompt, asked: Question):
        assert "yours: another answers" in analyst("queue").out
        assert analyst("queue", "--json").json["waiting"][0]["own"] is True

    def test_by_partner_and_by_submission(self, officer: Prompt, asked: Question):
        assert str(asked.pk) in officer("queue", "--partner", BR, "--submission", asked.submission_id).out
        assert "nothing waits" in officer("queue", "--partner", "cert-jp").out

    def test_nothing_of_the_material_is_in_it(self, officer: Prompt, asked: Question):
        said = officer("queue")
        assert "It began" not in said.out + officer("queue", "--json").out
        assert not looks(asked)


@pytest.mark.slow
class TestApprove:
    def test_shown_confirmed_and_gone(self, served: World, officer: Prompt, asked: Question):
        said = officer("approve", asked.pk, *GROUND, typed="y\n")
        assert said.status == 0, said.err
        assert "It began at a desk." in said.out and "with a no they get nothing of it" in said.out
        assert "May it go to cert-br?" in said.err + said.out
        served.publish()
        assert any(one["type"] == "incident" for one in served.read())

    def test_the_look_is_in_the_ledger(self, served: World, officer: Prompt, asked: Question):
        officer("approve", asked.pk, *GROUND, typed="n\n")
        assert looks(asked) == 1

    def test_without_a_yes_it_waits(self, served: World, officer: Prompt, asked: Question):
        said = officer("approve", asked.pk, *GROUND, typed="n\n")
        assert said.status == 4 and "it still waits" in said.err
        assert not Approval.objects.exists()

    def test_for_programs_it_shows_first_and_takes_the_digest_back(
        self, served: World, officer: Prompt, asked: Question
    ):
        said = officer("approve", asked.pk, *GROUND, "--json")
        assert said.status == 4 and not Approval.objects.exists()
        (seen,) = said.json
        assert seen["before"]["description"] == "It began at a desk."
        said = officer("approve", asked.pk, *GROUND, "--yes", "--shown", seen["shown"], "--json")
        assert said.status == 0, said.err
        assert Approval.objects.get().shown == seen["shown"]

    def test_the_digest_binds(self, served: World, officer: Prompt, asked: Question):
        """Attack A76: approval of one text, release of another."""
        said = officer("approve", asked.pk, *GROUND, "--yes", "--shown", "sha256:" + "0" * 64)
        assert said.status == 2 and "is not what you were shown" in said.err
        assert not Approval.objects.exists()

    def test_what_changed_after_it_was_shown_does_not_go(self, served: World, officer: Prompt, asked: Question):
        (seen,) = officer("approve", asked.pk, *GROUND, "--json").json
        stripped = ("--object", asked.object_id, "--to", BR, "--path", "/description")
        assert officer("strip", asked.submission_id, *stripped).status == 0
        said = officer("approve", asked.pk, *GROUND, "--yes", "--shown", seen["shown"])
        assert said.status == 2
        assert not Approval.objects.exists()

    @pytest.mark.parametrize("shown", [(), ("--shown", "a", "--shown", "b")])
    def test_a_yes_without_its_digest_is_none(self, officer: Prompt, asked: Question, shown: tuple[str, ...]):
        said = officer("approve", asked.pk, *GROUND, "--yes", *shown)
        assert said.status == 2 and "as many --shown as there are questions" in said.err

    def test_who_submitted_it_is_refused(self, served: World, prompt: Any):
        both = served.node.person("both", "analyst", "releasing-officer")
        served.analyst = both
        served.submitted([incident("own")])
        (question,) = served.questions()
        said = prompt(both)("approve", question.pk, *GROUND, typed="y\n")
        assert said.status == 2
        assert "you submitted what it is about, and another person has to decide" in said.err
        assert not Approval.objects.exists()

    def test_who_has_no_such_verb_is_refused(self, analyst: Prompt, asked: Question):
        said = analyst("approve", asked.pk, *GROUND, typed="y\n")
        assert said.status == 2 and "belongs to no role" in said.err
        assert not Approval.objects.exists()

    def test_a_wrong_ground_names_them_all(self, officer: Prompt, asked: Question):
        said = officer("approve", asked.pk, "--ground", "why-not", typed="y\n")
        assert said.status == 2 and "needed-for-purpose, not-personal" in said.err

    def test_a_second_yes_is_told_that_there_was_one(self, officer: Prompt, asked: Question):
        assert officer("approve", asked.pk, *GROUND, typed="y\n").status == 0
        said = officer("approve", asked.pk, *GROUND, typed="y\n")
        assert said.status == 2 and "no longer open" in said.err
        assert Approval.objects.count() == 1

    def test_nothing_that_is_shown_is_cut_off(self, served: World, officer: Prompt):
        long = "C:\\" + "x" * 300 + "END"
        served.submitted([incident("long", description=f"See {long} there.")])
        (question,) = served.questions()
        said = officer("approve", question.pk, *GROUND, typed="n\n", COLUMNS="90")
        assert "…" not in said.out
        assert re.sub(r"\s", "", said.out).count("END") == 2

    def test_material_cannot_write_to_the_terminal(self, served: World, officer: Prompt):
        """Attack A25: escape sequences, and characters that turn the direction of others."""
        evil = "\x1b[2J\x1b]0;owned\x07 txt\u202egnp.exe \u200b [red]not a colour[/]"
        served.submitted([incident("evil", description=evil, name="a\rb\u2028c")])
        (question,) = served.questions()
        said = officer("approve", question.pk, *GROUND, typed="n\n")
        for char in "\x1b\x07\u202e\u200b\u2028\r":
            assert char not in said.out, repr(char)
        assert "\\u202e" in said.out and "[red]not a colour[/]" in said.out

    def test_two_questions_one_after_the_other(self, served: World, officer: Prompt):
        served.submitted([incident("a"), incident("b")])
        ids = [question.pk for question in served.questions()]
        said = officer("approve", *ids, *GROUND, typed="y\nn\n")
        assert said.status == 4
        assert [Question.objects.get(pk=pk).state for pk in ids] == ["approved", "asked"]


@pytest.mark.slow
class TestReject:
    def test_it_stays_and_the_submitter_is_told_the_ground(
        self, served: World, officer: Prompt, analyst: Prompt, asked
    ):
        said = officer("reject", asked.pk, "--ground", "source-at-risk")
        assert said.status == 0, said.err
        assert Question.objects.get(pk=asked.pk).state == "rejected"
        told = analyst("queue")
        assert "About your submissions" in told.out and "source-at-risk" in told.out
        assert analyst("queue", "--json").json["answered"][0]["ground"] == "source-at-risk"

    def test_others_are_not_told_of_it(self, officer: Prompt, asked: Question):
        officer("reject", asked.pk, "--ground", "source-at-risk")
        assert "source-at-risk" not in officer("queue").out

    def test_a_refusal_has_a_ground(self, officer: Prompt, asked: Question):
        said = officer("reject", asked.pk, "--ground", "no")
        assert said.status == 2 and "personal-data, not-necessary" in said.err
        assert Question.objects.get(pk=asked.pk).state == "asked"


@pytest.mark.slow
class TestStrip:
    def test_a_place_stays_here(self, served: World, officer: Prompt, asked: Question):
        said = officer("strip", asked.submission_id, "--object", asked.object_id, "--to", BR, "--path", "/description")
        assert said.status == 0, said.err
        (question,) = served.questions()
        served.approved(question)
        served.publish()
        (there,) = [one for one in served.read() if one["type"] == "incident"]
        assert "description" not in there

    def test_what_it_takes_is_a_place_or_the_whole(self, officer: Prompt, asked: Question):
        which = ("--object", asked.object_id, "--to", BR)
        assert officer("strip", asked.submission_id, *which).status == 2
        assert officer("strip", asked.submission_id, *which, "--path", "/name", "--whole").status == 2
        said = officer("strip", asked.submission_id, *which, "--path", "/type")
        assert said.status == 2 and "cannot be stripped" in said.err


@pytest.mark.slow
class TestReleaseAndWithdraw:
    def test_what_waited_for_witnesses_goes_later(self, served: World, analyst: Prompt, officer: Prompt):
        served.later(served.flow().witnessed_within * 2, witnessed=False)
        (crossing,) = served.submitted([indicator("late")])
        said = officer("release", crossing.submission_id)
        assert said.status == 3 and "no partner has vouched for the log" in " ".join(said.out.split())
        served.witness()
        said = officer("release", crossing.submission_id)
        assert said.status == 0, said.out + said.err
        assert Release.objects.exists()

    def test_released_listed_and_withdrawn(self, served: World, officer: Prompt):
        served.sent([indicator("a")])
        release = Release.objects.order_by("-entry_id").first()
        assert release is not None
        listed = officer("release")
        assert str(release.pk) in listed.out and "on the shelf" in listed.out
        said = officer("withdraw", release.pk, "--why", "error")
        assert said.status == 0, said.err
        assert "they have to delete it until" in said.out
        assert not Shelved.objects.filter(release=release, holding__isnull=False, withdrawn_at=None).exists()
        assert "withdrawn" in officer("release").out

    def test_a_wrong_reason_to_withdraw(self, served: World, officer: Prompt):
        served.sent([indicator("a")])
        release = Release.objects.order_by("-entry_id").first()
        assert release is not None
        said = officer("withdraw", release.pk, "--why", "whim")
        assert said.status == 2 and "why" in said.err


def test_by_the_way_of_a_whole_incident(served: World, analyst: Prompt, officer: Prompt):
    """Stripped and gone at once; the doubtful part approved by a second person, and following as a delta."""
    submitted = analyst("submit", HOSPITAL, "--to", BR, "--purpose", PURPOSE, "--json").json
    served.publish()
    before = {(one["id"], one.get("modified")) for one in served.read()}
    (question,) = [one for one in submitted["questions"] if one["object_id"].startswith("incident--")]
    said = officer("approve", question["id"], *GROUND, typed="y\n")
    assert said.status == 0, said.err
    served.publish()
    new = [one for one in served.read() if (one["id"], one.get("modified")) not in before]
    assert {"incident", "report"} <= {one["type"] for one in new}
    assert "Maarika" not in str(new)


def test_a_program_reads_what_a_person_reads(served: World, officer: Prompt):
    """A doubtful place: what goes already, and what the yes would let go."""
    note = sdo("note", "n", content="The banner says 10.4.0.11 here.", object_refs=[indicator("a")["id"]])
    served.submitted(bundle([indicator("a"), note]))
    (question,) = served.questions()
    (seen,) = officer("approve", question.pk, *GROUND, "--json").json
    assert "10.4.0.11" not in seen["now_leaves"]["content"]
    assert "10.4.0.11" in seen["would_leave"]["content"]
    said = officer("approve", question.pk, *GROUND, typed="n\n")
    assert "[>10.4.0.11<]" in said.out and "opened by a yes" in " ".join(said.out.split())
