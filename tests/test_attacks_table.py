"""`docs/attacks.md` keeps its word: one row for each attack, and every test and file that it names is there."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "attacks.md"
WANTED = [f"A{number:02}" for number in (*range(31, 49), *range(70, 82))]
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def rows(page: str) -> list[tuple[str, str, str, str]]:
    """Number, attack, what withstands it, what shows it."""
    found = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"A\d\d", cells[0]):
            number, attack, withstood, shown = cells
            found.append((number, attack, withstood, shown))
    return found


@functools.cache
def named_in(path: Path) -> frozenset[str]:
    """Functions of a file whose name says that they are tests: those of its classes too, and no helper's inner ones."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    functions = [node for body in bodies for node in body if isinstance(node, ast.FunctionDef)]
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def wrong(page: str) -> list[str]:
    """What is wrong with the table; empty where nothing is."""
    table, faults = rows(page), []
    numbers = [number for number, *_ in table]
    faults += [f"{number} has {numbers.count(number)} rows" for number in WANTED if numbers.count(number) != 1]
    faults += [f"{number} has two rows" for number in sorted(set(numbers) - set(WANTED)) if numbers.count(number) > 1]
    for number, _, withstood, shown in table:
        named = TEST.findall(shown)
        if not named and not re.search(r"\b(open|does not apply): \w", f"{withstood} {shown}"):
            faults.append(f"{number} names no test, and does not say why")
        if shown.count("::") != len(named):
            faults.append(f"{number} names a test in another form")
        for file, name in named:
            path = ROOT / "tests" / file
            if not path.is_file() or name not in named_in(path):
                faults.append(f"{number} names {file}::{name}, which is not there")
        for file in re.findall(r"`([^`]+)`", withstood):
            if not (ROOT / "src" / "comity" / file).exists():
                faults.append(f"{number} names {file}, which is not there")
    return faults


def test_each_attack_has_its_row_and_what_it_names_is_there():
    assert wrong(PAGE.read_text(encoding="utf-8")) == []


SPOILT = {
    "a row is missing": (r"\n\| A36 [^\n]*", "", "A36 has 0 rows"),
    "a row twice": (r"(\n\| A36 [^\n]*)", r"\1\1", "A36 has 2 rows"),
    "a test that is not there": (r"::test_a_bomb_is_not_unpacked", "::test_a_bomb", "A03 names"),
    "a file of tests that is not there": (r"node/wire/test_origins", "node/wire/test_origin", "A31 names"),
    "a file that is not there": (r"`node/keyring\.py`", "`node/keyrings.py`", "A45 names"),
    "nothing shows it": (r"(\| A42 .*\| )`.*", r"\1 |", "A42 names no test"),
    "no reason": (r"open: no crafted pair is tried", "open", "A13 names no test"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_wrong_is_found(how: str):
    pattern, instead, fault = SPOILT[how]
    page, count = re.subn(pattern, instead, PAGE.read_text(encoding="utf-8"))
    assert count
    assert [one for one in wrong(page) if one.startswith(fault)]
