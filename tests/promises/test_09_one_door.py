"""Promise 9: one door. Every route by which a byte can reach a partner goes through one release function.

Every route, method, piece of due work, command and error of a node that holds canaries is tried as a partner would: by
its node's signature, by its tools' credentials, and with none. No canary shows, in any body or header. What is not in
the tables of what is tried fails a test, so that nothing new goes by another way.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import clear_url_caches, path
from tests.node.exchange.serving.live import LiveNode
from tests.node.world import BR, JP, World, named

from comity.canon import loads
from comity.node import clock, wire_urls
from comity.node.border import door, shelf
from comity.node.border.models import Shelved
from comity.node.exchange.serving import catalogue, objects
from comity.node.exchange.taxii import STATUSES
from comity.node.people import urls as people_urls
from comity.node.treaties.models import Consent
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding
from promises.a_month import DAY
from promises.canaries_planted import ANOTHERS, VISIBLE, needles, open_to, planted
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

OBJECTS = "/exchange/collections/<str:collection_id>/objects/"
ONE, VERSIONS = f"{OBJECTS}<str:object_id>/", f"{OBJECTS}<str:object_id>/versions/"
MANIFEST = "/exchange/collections/<str:collection_id>/manifest/"
CONSENT_WITHDRAWN, CONSENT_OVER = "a consent to it was withdrawn", "a consent to it has run out"


def changes(world: World) -> dict[str, tuple[Any, dict[str, Any]]]:
    """What can change, and where: rows, and what becomes of them."""
    flow, rows = world.flow(BR), Shelved.objects.filter(collection=world.collection(BR))
    flows, today = type(flow).objects.filter(pk=flow.pk), world.now.date()
    holdings = Holding.objects.filter(shelved__in=rows)
    consents = Consent.objects.filter(pk__in=rows.filter(object_id=consented()).values("consents"))
    return {
        "the flow is suspended": (flows, {"suspended_at": world.now}),
        "its last day is over": (flows, {"ends": today - DAY}),
        "its first day is to come": (flows, {"starts": today + DAY}),
        "its proof is stale": (flows, {"witnessed_within": dt.timedelta(seconds=0)}),
        "its objects were withdrawn": (rows, {"withdrawn_at": world.now}),
        "their time is over": (rows, {"expires": world.now}),
        "what they were made of is over": (holdings, {"expires": world.now}),
        "what they were made of was deleted": (holdings, {"deleted_at": world.now}),
        CONSENT_WITHDRAWN: (consents, {"withdrawn_at": world.now}),
        CONSENT_OVER: (consents, {"until": world.now}),
    }


def consented() -> str:
    """The object of which its annex lets nothing go without the victim's consent."""
    return named("indicator", VISIBLE)


@contextmanager
def changed(rows: Any, values: dict[str, Any]) -> Iterator[None]:
    """Until it is undone."""
    before = list(rows.values("id", *values))
    assert before
    found = rows.model._default_manager
    found.filter(pk__in=[row["id"] for row in before]).update(**values)
    yield
    for row in before:
        found.filter(pk=row["id"]).update(**row)


def hidden_by(change: str, world: World) -> set[str]:
    """Ids of what nobody may read then. A consent is one to some objects; a bill is signed as a whole and stays."""
    if change in (CONSENT_WITHDRAWN, CONSENT_OVER):
        return {consented()}
    rows = Shelved.objects.filter(collection=world.collection(BR))
    if change.startswith("what they were made of"):
        rows = rows.filter(holding__isnull=False)
    return set(rows.values_list("object_id", flat=True))


def given(answers: Iterable[Answer], ids: set[str]) -> set[str]:
    """The routes that give one of these objects, or say that it is there.

    That another object names it says nothing: what is looked for is its content, and its id in a list of what there is.
    """
    said = [(one, loads(one.seen.partition(b"\n\n")[2])) for one in answers]
    found = {one.route for one, body in said if ids & {each["id"] for each in body.get("objects", ())}}
    found |= {one.route for one, _ in said if consented() in ids and VISIBLE.encode() in one.seen}
    versions = (one for one, body in said if one.route == VERSIONS and body.get("versions"))
    return found | {one.route for one in versions if any(f"/{name}/" in one.target for name in ids)}


@pytest.fixture
def asking(askers: tuple[Askers, World]) -> tuple[Callable[[], list[Answer]], World]:
    """Every way to ask for what stands on a partner's own shelf, and the world."""
    who, world = askers
    mine = str(world.collection(BR).pk)
    asked = [(route, target) for route, target in to_read(world) if mine in target]
    return lambda: [who.ask("basic", route, "GET", target) for route, target in asked], world


