"""The steps of an assessment, in order. Each takes a candidate and gives a finding; the lattice joins them.

A step knows nothing of the others, edits nothing and raises nothing to withhold (STYLE, habit 10). What the personal
data in the object asks for comes after, in `assess`, since which share clause matches depends on it.
"""

from __future__ import annotations

from collections.abc import Callable

from comity.crossing.candidate import Candidate
from comity.crossing.finding import Finding
from comity.crossing.steps.extensions import extensions
from comity.crossing.steps.form import form
from comity.crossing.steps.marking import marking
from comity.crossing.steps.moment import moment
from comity.crossing.steps.origin import origin
from comity.crossing.steps.quality import quality
from comity.crossing.steps.standing import standing

STEPS: tuple[Callable[[Candidate], Finding], ...] = (standing, form, moment, extensions, marking, origin, quality)

__all__ = ["STEPS"]
