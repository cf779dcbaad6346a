"""Promise 9, the ways outwards: due work that calls partners by itself, and commands that somebody types.

Each kind of work of the table is done on a node that holds canaries, with partners' nodes that keep whatever they are
sent; each command is tried with a partner's own token. What is in no table here fails a test.
"""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from django.core.management import call_command, get_commands
from prompt import Said, prompt
from tests.node.exchange.client.neighbour import Neighbour
from tests.node.exchange.client.neighbourhood import Neighbourhood
from tests.node.exchange.serving.live import LiveNode
from tests.node.wire.authority import Authority
from tests.node.world import BASELINE, BR, JP, PURPOSE, World, indicator

import comity.cli
from comity.canon import format_instant
from comity.cli import COMMANDS, application
from comity.node import clock
from comity.node.border.models import Question, Release, Submission
from comity.node.config import current
from comity.node.due import actions as due
from comity.node.due.models import Due
from comity.node.exchange.client import calling
from comity.node.exchange.outgoing.trust import client_context
from comity.node.reactions import REACTIONS
from comity.node.running.status import state
from comity.node.work import RECURRING, WORK
from promises.a_month import asked
from promises.canaries_planted import needles, planted
from promises.every_way import Askers

HOUR = dt.timedelta(hours=1)
CANARY = b"canary-"


# -- due work

KINDS = {
    "audit", "deliver", "expire-questions", "forget", "forget-submissions", "meet", "publish", "pull", "react",
    "release-waiting", "repair", "sequence", "sweep", "take", "tidy", "witness",
}  # fmt: skip
FOLLOWS = {  # what runs by itself after an event
    "border:message:shelved",
    "treaties:consent:withdrawn",
    "treaties:text:accepted",
    "vault:holding:deleted",
}


@pytest.fixture
def near(
    node: Any, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Neighbourhood]:
    """A node with canaries, whose partners answer on loopback and keep whatever they are sent."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    tls = client_context(authority.pem)
    monkeypatch.setattr(calling, "_tls", lambda: tls)
    with Neighbour(BR, authority, lambda: node.now) as br, Neighbour(JP, authority, lambda: node.now) as jp:
        moves = [(f"https://comity.{one.party}.example", one.url) for one in (br, jp)]
        yield Neighbourhood(planted(node, {BASELINE: moves}), br, jp)


def worked(world: World) -> dict[str, str]:
    """Whatever is due is done, and what follows from it, for a minute. Returns: kinds, with the error of the last."""
    done: dict[str, str] = {}
    due.keep_recurring(world.now)
    for _ in range(6):
        for _ in range(20):
            rows = list(Due.objects.filter(done_at=None, given_up_at=None, due_at__lte=world.now).order_by("due_at"))
            for row in rows:
                due.perform(row.pk)
                row.refresh_from_db()
                done[row.kind] = "" if row.last_error.startswith("Again: ") else row.last_error
            if not rows:
                break
        world.node.move(dt.timedelta(seconds=10))
    return done


def sent_to(neighbour: Neighbour) -> bytes:
    """Everything that the partner's node got: each request whole, and what its witness was asked."""
    heads = [f"{one.method} {one.target_uri} {one.headers!r}".encode() for one in neighbour.asked]
    return b"\n".join([*heads, *(one.body for one in neighbour.asked), *neighbour.witness.requests])


def test_every_kind_of_work_is_in_the_table():
    assert set(WORK) == KINDS
    assert {kind for kind, _ in RECURRING} <= KINDS
    assert set(REACTIONS) == FOLLOWS


def test_no_work_sends_a_partner_a_canary(near: Neighbourhood):
    world = near.world
    world.later(25 * HOUR, witnessed=False)
    world.submitted([indicator("canary-second")], to=(JP,))
    posted = json.dumps({"objects": [indicator("posted-by-br")]}).encode()
    assert asked(BR, f"/exchange/collections/{world.messages(BR, outward=False).pk}/objects/", method="POST",
                 body=posted).status_code == 202  # fmt: skip
    done = worked(world)
    assert set(done) == KINDS
    assert {kind: error for kind, error in done.items() if error} == {}
    assert [one["type"] for one in near.br.posted] == ["comity-retraction", "comity-retraction"]
    assert [one["type"] for one in near.jp.posted] == ["comity-receipt", "comity-receipt"]
    for neighbour in (near.br, near.jp):
        seen = sent_to(neighbour)
        assert b"comity-" in seen, "what it was sent is looked through"
        assert b"old " in seen, "also what its witness was asked"
        mine = needles(world, neighbour.party)
        assert [what for what, needle in mine.items() if needle in seen] == []
    assert CANARY not in sent_to(near.br)


# -- commands

