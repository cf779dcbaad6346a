"""Layering (promise 2): grants intersect, limits join, adaptable floors hold; in any grouping, the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.agreement.texts import BR, JP, TO_BR, TO_JP, plan

from comity.agreement.compiling.rules import Cell
from comity.agreement.layering import Layer, lay, lay_all
from comity.canon import KEEP, PSEUDONYMISE, REDACT, WITHHOLD, Category, Duration, Kind, Remains, Role, Tlp, Treatment

TREATMENTS = [
    KEEP,
    PSEUDONYMISE,
    REDACT,
    WITHHOLD,
    Treatment(Kind.GENERALISE, Remains(ipv4=24)),
    Treatment(Kind.GENERALISE, Remains(ipv4=16, ipv6=48)),
    Treatment(Kind.GENERALISE, Remains(email=1)),
]
CELLS = st.builds(
    Cell,
    treatment=st.sampled_from(TREATMENTS),
    expires=st.sampled_from([None, Duration("P7D"), Duration("P30D")]),
    attribution_forbidden=st.booleans(),
    clauses=st.sampled_from([("a:P1",), ("b:P1",), ("a:P1", "b:P2")]),
)
LAYERS = st.none() | st.builds(lambda cell, floor: Layer(cell.join(floor), floor), CELLS, CELLS)


def _same(one: Layer[Cell] | None, two: Layer[Cell] | None) -> bool:
    if one is None or two is None:
        return one is two
    return one.default.same_answer(two.default) and one.floor.same_answer(two.floor)


@given(LAYERS, LAYERS, LAYERS)
def test_layering_is_associative(root: Layer[Cell] | None, middle: Layer[Cell] | None, top: Layer[Cell] | None):
    left = lay(lay(root, middle, Cell.join), top, Cell.join)
    right = lay(root, lay(middle, top, Cell.join), Cell.join)
    assert _same(left, right)


@given(LAYERS)
def test_silence_changes_nothing(layer: Layer[Cell] | None):
    assert lay(layer, None, Cell.join) == layer
    assert lay(None, layer, Cell.join) == layer


@given(LAYERS, LAYERS)
def test_nothing_goes_below_the_floor_of_the_root(root: Layer[Cell] | None, annex: Layer[Cell] | None):
    layered = lay_all([root, annex], Cell.join)
    if root is not None and layered is not None:
        assert layered.default.join(root.floor).same_answer(layered.default)


@given(CELLS, CELLS)
def test_an_annex_that_speaks_replaces_the_default_and_keeps_the_floor(annex: Cell, floor: Cell):
    root = Layer(WITHHELD, floor)
    layered = lay(root, Layer(annex, annex), Cell.join)
    assert layered is not None
    assert layered.default.same_answer(floor.join(annex))


WITHHELD = Cell(treatment=WITHHOLD)


def test_floors_are_decided_per_question():
    """The baseline's P5 leaves room for victims' addresses; the annex with Brazil uses it, that with Japan does not."""
    question = (Category.IPV4_ADDRESS, Role.VICTIM, "incident-response", False)
    assert plan(BR, TO_BR).answer(*question).treatment == Treatment(Kind.GENERALISE, Remains(ipv4=24, ipv6=48))
    assert plan(JP, TO_JP).answer(*question).treatment == REDACT
    silent = plan(BR, TO_BR, (("role: [victim, bystander], treatment", "role: bystander, treatment"),))
    assert silent.answer(*question).treatment == REDACT  # the annex is silent: the baseline's own default


def test_periods_join_to_the_shorter_one_and_respect_adaptable_floors():
    shares = {share.clause: share for layer in plan(BR, TO_BR).grants for share in layer}
    assert shares["csirt-baseline:S2"].retention == Duration("P60D")  # annex, of 90 days
    assert shares["csirt-baseline:S1"].retention == Duration("P180D")  # annex silent
    longer = (("retention: {S2: P60D", "retention: {S1: P300D, S2: P60D"),)
    room = (("  on-sunset: delete", "  on-sunset: delete\n  adaptable: {S1: P1Y}"),)
    adapted = {share.clause: share for layer in plan(BR, TO_BR, longer, room).grants for share in layer}
    assert adapted["csirt-baseline:S1"].retention == Duration("P300D")


def test_purposes_intersect():
    narrowed = plan(BR, TO_BR, (("transfers:", "purposes: [incident-response]\ntransfers:"),))
    assert set(narrowed.purposes) == {"incident-response"}
    assert {share.purposes for share in narrowed.grants[0]} == {frozenset({"incident-response"})}


def test_an_object_needs_a_grant_in_each_text_that_shares():
    share = "share:\n  - {id: S1, what: indicators, ceiling: green, release: approved}\nretention:"
    layered = plan(BR, TO_BR, (("retention:", share),))
    assert [[one.clause for one in layer] for layer in layered.grants] == [
        ["csirt-baseline:S0", "csirt-baseline:S1", "csirt-baseline:S2", "csirt-baseline:S3"],
        ["ee-br-csirt:S1"],
    ]


def test_limits_of_one_value_join():
    annex = """doubt: {refer-below: 0.7}
markings: {unmarked: amber+strict}
proof: {witnessed-within: PT12H}
pseudonyms: {epoch: P1M}
quality: {confidence-at-least: 30}
extensions: {allowed: [x_mitre_platforms, x_other]}
formats: [stix-2.1]
free_text: {treatment: withhold}
retention:"""
    tight = plan(BR, TO_BR, (("retention:", annex),))
    assert tight.refer_below == 0.7  # the baseline says 0.8, and 0.6 is its floor
    assert tight.unmarked is Tlp.AMBER_STRICT
    assert tight.witnessed_within == Duration("PT12H")
    assert tight.epoch == Duration("P1M")
    assert tight.epoch_began.isoformat() == "2026-11-01"
    assert tight.confidence_at_least == 30
    assert tight.extensions == {"x_mitre_platforms"}
    assert tight.formats == {"stix-2.1"}
    assert (tight.free_text, tight.on_doubt) == ("withhold", "withhold")
