"""crossing: the one way across. Assess, decide, treat; the same inputs give the same bytes."""

from comity.crossing.circumstances import BadCircumstances, Circumstances, Consent, Received
from comity.crossing.cross import Crossing, cross, observe
from comity.crossing.decision import Decision, DetectionDecision
from comity.crossing.keys import SECRET_BYTES, Keys, WeakSecret
from comity.crossing.reasons import Reason
from comity.crossing.record import record
from comity.crossing.spool import MemorySpool, Spool

__all__ = [
    "SECRET_BYTES",
    "BadCircumstances",
    "Circumstances",
    "Consent",
    "Crossing",
    "Decision",
    "DetectionDecision",
    "Keys",
    "MemorySpool",
    "Reason",
    "Received",
    "Spool",
    "WeakSecret",
    "cross",
    "observe",
    "record",
]
