"""Every way by which a partner can ask a node for anything, and everybody who asks as one.

ROUTES is the specification: a route of the node that is not in it fails a test. `targets` fills in what a route takes:
ids of this partner's, of another's and of canaries, queries of every kind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver
from tests.node.exchange.serving.asking import access_token, basic, bearer
from tests.node.exchange.serving.live import LiveNode
from tests.node.world import BR, JP, World, key_of, named

from comity.node import chance, clock
from comity.node.border.models import Collection, Question, Release, Submission
from comity.node.config import current
from comity.node.exchange import tools
from comity.node.exchange.models import Post
from comity.node.exchange.signatures import Request, SigningKey, nonce_of, sign_request
from comity.node.exchange.taxii import MEDIA_TYPE
from comity.node.journal.models import Seen, Tile
from comity.node.treaties.models import Consent, Text
from promises.a_month import DAY
from promises.canaries_planted import HIDDEN, VISIBLE

WIRE, PEOPLE = "comity.node.wire_urls", "comity.node.urls"
_COLLECTION = "/exchange/collections/<str:collection_id>/"
_OBJECT = f"{_COLLECTION}objects/<str:object_id>/"
NOWHERE = "00000000-0000-4000-8000-000000000000"

# What partners' nodes and tools are for.
PARTNERS = {
    "/taxii2/",
    "/exchange/",
    "/exchange/status/<str:status_id>/",
    "/exchange/collections/",
    _COLLECTION,
    f"{_COLLECTION}manifest/",
    f"{_COLLECTION}objects/",
    _OBJECT,
    f"{_OBJECT}versions/",
    "/ledger/checkpoint",
    "/ledger/tile/<path:path>",
    "/witness/add-checkpoint",
    "/witness/<str:origin_hash>/checkpoint",
    "/.well-known/comity.json",
}
# What is for our own people: a partner is nobody there.
PAGES = {
    "/",
    "/accounts/",
    "/accounts/again/",
    "/accounts/again/code/",
    "/accounts/again/passkey/",
    "/accounts/closed/",
    "/accounts/codes/",
    "/accounts/codes/remove/",
    "/accounts/login/",
    "/accounts/login/passkey/",
    "/accounts/login/second/",
    "/accounts/logout/",
    "/accounts/passkeys/",
    "/accounts/passkeys/<int:pk>/remove/",
    "/accounts/passkeys/new/",
    "/desk/",
    "/desk/questions/<uuid:question_id>/",
    "/desk/questions/<uuid:question_id>/approve/",
    "/desk/questions/<uuid:question_id>/look/",
    "/desk/questions/<uuid:question_id>/reject/",
    "/desk/questions/<uuid:question_id>/strip/",
    "/identity/device",
    "/identity/device/code",
    "/identity/revoke",
    "/identity/token",
}
VERBS = {
    "/api/",
    "/api/agreements",
    "/api/agreements/<digest>",
    "/api/answers",
    "/api/consents",
    "/api/consents/<uuidstr:consent_id>/withdraw",
    "/api/flows",
    "/api/flows/<uuidstr:flow_id>/resume",
    "/api/flows/<uuidstr:flow_id>/suspend",
    "/api/ledger/alarms/<int:alarm>/clear",
    "/api/ledger/entries",
    "/api/ledger/entries/<int:index>/proof",
    "/api/ledger/status",
    "/api/ledger/verify",
    "/api/openapi.json",
    "/api/overdue",
    "/api/partners",
    "/api/partners/<party>/pull",
    "/api/partners/<party>/resume",
    "/api/pull",
    "/api/questions",
    "/api/questions/<uuidstr:question_id>",
    "/api/questions/<uuidstr:question_id>/approve",
    "/api/questions/<uuidstr:question_id>/reject",
    "/api/releases",
    "/api/releases/<uuidstr:release_id>/bill",
    "/api/releases/<uuidstr:release_id>/receipt",
    "/api/releases/<uuidstr:release_id>/withdraw",
    "/api/signatures",
    "/api/submissions",
    "/api/submissions/<uuidstr:submission_id>",
    "/api/submissions/<uuidstr:submission_id>/decisions",
    "/api/submissions/<uuidstr:submission_id>/release",
    "/api/submissions/<uuidstr:submission_id>/strip",
    "/api/submissions/<uuidstr:submission_id>/submit",
    "/api/tell",
    "/api/tools",
    "/api/tools/<username>/disable",
    "/api/tools/<username>/enable",
}
ROUTES = PARTNERS | PAGES | VERBS
METHODS = ("HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OPEN_TO_ALL = {"/api/openapi.json"}  # which describes the API, and holds nothing of anybody


def mounted() -> set[str]:
    """Every route that the node answers at, as its patterns say."""
    return {*_walk(get_resolver(WIRE).url_patterns), *_walk(get_resolver(PEOPLE).url_patterns)}


def _walk(patterns: Iterable[URLPattern | URLResolver], prefix: str = "/") -> Iterator[str]:
    for each in patterns:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, path)
        else:
            yield path


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody got: everything of it, as bytes."""

    who: str
    party: str
    route: str
    method: str
    target: str
    status: int
    seen: bytes

    def __str__(self) -> str:
        return f"{self.who}: {self.method} {self.target[:120]} -> {self.status}"


