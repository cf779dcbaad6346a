"""The docs keep their word: their examples run, what is generated is current, and the first screen says what it must.

A `console` example is a list of commands with what they print; `...` stands for anything, in a line or for lines.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Files that examples name and a reader has of their own.
READERS_OWN = {
    "report.txt": "Reported by victim anna@shop.example\nBeacons to C2 198.51.100.7 hourly\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One fenced block."""

    page: Path
    line: int
    kind: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def examples(*kinds: str) -> list[Example]:
    found = []
    for page in PAGES:
        if page.exists():
            found += [one for one in blocks(page) if one.kind in kinds]
    return found


def blocks(page: Path) -> Iterator[Example]:
    text = page.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield Example(page=page, line=text[: match.start()].count("\n") + 1, kind=match[1], text=match[2])


def steps(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with what it should print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.replace("\\\n", " ").partition("\n")
        yield command, expected


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like a fresh checkout; what examples write lands here, and later examples find it."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("src", "docs", "tests"):
        (folder / name).symlink_to(ROOT / name)
    for name, text in READERS_OWN.items():
        (folder / name).write_text(text, encoding="utf-8")
    # Signing writes beside the agreement, so the agreements are copies; the example keys are published.
    (folder / "examples").mkdir()
    for part in (ROOT / "examples").iterdir():
        copy = shutil.copytree if part.is_dir() else shutil.copy
        copy(part, folder / "examples" / part.name)
    shutil.copy(ROOT / "examples" / "keys" / "cert-ee.UNSAFE.pem", folder / "cert-ee.pem")
    (folder / "cert-ee.pem").chmod(0o600)
    return folder


def run(command: str, folder: Path) -> tuple[int, str]:
    """A command of an example, as typed on a terminal of 120 columns."""
    words = shlex.split(command)
    if words[0] != "comity":
        pytest.skip(f"{words[0]} is not ours to run here")
    program = [sys.executable, "-c", "from comity.cli import main; main()", *words[1:]]
    environment = {**os.environ, "COLUMNS": "120", "NO_COLOR": "1"}
    done = subprocess.run(
        program, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("example", examples("console"), ids=lambda example: example.name)
def test_a_console_example_runs_and_prints_what_it_says(example: Example, checkout: Path):
    for command, expected in steps(example.text):
        status, printed = run(command, checkout)
        assert "Traceback" not in printed, printed
        assert (status == 2) == ("error:" in expected), f"{command}: status {status}\n{printed}"
        if expected.strip():
            options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            assert doctest.OutputChecker().check_output(expected, printed, options), f"{command}\n{printed}"


@pytest.mark.parametrize("example", examples("python"), ids=lambda example: example.name)
def test_a_python_example_runs(example: Example, checkout: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(checkout)
    exec(compile(example.text, example.name, "exec"), {"__name__": "example"})  # noqa: S102 - our own page


def test_the_checker_of_examples_sees_a_wrong_one(checkout: Path):
    page = ROOT / "README.md"
    wrong = Example(page=page, line=1, kind="console", text="$ comity --version\ncomity 99\n")
    with pytest.raises(AssertionError):
        test_a_console_example_runs_and_prints_what_it_says(wrong, checkout)
    right = Example(page=page, line=1, kind="console", text="$ comity --version\ncomity ...\n")
    test_a_console_example_runs_and_prints_what_it_says(right, checkout)


def test_the_generated_pages_are_current():
    """`make docs` writes them."""
    import generate

    assert [str(path.relative_to(ROOT)) for path in generate.stale()] == []


def test_every_command_has_its_place_in_the_docs():
    from comity.cli import COMMANDS

    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert [command.name for command in COMMANDS if f"## comity {command.name}" not in page] == []


def test_the_first_screen_of_the_readme():
    """One sentence, the two commands, a small real example of `screen` (STYLE, habit 16)."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# Comity"
    screen = "\n".join(lines[:45])
    for wanted in ("make demo", "make test", "comity screen"):
        assert wanted in screen, wanted


@pytest.mark.parametrize("page", [p for p in PAGES if p.exists()], ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []
