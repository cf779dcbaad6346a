"""No citation is decoration: without a fact that a plan cites, the plan is refused or answers differently."""

from __future__ import annotations

import pytest
from tests.agreement.texts import BR, JP, TO_BR, TO_JP, law, plan

from comity.agreement import CheckFailed, Plan

FLOWS = [(BR, TO_BR), (BR, TO_BR[::-1]), (JP, TO_JP), (JP, TO_JP[::-1])]


def _cited(made: Plan) -> set[str]:
    grounds = [answer.grounds for answer in made.answers.values()]
    grounds += [made.personal_grounds, *made.purposes.values(), *(one for _, one in made.restrictions)]
    grounds += [share.grounds for layer in made.grants for share in layer]
    return {fact for one in grounds for fact in one.law}


@pytest.mark.parametrize(("name", "flow"), FLOWS, ids=["-".join(flow) for _, flow in FLOWS])
def test_deleting_a_cited_fact_refuses_or_changes(name: str, flow: tuple[str, str]):
    before = plan(name, flow)
    cited = _cited(before)
    assert len(cited) >= 8
    for fact in sorted(cited):
        try:
            after = plan(name, flow, under=law().without(fact))
        except CheckFailed:
            continue
        assert (after.answers, after.restrictions) != (before.answers, before.restrictions), fact


def test_what_makes_personal_data_lawful_is_cited():
    assert {"eu.pi.csirt", "ee.nis2law", "br.li", "br.lgpd", "adequacy.eu.br.gdpr", "eu.transfers.adequacy"} <= set(
        plan(BR, TO_BR).personal_grounds.law
    )
    assert {"jp.27.protect", "jp.appi", "adequacy.jp.eea.appi"} <= set(plan(JP, TO_JP[::-1]).personal_grounds.law)


@pytest.mark.parametrize("fact", ["eu.pi.csirt", "ee.nis2law", "br.li", "adequacy.eu.br.gdpr", "eu.transfers.adequacy"])
def test_without_its_ground_personal_data_does_not_go_to_brazil(fact: str):
    with pytest.raises(CheckFailed):
        plan(BR, TO_BR, under=law().without(fact))
