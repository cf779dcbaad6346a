"""Shows that breaking a promise fails its test: applies each one-line mutant to a copy of the program and runs it.

A mutant is killed when the copy without it passes the named test and the copy with it fails that test by an assertion.
An error (the mutant does not import, the test is gone) is no proof and counts as a failure of this run.

    python tests/mutants/run.py [NAME ...]     all mutants, or those whose name contains one of the words
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 2  # the machine that runs this has two cores
PATIENCE = 300  # seconds one run of pytest may take
QUIETLY = ("-q", "--no-header", "--tb=short", "-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist")
# How pytest begins the message of a failed assertion, and of an error that was expected and did not come.
ASSERTED = ("AssertionError", "assert ", "Failed: DID NOT RAISE", "Failed: DID NOT WARN")


class Verdict(StrEnum):
    KILLED = "killed"
    SURVIVED = "SURVIVED"
    STALE = "NO LONGER APPLIES"
    WRONG_REASON = "FAILED FOR ANOTHER REASON"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One line of the program changed so that one promise breaks."""

    name: str
    promise: int
    breaks: str  # what would go wrong for whom, in a sentence
    file: str  # below src/comity
    before: str  # the whole line, without its indentation; it occurs once in the file
    after: str
    test: str  # pytest id, below tests/

    @property
    def source(self) -> Path:
        return Path("src/comity") / self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    mutant: Mutant
    verdict: Verdict
    detail: str
    seconds: float


class DoesNotApply(Exception):
    """The line a mutant changes is not there, is there twice, or the change is not Python."""


def read_mutants(folder: Path) -> list[Mutant]:
    """Every `[[mutant]]` of the folder's TOML files. Raises: ValueError for a member missing or unknown."""
    wanted = {f.name for f in fields(Mutant)}
    mutants = []
    for file in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["mutant"]:
            if set(entry) != wanted:
                raise ValueError(f"{file.name}: {entry.get('name')}: odd members {sorted(set(entry) ^ wanted)}")
            mutants.append(Mutant(**entry))
    names = [m.name for m in mutants]
    if len(set(names)) != len(names):
        raise ValueError("two mutants have one name")
    return mutants


def mutated(text: str, mutant: Mutant) -> str:
    """The file with the one line changed. Raises: DoesNotApply."""
    lines = text.splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if line.strip() == mutant.before]
    if len(places) != 1:
        raise DoesNotApply(f"its line occurs {len(places)} times in {mutant.file}")
    line = lines[places[0]]
    lines[places[0]] = line[: len(line) - len(line.lstrip())] + mutant.after + "\n"
    changed = "".join(lines)
    try:
        compile(changed, mutant.file, "exec")
    except SyntaxError as error:
        raise DoesNotApply(f"the changed line is not Python: {error.msg}") from error
    return changed


def run_tests(
    root: Path, source: Path, tests: Iterable[str], report: Path, *options: str
) -> tuple[int, ET.Element | None, str]:
    """pytest over `tests` with the program from `source`: exit status, JUnit suite, output."""
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)  # of a pytest that runs us
    paths = (f"tests/{test}" for test in tests)
    django = ["--ds=node_settings"] if (root / "tests" / "node_settings.py").exists() else []
    command = [sys.executable, "-m", "pytest", *QUIETLY, *django, *options, f"--junitxml={report}", *paths]
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, None, "it took too long"
    suite = ET.parse(report).getroot().find("testsuite") if report.exists() else None  # noqa: S314 (our own file)
    return done.returncode, suite, done.stdout + done.stderr


def judge(status: int, suite: ET.Element | None, output: str) -> tuple[Verdict, str]:
    """What a run of the named test on the mutated copy proves."""
    if suite is None:
        return Verdict.WRONG_REASON, last_line(output)
    if int(suite.get("errors", "0")) or int(suite.get("skipped", "0")) or not int(suite.get("tests", "0")):
        return Verdict.WRONG_REASON, "the test did not run: " + last_line(output)
    if status == 0:
        return Verdict.SURVIVED, "the test passes all the same"
    failure = suite.find(".//failure")
    message = (failure.get("message") or "") if failure is not None else ""
    if status == 1 and message.startswith(ASSERTED):
        return Verdict.KILLED, message.splitlines()[0][:100]
    return Verdict.WRONG_REASON, (message or last_line(output)).splitlines()[0][:100]


