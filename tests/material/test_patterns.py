"""Patterns: the OASIS parser is right, the quick reader says the same or nothing, and a rewrite stays a pattern."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.material.samples import document, documents, indicator, vectors

from comity.material import InvalidPattern, breaches, patterns, read_bundle
from comity.material.pattern_parser import parse
from comity.material.plain_patterns import plain

CASES = vectors("stix-patterns/pattern_cases.json")["cases"]
BUNDLES = [*documents("mvt-indicators"), *documents("oasis-examples"), *documents("stix-idioms")]


def _corpus() -> list[str]:
    found = {
        obj.content["pattern"]
        for name in BUNDLES
        for obj in read_bundle(document(name))
        if obj.type == "indicator" and obj.content.get("pattern_type") == "stix"
    }
    return sorted(text for text in found if len(text) < 1500)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["pattern"][:40])
def test_the_published_cases(case: dict[str, Any]) -> None:
    """oasis-open/cti-pattern-validator."""
    if case["valid"]:
        patterns.read(case["pattern"])
        return
    with pytest.raises(InvalidPattern):
        patterns.read(case["pattern"])


def test_the_quick_reader_gives_what_the_oasis_parser_gives_or_nothing() -> None:
    """Every published case and a sample of every publisher in the corpus; most are plain."""
    corpus = _corpus()
    sample = corpus[:: max(1, len(corpus) // 250)] + [case["pattern"] for case in CASES]
    plainly = 0
    for text in sample:
        quick = plain(text)
        if quick is not None:
            plainly += 1
            assert quick == parse(text)
    assert plainly > len(sample) * 0.6


NAME = st.sampled_from(["file", "ipv4-addr", "true", "LIKE", "x_a", "AND", "_b", "value", "hashes", "MD5", "a1"])
TEXT = st.text("ab'\\ .:é[]=0", max_size=5)
STEP = st.one_of(
    NAME.map(lambda name: f".{name}"),
    TEXT.map(lambda text: f".{patterns.quoted(text)}"),
    st.sampled_from(["[*]", "[0]", "[01]"]),
)
COMPARISON = st.builds(
    lambda kind, first, steps, sign, text: f"{kind}:{first}{''.join(steps)} {sign} {patterns.quoted(text)}",
    NAME, NAME, st.lists(STEP, max_size=2), st.sampled_from(["=", "!="]), TEXT,
)  # fmt: skip


@given(st.lists(COMPARISON, min_size=1, max_size=3), st.sampled_from([" AND ", " OR ", "AND", "  OR "]))
def test_the_quick_reader_never_says_more_than_the_oasis_parser(terms: list[str], joint: str) -> None:
    text = f"[{joint.join(terms)}]"
    quick = plain(text)
    if quick is not None:
        assert quick == parse(text)


def test_each_comparison_with_its_path_operator_and_constants() -> None:
    text = (
        "[(file:names[2].'SHA-256' = 'ab' AND email-message:to_refs[*].value IN ('a@b.example', 'c')) "
        "AND NOT EXISTS x:y AND process:pid > 5 AND artifact:payload_bin = h'ff' AND url:value NOT LIKE 'é%'] "
        "WITHIN 5 SECONDS"
    )
    read = patterns.read(text).comparisons
    assert [(c.object_type, c.path, c.operator, c.negated) for c in read] == [
        ("file", ("names", 2, "SHA-256"), "=", False),
        ("email-message", ("to_refs", patterns.ANY, "value"), "IN", False),
        ("x", ("y",), "EXISTS", True),
        ("process", ("pid",), ">", False),
        ("artifact", ("payload_bin",), "=", False),
        ("url", ("value",), "LIKE", True),
    ]
    assert [[(k.kind, k.value) for k in c.constants] for c in read] == [
        [("string", "ab")],
        [("string", "a@b.example"), ("string", "c")],
        [],
        [("integer", "5")],
        [("hex", "ff")],
        [("string", "é%")],
    ]
    for comparison in read:
        start, end = comparison.path_span
        assert text[start:end].startswith(f"{comparison.object_type}:")
        for constant in comparison.constants:
            assert constant.value in text[slice(*constant.span)]


@given(
    st.text(max_size=30).filter(lambda text: "\x00" not in text),
    st.sampled_from(["[a_b:value = 'x']", "[é:x = 'y' OR url:value IN ('x','y')]"]),
)
def test_any_value_can_be_written_into_a_pattern_and_read_back(value: str, text: str) -> None:
    """Quotes, backslashes, brackets and comments of a new value stay inside its literal."""
    if "é" in text:
        text = text.replace("é:x", "x_y:z")
    before = patterns.read(text)
    span = before.comparisons[-1].constants[-1].span
    after = patterns.read(before.rewrite({span: value}))
    assert after.comparisons[-1].constants[-1].value == value
    assert [c.path for c in after.comparisons] == [c.path for c in before.comparisons]


def test_several_constants_are_replaced_at_once() -> None:
    read = patterns.read("[ipv4-addr:value = '198.51.100.1' OR process:pid = 5]")
    spans = [constant.span for comparison in read.comparisons for constant in comparison.constants]
    assert read.rewrite(dict(zip(spans, ["240.0.0.1", "it's"], strict=True))) == (
        "[ipv4-addr:value = '240.0.0.1' OR process:pid = 'it\\'s']"
    )


def test_a_place_without_a_constant_is_not_rewritten() -> None:
    with pytest.raises(InvalidPattern, match="no constant stands"):
        patterns.read("[url:value = 'a']").rewrite({(1, 4): "x"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[" + "(" * 400 + "url:value = 'a'" + ")" * 400 + "]", "nested deeper than 32"),
        ("[" + " OR ".join(["(a_b:c=1)"] * 300) + "]", "more than 150 terms"),
        ("[url:value = '" + "a" * 4000 + "']", "more than 4000"),
        ("[" + " OR ".join(["url:value = 'a'"] * 2000) + "]", "more than 4000"),
    ],
)
def test_a20_length_nesting_and_terms_are_bounded_before_the_parser(text: str, says: str) -> None:
    started = time.process_time()
    with pytest.raises(InvalidPattern, match=says):
        patterns.read(text)
    assert time.process_time() - started < 0.1


def test_a20_what_is_within_the_bounds_is_read() -> None:
    assert len(patterns.read("[" + "(" * 31 + "url:value = 'a'" + ")" * 31 + "]").comparisons) == 1
    assert len(patterns.read("[" + " OR ".join(["(url:value = 'a')"] * 149) + "]").comparisons) == 149


@pytest.mark.parametrize("text", ["[url:value = 'a' /* Jan Novák */]", "[url:value = 'a'] // Jan Novák"])
def test_a_comment_would_stay_unseen_and_is_refused(text: str) -> None:
    with pytest.raises(InvalidPattern, match="comment"):
        patterns.read(text)


@pytest.mark.parametrize("case", vectors("attacks/redos.json")["cases"], ids=lambda case: case["case"])
def test_a19_a_partner_s_regular_expression_is_read_and_never_run(case: dict[str, Any]) -> None:
    started = time.process_time()
    read = patterns.read(f"[process:command_line MATCHES {patterns.quoted(case['regex'])}]")
    assert read.comparisons[0].constants[0].value == case["regex"]
    assert breaches(indicator(pattern_type="pcre", pattern=case["regex"])) == ()
    assert time.process_time() - started < 0.1


def test_a19_our_own_expressions_are_linear_on_hostile_patterns() -> None:
    def seconds(count: int) -> float:
        text = "[url:value = '" + "\\'" * count
        started = time.process_time()
        with pytest.raises(InvalidPattern):
            patterns.read(text)
        return time.process_time() - started

    seconds(100)
    assert seconds(1900) < 40 * max(seconds(190), 0.002)


def test_no_message_quotes_the_pattern() -> None:
    with pytest.raises(InvalidPattern) as caught:
        patterns.read("[email-addr:value LIKES 'jan.novak@example.cz']")
    assert "novak" not in json.dumps([str(caught.value), caught.value.remedy])
