"""What proves a crossing is there for programs: decisions, bill and receipt, as long as they are kept."""

from __future__ import annotations

import pytest
from django.http import Http404
from django.test import RequestFactory
from tests.node.world import BR, HOSPITAL, World, indicator

from comity.node.border import evidence
from comity.node.border.models import Release

REQUEST = RequestFactory().get("/")


def test_each_object_has_a_line_with_clauses_and_without_a_value(world: World):
    crossing = world.sent(HOSPITAL.read_bytes())
    lines = evidence.decisions(REQUEST, crossing.submission_id, BR)
    assert {line["outcome"] for line in lines} == {"permit", "refer", "deny"}
    assert all(line["clauses"] for line in lines)
    assert "tuulepuu" not in str(lines).casefold()


def test_a_bill_has_its_proof_once_it_is_published(world: World):
    world.submitted([indicator("c2")])
    release = Release.objects.order_by("entry_id")[0]
    assert "logged" not in evidence.bill(REQUEST, release.pk)
    world.publish()
    assert evidence.bill(REQUEST, release.pk)["logged"]["proof"].startswith("c2sp.org/tlog-proof@v1")


def test_there_is_no_receipt_before_it_came(world: World):
    world.sent([indicator("c2")])
    with pytest.raises(Http404):
        evidence.receipt(REQUEST, Release.objects.order_by("entry_id")[0].pk)
