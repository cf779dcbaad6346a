"""Promise 9: one door. Every route by which a byte can reach a partner goes through one release function.

Every route, method, piece of due work, command and error of a node that holds canaries is tried as a partner would: by
its node's signature, by its tools' credentials, and with none. No canary shows, in any body or header. What is not in
the tables of what is tried fails a test, so that nothing new goes by another way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import clear_url_caches, path
from tests.node.exchange.serving.live import LiveNode
from tests.node.world import BR, JP, World, named

from comity.node import clock, wire_urls
from comity.node.border import door
from comity.node.border.models import Shelved
from comity.node.exchange.serving import objects
from comity.node.exchange.taxii import STATUSES
from comity.node.people import urls as people_urls
from comity.node.vault import actions as vault
from promises.a_month import DAY
from promises.canaries_planted import VISIBLE, needles, open_to, planted
from promises.every_way import METHODS, OPEN_TO_ALL, PAGES, PARTNERS, ROUTES, VERBS, Answer, Askers, mounted, targets
from promises.every_way import reading as to_read

NAMES = b'{"objects":[{"id":"' + named("indicator", "canary-denied").encode() + b'"}]}'


def shown(answers: Iterable[Answer], hidden: dict[str, dict[str, bytes]]) -> list[str]:
    """What of the hidden is in an answer, and where: none is what the promise wants.

    A page that sends somebody to sign in says where they wanted to go: in the words of whoever asked.
    """
    return [
        f"{answer} holds {what}"
        for answer in answers
        for what, needle in hidden[answer.party].items()
        if needle in answer.seen and not (answer.route in PAGES and what in answer.target)
    ]


def reading(askers: Askers, world: World, *who: str) -> list[Answer]:
    """Whatever can be read, read by all of them, or by these."""
    return [askers.ask(one, route, "GET", target) for one in who or askers.who for route, target in to_read(world)]


def trying(askers: Askers, world: World) -> list[Answer]:
    """Every other method of partners' routes; and partners at the routes that are for people."""
    wire = [(route, method) for route in sorted(PARTNERS) for method in METHODS]
    staff = [(route, method) for route in sorted(PAGES | VERBS) for method in ("GET", "POST")]
    return [
        askers.ask(who, route, method, targets(route, world)[0], NAMES if method not in ("GET", "HEAD") else b"")
        for who in ("node", "oauth2", "nobody")
        for route, method in (*wire, *staff)
    ]


_driven: list[tuple[list[Answer], dict[str, dict[str, bytes]]]] = []


@pytest.fixture
def askers(node_live: Any, request: pytest.FixtureRequest) -> tuple[Askers, World]:
    """A node with canaries that is served over TLS, and everybody who asks."""
    server: LiveNode = request.getfixturevalue("server")
    world = planted(node_live)
    return Askers(server, world), world


@pytest.fixture
def driven(request: pytest.FixtureRequest) -> tuple[list[Answer], dict[str, dict[str, bytes]]]:
    """Every answer to everybody, and what may not be in it. Asked once a run."""
    if not _driven:
        who, world = request.getfixturevalue("askers")
        answers = [*reading(who, world), *trying(who, world)]
        _driven.append((answers, {party: needles(world, party) for party in (BR, JP)}))
    return _driven[0]


# -- every route, as everybody


def test_every_route_is_in_the_table():
    assert mounted() == ROUTES


def test_no_canary_shows_in_any_answer_to_anybody(driven: tuple[list[Answer], dict[str, dict[str, bytes]]]):
    answers, hidden = driven
    assert all(len(each) > 50 for each in hidden.values())
    assert shown(answers, hidden) == []


def test_everybody_was_asked_for_everything(driven: tuple[list[Answer], dict[str, dict[str, bytes]]]):
    answers, _ = driven
    assert {answer.route for answer in answers} == ROUTES
    for who in ("node", "other node", "basic", "oauth2", "nobody"):
        assert {answer.route for answer in answers if answer.who == who} >= PARTNERS
    for who in ("node", "oauth2", "nobody"):
        assert {answer.route for answer in answers if answer.who == who} == ROUTES