# Each command, and what it could tell a partner: those for files meet no node; those at the node's own machine are its
# owner's, who has the files; the others ask the node with the token of whoever types.
ON_FILES = {
    "screen", "detect", "agreement check", "agreement explain", "agreement sign", "agreement verify",
    "agreement schema", "agreement codes", "agreement explain-code", "law show", "law duties", "law collisions",
    "law diff", "law impact", "vocabulary", "bill",
    "verify", "log verify", "key new", "key show", "demo",
}  # fmt: skip
AT_THE_MACHINE = {"node init", "node person", "node serve", "node work", "node migrate", "node status"}
BY_TOKEN: dict[str, tuple[str, ...]] = {
    "import": ("{file}",),
    "submit": ("{submission}", "--to", BR, "--purpose", PURPOSE),
    "tell": ("{file}", "--purpose", PURPOSE, "--reason", "incident"),
    "queue": (),
    "approve": ("{question}", "--yes", "--shown", "sha256:" + "0" * 64, "--ground", "needed-for-purpose"),
    "reject": ("{question}", "--ground", "unreliable"),
    "strip": ("{submission}", "--object", "indicator--cfdd5695-73bf-4a89-a45e-7915e9e5159b", "--to", BR, "--whole"),
    "release": (),
    "withdraw": ("{release}", "--why", "error"),
    "pull": (),
    "ledger status": (),
    "ledger verify": (),
    "ledger entries": (),
    "ledger prove": ("0",),
    "ledger clear": ("1",),
    "logout": (),
}
SIGNS_IN = {"login"}  # asks for a person at a browser; a partner has none here
# What Django and its apps bring along. All of them are for whoever sits at the node's own machine.
MANAGEMENT = {
    "account_unsetmultipleprimaryemails", "changepassword", "check", "clearsessions", "collectstatic",
    "compilemessages", "createcachetable", "createsuperuser", "db_worker", "dbshell", "diffsettings", "dumpdata",
    "findstatic", "flush", "inspectdb", "loaddata", "makemessages", "makemigrations", "migrate", "oidc_cleartokens",
    "optimizemigration", "prune_db_task_results", "remove_stale_contenttypes", "runserver", "sendtestemail", "shell",
    "showmigrations", "sqlflush", "sqlmigrate", "sqlsequencereset", "squashmigrations", "startapp", "startproject",
    "test", "testserver",
}  # fmt: skip


def commands() -> set[str]:
    """Every command, with its group."""
    root: Any = typer.main.get_command(application())
    found = set()
    for name, command in root.commands.items():
        inner = getattr(command, "commands", None)
        found |= {name} if inner is None else {f"{name} {part}" for part in inner}
    return found


def test_every_command_is_in_the_table():
    assert commands() == {*ON_FILES, *AT_THE_MACHINE, *BY_TOKEN, *SIGNS_IN}
    assert set(get_commands()) == MANAGEMENT


def test_a_command_for_files_meets_no_node():
    """Its module imports neither the node nor the way to one."""
    by_name = {command.name: command.module for command in COMMANDS}
    folder = Path(str(comity.cli.__file__)).parent
    for command in ON_FILES - {"demo"}:
        module = folder / f"{by_name[command.split()[0]]}.py"
        imports = {
            name
            for part in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            if isinstance(part, ast.Import | ast.ImportFrom)
            for name in [getattr(part, "module", None) or part.names[0].name]
        }
        assert not any(name.startswith(("comity.node", "comity.cli.remote", "comity.cli.access")) for name in imports)


@pytest.fixture
def askers(node_live: Any, request: pytest.FixtureRequest) -> tuple[LiveNode, Askers, World]:
    server: LiveNode = request.getfixturevalue("server")
    world = planted(node_live)
    return server, Askers(server, world), world


def typed(command: str, *arguments: str) -> Said:
    return prompt(*command.split(), *arguments)


def test_no_command_tells_a_partner_s_token_anything(
    askers: tuple[LiveNode, Askers, World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The token that a tool of the partner's has for TAXII is no person's: no verb takes it."""
    server, who, world = askers
    hidden = needles(world, BR)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    token = tmp_path / "comity" / "token.json"
    token.parent.mkdir(mode=0o700)
    expires = format_instant(clock.real() + HOUR)
    said = {"node": server.url, "token": who.token, "trust": str(server.trust), "expires_at": expires}
    file = tmp_path / "file.json"
    file.write_text(json.dumps({"type": "bundle", "id": "bundle--4f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa", "objects": []}))
    places = {
        "file": str(file),
        "submission": str(Submission.objects.values_list("pk", flat=True)[0]),
        "question": str(Question.objects.values_list("pk", flat=True)[0]),
        "release": str(Release.objects.values_list("pk", flat=True)[0]),
    }
    for command, arguments in BY_TOKEN.items():
        token.write_text(json.dumps(said), encoding="utf-8")
        token.chmod(0o600)
        came = typed(command, *(one.format(**places) for one in arguments))
        told = (came.out + came.err).encode()
        assert came.status != 0 or command == "logout", (command, came)
        assert "no token came, or it is not valid" in came.err or command == "logout", (command, came.err)
        named = {one.encode() for one in places.values()}
        assert [what for what, needle in hidden.items() if needle in told and needle not in named] == [], command
    assert {row.state for row in Question.objects.all()} == {Question.ASKED}, "nothing was done"


def test_what_is_said_at_the_machine_holds_no_material_either(node: Any):
    """State, and even a dump of every row: whoever copies it has what is sealed, and no key to it."""
    world = planted(node)
    words = [what for what in needles(world, BR) if what.startswith(("canary-", "released-"))]
    dumped = io.StringIO()
    call_command("dumpdata", stdout=dumped)
    for text in (repr(state(current())), dumped.getvalue()):
        assert len(text) > 500
        assert [word for word in words if word in text] == []
