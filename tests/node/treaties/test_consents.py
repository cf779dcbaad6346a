"""Consents cover what they name, for as long as they say, until they are withdrawn (GDPR Art. 7)."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest

from comity.crossing import Consent as Permission
from comity.node.due.models import Due
from comity.node.journal.models import Entry
from comity.node.people.actions import NotAllowed
from comity.node.treaties import actions
from comity.node.treaties.models import Consent

from .agreed import BASELINE, BR, EE_BR, JP, US, both, flows

DAY = dt.timedelta(days=1)
THIS, OTHER = uuid.UUID(int=1 << 64 | 0x4 << 76 | 0x8 << 60), uuid.UUID(int=2 << 64)
IDS = ["incident--1", "identity--2"]


@pytest.fixture
def privacy(node):
    both(node.now, EE_BR)
    return node.person("privacy", "privacy-officer")


def record(node, privacy, **fields) -> Consent:
    usual = {"of": "victim-organisation", "reference": "file 12/2026", "submission": THIS}
    return actions.record_consent(**{**usual, **fields}, now=node.now, by=privacy)


def found(node, agreement=EE_BR, partner=BR, submission=THIS) -> tuple[Permission, ...]:
    return actions.consents_for(submission, flows()[agreement, US, partner], node.now)


def test_it_is_what_the_crossing_asks_for(node, privacy):
    consent = record(node, privacy, objects=IDS, until=node.now + DAY)
    (permission,) = found(node)
    assert permission == Permission(
        of="victim-organisation", objects=frozenset(IDS), until=node.now + DAY, reference=str(consent.pk)
    )


def test_without_objects_it_covers_the_submission_it_is_for_and_no_other(node, privacy):
    record(node, privacy)
    assert [permission.objects for permission in found(node)] == [frozenset()]
    assert found(node, submission=OTHER) == ()


def test_objects_may_be_named_for_whatever_submission_they_come_in(node, privacy):
    record(node, privacy, submission=None, objects=IDS)
    assert [permission.objects for permission in found(node, submission=OTHER)] == [frozenset(IDS)]


def test_it_holds_under_the_agreements_it_names(node, privacy):
    record(node, privacy, agreements=[EE_BR])
    assert len(found(node)) == 1
    assert found(node, BASELINE, JP) == ()


def test_it_ends_at_its_instant(node, privacy):
    record(node, privacy, until=node.now + DAY)
    node.move(DAY - dt.timedelta(seconds=1))
    assert len(found(node)) == 1
    node.move(dt.timedelta(seconds=1))
    assert found(node) == ()


def test_withdrawn_it_is_not_there_and_what_stands_on_it_is_followed_up(node, privacy):
    consent = record(node, privacy)
    node.move(DAY)
    assert actions.withdraw_consent(consent, now=node.now, by=privacy).withdrawn_at == node.now
    assert found(node) == ()
    (due,) = Due.objects.filter(kind="react", facts__event="treaties:consent:withdrawn")
    assert due.facts["subject"] == str(consent.pk)


def test_withdrawing_again_is_no_second_withdrawal(node, privacy):
    consent = record(node, privacy)
    actions.withdraw_consent(consent, now=node.now, by=privacy)
    again = actions.withdraw_consent(Consent.objects.get(pk=consent.pk), now=node.now + DAY, by=privacy)
    assert again.withdrawn_at == node.now
    assert Entry.objects.filter(event="treaties:consent:withdrawn").count() == 1


def test_the_journal_holds_codes_and_counts_and_not_where_it_is_kept(node, privacy):
    record(node, privacy, objects=IDS, agreements=[EE_BR], until=node.now + DAY)
    header, body = bytes(Entry.objects.get(event="treaties:consent:recorded").body).split(b"\n", 1)
    facts = json.loads(body)
    assert header == b"comity/consent/v1"
    assert (facts["of"], facts["objects"], facts["agreements"]) == ("victim-organisation", 2, [EE_BR])
    assert b"12/2026" not in body
    assert b"incident--1" not in body


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"of": "everybody"}, "'everybody' gives none"),
        ({"reference": "  "}, "does not say where it is kept"),
        ({"reference": "x" * 201}, "does not say where it is kept"),
        ({"submission": None}, "it is about nothing"),
        ({"objects": [f"incident--{number}" for number in range(1001)]}, "more than 1000 things"),
        ({"until": dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)}, "it is over already"),
    ],
)
def test_one_that_nobody_could_rely_on_is_refused(node, privacy, fields, why):
    with pytest.raises(actions.BadConsent, match=why):
        record(node, privacy, **fields)
    assert not Consent.objects.exists()


@pytest.mark.parametrize("role", ["analyst", "releasing-officer", "duty-officer", "administrator", "auditor"])
def test_only_the_privacy_officer_records_and_withdraws(node, privacy, role):
    consent, person = record(node, privacy), node.person("somebody", role)
    with pytest.raises(NotAllowed):
        record(node, person)
    with pytest.raises(NotAllowed):
        actions.withdraw_consent(consent, now=node.now, by=person)
    assert Consent.objects.get().withdrawn_at is None