def test_what_changes_after_the_release_hides_it_from_the_next_read_on(
    asking: tuple[Callable[[], list[Answer]], World],
):
    """On every route. And shows it again where the change is undone."""
    read, world = asking
    for name, change in changes(world).items():
        ids = hidden_by(name, world)
        assert given(read(), ids) == {OBJECTS, ONE, VERSIONS, MANIFEST}, name
        with changed(*change):
            answers = read()
        assert given(answers, ids) == set(), name
        if ids == hidden_by("", world):  # nothing stands any more that could name them
            assert shown(answers, {BR: {one: one.encode() for one in (VISIBLE, *ids)}}) == [], name


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


# What the door asks, condition by condition: the function that asks it, and how it would be without.
_FLOW, _SHELF, _CONSENT = (door, "_theirs"), (shelf, "on_shelf"), (shelf, "lapsed_consent")
CONDITIONS: dict[str, tuple[tuple[Any, str], str]] = {
    "the flow is suspended": (_FLOW, 'f"{flow}suspended_at": None,'),
    "its last day is over": (_FLOW, 'f"{flow}ends__gte": today,'),
    "its first day is to come": (_FLOW, 'f"{flow}starts__lte": today,'),
    "its proof is stale": (_FLOW, " & fresh"),
    "its objects were withdrawn": (_SHELF, "        withdrawn_at=None,\n"),
    "their time is over": (_SHELF, "Q(expires=None) | Q(expires__gt=now),"),
    "what they were made of is over": (_SHELF, ", holding__expires__gt=now"),
    "what they were made of was deleted": (_SHELF, "holding__deleted_at=None, "),
    CONSENT_WITHDRAWN: (_CONSENT, "Q(consent__withdrawn_at__isnull=False) | "),
    CONSENT_OVER: (_CONSENT, " | Q(consent__until__lte=now)"),
}
# Three locks before another partner's collection: which are its own, and two conditions of the door.
LOCKS: dict[str, tuple[tuple[Any, str], str]] = {
    "the collections that a client sees": ((catalogue, "_seen"), ".filter(partner=client.party)"),
    "the partner of the collection": (_FLOW, "collection__partner=partner, "),
    "the partner of the flow": (_FLOW, 'f"{flow}partner": partner,'),
}


def without(asks: Iterable[tuple[tuple[Any, str], str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the node ask everything that it asks, but for these."""
    sources: dict[tuple[Any, str], str] = {}
    for place, condition in asks:
        source = sources.get(place) or inspect.getsource(getattr(*place))
        assert source.count(condition) == 1, condition
        sources[place] = source.replace(condition, ".all()" if condition.startswith(".") else "")
    for (owner, name), source in sources.items():
        made: dict[str, Any] = {}
        exec(source, vars(owner), made)  # noqa: S102 -- our own source, with less in it
        for module in {owner, door}:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, made[name])


@pytest.mark.slow
def test_a_door_that_asks_less_is_found(
    asking: tuple[Callable[[], list[Answer]], World], monkeypatch: pytest.MonkeyPatch
):
    """Each condition of the door by itself: without it, what it hides shows on every route."""
    read, world = asking
    assert CONDITIONS.keys() == changes(world).keys()
    for name, change in changes(world).items():
        with changed(*change), monkeypatch.context() as patch:
            without([CONDITIONS[name]], patch)
            assert given(read(), hidden_by(name, world)) == {OBJECTS, ONE, VERSIONS, MANIFEST}, name


def test_another_partner_s_shelf_is_behind_three_locks(askers: tuple[Askers, World], monkeypatch: pytest.MonkeyPatch):
    """Any one of them keeps it shut; without all three it is open."""
    who, world = askers
    theirs = str(world.collection(JP).pk)
    hidden = {BR: {ANOTHERS: ANOTHERS.encode()}}

    def read() -> list[str]:
        asked = [(route, target) for route, target in to_read(world) if theirs in target]
        return shown([who.ask("basic", route, "GET", target) for route, target in asked], hidden)

    for shut in LOCKS:
        with monkeypatch.context() as patch:
            without([lock for name, lock in LOCKS.items() if name != shut], patch)
            assert read() == [], shut
    without(LOCKS.values(), monkeypatch)
    assert read() != []


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
