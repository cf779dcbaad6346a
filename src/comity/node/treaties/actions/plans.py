"""plan_for: a flow compiled at a day; and the law pack that it is compiled against. Both are made once.

What `accept` compiled to see whether a text may stand is what its flows are decided by later.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass, field

from comity.agreement import Agreement, Plan
from comity.agreement import compile as compile_plan
from comity.law import Law
from comity.node.treaties.models import Flow, Text
from comity.node.treaties.texts import with_baseline

KEPT = 128  # plans: flows in force, times the days whose crossings are looked at again


@functools.cache
def law() -> Law:
    """The law pack that ships with the program."""
    return Law.load()


def plan_for(flow: Flow, on: dt.date) -> Plan:
    """The plan of a flow on a day, whether it is suspended or not. Nothing is asked or compiled a second time.

    Raises: CheckFailed where law or date have made the text fail its check; TextChanged.
    """
    return _plan_of_text(flow.text_id, law().digest, flow.origin, flow.destination, on)


def compiled(agreement: Agreement, baseline: Agreement | None, flow: tuple[str, str], on: dt.date) -> Plan:
    """The plan of one direction of these texts, kept or not yet. Raises: CheckFailed, NoEvaluator."""
    return _plan(_Texts(agreement=agreement, baseline=baseline), law().digest, flow, on)


@functools.lru_cache(maxsize=KEPT)
def _plan_of_text(digest: str, law_digest: str, origin: str, destination: str, on: dt.date) -> Plan:
    del law_digest  # of `law()`: another pack makes another plan
    agreement, baseline = with_baseline(Text.objects.select_related("baseline").get(pk=digest))
    return compiled(agreement, baseline, (origin, destination), on)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """An agreement over its baseline; two with the same digests are one."""

    agreement: Agreement = field(compare=False)
    baseline: Agreement | None = field(compare=False)
    digests: tuple[str, str] = field(init=False)

    def __post_init__(self) -> None:
        below = "" if self.baseline is None else self.baseline.digest
        object.__setattr__(self, "digests", (self.agreement.digest, below))


@functools.lru_cache(maxsize=KEPT)
def _plan(texts: _Texts, law_digest: str, flow: tuple[str, str], on: dt.date) -> Plan:
    del law_digest
    return compile_plan(texts.agreement, law(), flow=flow, on=on, baseline=texts.baseline)
