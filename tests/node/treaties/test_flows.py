"""Flows: both directions between us and each partner, under one text at a time, and never a choice between two."""

from __future__ import annotations

import datetime as dt

import pytest

from comity.node.treaties import actions
from comity.node.treaties.models import Flow, Text

from .agreed import BASELINE, BR, EE_BR, EE_JP, JP, SECOND, US, both, flows, key_of, spelled, text

DAY = dt.timedelta(days=1)
TODAY = dt.date(2026, 11, 23)
KYOTO = "cert-kyoto"


def open_now() -> set[tuple[str, str, str]]:
    return {key for key, flow in flows().items() if actions.in_force(flow, TODAY)}


def test_a_text_opens_both_directions_between_us_and_each_partner(node):
    both(node.now)
    assert open_now() == {(BASELINE, US, BR), (BASELINE, BR, US), (BASELINE, US, JP), (BASELINE, JP, US)}
    flow = flows()[BASELINE, US, JP]
    assert (flow.partner_id, flow.outward) == (JP, True)
    assert (flow.starts, flow.ends) == (dt.date(2026, 3, 1), dt.date(2028, 2, 29))
    assert flow.witnessed_within == dt.timedelta(hours=24)
    assert not flows()[BASELINE, JP, US].outward


def test_an_annex_takes_the_place_of_its_baseline_between_the_two(node):
    """Else what the annex keeps back would go under the baseline (promise 2)."""
    both(node.now, EE_BR)
    assert open_now() == {(EE_BR, US, BR), (EE_BR, BR, US), (BASELINE, US, JP), (BASELINE, JP, US)}
    assert flows()[BASELINE, US, BR].suspended_why == actions.REPLACED


def test_what_an_annex_replaced_is_not_resumed(node):
    both(node.now, EE_BR)
    officer = node.person("officer", "releasing-officer")
    with pytest.raises(actions.Replaced, match="an annex between the two has taken its place"):
        actions.resume(flows()[BASELINE, US, BR], now=node.now, by=officer)
    actions.suspend(flows()[BASELINE, US, BR], "officer-decided", now=node.now, by=officer)
    with pytest.raises(actions.Replaced):
        actions.resume(flows()[BASELINE, US, BR], now=node.now, by=officer)


def test_a_flow_ends_with_the_agreement_or_with_its_baseline(node):
    base = text(BASELINE, ("sunset: 2028-02-29", "sunset: 2027-06-30"))
    base.accepted(node.now)
    text(EE_BR, ("sunset: 2027-12-31", "sunset: 2027-05-31"), over=base).accepted(node.now)
    text(EE_JP, ("sunset: 2027-12-31", "sunset: 2027-06-30"), over=base).accepted(node.now)
    assert flows()[EE_BR, US, BR].ends == dt.date(2027, 5, 31)
    assert flows()[EE_JP, US, JP].ends == dt.date(2027, 6, 30)


def test_the_first_and_the_last_day_are_days_of_the_agreement(node):
    both(node.now)
    flow = flows()[BASELINE, US, BR]
    days = [flow.starts - DAY, flow.starts, flow.ends, flow.ends + DAY]
    assert [actions.in_force(flow, day) for day in days] == [False, True, True, False]


def test_a_new_version_moves_the_flows_and_keeps_their_ids(node):
    both(node.now)
    before = {key: flow.pk for key, flow in flows().items()}
    second = text(BASELINE, SECOND, ("witnessed-within: PT24H", "witnessed-within: PT12H"))
    second.accepted(node.now)
    after = flows()
    assert {key: flow.pk for key, flow in after.items()} == before
    assert {flow.text_id for flow in after.values()} == {second.agreement.digest}
    assert {flow.witnessed_within for flow in after.values()} == {dt.timedelta(hours=12)}


def test_a_new_version_does_not_resume_what_was_suspended(node):
    both(node.now)
    officer = node.person("officer", "releasing-officer")
    actions.suspend(flows()[BASELINE, US, BR], "personal-data-breach", now=node.now, by=officer)
    text(BASELINE, SECOND).accepted(node.now + DAY)
    flow = flows()[BASELINE, US, BR]
    assert (flow.suspended_at, flow.suspended_why) == (node.now, "personal-data-breach")


