"""The command line: thin, over the same actions as everything else. Each command lives in a file of its own name."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import typer

from comity import __version__
from comity.canon import ComityError
from comity.cli.terminal import complain


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives. `group`: the module's `app` holds sub-commands; else its function of this name is it."""

    name: str
    module: str
    group: bool
    help: str
    function: str = ""  # where its name is another: `import` is a word of Python


COMMANDS = (
    Command("screen", "screen", False, "Decide, reduce and explain what of a file may cross under an agreement."),
    Command("tell", "tell", False, "Tell every partner what is certain of a file; doubt waits, with reasons."),
    Command("detect", "detect", False, "List what personal data a file holds, and why it thinks so."),
    Command("agreement", "agreement", True, "Check, explain, sign and verify data sharing agreements."),
    Command("law", "law", True, "Look up what the law pack says, and when notifications are due."),
    Command("vocabulary", "vocabulary", False, "Explain a shared word, and each jurisdiction's own words for it."),
    Command("bill", "bill", False, "Make, sign and log the bill of a release."),
    Command("verify", "verify", False, "Verify a bill and its objects offline."),
    Command("log", "bill_log", True, "Verify a log directory."),
    Command("key", "keys", True, "Make keys and secrets."),
    Command("node", "node", True, "Make, serve and look after a node."),
    Command("login", "login", False, "Sign in to a node, for the commands below."),
    Command("logout", "login", False, "Give the token up."),
    Command("import", "import_", False, "Hand a file to the node; nothing crosses by it.", "import_file"),
    Command("submit", "submit", False, "Propose a file for partners: what is certain goes, doubt is asked about."),
    Command("queue", "queue", False, "See what waits for an officer, and what was answered."),
    Command("approve", "approve", False, "Say yes to what you are shown."),
    Command("reject", "reject", False, "Say no, with its ground."),
    Command("strip", "strip", False, "Take out more than the rules do."),
    Command("release", "release", False, "Send partners what they do not have yet, or list what went."),
    Command("withdraw", "withdraw", False, "Take back what was released."),
    Command("pull", "pull", False, "Have the node visit its partners now."),
    Command("ledger", "ledger", True, "See, verify and prove what the node logged."),
    Command("demo", "demo", False, "Show real intelligence crossing two borders."),
)
BAD_INPUT = 2  # exit status; nothing was written


def application(wanted: str | None = None) -> typer.Typer:
    """The Typer application. Only the module of the `wanted` command is imported; all of them when it is None."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=_ABOUT)
    app.callback()(_options)
    for command in COMMANDS:
        if wanted is None or wanted == command.name:
            _add(app, command)
    return app


_ABOUT = "Comity: lawful cross-border exchange of cyber threat intelligence, with the agreement run as code."


def _options() -> None:
    """Lawful cross-border exchange of cyber threat intelligence, with the agreement run as code."""


def _add(app: typer.Typer, command: Command) -> None:
    module = importlib.import_module(f"comity.cli.{command.module}")
    if command.group:
        app.add_typer(module.app, name=command.name, help=command.help)
    else:
        app.command(command.name, help=command.help)(getattr(module, command.function or command.name))


def main() -> None:
    """Run one command. Exit status: the command's own; else the error's: 2 for bad input, with nothing written."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--version"]:
        print(f"comity {__version__}")
        return
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    known = {command.name for command in COMMANDS}
    app = application(wanted if wanted in known and not arguments[0].startswith("-") else None)
    try:
        app()
    except ComityError as error:
        complain(error)
        sys.exit(getattr(error, "exit_status", BAD_INPUT))
    except BrokenPipeError:
        sys.exit(1)
