"""The border's API: the same verbs by the person's own token; who may not is told so, and nothing names an actor."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from tests.node.people.signed_in import with_token
from tests.node.world import BASELINE, BR, EE_BR, HOSPITAL, JP, PURPOSE, World, bundle, incident, indicator, rows

from comity.node.border import actions as border
from comity.node.border.models import Question, Release, Submission
from comity.node.treaties.models import Flow

C2, MORE = indicator("c2"), indicator("more")
API = "/api"


@pytest.fixture
def clients(world: World) -> dict[str, Client]:
    return {name: with_token(getattr(world, name)) for name in ("analyst", "officer", "privacy", "auditor")}


def post(client: Client, path: str, body: Any = None) -> Any:
    return client.post(f"{API}{path}", json.dumps(body or {}), content_type="application/json")


def upload(client: Client, data: bytes, path: str = "/submissions") -> Any:
    return client.post(f"{API}{path}", data, content_type="application/octet-stream")


def routes() -> dict[tuple[str, str], dict[str, Any]]:
    from comity.node.api import api

    schema = api.get_openapi_schema()
    return {
        (method.upper(), path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "border" in operation.get("tags", ())
    }


def test_from_a_file_to_the_shelf_and_back(world, clients):
    submission = upload(clients["analyst"], bundle([C2, incident("one")]))
    assert submission.status_code == 201, submission.content
    name = submission.json()["id"]
    asked = {"to": [BR, JP], "purpose": "incident-response", "collected_by": "victim-log"}
    response = post(clients["analyst"], f"/submissions/{name}/submit", asked)
    assert response.status_code == 200, response.content
    assert [one["partner"] for one in response.json()["crossings"]] == [BR, JP]
    world.publish()
    assert C2["id"] in {one["id"] for one in world.read(BR)}
    (question,) = clients["officer"].get(f"{API}/questions?partner={BR}").json()
    assert (question["object_id"], question["own"]) == (incident("one")["id"], False)
    shown = clients["officer"].get(f"{API}/questions/{question['id']}?reason=approval").json()
    assert (shown["now_leaves"], shown["would_leave"]["name"]) == (None, "Incident one")
    answer = {"shown": shown["shown"], "ground": "needed-for-purpose"}
    response = post(clients["officer"], f"/questions/{question['id']}/approve", answer)
    assert response.json()["counts"]["released"] == 1, response.content
    world.publish()
    (release, *_) = clients["officer"].get(f"{API}/releases?partner={BR}").json()
    response = post(clients["officer"], f"/releases/{release['id']}/withdraw", {"why": "error"})
    assert [one["why"] for one in response.json()] == ["error"], response.content
    assert "incident" not in {one["type"] for one in world.read(BR)}


def test_a_refusal_and_a_strip(world, clients):
    name = upload(clients["analyst"], bundle([C2, incident("one", description="Do not tell.")])).json()["id"]
    asked = {"to": [BR], "purpose": "incident-response", "collected_by": "victim-log"}
    post(clients["analyst"], f"/submissions/{name}/submit", asked)
    place = {"partner": BR, "object_id": incident("one")["id"], "path": "/description"}
    assert post(clients["officer"], f"/submissions/{name}/strip", place).status_code == 200
    (question,) = clients["officer"].get(f"{API}/questions?submission={name}").json()
    response = post(clients["officer"], f"/questions/{question['id']}/reject", {"ground": "unreliable"})
    assert (response.json()["state"], response.json()["ground"]) == ("rejected", "unreliable")
    told = clients["analyst"].get(f"{API}/submissions/{name}").json()
    assert "unreliable" in [one["ground"] for one in told["questions"]], "the submitter is told"


def test_a_strip_is_for_a_partner_under_each_agreement_that_it_was_sent_under(world, clients):
    """The baseline first, then the annex that replaced it, or both at once."""
    crossing = world.sent([C2, MORE])
    baseline = Flow.objects.get(agreement=BASELINE, partner=BR, outward=True)
    Flow.objects.filter(pk=baseline.pk).update(suspended_at=None, suspended_why="")
    border.submit(crossing.submission, to=[baseline], purpose=PURPOSE, by=world.analyst, now=world.now)
    world.publish()
    name = crossing.submission_id
    assert rows(object_id=C2["id"], withdrawn_at=None).count() == 2
    place = {"partner": BR, "object_id": C2["id"], "path": ""}
    response = post(clients["officer"], f"/submissions/{name}/strip", place)
    assert [one["agreement"] for one in response.json()] == [BASELINE, EE_BR], response.content
    assert not rows(object_id=C2["id"], withdrawn_at=None).exists()
    assert rows(object_id=MORE["id"], withdrawn_at=None).count() == 2
    assert len(world.told()) == 2
    lines = clients["officer"].get(f"{API}/submissions/{name}/decisions?partner={BR}").json()
    assert [line["outcome"] for line in lines if line["id"] == C2["id"]] == ["deny", "deny"]
    one = clients["officer"].get(f"{API}/submissions/{name}/decisions?partner={BR}&agreement={EE_BR}").json()
    assert len(one) * 2 == len(lines)


def test_what_never_crossed_to_a_partner_is_not_stripped_for_it(world, clients):
    crossing = world.sent([C2])
    place = {"partner": JP, "object_id": C2["id"], "path": ""}
    assert post(clients["officer"], f"/submissions/{crossing.submission_id}/strip", place).status_code == 404
    decisions = f"{API}/submissions/{crossing.submission_id}/decisions"
    assert clients["officer"].get(f"{decisions}?partner={JP}").status_code == 404


def test_tell(world, clients):
    response = upload(clients["analyst"], HOSPITAL.read_bytes(), "/tell?purpose=incident-response&reason=incident")
    assert response.status_code == 200, response.content
    assert [(one["partner"], one["told"] > 50, one["waits"]) for one in response.json()["partners"]] == [
        (BR, True, ""),
        (JP, True, ""),
    ]


def test_release_later(world, clients):
    world.submitted([C2])
    name = Submission.objects.get().pk
    response = post(clients["officer"], f"/submissions/{name}/release")
    assert [one["counts"]["unchanged"] for one in response.json()] == [2]


def test_errors_say_what_why_and_what_to_do(world, clients):
    response = upload(clients["analyst"], b"[1]")
    assert (response.status_code, response.json()["error"]) == (400, "UnknownFormat")
    assert response.json()["do"]
    world.submitted([incident("one")], collected_by="victim-log")
    question = Question.objects.get().pk
    wrong = {"shown": "sha256:" + "0" * 64, "ground": "needed-for-purpose"}
    response = post(clients["officer"], f"/questions/{question}/approve", wrong)
    assert (response.status_code, response.json()["error"]) == (409, "NotAsShown")


def test_no_field_and_no_parameter_names_an_actor():
    words = ("by", "actor", "user", "username", "officer", "approver", "submitter", "person")
    for (method, path), operation in routes().items():
        if method == "GET":
            continue
        named = [one["name"] for one in operation.get("parameters", ())]
        assert not set(named) & set(words), path
        assert operation["summary"] or operation["description"]


def test_every_route_asks_for_a_token_and_for_its_verb(world, clients):
    """Without a token 401; with one of a role that has no verb here, 403; whatever the path names."""
    nobody = "00000000-0000-4000-8000-000000000001"
    found = routes()
    assert len(found) >= 12
    for method, path in found:
        url = path.replace("{submission_id}", nobody).replace("{question_id}", nobody).replace("{release_id}", nobody)
        assert "{" not in url
        for client, status in ((Client(), 401), (clients["auditor"], 403)):
            response = client.generic(method, url, "{}", content_type="application/json")
            assert response.status_code == status, (method, url, response.content)


def test_the_submitter_s_token_does_not_approve(world, clients):
    import datetime as dt

    from comity.node.people.actions import assign

    world.submitted([incident("one")], collected_by="victim-log")
    year = dt.timedelta(days=365)
    assign(world.analyst, "releasing-officer", starts=world.now, ends=world.now + year, by=None, now=world.now)
    question = Question.objects.get()
    shown = border.before_and_after(question, by=world.officer, now=world.now).shown
    body = {"shown": shown, "ground": "needed-for-purpose"}
    response = post(clients["analyst"], f"/questions/{question.pk}/approve", body)
    assert (response.status_code, response.json()["error"]) == (403, "OwnSubmission")
    assert not Release.objects.filter(items__object_type="incident").exists()
