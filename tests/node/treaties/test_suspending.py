"""Suspending: a coded reason, an entry, and nothing is read from then on until a person resumes it."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from comity.agreement.grammar.running import SuspendEvent
from comity.node.journal.models import Entry
from comity.node.people.actions import NotAllowed
from comity.node.treaties import actions
from comity.node.treaties.models import Flow

from .agreed import BASELINE, BR, US, both, flows


@pytest.fixture
def flow(node) -> Flow:
    both(node.now)
    return flows()[BASELINE, US, BR]


@pytest.fixture
def officer(node):
    return node.person("officer", "releasing-officer")


def entries() -> list[tuple[str, dict]]:
    rows = Entry.objects.filter(event__startswith="treaties:flow:").order_by("id")
    bodies = [bytes(row.body).split(b"\n", 1) for row in rows]
    assert all(header == b"comity/suspension/v1" for header, _ in bodies)
    return [(row.event, json.loads(body)) for row, (_, body) in zip(rows, bodies, strict=True)]


def test_every_event_that_an_agreement_may_name_is_a_reason():
    events = {word for part in get_args(SuspendEvent) for word in (get_args(part) or (part,))}
    assert events <= set(actions.SUSPENSIONS)


def test_it_stands_still_from_that_moment_and_the_other_direction_goes_on(node, flow, officer):
    actions.suspend(flow, "personal-data-breach", now=node.now, by=officer)
    assert not actions.in_force(flow, node.now.date())
    assert actions.in_term(flow, node.now.date())
    assert actions.in_force(flows()[BASELINE, BR, US], node.now.date())
    assert Flow.objects.get(pk=flow.pk).suspended_at == node.now


def test_the_journal_says_which_flow_why_and_until_when(node, flow, officer):
    actions.suspend(flow, "compelled-access", now=node.now, by=officer)
    actions.resume(flow, now=node.now, by=officer)
    (stopped, first), (started, second) = entries()
    assert (stopped, started) == ("treaties:flow:suspended", "treaties:flow:resumed")
    assert (first["agreement"], first["from"], first["to"], first["why"]) == (BASELINE, US, BR, "compelled-access")
    assert second["why"] == "compelled-access"
    assert actions.in_force(flow, node.now.date())


def test_again_it_is_no_second_suspension_and_keeps_its_beginning(node, flow, officer):
    began = node.now
    actions.suspend(flow, "no-feedback", now=began, by=officer)
    actions.suspend(flow, "no-feedback", now=node.move(began.replace(hour=12)), by=officer)
    assert len(entries()) == 1
    actions.suspend(flow, "personal-data-breach", now=node.now, by=officer)
    assert [facts["why"] for _, facts in entries()] == ["no-feedback", "personal-data-breach"]
    assert (flow.suspended_at, flow.suspended_why) == (began, "personal-data-breach")


def test_what_runs_is_not_resumed_and_nothing_is_written(node, flow, officer):
    actions.resume(flow, now=node.now, by=officer)
    assert entries() == []


def test_a_reason_that_is_not_in_the_list_is_refused(node, flow, officer):
    with pytest.raises(actions.UnknownSuspension, match="the reasons are"):
        actions.suspend(flow, "bad-mood", now=node.now, by=officer)
    assert actions.in_force(flow, node.now.date())


@pytest.mark.parametrize("role", ["analyst", "administrator", "auditor"])
def test_who_may_not_suspend_does_not(node, flow, role):
    person = node.person("somebody", role)
    with pytest.raises(NotAllowed):
        actions.suspend(flow, "no-feedback", now=node.now, by=person)
    with pytest.raises(NotAllowed):
        actions.resume(flow, now=node.now, by=person)
    assert entries() == []


def test_the_node_itself_may_stop_a_flow_and_a_person_resumes_it(node, flow, officer):
    actions.suspend(flow, "proof-stale", now=node.now, by=None)
    (_, facts) = entries()[0]
    assert "actor" not in facts
    assert actions.resume(flow, now=node.now, by=officer).suspended_at is None
