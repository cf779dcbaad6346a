"""A chapter of the demo: what was done, what a reader sees of it, and the checks that it really was so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import RenderableType


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One claim of the demo. INVARIANT: `held` is computed from what the chapter did, never a constant."""

    shown: str  # the claim, as the closing table words it
    held: bool
    evidence: str  # what was counted or compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    title: str
    intro: str
    body: tuple[RenderableType, ...]
    checks: tuple[Check, ...]
    facts: dict[str, Any]  # the same for programs: plain JSON
