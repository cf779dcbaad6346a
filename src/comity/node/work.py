"""The table of due work: each kind, the function that does it, and what recurs.

Functions are named, not imported, since a kind may belong to an app above the one that schedules it. Each is
`name(facts, now) -> None`, idempotent, and raises `due.actions.Again` to be tried at another time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple


class Work(NamedTuple):
    """What is done, and whether it is ever given up."""

    function: str  # "package.module:name"
    gives_up: bool = False  # False: a duty; it is tried until it is done, and shown as overdue


_NODE = "comity.node"

WORK: Mapping[str, Work] = {
    "react": Work(f"{_NODE}.reactions:react"),
    "sequence": Work(f"{_NODE}.journal.actions:sequence_work"),
    "audit": Work(f"{_NODE}.journal.actions:audit_work"),
    "publish": Work(f"{_NODE}.border.actions:publish_work"),
    "release-waiting": Work(f"{_NODE}.border.actions:release_waiting_work"),
    "expire-questions": Work(f"{_NODE}.border.actions:expire_questions_work"),
    "forget-submissions": Work(f"{_NODE}.border.actions:forget_submissions_work"),
    "sweep": Work(f"{_NODE}.vault.actions:sweep_work"),
    "repair": Work(f"{_NODE}.vault.actions:repair_work"),
    "witness": Work(f"{_NODE}.exchange.actions:witness_work"),
    "meet": Work(f"{_NODE}.exchange.actions:meet_work"),
    "pull": Work(f"{_NODE}.exchange.actions:pull_work"),
    "deliver": Work(f"{_NODE}.exchange.actions:deliver_work"),
    "take": Work(f"{_NODE}.exchange.serving.taking:take_work"),
    "forget": Work(f"{_NODE}.people.actions:forget_expired"),
    "tidy": Work(f"{_NODE}.exchange.actions:tidy_work"),
}

RECURRING: tuple[tuple[str, dt.timedelta], ...] = (
    ("sweep", dt.timedelta(minutes=1)),
    ("repair", dt.timedelta(hours=1)),
    ("expire-questions", dt.timedelta(minutes=1)),
    ("forget-submissions", dt.timedelta(hours=1)),
    ("witness", dt.timedelta(minutes=1)),
    ("meet", dt.timedelta(minutes=1)),
    ("tidy", dt.timedelta(hours=1)),
    ("forget", dt.timedelta(hours=1)),
    ("audit", dt.timedelta(days=1)),
)
"""Kinds that are always due again. `pull` recurs for each partner: `meet` schedules it."""
