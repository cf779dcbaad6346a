"""Agreements over the API: each verb by the person's own token, and the same answers as the actions give."""

from __future__ import annotations

import datetime as dt
import json
import uuid

import pytest
from tests.node.people.signed_in import with_token

from comity.agreement import parse, read_signatures, verify
from comity.node.journal.models import Entry
from comity.node.treaties.models import Consent, Text

from .agreed import BASELINE, BR, EE_BR, JP, US, both, flows, text

DAY = dt.timedelta(days=1)
ROLES = ("analyst", "releasing-officer", "privacy-officer", "duty-officer", "administrator", "auditor")
NOBODY = str(uuid.UUID("5f3c2c3e-2b64-4c5b-9d6e-0f8b5f0d9f11"))
OFFICERS = {"releasing-officer", "privacy-officer", "duty-officer"}
ROUTES = {
    ("GET", "/api/agreements"): set(ROLES),
    ("GET", f"/api/agreements/sha256:{'0' * 64}"): set(ROLES),
    ("POST", "/api/agreements"): {"releasing-officer"},
    ("POST", "/api/signatures"): {"releasing-officer"},
    ("GET", "/api/flows"): set(ROLES),
    ("POST", f"/api/flows/{NOBODY}/suspend"): OFFICERS,
    ("POST", f"/api/flows/{NOBODY}/resume"): OFFICERS,
    ("GET", "/api/consents"): {"privacy-officer"},
    ("POST", "/api/consents"): {"privacy-officer"},
    ("POST", f"/api/consents/{NOBODY}/withdraw"): {"privacy-officer"},
}


def post(client, path, **body):
    return client.post(path, data=json.dumps(body), content_type="application/json")


@pytest.fixture
def officer(node):
    return with_token(node.person("officer", "releasing-officer"))


@pytest.fixture
def privacy(node):
    return with_token(node.person("privacy", "privacy-officer"))


@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(node, role):
    client = with_token(node.person("somebody", role))
    for (method, path), allowed in ROUTES.items():
        status = client.generic(method, path).status_code
        assert (status != 403) == (role in allowed), (role, method, path, status)


def test_without_a_token_nothing_is_answered(node, client):
    for method, path in ROUTES:
        assert client.generic(method, path).status_code == 401


def test_an_agreement_is_signed_by_each_node_and_accepted(node, officer):
    """This node signs with its own key, beside the signatures that came with the text."""
    made = text(BASELINE)
    others = made.file(BR, JP).decode()
    signed = post(officer, "/api/signatures", source=made.source.decode(), signatures=others)
    assert signed.status_code == 200, signed.content
    file = signed.json()["signatures"]
    assert verify(made.agreement, read_signatures(file.encode(), "file")).complete
    assert Entry.objects.filter(event="treaties:text:signed").count() == 1
    assert not Text.objects.exists()

    accepted = post(officer, "/api/agreements", source=made.source.decode(), signatures=file)
    assert accepted.status_code == 201, accepted.content
    assert accepted.json()["digest"] == made.agreement.digest
    assert b'"actor":"hmac-sha256:' in bytes(Entry.objects.get(event="treaties:text:accepted").body)


@pytest.mark.parametrize("expired", [True, False])
def test_one_already_expired_cannot_be_signed_and_one_that_has_not_begun_can(node, officer, expired):
    edit = ("sunset: 2028-02-29", "sunset: 2026-11-22") if expired else ("{from: 2026-03-01", "{from: 2027-03-01")
    answer = post(officer, "/api/signatures", source=text(BASELINE, edit).source.decode())
    assert answer.status_code == (400 if expired else 200), answer.content
    assert not expired or answer.json()["error"] == "Expired"


def test_what_is_not_in_order_is_not_signed(node, officer):
    never_ends = text(BASELINE, (" sunset: 2028-02-29,", "")).source.decode()
    assert post(officer, "/api/signatures", source=never_ends).json()["error"] == "CheckFailed"
    annex = text(EE_BR, over=text(BASELINE)).source.decode()
    assert post(officer, "/api/signatures", source=annex).json()["error"] == "NoBaseline"
    assert not Entry.objects.filter(event="treaties:text:signed").exists()