class Askers:
    """Everybody who asks as a partner: their nodes, which sign; their tools, by password and by token; and nobody."""

    def __init__(self, server: LiveNode, world: World) -> None:
        self._server, self._headers = server, dict[str, Mapping[str, str]]()
        for scheme, name in (("basic", "siem"), ("oauth2", "tip")):
            by, ends = world.administrator, world.now + 30 * DAY
            secret = tools.add_tool(BR, scheme=scheme, username=name, ends=ends, by=by, now=world.now)
            tools.enable(name, by=by, now=world.now)
            self._headers[scheme] = basic(name, secret) if scheme == "basic" else {}
            if scheme == "oauth2":
                self.token = access_token(server, name, secret)
                self._headers[scheme] = bearer(self.token)
        self._headers["nobody"] = {"Accept": MEDIA_TYPE}
        self.who = {"node": BR, "other node": JP, "basic": BR, "oauth2": BR, "nobody": BR}

    def ask(self, who: str, route: str, method: str, target: str, body: bytes = b"", **headers: str) -> Answer:
        """`headers`: beside those of who asks, their names with underscores."""
        named_ = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = {"Accept": MEDIA_TYPE, **({"Content-Type": MEDIA_TYPE} if body else {}), **named_}
        if who in ("node", "other node"):
            lines = self._signed(self.who[who], method, target, lines, body)
        else:
            lines = {**lines, **self._headers[who], **named_}
        whole = body if body or method == "POST" else None
        got = self._server.ask(method, target, headers=lines, body=whole)
        said = b"\n".join(f"{name}: {value}".encode() for name, value in got.lines)
        return Answer(who, self.who[who], route, method, target, got.status, said + b"\n\n" + got.body)

    def _signed(self, party: str, method: str, target: str, lines: Mapping[str, str], body: bytes) -> dict[str, str]:
        request = Request(method=method, target_uri=current().url + target, headers=tuple(lines.items()), body=body)
        key = SigningKey(keyid=party, private=key_of(party))
        return dict(sign_request(request, key=key, now=clock.real(), nonce=nonce_of(chance.octets(16))).headers)


Fill = Callable[[World], Iterable[str]]


def targets(route: str, world: World) -> list[str]:
    """The route with everything filled in that could be asked for."""
    if route in _FILLS:
        return list(_FILLS[route](world))
    path = route
    for name, fill in _PARTS.items():
        if name in path:
            path = path.replace(name, str(fill(world)))
    assert "<" not in path, f"nobody said how {route} is asked"
    return [path]


def reading(world: World) -> Iterator[tuple[str, str]]:
    """Of those, what reads collections: (route, target)."""
    for route in sorted(PARTNERS):
        yield from ((route, target) for target in targets(route, world))


