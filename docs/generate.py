"""Writes the parts of the docs that follow from the program: the command line, the checks, the schemas.

python docs/generate.py            write them
python docs/generate.py --check    say which are out of date; exit 1 if any is
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from comity.agreement import catalogue, json_schema
from comity.cli import COMMANDS, application

DOCS = Path(__file__).resolve().parent
PUBLISHED = DOCS.parent / "src" / "comity" / "messages" / "schemas"  # as they ship in the package
HEAD = """\
# The command line

What each command takes and does. `comity COMMAND --help` says the same. Exit status: 0 done, 2 bad input with nothing
written; a command that has others says so. This page is generated: `make docs`.
"""


def generated() -> dict[Path, str]:
    """Every generated file of the docs, and what it should say."""
    return {
        DOCS / "cli.md": command_line(),
        DOCS / "checks.md": catalogue(),
        DOCS / "schemas" / "agreement.schema.json": _json(json_schema()),
        **{DOCS / "schemas" / path.name: path.read_text(encoding="utf-8") for path in sorted(PUBLISHED.glob("*.json"))},
    }


def command_line() -> str:
    """A section for each command, in the order in which `comity --help` lists them."""
    root = typer.main.get_command(application())
    sections = []
    for entry in COMMANDS:
        command = root.commands[entry.name]  # type: ignore[attr-defined]
        for name, one in _leaves(entry.name, command):
            sections.append("\n".join(_section(name, one)))
    return "\n".join([HEAD, *sections])


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """The command itself, or the commands of a group."""
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
    else:
        for part, one in inner.items():
            yield from _leaves(f"{name} {part}", one)


def _section(name: str, command: Any) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option"]
    usage = " ".join(["comity", name, *map(_argument, arguments), *(["[OPTIONS]"] if options else [])])
    yield f"## comity {name}\n"
    yield f"    {usage}\n"
    yield _prose(command.help or command.callback.__doc__ or "")
    if command.params:
        yield "| | | |\n| --- | --- | --- |"
        for parameter in (*arguments, *options):
            yield _row(parameter)
        yield ""


def _argument(parameter: Any) -> str:
    name = parameter.name.upper()
    return name if parameter.required else f"[{name}]"


def _prose(text: str) -> str:
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    return "\n\n".join(paragraphs) + "\n"


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = f"`{parameter.name.upper()}`"
    else:
        name = ", ".join(f"`{opt}`" for opt in sorted(parameter.opts, key=len, reverse=True))
    needed = "required" if parameter.required else "may repeat" if parameter.multiple else ""
    text = (parameter.help or "").replace("|", "\\|")
    return f"| {name} | {needed} | {text} |"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def stale() -> list[Path]:
    """The generated files that do not say what they should."""
    return [path for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    old = stale()
    if arguments == ["--check"]:
        for path in old:
            print(f"{path.relative_to(DOCS.parent)} is out of date: run `make docs`")
        return 1 if old else 0
    texts = generated()
    for path in old:
        path.write_text(texts[path], encoding="utf-8")
        print(f"wrote {path.relative_to(DOCS.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