def test_a_refusal_says_what_why_and_what_to_do(node, officer):
    made = text(BASELINE)
    answer = post(officer, "/api/agreements", source=made.source.decode(), signatures=made.file(US).decode())
    said = answer.json()
    assert (answer.status_code, said["error"]) == (409, "NotSigned")
    assert "cert-br, cert-jp did not sign it" in said["sentence"]
    assert said["do"]


def test_a_text_is_shown_as_it_was_signed_and_verifies_there(node, officer):
    made = both(node.now, EE_BR)[EE_BR]
    listed = officer.get("/api/agreements").json()
    assert [(one["agreement"], one["version"]) for one in listed] == [(BASELINE, 1), (EE_BR, 1)]
    whole = officer.get(f"/api/agreements/{made.agreement.digest}").json()
    agreement = parse(whole["source"].encode(), "shown")
    assert agreement.digest == made.agreement.digest == whole["digest"]
    assert verify(agreement, read_signatures(whole["signatures"].encode(), "shown")).complete


def test_flows_say_whether_they_run_why_not_and_how_long_to_go(node, officer):
    both(node.now, EE_BR)
    said = {(one["agreement"], one["origin"], one["destination"]): one for one in officer.get("/api/flows").json()}
    assert (said[EE_BR, US, BR]["in_force"], said[EE_BR, US, BR]["suspended_why"]) == (True, "")
    assert said[EE_BR, US, BR]["days_left"] == (dt.date(2027, 12, 31) - node.now.date()).days
    assert said[EE_BR, US, BR]["partner"] == BR
    assert (said[BASELINE, BR, US]["in_force"], said[BASELINE, BR, US]["suspended_why"]) == (False, "replaced-by-annex")


def test_a_flow_is_suspended_and_resumed(node, officer):
    both(node.now)
    flow = flows()[BASELINE, US, BR]
    stopped = post(officer, f"/api/flows/{flow.pk}/suspend", why="personal-data-breach").json()
    assert (stopped["in_force"], stopped["suspended_why"]) == (False, "personal-data-breach")
    assert stopped["suspended_at"] is not None
    assert officer.post(f"/api/flows/{flow.pk}/resume").json()["in_force"]
    assert post(officer, f"/api/flows/{flow.pk}/suspend", why="bad-mood").json()["error"] == "UnknownSuspension"
    assert post(officer, f"/api/flows/{NOBODY}/suspend", why="no-feedback").status_code == 404


def test_a_consent_is_recorded_listed_and_withdrawn(node, privacy):
    body = {"of": "data-subject", "reference": "file 12", "objects": ["incident--1"], "until": "2027-01-01T00:00:00Z"}
    made = post(privacy, "/api/consents", **body, submission=NOBODY)
    assert made.status_code == 201, made.content
    (listed,) = privacy.get("/api/consents", {"submission": NOBODY}).json()
    assert listed == made.json()
    assert listed["until"] == "2027-01-01T00:00:00Z"
    withdrawn = privacy.post(f"/api/consents/{listed['id']}/withdraw").json()
    assert withdrawn["withdrawn_at"] is not None
    assert privacy.get("/api/consents", {"submission": NOBODY[:-1] + "2"}).json() == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"until": "2027-01-01T00:00:00"}, "NaiveTime"),
        ({"until": "tomorrow"}, "NaiveTime"),
        ({"submission": "the last one"}, "NotAnId"),
        ({"submission": None}, "BadConsent"),
        ({"of": "me"}, "BadConsent"),
    ],
)
def test_a_consent_that_cannot_be_meant_is_refused(node, privacy, body, error):
    answer = post(
        privacy, "/api/consents", **{"of": "originator", "reference": "file 12", "submission": NOBODY, **body}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not Consent.objects.exists()


@pytest.mark.parametrize("body", [{"why": 1}, {}, {"why": "no-feedback", "by": "somebody else"}])
def test_a_body_of_another_shape_is_refused(node, officer, body):
    """No option names an actor."""
    both(node.now)
    assert post(officer, f"/api/flows/{flows()[BASELINE, US, BR].pk}/suspend", **body).status_code in (400, 422)
    assert flows()[BASELINE, US, BR].suspended_at is None
