"""The record of a crossing: a line of canonical JSON for each object, with what is needed to do it again.

INVARIANT: the record names places, categories and reasons, never a detected value (promise 5).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from comity import __version__
from comity.canon import dumps, format_instant
from comity.crossing.cross import Crossing
from comity.privacy import detector_version


def record(crossing: Crossing) -> Iterator[bytes]:
    """One line an object, in the order of the material, additions last; each ends with a line feed.

    Every line carries the digests and versions that the decision depends on (promise 8), so a single line can be
    checked without the others.
    """
    plan = crossing.plan
    shared = {
        "agreement": f"{plan.agreement.id}/{plan.agreement.version}",
        "agreement_digest": plan.agreement.digest,
        "baseline_digest": plan.baseline.digest if plan.baseline else None,
        "circumstances_digest": crossing.circumstances.digest,
        "detectors": detector_version(),
        "from": plan.origin.id,
        "law_digest": plan.law_digest,
        "law_version": plan.law_version,
        "now": format_instant(crossing.now),
        "program": __version__,
        "purpose": crossing.circumstances.purpose,
        "to": plan.destination.id,
    }
    for decision in crossing.decisions():
        yield dumps({**msgspec.to_builtins(decision), **shared}) + b"\n"