def last_line(output: str) -> str:
    return (output.strip().splitlines() or ["no output"])[-1][:100]


def try_mutant(mutant: Mutant, root: Path, folder: Path) -> Result:
    """Copy the program, change the line, run the test."""
    began = time.monotonic()
    copy = folder / mutant.name
    try:
        changed = mutated((root / mutant.source).read_text(encoding="utf-8"), mutant)
        shutil.copytree(root / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
        (copy / mutant.source).write_text(changed, encoding="utf-8")
        verdict, detail = judge(*run_tests(root, copy / "src", [mutant.test], copy / "report.xml", "-x"))
    except (DoesNotApply, FileNotFoundError) as error:
        verdict, detail = Verdict.STALE, str(error)
    return Result(mutant=mutant, verdict=verdict, detail=detail, seconds=time.monotonic() - began)


def try_all(mutants: list[Mutant], root: Path, progress: Progress) -> list[Result]:
    """First the copy without any mutant, to know which tests pass; then each mutant whose test does.

    Raises: SystemExit when the tests cannot be run at all.
    """
    task = progress.add_task("the program as it is", total=len(mutants) + 1)
    with tempfile.TemporaryDirectory(prefix="comity-mutants-") as name:
        folder = Path(name)
        shutil.copytree(root / "src", folder / "none" / "src", ignore=shutil.ignore_patterns("__pycache__"))
        tests = sorted({mutant.test for mutant in mutants})
        status, suite, output = run_tests(root, folder / "none" / "src", tests, folder / "report.xml")
        if suite is None or status not in (0, 1):
            sys.exit(f"the promise tests cannot be run:\n{output}")
        failing = failed(suite)
        progress.advance(task)
        results = []
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for result in pool.map(lambda mutant: _tried(mutant, failing, root, folder), mutants):
                progress.update(task, advance=1, description=result.mutant.name)
                results.append(result)
    return results


def _tried(mutant: Mutant, failing: set[str], root: Path, folder: Path) -> Result:
    already = sorted(test for test in failing if test.startswith(mutant.test))
    if already:
        return Result(mutant=mutant, verdict=Verdict.WRONG_REASON, detail="without the mutant too", seconds=0)
    return try_mutant(mutant, root, folder)


def failed(suite: ET.Element) -> set[str]:
    """The ids, below tests/, of the tests that did not pass."""
    bad = [case for case in suite.iter("testcase") if any(case.find(what) is not None for what in ("failure", "error"))]
    return {
        case.get("classname", "").removeprefix("tests.").replace(".", "/") + ".py::" + case.get("name", "")
        for case in bad
    }


def show(results: list[Result], console: Console) -> None:
    table = Table("promise", "mutant", "what it breaks", "verdict", "seconds")
    for result in sorted(results, key=lambda r: (r.mutant.promise, r.mutant.name)):
        killed = result.verdict is Verdict.KILLED
        verdict = f"[green]{result.verdict}[/]" if killed else f"[red]{result.verdict}[/]: {result.detail}"
        table.add_row(
            str(result.mutant.promise), result.mutant.name, result.mutant.breaks, verdict, f"{result.seconds:.1f}"
        )
    console.print(table)


def main(words: list[str]) -> int:
    console = Console()
    mutants = [m for m in read_mutants(Path(__file__).parent) if not words or any(word in m.name for word in words)]
    if not mutants:
        sys.exit("no mutant has such a name")
    with Progress(console=Console(stderr=True), transient=True, disable=not console.is_terminal) as progress:
        results = try_all(mutants, ROOT, progress)
    show(results, console)
    left = [r for r in results if r.verdict is not Verdict.KILLED]
    console.print(f"{len(results) - len(left)} of {len(results)} mutants killed")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
