"""Whatever is approved, stripped, released again or left alone, in any order: the shelf says what the crossing says."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.node.world import BR, PURPOSE, Content, World, bundle, incident, indicator, sdo

from comity.material import TLP_DEFINITIONS, references
from comity.node.border import actions as border
from comity.node.border import door
from comity.node.border.models import Question, Shelved, Submission
from comity.node.border.shelf import substance

pytestmark = pytest.mark.slow  # many histories

numbers = itertools.count()


def story(number: int) -> list[Content]:
    """A small incident with everything that ties: what waits, what is in doubt, what names the rest."""
    c2, one, two = indicator(f"c{number}"), incident(f"one{number}"), incident(f"two{number}")
    text = f"Account haigla\\kask{number} or the log server's; 10.4.0.11 is an address or a release."
    note = sdo("note", f"n{number}", abstract="In doubt", content=text, object_refs=[c2["id"]])
    tie = sdo("relationship", f"t{number}", relationship_type="related-to", source_ref=one["id"], target_ref=two["id"])
    words = {"object_ref": note["id"], "contents": {"et": {"abstract": "Kahtlane"}}}
    translation = sdo("language-content", f"l{number}", object_modified=note["modified"], **words)
    report = sdo(
        "report",
        f"r{number}",
        name="All of it",
        published="2026-11-02T08:00:00Z",
        object_refs=[one["id"] for one in (c2, one, two, note, tie)],
    )
    return [c2, one, two, note, tie, translation, report]


acts = st.lists(
    st.one_of(
        st.tuples(st.just("approve"), st.integers(0, 5)),
        st.tuples(st.just("reject"), st.integers(0, 5)),
        st.tuples(st.just("strip"), st.sampled_from([(3, "/abstract"), (1, ""), (0, "/indicator_types"), (6, "")])),
        st.tuples(st.just("release"), st.just(0)),
        st.tuples(st.just("publish"), st.just(0)),
    ),
    max_size=7,
)


def do(world: World, submission: Submission, objects: list[Content], act: tuple[str, Any]) -> None:
    verb, what = act
    open_questions = Question.objects.filter(submission=submission, state=Question.ASKED).order_by("object_id", "path")
    match verb:
        case "approve" | "reject":
            if what < len(open_questions):
                if verb == "approve":
                    world.approved(open_questions[what])
                else:
                    border.reject(open_questions[what], ground="unreliable", by=world.officer, now=world.now)
        case "strip":
            index, path = what
            flow = submission.crossings.get(latest=True).flow
            border.strip(
                submission, flows=[flow], object_id=objects[index]["id"], paths=[path], by=world.officer, now=world.now
            )
        case "release":
            border.release(submission, by=world.officer, now=world.now)
        case "publish":
            world.publish()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=acts)
def test_the_shelf_says_what_the_last_crossing_says(world, plan):
    objects = story(next(numbers))
    submission = border.import_file(bundle(objects), by=world.analyst, now=world.now)
    border.submit(submission, to=[BR], purpose=PURPOSE, collected_by="victim-log", by=world.analyst, now=world.now)
    for act in plan:
        world.node.move(dt.timedelta(minutes=3))
        do(world, submission, objects, act)
    world.publish()
    crossing = submission.crossings.get(latest=True)
    mine = {row.object_id for row in Shelved.objects.filter(release__crossing__submission=submission)}
    read = {one["id"]: one for one in world.read(versions=door.LAST)}
    # What the crossing lets go is what is read, object for object; nothing of this submission stands beside it.
    leaves = {one["id"]: substance(one) for one in border.replay(crossing).objects()}
    assert {name: substance(read[name]) for name in leaves} == leaves
    lasting = {*TLP_DEFINITIONS, *(name for name in read if name.startswith("identity--"))}
    assert (mine & read.keys()) - lasting == leaves.keys() - lasting
    # No reference dangles (promise 3), in whatever version.
    for one in world.read():
        assert {target for _, target in references(one)} <= read.keys() | TLP_DEFINITIONS.keys(), one
    # Every version of an object that stands is under a bill that stands.
    listed = {(line["id"], line.get("version")) for bill in world.bills() for line in bill.content["listed"]}
    assert {(one["id"], one.get("modified") or one.get("created")) for one in world.read()} <= listed


@pytest.mark.parametrize(
    "plan",
    [
        [("approve", 0), ("strip", (3, "/abstract")), ("approve", 1), ("release", 0)],
        [("approve", 0), ("approve", 0)],
    ],
)
def test_orders_that_once_went_wrong(world, plan):
    test_the_shelf_says_what_the_last_crossing_says.hypothesis.inner_test(world, plan)
