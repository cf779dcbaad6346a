"""What a conversion could not carry over. Nothing is lost quietly (promise 10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One thing that was in the input and is not in the objects."""

    id: str  # the MISP uuid of what was lost, or `row 7`, `line 12`
    what: str  # "attribute", "comment", "distribution", "proposal", "row" ...
    why: str  # for people; holds no value of the input
