"""The mutant runner itself: it must see a survivor, a stale mutant, and a failure that proves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.progress import Progress

from mutants.run import ROOT, Mutant, Verdict, mutated, read_mutants, try_all

PROGRAM = '"""A house of one room."""\n\n\ndef allowed(age):\n    return age >= 18\n\n\ndef name():\n    return "x"\n'
TEST = "from comity.door import allowed\n\n\ndef test_door():\n    assert not allowed(17)\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "src/comity").mkdir(parents=True)
    (tmp_path / "src/comity/__init__.py").write_text("")
    (tmp_path / "src/comity/door.py").write_text(PROGRAM)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_door.py").write_text(TEST)
    return tmp_path


def mutant(name: str, before: str, after: str, test: str = "test_door.py::test_door") -> Mutant:
    return Mutant(name=name, promise=1, breaks="", file="door.py", before=before, after=after, test=test)


@pytest.mark.slow
def test_each_verdict(house: Path):
    mutants = [
        mutant("open to all", "return age >= 18", "return True"),
        mutant("other name", 'return "x"', 'return "y"'),
        mutant("moved on", "return age > 18", "return True"),
        mutant("broken", "return age >= 18", "return aeg >= 18"),
        mutant("not python", "return age >= 18", "return age >="),
    ]
    with Progress(disable=True) as progress:
        results = {r.mutant.name: r.verdict for r in try_all(mutants, house, progress)}
    assert results == {
        "open to all": Verdict.KILLED,
        "other name": Verdict.SURVIVED,
        "moved on": Verdict.STALE,
        "broken": Verdict.WRONG_REASON,
        "not python": Verdict.STALE,
    }
    assert (house / "src/comity/door.py").read_text() == PROGRAM, "the program itself is never changed"


@pytest.mark.slow
def test_nothing_is_proved_when_the_test_fails_without_the_mutant_too(house: Path):
    (house / "tests/test_door.py").write_text(TEST.replace("17", "19"))
    with Progress(disable=True) as progress:
        [result] = try_all([mutant("open to all", "return age >= 18", "return True")], house, progress)
    assert result.verdict is Verdict.WRONG_REASON


ALL = read_mutants(Path(__file__).parent)


@pytest.mark.parametrize("one", ALL, ids=[m.name for m in ALL])
def test_the_mutant_still_applies(one: Mutant):
    """Cheap enough for every run; whether it is killed is for `make mutants`."""
    mutated((ROOT / one.source).read_text(encoding="utf-8"), one)


@pytest.mark.parametrize("promise", [1, 2, 3, 4, 5, 6, 8, 9, 10])
def test_every_promise_has_a_mutant(promise: int):
    assert any(m.promise == promise for m in ALL)
