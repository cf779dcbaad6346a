"""The way to the node: the person's own token and nothing else, and what is said when there is no way."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
from allauth.idp.oidc.models import Token
from tests.node.cli.conftest import Prompt
from tests.node.exchange.serving.live import LiveNode
from tests.node.running.places import clean
from tests.node.world import HOSPITAL, World

from comity.canon import format_instant
from comity.cli import COMMANDS, application
from comity.node import clock
from comity.node.border.models import Submission
from comity.node.journal.actions import raise_alarm
from comity.node.people import actions as people
from comity.node.running import authority

VERBS = ("import", "submit", "queue", "approve", "reject", "strip", "release", "withdraw", "pull", "ledger")


def nobody_listens() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def options_of(name: str) -> list[str]:
    command = typer.main.get_command(application()).commands[name]  # type: ignore[attr-defined]
    found = list(command.params)
    for inner in getattr(command, "commands", {}).values():
        found += inner.params
    return [option for one in found for option in one.opts]


class TestTheToken:
    @pytest.mark.parametrize("verb", VERBS)
    def test_no_option_names_an_actor_and_no_key_is_read(self, verb: str):
        actors = {"--as", "--by", "--user", "--username", "--actor", "--person", "--officer", "--on-behalf-of"}
        secrets = {"--token", "--password", "--key", "--key-file", "--secret"}
        assert not set(options_of(verb)) & (actors | secrets)

    def test_nobody_is_signed_in(self, tmp_path: Path):
        said = Prompt(home=tmp_path)("queue")
        assert said.status == 2
        assert "you are not signed in" in said.err and "comity login" in said.err

    def test_a_token_that_others_can_read_is_not_used(self, analyst: Prompt, served: World):
        analyst.token_file.chmod(0o644)
        said = analyst("queue")
        assert said.status == 2 and "others on this machine can read" in said.err

    def test_a_token_that_was_taken_back(self, analyst: Prompt, served: World):
        Token.objects.all().delete()
        said = analyst("queue")
        assert said.status == 2
        assert "no token came, or it is not valid any more" in said.err and "comity login" in said.err

    def test_a_token_whose_time_is_over_is_not_sent(self, analyst: Prompt, served: World):
        said = json.loads(analyst.token_file.read_text("utf-8"))
        said["expires_at"] = format_instant(clock.real() - dt.timedelta(seconds=1))
        analyst.token_file.write_text(json.dumps(said), encoding="utf-8")
        assert "the token held until" in analyst("queue").err

    def test_whose_account_is_closed(self, analyst: Prompt, served: World):
        people.deactivate(served.analyst, by=served.node.person("chief", "administrator"), now=served.now)
        assert analyst("queue").status == 2

    def test_a_role_that_is_over_is_over(self, analyst: Prompt, served: World):
        served.later(dt.timedelta(days=400), witnessed=False)
        said = analyst("queue")
        assert said.status == 2 and "belongs to no role" in said.err


class TestTheWay:
    def test_nobody_listens(self, served: World, prompt: Any):
        said = prompt(served.analyst, node=f"https://localhost:{nobody_listens()}")("import", HOSPITAL)
        assert said.status == 5
        assert "was not reached" in said.err and "what to do:" in said.err

    def test_another_authority_than_the_one_that_was_agreed(self, served: World, prompt: Any, tmp_path: Path):
        """The token is not sent to who cannot prove to be the node."""
        authority.authority(tmp_path / "other")
        authority.certify(tmp_path / "other", "localhost", tmp_path / "tls")
        said = prompt(served.analyst, trust=tmp_path / "tls" / authority.TRUST)("import", HOSPITAL)
        assert said.status == 5 and "was not reached" in said.err
        assert not Submission.objects.exists()

    def test_somebody_else_answers(self, served: World, prompt: Any):
        """A captive portal, say: what is no answer of a node is not taken for one."""
        program = (
            "import http.server as h\n"
            "class A(h.BaseHTTPRequestHandler):\n"
            "  def do_GET(self):\n"
            "    self.send_response(200); self.end_headers(); self.wfile.write(b'<html>Pay here</html>')\n"
            "s = h.HTTPServer(('127.0.0.1', 0), A); print(s.server_port, flush=True); s.handle_request()\n"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            port = int(other.stdout.readline())
            said = prompt(served.analyst, node=f"http://127.0.0.1:{port}")("queue")
        assert said.status == 5 and "failed" in said.err

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_the_token_is_not_sent_on_to_where_an_answer_points(self, served: World, prompt: Any, status: int):
        """Attack A32: the second server is not even connected to."""
        program = (
            "import http.server as h, sys\n"
            "class A(h.BaseHTTPRequestHandler):\n"
            "  def do_GET(self):\n"
            f"    self.send_response({status}); self.send_header('Location', sys.argv[1] + self.path)\n"
            "    self.send_header('Content-Length', '0'); self.end_headers()\n"
            "s = h.HTTPServer(('127.0.0.1', 0), A); print(s.server_port, flush=True); s.handle_request()\n"
        )
        with socket.create_server(("127.0.0.1", 0)) as second:
            second.settimeout(0.2)
            elsewhere = f"http://127.0.0.1:{second.getsockname()[1]}"
            command = [sys.executable, "-c", program, elsewhere]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as first:
                assert first.stdout is not None
                said = prompt(served.analyst, node=f"http://127.0.0.1:{int(first.stdout.readline())}")("queue")
            assert said.status == 5 and "failed" in said.err
            with pytest.raises(TimeoutError):
                second.accept()

    def test_the_connection_breaks_off(self, served: World, prompt: Any):
        program = (
            "import socket\n"
            "s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n"
            "c, _ = s.accept(); c.recv(100); c.close()\n"
        )
        with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            port = int(other.stdout.readline())
            said = prompt(served.analyst, node=f"http://127.0.0.1:{port}")("queue")
        assert said.status == 5 and "it may have been done all the same" in said.err

    def test_a_node_that_fails_says_so_and_nothing_else(
        self, served: World, analyst: Prompt, server: LiveNode, monkeypatch: pytest.MonkeyPatch
    ):
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("Maarika Tuulepuu, isikukood 29912319996")

        monkeypatch.setattr("comity.node.border.actions.queue", broken)
        said = analyst("queue")
        assert said.status == 5 and "status 500" in said.err
        assert "Maarika" not in said.out + said.err


class TestTheProgram:
    def test_help_imports_neither_the_node_nor_the_network(self):
        """`comity --help` stays quick."""
        code = (
            "import sys; sys.argv = ['comity', '--help']\n"
            "from comity.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "print([name for name in ('django', 'httpx2', 'granian', 'ninja', 'pymisp') if name in sys.modules])\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean({}), check=True)
        assert done.stdout.rstrip().endswith("[]")

    def test_every_verb_is_a_command_with_a_line_of_help(self):
        named = {command.name: command for command in COMMANDS}
        for verb in (*VERBS, "tell", "login", "logout"):
            assert named[verb].help
            module = importlib.import_module(f"comity.cli.{named[verb].module}")
            assert named[verb].group or callable(getattr(module, named[verb].function or verb))

    @pytest.mark.parametrize(
        "arguments",
        [("approve", "x/../../people", "--ground", "a"), ("release", "..%2f"), ("withdraw", "1", "--why", "error")],
    )
    def test_an_id_is_an_id(self, analyst: Prompt, served: World, arguments: tuple[str, ...]):
        """What is typed never makes another path than the verb's."""
        said = analyst(*arguments)
        assert said.status == 2 and "is not an id" in said.err


