"""The public notice: everything a person must be told, each sentence with its clause, from the same text."""

from __future__ import annotations

import re

import pytest
from tests.agreement.texts import ALONE, BASELINE, BR, JP, changed, example, law, read

from comity.agreement import explain
from comity.agreement.compiling.promises import span_in_words


def _notice(name: str) -> str:
    return explain(example(name), law(), None if name == BASELINE else example(BASELINE))


@pytest.mark.parametrize("name", [BASELINE, BR, JP])
def test_the_notice_has_every_part(name: str):
    notice = _notice(name)
    parts = ("Who exchanges", "Why, and on what basis", "What is shared", "about people", "How long", "Your rights")
    for part in (*parts, "Where to go"):
        assert part in notice
    assert example(name).digest in notice


@pytest.mark.parametrize("name", [BASELINE, BR, JP])
def test_every_citation_in_the_notice_resolves(name: str):
    clauses = {**example(BASELINE).clauses, **example(name).clauses}
    cited = [
        one
        for found in re.findall(r"\[([^\]\\]*(?:\[\d+\])?)\]$", _notice(name), re.MULTILINE)
        for one in (found.rpartition("; ")[2].split(", "))
    ]
    assert len(cited) > 30
    for citation in cited:
        assert citation in clauses or law().has(citation), citation


def test_people_read_where_to_complain_and_how_long_it_takes():
    notice = _notice(BR)
    assert "dpo@cert-ee.example" in notice
    assert "Agência Nacional de Proteção de Dados" in notice
    assert "60 days from its first receipt" in notice
    assert "replaced by a pseudonym" in notice


def test_the_notice_says_what_the_law_of_japan_adds():
    assert "victim of a crime" in _notice(JP)
    assert "victim of a crime" not in _notice(BR)


def test_a_partys_words_cannot_pose_as_the_notices():
    """Whoever writes a name writes text, not links, headings or tables."""
    hostile = "name: '[pay here](https://evil.example) <b>#| `x`'"
    notice = explain(read(changed(ALONE, ("name: Two", hostile))), law())
    assert "[pay here](" not in notice
    assert "<b>" not in notice


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ("P30D", "30 days"),
        ("PT24H", "24 hours"),
        ("P1M", "1 month"),
        ("P2Y", "2 years"),
        ("P1DT1H", "1 day and 1 hour"),
        ("PT5M", "5 minutes"),
    ],
)
def test_durations_in_words(span: str, words: str):
    assert span_in_words(span) == words
