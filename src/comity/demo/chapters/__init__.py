"""The chapters of the demo, in the order they are told. Each takes the stage and gives a chapter."""

from __future__ import annotations

from collections.abc import Callable

from comity.demo.chapter import Chapter
from comity.demo.chapters.address import address
from comity.demo.chapters.agreements import agreements
from comity.demo.chapters.bill import bill
from comity.demo.chapters.denied import denied
from comity.demo.chapters.incident import incident
from comity.demo.chapters.replay import replay
from comity.demo.chapters.screening import screening
from comity.demo.stage import Stage

CHAPTERS: tuple[Callable[[Stage], Chapter], ...] = (agreements, screening, incident, address, denied, bill, replay)

__all__ = ["CHAPTERS"]