def test_what_the_door_gives_does_show(driven: tuple[list[Answer], dict[str, dict[str, bytes]]]):
    """So the search would have found the rest too. To a partner its own, by its node and by its tools."""
    answers, _ = driven
    for who, party in (("node", BR), ("basic", BR), ("oauth2", BR), ("other node", JP)):
        word = open_to(party).encode()
        routes = {answer.route for answer in answers if answer.who == who and word in answer.seen}
        one = "/exchange/collections/<str:collection_id>/objects/"
        assert routes == {one, f"{one}<str:object_id>/"}, who
    assert not any(open_to(party).encode() in one.seen for one in answers for party in (BR, JP) if one.who == "nobody")


def test_a_partner_is_nobody_where_people_work(driven: tuple[list[Answer], dict[str, dict[str, bytes]]]):
    """Not its node's signature, and not its tools' password or token, opens a page or a verb."""
    answers, _ = driven
    verbs = {(one.route, one.status) for one in answers if one.route in VERBS - OPEN_TO_ALL and one.status != 405}
    assert {status for _, status in verbs} <= {401, 403, 404}, verbs
    desk = [one for one in answers if one.route.startswith("/desk/") and one.method == "GET"]
    assert {one.status for one in desk} == {302}, "they are sent to sign in"


# -- whatever changes between release and read


def changes(world: World) -> dict[str, tuple[Any, dict[str, Any]]]:
    """What can change, and where: rows, and what becomes of them."""
    flow, rows = world.flow(BR), Shelved.objects.filter(collection=world.collection(BR))
    flows, today = type(flow).objects.filter(pk=flow.pk), world.now.date()
    return {
        "the flow is suspended": (flows, {"suspended_at": world.now}),
        "its last day is over": (flows, {"ends": today - DAY}),
        "its first day is to come": (flows, {"starts": today + DAY}),
        "its proof is stale": (flows, {"witnessed_within": dt.timedelta(seconds=0)}),
        "its objects were withdrawn": (rows, {"withdrawn_at": world.now}),
        "their time is over": (rows, {"expires": world.now}),
    }


def test_what_changes_after_the_release_hides_it_from_the_next_read_on(askers: tuple[Askers, World]):
    """And shows it again where the change is undone."""
    who, world = askers
    mine = str(world.collection(BR).pk)
    asked = [(route, target) for route, target in to_read(world) if mine in target]
    ids = Shelved.objects.filter(collection=world.collection(BR)).values_list("object_id", flat=True)
    hidden = {BR: {one: one.encode() for one in (VISIBLE, *ids)}}

    def read() -> list[str]:
        return shown([who.ask("basic", route, "GET", target) for route, target in asked], hidden)

    for name, (rows, change) in changes(world).items():
        assert len(read()) > 5, name
        before = list(rows.values("id", *change))
        rows.update(**change)
        assert read() == [], name
        for row in before:
            rows.model._default_manager.filter(pk=row["id"]).update(**row)


# -- the tables and the search are proved


def leak(request: HttpRequest) -> HttpResponse:
    """What the promise forbids: a view that opens the shelf itself."""
    del request
    boxes = [row.box for row in Shelved.objects.exclude(box=None) if row.box is not None]
    return HttpResponse(b"\n".join(vault.opened_many(boxes).values()))


@pytest.mark.parametrize(
    ("patterns", "route"), [(wire_urls.urlpatterns, "exchange/all/"), (people_urls.urlpatterns, "accounts/all/")]
)
def test_a_new_route_is_not_in_the_table(patterns: list[Any], route: str):
    patterns.append(path(route, leak))
    try:
        clear_url_caches()
        assert mounted() - ROUTES == {f"/{route}"}
    finally:
        patterns.pop()
        clear_url_caches()
    assert mounted() == ROUTES


def test_a_route_that_goes_round_the_door_is_found(askers: tuple[Askers, World]):
    who, world = askers
    hidden = {BR: needles(world, BR)}
    wire_urls.urlpatterns.append(path("exchange/all/", leak))
    try:
        clear_url_caches()
        answer = who.ask("nobody", "/exchange/all/", "GET", "/exchange/all/")
    finally:
        wire_urls.urlpatterns.pop()
        clear_url_caches()
    found = " ".join(shown([answer], hidden))
    assert answer.status == 200
    for word in ("canary-anothers", "canary-unpublished", "canary-lapsed"):
        assert word in found