def _shelves(world: World) -> list[str]:
    """The material of each partner, and a collection that is none."""
    return [str(world.collection(BR).pk), str(world.collection(JP).pk), NOWHERE]


def _others(world: World) -> list[str]:
    found = map(str, Collection.objects.order_by("pk").values_list("pk", flat=True))
    return [one for one in found if one not in _shelves(world)]


def _names() -> list[str]:
    labels = [named("indicator", label) for label in (VISIBLE, *HIDDEN)]
    return [*labels, named("incident", "canary-waiting"), named("indicator", "no such thing")]


def _queries() -> list[str]:
    every, ids = "match%5Bversion%5D=all", ",".join(_names()[:8])
    return [
        "",
        f"?{every}",
        "?match%5Bversion%5D=first,last",
        "?match%5Bversion%5D=2026-11-01T08:00:00.000Z",
        f"?{every}&match%5Bid%5D={quote(ids, safe=',')}",
        f"?{every}&match%5Btype%5D=indicator,incident,note",
        f"?{every}&added_after=1970-01-01T00:00:00Z",
        "?match%5Bspec_version%5D=2.0,2.1&limit=1",
    ]


def _of_objects(suffix: str) -> Fill:
    def fill(world: World) -> Iterator[str]:
        for shelf in _shelves(world):
            for name in _names():
                yield f"/exchange/collections/{shelf}/objects/{name}/{suffix}"

    return fill


def _of_collections(suffix: str, queries: Callable[[], list[str]]) -> Fill:
    def fill(world: World) -> Iterator[str]:
        for one in _shelves(world):
            yield from (f"/exchange/collections/{one}/{suffix}{query}" for query in queries())
        for one in _others(world):
            yield from (f"/exchange/collections/{one}/{suffix}{query}" for query in queries()[:2])

    return fill


def _tiles(world: World) -> Iterator[str]:
    del world
    paths = Tile.objects.values_list("path", flat=True)
    yield from (f"/ledger/{path}" for path in paths)
    yield from ("/ledger/tile/entries/000", "/ledger/tile/../checkpoint", "/ledger/tile/0/000.p/1")


def _statuses(world: World) -> Iterator[str]:
    del world
    yield from (f"/exchange/status/{one}/" for one in [*Post.objects.values_list("pk", flat=True), NOWHERE])


def _origins(world: World) -> Iterator[str]:
    del world
    names = [*Seen.objects.values_list("origin", flat=True), "comity.example/cert-ee"]
    yield from (f"/witness/{hashlib.sha256(name.encode()).hexdigest()}/checkpoint" for name in names)


_FILLS: dict[str, Fill] = {
    _COLLECTION: _of_collections("", lambda: [""]),
    f"{_COLLECTION}manifest/": _of_collections("manifest/", _queries),
    f"{_COLLECTION}objects/": _of_collections("objects/", _queries),
    _OBJECT: _of_objects(""),
    f"{_OBJECT}versions/": _of_objects("versions/"),
    "/exchange/status/<str:status_id>/": _statuses,
    "/ledger/tile/<path:path>": _tiles,
    "/witness/<str:origin_hash>/checkpoint": _origins,
}
_PARTS: dict[str, Callable[[World], object]] = {
    "<int:pk>": lambda _: 1,
    "<uuid:question_id>": lambda _: Question.objects.values_list("pk", flat=True)[0],
    "<uuidstr:question_id>": lambda _: Question.objects.values_list("pk", flat=True)[0],
    "<uuidstr:submission_id>": lambda _: Submission.objects.values_list("pk", flat=True)[0],
    "<uuidstr:release_id>": lambda _: Release.objects.values_list("pk", flat=True)[0],
    "<uuidstr:flow_id>": lambda world: world.flow(BR).pk,
    "<uuidstr:consent_id>": lambda _: Consent.objects.values_list("pk", flat=True)[0],
    "<digest>": lambda _: Text.objects.values_list("pk", flat=True)[0],
    "<int:alarm>": lambda _: 1,
    "<int:index>": lambda _: 0,
    "<party>": lambda _: JP,
    "<username>": lambda _: "siem",
}
