"""Every error of an outgoing call says what happened, why, and what to do, and whom to ask."""

from __future__ import annotations

import inspect

import pytest

from comity.node.exchange import outgoing
from comity.node.exchange.outgoing import BadAnswer, CallError, CallNotAllowed, PartnerNotReached

FIELDS = {
    "party": "cert-br", "url": "'u'", "origin": "https://o.example", "host": "h.example", "address": "10.0.0.1",
    "kind": "private", "reason": "because", "seconds": 60.0, "to": "'t'", "limit": 5, "ratio": 100, "status": 401,
}  # fmt: skip
KINDS = (CallNotAllowed, PartnerNotReached, BadAnswer)
ERRORS = [
    value
    for value in vars(outgoing).values()
    if inspect.isclass(value) and issubclass(value, CallError) and value not in (CallError, *KINDS)
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_it_speaks_in_three_sentences(error: type[CallError]):
    made = error(**FIELDS)
    assert "cert-br" in made.sentence
    assert ": " in made.sentence, "what and why"
    assert made.remedy
    assert "{" not in made.sentence + made.remedy


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_it_is_of_one_kind(error: type[CallError]):
    """Whoever calls needs to know three things apart: never again, later, or a partner to talk to."""
    assert sum(issubclass(error, kind) for kind in KINDS) == 1


def test_each_is_offered_by_name():
    def below(kind: type[CallError]) -> set[type[CallError]]:
        return {kind}.union(*(below(sub) for sub in kind.__subclasses__()))

    assert {error for error in below(CallError) if error.__module__.startswith("comity.")} == {
        *ERRORS,
        CallError,
        *KINDS,
    }