def test_a_door_that_asks_for_nothing_is_found(askers: tuple[Askers, World], monkeypatch: pytest.MonkeyPatch):
    """Each condition of the door by itself: without it, its canary shows."""
    who, world = askers
    hidden = {BR: needles(world, BR)}
    monkeypatch.setattr(door, "on_shelf", lambda rows, now: rows.exclude(box=None))
    found = " ".join(shown(reading(who, world, "node"), hidden))
    assert "canary-lapsed" in found
    assert "canary-unpublished" not in found, "which another condition hides"


# -- every error


ERRORS: dict[int, Callable[[Askers, World], Answer]] = {
    400: lambda who, world: _get(who, world, "?limit=canary-denied"),
    401: lambda who, world: _get(who, world, "", who_="nobody"),
    403: lambda who, world: _post(who, world, world.collection(BR).pk, NAMES),
    404: lambda who, world: _get(who, world, "", of=JP),
    405: lambda who, world: who.ask("node", "", "PUT", _objects(world), NAMES),
    406: lambda who, world: _get(who, world, "", Accept="text/canary-denied"),
    413: lambda who, world: _post(who, world, _inbox(world), NAMES + b" " * (11 * 1024 * 1024)),
    415: lambda who, world: _post(who, world, _inbox(world), NAMES, Content_Type="text/canary-denied"),
    422: lambda who, world: _post(who, world, _inbox(world), b'{"objects":"canary-denied"}'),
}


def _objects(world: World, of: str = BR) -> str:
    return f"/exchange/collections/{world.collection(of).pk}/objects/"


def _inbox(world: World) -> Any:
    return world.messages(BR, outward=False).pk


def _get(who: Askers, world: World, query: str, *, of: str = BR, who_: str = "node", **headers: str) -> Answer:
    return who.ask(who_, "", "GET", _objects(world, of) + query, **headers)


def _post(who: Askers, world: World, collection: Any, body: bytes, **headers: str) -> Answer:
    del world
    return who.ask("node", "", "POST", f"/exchange/collections/{collection}/objects/", body, **headers)


def test_every_error_is_tried():
    assert {int(status) for status in STATUSES.values()} == set(ERRORS)


def test_no_error_says_a_word_of_what_was_sent_or_of_what_is_here(askers: tuple[Askers, World]):
    who, world = askers
    hidden = {BR: needles(world, BR)}
    answers = {status: provoke(who, world) for status, provoke in ERRORS.items()}
    assert {status: answer.status for status, answer in answers.items()} == {status: status for status in ERRORS}
    assert shown(answers.values(), hidden) == []


def test_a_fault_whose_words_hold_a_canary_tells_nothing_of_it(
    askers: tuple[Askers, World], monkeypatch: pytest.MonkeyPatch
):
    who, world = askers
    hidden = {BR: needles(world, BR)}
    for fault, status in ((RuntimeError, 500), (OperationalError, 503)):

        def broken(*_: Any, fault: type[Exception] = fault, **__: Any) -> Any:
            raise fault("canary-denied is what this is about")

        monkeypatch.setattr(objects.door, "read", broken)
        answer = _get(who, world, "")
        assert answer.status == status
        assert shown([answer], hidden) == []


def test_no_page_of_an_error_tells_of_it_either(askers: tuple[Askers, World], monkeypatch: pytest.MonkeyPatch):
    """Where everything fails: pages, the API, the public files and partners' routes alike."""
    who, world = askers
    hidden = {BR: needles(world, BR)}

    def broken() -> Any:
        raise RuntimeError("canary-denied is what this is about")

    monkeypatch.setattr(clock, "now", broken)
    asked = ("/accounts/login/", "/nowhere/", "/api/ledger/status", "/.well-known/comity.json", "/taxii2/", "/ledger/x")
    answers = [who.ask("node", "", "GET", target) for target in asked]
    assert 500 in {answer.status for answer in answers}
    assert shown(answers, hidden) == []
