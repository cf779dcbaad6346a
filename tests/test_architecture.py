"""The house as DESIGN section 3 draws it: arrows run down, pure rooms stay pure, nothing happens on import."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from architecture import APPS, ARROWS, PURE, Module, exported, modules, reads_files, violations

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "comity"
MODULES = list(modules(PACKAGE))
EXPORTS = {m.package: exported(m) for m in MODULES if m.path.endswith("__init__.py")}


def test_every_folder_of_the_package_is_a_room_of_the_design():
    assert {m.room for m in MODULES} <= set(ARROWS)


def test_the_apps_are_those_that_the_node_names():
    assert importlib.import_module("comity.node").APPS == APPS


def test_arrows_point_down_only():
    """The table itself: whoever reads it in order meets each room after the rooms it stands on."""
    seen: set[str] = set()
    for room, below in ARROWS.items():
        assert below <= seen, f"{room} points at {sorted(below - seen)}"
        seen.add(room)


@pytest.mark.parametrize("room", ARROWS)
def test_the_room_keeps_the_rules(room: str):
    found = [sentence for m in MODULES if m.room == room for sentence in violations(m, EXPORTS)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("room", sorted(PURE))
def test_a_pure_room_reads_its_packaged_data_in_one_file_at_most(room: str):
    reading = {m.path: lines for m in MODULES if m.room == room and (lines := reads_files(m))}
    assert len(reading) <= 1, f"{room} reads files in {reading}"


@pytest.mark.parametrize("room", ARROWS)
def test_every_exported_name_exists(room: str):
    package = importlib.import_module(f"comity.{room}")
    names = getattr(package, "__all__", [])
    assert room not in PURE or names, f"{room} offers nothing"
    assert len(names) == len(set(names))
    assert [name for name in names if not hasattr(package, name)] == []


_IMPORT_ALL = """
import importlib, sys
opened = []
def watch(event, args):
    if event == "open" and isinstance(args[0], str) and "/comity/" in args[0] and ".py" not in args[0]:
        opened.append(args[0])
    if event.split(".")[0] in ("socket", "subprocess") and event != "socket.__new__":
        opened.append(event)
sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
print("\\n".join(opened))
"""


def dotted(module: Module) -> str:
    parts = ["comity", module.room, *module.path.removesuffix(".py").split("/")]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_importing_opens_no_data_and_calls_nobody():
    """Watched by the interpreter's own audit events, so it does not matter by which function a file is opened."""
    names = [dotted(m) for m in MODULES if m.pure]
    result = subprocess.run([sys.executable, "-c", _IMPORT_ALL, *names], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""


def test_the_command_line_starts_without_the_rooms():
    """`comity --help` must be quick: commands are imported when they are asked for."""
    code = "import sys, comity.cli; print([n for n in sys.modules if n.startswith(('comity.crossing', 'comity.law'))])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_package_index():
    """The set-up takes whatever index the machine is configured for."""
    hosts = [("py" + "pi.org").encode(), ("python" + "hosted.org").encode()]
    assert [str(p.relative_to(ROOT)) for p in tracked() if any(host in p.read_bytes() for host in hosts)] == []


def test_the_lock_pins_every_dependency_with_hashes():
    for name in ("run.txt", "dev.txt", "build.txt"):
        lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
        pins = [i for i, line in enumerate(lines) if line and not line.startswith((" ", "#", "-"))]
        assert pins
        for i in pins:
            assert "==" in lines[i], f"{name}:{i + 1} is not pinned"
            assert "--hash=sha256:" in lines[i] + (lines[i + 1] if i + 1 < len(lines) else ""), f"{name}:{i + 1}"


# A checker that finds nothing must prove that it can: one planted fault a rule.
PLANTED = {
    "upward": ("canon", "a.py", "from comity.law import Law", "not below canon"),
    "sideways": ("privacy", "a.py", "from comity.agreement import Plan", "not below privacy"),
    "private": ("agreement", "a.py", "from comity.law.facts import Fact", "private to law"),
    "not offered": ("agreement", "a.py", "from comity.law import facts", "does not offer it"),
    "relative": ("law", "a.py", "from . import facts", "relatively"),
    "django": ("crossing", "a.py", "import django.conf", "imports django"),
    "network": ("material", "a.py", "from urllib import request", "urllib.request"),
    "process": ("ledger", "a.py", "import subprocess", "imports subprocess"),
    "clock": ("law", "a.py", "import datetime as dt\nx = dt.datetime.now(dt.UTC)", "asks the clock"),
    "today": ("cli", "screen.py", "import datetime as dt\nx = dt.date.today()", "asks the clock"),
    "chance": ("crossing", "a.py", "import uuid\nx = uuid.uuid4()", "asks chance"),
    "chance by name": ("crossing", "a.py", "from uuid import uuid4", "asks chance"),
    "new key": ("ledger", "a.py", "x = Ed25519PrivateKey.generate()", "asks chance"),
    "salted hash": ("privacy", "a.py", "x = hash('a')", "process to process"),
    "late import": ("privacy", "a.py", "def f():\n    from comity.canon import dumps", "inside a function"),
    "app upward": ("node", "vault/a.py", "from comity.node.border import models", "not below vault"),
    "app private": ("node", "border/a.py", "from comity.node.vault.sealing import seal", "private to vault"),
    "app late": ("node", "vault/a.py", "def f():\n    from comity.canon import dumps", "inside a function"),
    "node clock": ("node", "border/a.py", "import datetime as dt\nx = dt.datetime.now(dt.UTC)", "asks the clock"),
    "node chance": ("node", "border/a.py", "import uuid\nx = uuid.uuid4()", "asks chance"),
    "own path": ("law", "a.py", "x = __file__", "where it is installed"),
    "empty name": ("cli", "utils.py", "x = 1", "says nothing"),
}


@pytest.mark.parametrize("case", PLANTED)
def test_the_checker_finds_a_planted_fault(case: str):
    room, path, text, expected = PLANTED[case]
    found = violations(Module.parse(room, path, f'"""A fault."""\n{text}\n'), {"comity.law": frozenset({"Law"})})
    assert len(found) == 1, found
    assert expected in found[0]


@pytest.mark.parametrize(
    "text", ["open('x')", "path.read_bytes()", "from importlib.resources import files", "import importlib.resources"]
)
def test_the_checker_finds_a_reader(text: str):
    assert reads_files(Module.parse("law", "a.py", text)) == [1]


@pytest.mark.parametrize(
    ("room", "path", "text"),
    [
        ("agreement", "a.py", "from comity.law import Law"),
        ("material", "a.py", "def f():\n    import misp_stix_converter"),
        ("cli", "clock.py", "import datetime as dt\nx = dt.datetime.now(dt.UTC)"),
        ("crossing", "a.py", "from comity import __version__"),
        ("crossing", "a.py", "x = candidate.now"),
        ("node", "border/a.py", "from comity.node import chance, clock\nx = clock.now(), chance.uuid4()"),
        ("node", "border/a.py", "from comity.node.vault import actions\nfrom comity.node.people.access import bearer"),
        ("node", "urls.py", "from comity.node.desk.pages import queue"),
    ],
)
def test_the_checker_lets_honest_code_be(room: str, path: str, text: str):
    assert violations(Module.parse(room, path, f'"""Honest."""\n{text}\n'), {"comity.law": frozenset({"Law"})}) == []
