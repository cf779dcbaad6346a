"""Plans: the flow compiled at a day, once."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path

import pytest

import comity.law
from comity.agreement import CheckFailed, compile
from comity.law import Law
from comity.node.treaties import actions
from comity.node.treaties.models import Text

from .agreed import BASELINE, BR, EE_BR, SECOND, US, both, flows, text

PACK = Path(comity.law.__file__).parent / "pack"
TODAY = dt.date(2026, 11, 23)


def test_the_plan_is_the_one_that_compiling_the_signed_texts_gives(node):
    made = both(node.now, EE_BR)
    plan = actions.plan_for(flows()[EE_BR, US, BR], on=TODAY)
    base = made[BASELINE].agreement
    assert plan == compile(made[EE_BR].agreement, actions.law(), flow=(US, BR), on=TODAY, baseline=base)
    assert (plan.agreement.digest, plan.baseline.digest) == (made[EE_BR].agreement.digest, base.digest)


def test_asked_again_it_is_the_same_object_and_nothing_is_asked_of_a_database(node, django_assert_num_queries):
    both(node.now, EE_BR)
    flow = flows()[EE_BR, US, BR]
    plan = actions.plan_for(flow, TODAY)
    with django_assert_num_queries(0), django_assert_num_queries(0, using="keys"):
        assert actions.plan_for(flow, TODAY) is plan


def test_another_day_direction_or_version_is_another_plan(node):
    both(node.now)
    there, back = flows()[BASELINE, US, BR], flows()[BASELINE, BR, US]
    plan = actions.plan_for(there, TODAY)
    assert actions.plan_for(there, TODAY + dt.timedelta(days=1)).on == TODAY + dt.timedelta(days=1)
    assert actions.plan_for(back, TODAY).origin.id == BR
    text(BASELINE, SECOND).accepted(node.now)
    assert actions.plan_for(flows()[BASELINE, US, BR], TODAY).agreement.version == 2
    assert actions.plan_for(there, TODAY) is plan  # of the version that a crossing of before was decided under


def test_after_its_last_day_the_plan_lets_nothing_cross(node):
    both(node.now)
    flow = flows()[BASELINE, US, BR]
    plan = actions.plan_for(flow, flow.ends + dt.timedelta(days=1))
    assert [refusal.code for refusal in plan.standing] == ["agreement-ended"]


def test_where_the_law_has_come_to_fault_the_text_there_is_no_plan(node, monkeypatch, tmp_path):
    """Adequacy has ended: with that law pack the annex does not compile, whatever plan there was with the last."""
    both(node.now, EE_BR)
    flow = flows()[EE_BR, US, BR]
    assert actions.plan_for(flow, TODAY)
    shutil.copytree(PACK, tmp_path / "pack")
    adequacy = tmp_path / "pack" / "adequacy.toml"
    decision = 'instrument = "Implementing Decision (EU) 2026/179"\ndecided = 2026-01-26\nstatus = "in_force"'
    stated = adequacy.read_text(encoding="utf-8")
    assert decision in stated
    adequacy.write_text(stated.replace(decision, f"{decision}\nexpires = 2026-11-22"), encoding="utf-8")
    later = Law.load(tmp_path / "pack")
    monkeypatch.setattr(sys.modules[actions.plan_for.__module__], "law", lambda: later)
    with pytest.raises(CheckFailed, match="ee-br-csirt does not compile"):
        actions.plan_for(flow, TODAY)


def test_a_text_that_somebody_changed_in_the_database_makes_no_plan(node):
    both(node.now)
    flow = flows()[BASELINE, US, BR]
    changed = text(BASELINE, ("S1: P180D", "S1: P181D")).source
    Text.objects.filter(agreement=BASELINE).update(source=changed)
    with pytest.raises(actions.TextChanged, match="is not what was signed"):
        actions.plan_for(flow, TODAY + dt.timedelta(days=200))
