"""docs/ledger.md: its example runs, and the names it gives exist."""

from __future__ import annotations

import re
from pathlib import Path

import comity.ledger
import comity.messages

TEXT = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()


def test_the_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(example, "docs/ledger.md", "exec"), {})  # noqa: S102 -- our own page


def test_every_error_that_the_page_names_exists():
    table = TEXT.partition("## What is refused")[2].partition("## What the log holds")[0]
    names = set(re.findall(r"`([A-Z]\w+)`", table))
    assert len(names) >= 15
    assert {name for name in names if not hasattr(comity.messages, name) and not hasattr(comity.ledger, name)} == set()


def test_every_error_of_a_bill_is_on_the_page():
    errors = {kind.__name__ for kind in comity.messages.BillError.__subclasses__()}
    assert {name for name in errors if f"`{name}`" not in TEXT} == set()
