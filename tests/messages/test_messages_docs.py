"""docs/messages.md names every message, every code and every error, and none that is not there."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import comity.canon
import comity.messages
from comity.messages import (
    MESSAGES,
    CardError,
    DeletionCause,
    FollowUpError,
    HoldGround,
    NotStored,
    Withdrawal,
    message_schema,
)

TEXT = (Path(__file__).parents[2] / "docs" / "messages.md").read_text()


def test_every_message_is_in_the_first_table():
    for kind in MESSAGES.values():
        assert f"| {kind.name()} | " in TEXT
        assert f"(schemas/comity-{kind.KIND}.json)" in TEXT


def test_the_codes_on_the_page_are_the_codes_of_the_program():
    section = TEXT.partition("## Codes")[2].partition("\n## ")[0]
    told = [re.findall(r"`([a-z-]+)`", row) for row in re.findall(r"^\| .+? \| (`.+) \|$", section, re.MULTILINE)]
    codes = [[one.value for one in kind] for kind in (NotStored, Withdrawal, DeletionCause, HoldGround)]
    assert told == codes


def test_every_error_that_the_page_names_exists():
    names = set(re.findall(r"`([A-Z]\w+)`", TEXT)) - {"KIND"}
    assert len(names) >= 25
    assert {one for one in names if not hasattr(comity.messages, one) and not hasattr(comity.canon, one)} == set()


def test_every_error_of_what_follows_a_bill_and_of_a_card_is_on_the_page():
    kinds = chain(FollowUpError.__subclasses__(), CardError.__subclasses__())
    assert {kind.__name__ for kind in kinds if f"`{kind.__name__}`" not in TEXT} == set()


def test_the_limit_on_the_page_is_that_of_the_schemas():
    assert message_schema("receipt")["properties"]["missing"]["maxItems"] == 20_000
    assert "at most 20 000 items" in TEXT