class TestLedger:
    @pytest.fixture
    def auditor(self, served: World, prompt: Any) -> Prompt:
        served.sent(HOSPITAL.read_bytes())
        made: Prompt = prompt(served.auditor)
        return made

    def test_status(self, auditor: Prompt):
        said = auditor("ledger", "status")
        assert said.status == 0, said.err
        assert "fresh" in said.out and "cert-br" in said.out

    def test_status_of_a_stale_proof(self, served: World, auditor: Prompt):
        served.later(dt.timedelta(days=3), witnessed=False)
        said = auditor("ledger", "status")
        assert said.status == 1 and "nothing is released until partners vouch again" in " ".join(said.out.split())

    def test_an_alarm_is_shown_until_somebody_has_looked(self, served: World, auditor: Prompt, prompt: Any):
        raise_alarm("fork", "cert-br.example/log", served.now)
        said = auditor("ledger", "status")
        assert said.status == 1 and "fork in cert-br.example/log" in said.out
        (alarm,) = auditor("ledger", "status", "--json").json["alarms"]
        assert auditor("ledger", "clear", alarm["id"]).status == 2, "who watches does not settle it"
        said = prompt(served.officer)("ledger", "clear", alarm["id"])
        assert said.status == 0 and "is cleared" in said.out
        assert auditor("ledger", "status").status == 0

    def test_verify(self, auditor: Prompt):
        said = auditor("ledger", "verify")
        assert said.status == 0 and said.out.startswith("whole: ")

    def test_entries_and_the_proof_of_one(self, served: World, auditor: Prompt, tmp_path: Path):
        found = auditor("ledger", "entries", "--json").json["entries"]
        assert [one["index"] for one in found] == list(range(len(found)))
        said = auditor("ledger", "prove", found[-1]["index"], "--out", tmp_path / "proof")
        assert said.status == 0, said.err
        assert (tmp_path / "proof").read_text("utf-8").startswith("c2sp.org/tlog-proof@v1\n")

    def test_who_stands_in_it_does_not_read_it(self, analyst: Prompt, served: World):
        """Attack A44."""
        said = analyst("ledger", "entries")
        assert said.status == 2 and "`ledger-read` belongs to no role" in said.err


class TestPull:
    def test_every_partner_or_one(self, served: World, analyst: Prompt):
        assert analyst("pull", "--json").json["parties"] == ["cert-br", "cert-jp"]
        assert analyst("pull", "cert-jp", "--json").json["parties"] == ["cert-jp"]

    def test_who_is_no_partner(self, served: World, analyst: Prompt):
        said = analyst("pull", "cert-xx")
        assert said.status == 2 and "is not visited" in said.err
