"""What the release as a whole owes: no dangling reference, nothing betrayed by an object that stays home."""

from __future__ import annotations

from tests.promises.cti import GREEN, RED, named, screened, sdo

from comity.material import StixObject, references, validate


def crossed(*objects, **facts):
    """The objects that cross, each valid and with no reference to what does not go along."""
    found = list(screened(list(objects), **facts).objects())
    ids = {content["id"] for content in found}
    for content in found:
        validate(StixObject(id=content["id"], type=content["type"], content=content, place="out"))
        assert {target for _, target in references(content)} <= ids
    return found


def test_a_changed_object_of_any_kind_takes_its_creator_along():
    tactic = sdo("x-mitre-tactic", "t", x_mitre_shortname="execution", created_by_ref=named("identity", "nobody here"))
    assert {content["type"] for content in crossed(tactic)} >= {"x-mitre-tactic", "identity"}


def test_parts_marked_red_leave_and_the_markings_of_the_rest_stay_right():
    markings = [{"marking_ref": RED, "selectors": ["labels.[0]"]}, {"marking_ref": GREEN, "selectors": ["labels.[2]"]}]
    malware = sdo("malware", "m", name="Evil", is_family=False, labels=["a", "b", "c"], granular_markings=markings)
    (left,) = (content for content in crossed(malware) if content["type"] == "malware")
    assert left["labels"] == ["b", "c"]
    assert left["granular_markings"] == [{"marking_ref": GREEN, "selectors": ["labels.[1]"]}]


def test_a_relationship_between_what_the_partner_holds_counts_as_crossing():
    ends = (named("malware", "one"), named("malware", "two"))
    tie = sdo("relationship", "tie", relationship_type="related-to", source_ref=ends[0], target_ref=ends[1])
    assert screened([tie], held={end: end for end in ends}).counts["material"] == 1