def test_a_new_baseline_does_not_open_what_an_annex_replaced(node):
    both(node.now, EE_BR)
    text(BASELINE, SECOND).accepted(node.now)
    assert open_now() == {(EE_BR, US, BR), (EE_BR, BR, US), (BASELINE, US, JP), (BASELINE, JP, US)}
    assert flows()[EE_BR, US, BR].text.baseline.version == 1


def test_a_baseline_that_ends_sooner_ends_its_annexes_too(node):
    """An annex stays on the text that it names, and does not outlast what all parties have put in that one's place."""
    both(node.now, EE_BR, EE_JP)
    text(BASELINE, SECOND, ("sunset: 2028-02-29", "sunset: 2026-12-31")).accepted(node.now)
    annexes = [flow for key, flow in flows().items() if key[0] != BASELINE]
    assert {(flow.ends, flow.text.baseline.version) for flow in annexes} == {(dt.date(2026, 12, 31), 1)}
    assert len(annexes) == 4


def test_a_baseline_that_lasts_longer_lengthens_no_annex(node):
    both(node.now, EE_BR)
    for version, sunset in enumerate(("2026-12-31", "2028-01-31"), 2):
        text(BASELINE, ("\nversion: 1\n", f"\nversion: {version}\n"), ("2028-02-29", sunset)).accepted(node.now)
    assert flows()[EE_BR, US, BR].ends == dt.date(2026, 12, 31)


def test_an_annex_that_is_renewed_over_the_new_baseline_has_its_own_end_again(node):
    both(node.now, EE_BR)
    text(BASELINE, SECOND, ("sunset: 2028-02-29", "sunset: 2026-12-31")).accepted(node.now)
    third = text(BASELINE, ("\nversion: 1\n", "\nversion: 3\n"))
    third.accepted(node.now)
    text(EE_BR, SECOND, over=third).accepted(node.now)
    assert flows()[EE_BR, US, BR].ends == dt.date(2027, 12, 31)


def with_a_fourth() -> list[tuple[str, str]]:
    """Edits by which cert-kyoto is a party to the baseline as well."""
    whole = text(BASELINE).source.decode()
    fourth: list[tuple[str, str]] = []
    for begins, ends in (
        ("  - id: cert-jp", "\nroles:"),
        ("  cert-jp: {duty", "\npurposes:"),
        ("  cert-jp: {basis", "\nterm:"),
    ):
        said = whole[whole.index(begins) : whole.index(ends)]
        fourth.append((said, said + said.replace(JP, KYOTO).replace(spelled(JP), spelled(KYOTO))))
    return fourth


def test_a_party_that_left_has_no_flow_any_more(node):
    """What was let cross stays what it was; nothing new crosses."""
    text(BASELINE, *with_a_fourth(), signers={KYOTO: key_of(KYOTO)}).accepted(node.now)
    assert {partner for _, _, partner in open_now()} == {US, BR, JP, KYOTO}
    text(BASELINE, SECOND).accepted(node.now)
    assert open_now() == {(BASELINE, US, BR), (BASELINE, BR, US), (BASELINE, US, JP), (BASELINE, JP, US)}
    assert flows()[BASELINE, US, KYOTO].ends == TODAY - DAY


def test_a_party_that_left_the_baseline_has_no_annex_to_it_any_more(node):
    signers = {KYOTO: key_of(KYOTO)}
    base = text(BASELINE, *with_a_fourth(), signers=signers)
    base.accepted(node.now)
    annex = text(EE_JP, (JP, KYOTO), (spelled(JP), spelled(KYOTO)), over=base, signers=signers)
    annex.accepted(node.now)
    assert actions.in_force(flows()[EE_JP, US, KYOTO], TODAY)
    text(BASELINE, SECOND).accepted(node.now)
    assert {flow.ends for flow in flows(agreement=EE_JP).values()} == {TODAY - DAY}


def test_there_is_one_text_in_force_for_an_agreement(node):
    both(node.now, EE_BR)
    text(BASELINE, SECOND).accepted(node.now)
    for name in (BASELINE, EE_BR):
        assert Text.objects.filter(agreement=name, superseded_at=None).count() == 1
    assert Flow.objects.values("agreement", "origin", "destination").distinct().count() == Flow.objects.count()
