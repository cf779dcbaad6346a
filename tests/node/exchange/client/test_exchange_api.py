"""Partners and visits for programs: what a person sees of them, and who may do what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.node.people.signed_in import with_token
from tests.node.world import BR, JP, indicator

from comity.node.exchange.models import Tool

from .neighbourhood import Neighbourhood


@pytest.fixture
def met(near: Neighbourhood) -> Neighbourhood:
    near.meet()
    return near


def ask(near: Neighbourhood, who: Any, method: str, path: str, body: Any = None) -> Any:
    client = with_token(who)
    send = getattr(client, method)
    return send(f"/api{path}") if body is None else send(f"/api{path}", body, content_type="application/json")


def partner(near: Neighbourhood, party: str = BR) -> dict[str, Any]:
    answer = ask(near, near.world.analyst, "get", "/partners")
    assert answer.status_code == 200
    return {one["party"]: one for one in answer.json()}[party]


def test_partners_are_shown_with_card_visit_and_witness(met: Neighbourhood):
    met.pull()
    shown = partner(met)
    assert (shown["name"], shown["url"], shown["partner"], shown["witnesses_us"]) == ("CERT.br", met.br.url, True, True)
    assert shown["log"] == met.br.origin.log_key.name
    assert (shown["paused_why"], shown["held_up"], shown["waiting"], shown["overdue"]) == ("", "", 0, {})
    assert dt.datetime.fromisoformat(shown["visited_at"]) == met.world.now
    assert partner(met, JP)["visited_at"] is None


def test_what_is_wrong_with_a_partner_is_shown(met: Neighbourhood):
    met.world.sent([indicator("ours")])
    met.br.put([met.bill([indicator("one")], destination=JP), indicator("one")])
    met.pull()
    met.world.later(dt.timedelta(hours=30))
    shown = partner(met)
    assert (shown["paused_why"], shown["refused"]) == ("other-receiver", 1)
    assert shown["overdue"]["receipt-overdue"] == 2
    owed = ask(met, met.world.analyst, "get", "/overdue").json()
    assert {(one["party"], one["code"]) for one in owed} == {(BR, "receipt-overdue")}


def test_a_visit_is_asked_for(met: Neighbourhood):
    answer = ask(met, met.world.analyst, "post", "/pull")
    assert answer.json() == {"parties": [BR, JP]}
    assert {BR, JP} <= set(met.waits("pull"))
    assert ask(met, met.world.analyst, "post", f"/partners/{BR}/pull").json() == {"parties": [BR]}
    refused = ask(met, met.world.analyst, "post", "/partners/cert-xx/pull")
    assert (refused.status_code, refused.json()["error"]) == (404, "NoPartner")


def test_a_pause_is_ended_by_who_may_and_by_nobody_else(met: Neighbourhood):
    met.br.put([met.bill([indicator("one")], destination=JP)])
    met.pull()
    assert ask(met, met.world.auditor, "post", f"/partners/{BR}/resume", {}).status_code == 403
    answer = ask(met, met.world.officer, "post", f"/partners/{BR}/resume", {"again": False})
    assert (answer.status_code, answer.json()["paused_why"]) == (200, "")
    again = ask(met, met.world.officer, "post", f"/partners/{BR}/resume", {})
    assert (again.status_code, again.json()["error"]) == (409, "NotPaused")


def test_tools_are_added_and_switched_by_an_administrator(met: Neighbourhood):
    admin = met.world.node.person("admin", "administrator")
    ends = (met.world.now + dt.timedelta(days=30)).isoformat()
    said = {"partner": BR, "scheme": "basic", "username": "br-siem", "ends": ends}
    assert ask(met, met.world.analyst, "post", "/tools", said).status_code == 403
    answer = ask(met, admin, "post", "/tools", said)
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["secret"]) >= 43
    assert not Tool.objects.get().enabled
    assert ask(met, admin, "post", "/tools/br-siem/enable").json()["enabled"] is True
    (listed,) = ask(met, admin, "get", "/tools").json()
    assert (listed["username"], listed["enabled"], "secret" in listed) == ("br-siem", True, False)
    assert ask(met, admin, "post", "/tools/br-siem/disable").json()["enabled"] is False


ROUTES = [
    ("get", "/partners"), ("get", "/overdue"), ("post", "/pull"), ("post", f"/partners/{BR}/pull"),
    ("post", f"/partners/{BR}/resume"), ("get", "/tools"), ("post", "/tools"), ("post", "/tools/x/enable"),
    ("post", "/tools/x/disable"),
]  # fmt: skip


def test_a_stranger_gets_none_of_it(met: Neighbourhood, client: Any, subtests: pytest.Subtests):
    for method, path in ROUTES:
        with subtests.test(path):
            assert getattr(client, method)(f"/api{path}").status_code == 401
