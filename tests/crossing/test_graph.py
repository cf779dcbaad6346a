"""What crosses together, and what leaves as a new object, is settled on references alone."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from comity.canon import Outcome
from comity.crossing.graph import Graph, Node, anchors
from comity.crossing.reasons import Reason

A, B, C, D = (f"indicator--{n * 8}-0000-4000-8000-000000000000" for n in "abcd")
MALWARE = "malware--eeeeeeee-0000-4000-8000-000000000000"
SRO = "relationship--ffffffff-0000-4000-8000-000000000000"
REPORT = "report--99999999-0000-4000-8000-000000000000"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def node(object_id, refs=(), outcome=Outcome.PERMIT, *, changed=False, version="2026-01-01T00:00:00.000Z", needed=()):
    stix_type = object_id.split("--")[0]
    return Node(
        id=object_id,
        type=stix_type,
        version=version,
        outcome=outcome,
        decision=0,
        built_in=False,
        references=tuple(refs),
        anchors=tuple(frozenset(group) for group in needed),
        changed=changed,
        renamed=changed and stix_type not in ("ipv4-addr", "email-message"),
    )


def settled(*nodes, held=()):
    graph = Graph(
        nodes,
        held=dict(held),
        newest={},
        built_in=frozenset((RED,)),
        outgoing=lambda i: i.replace("0000-4000", "1111-4111"),
    )
    graph.settle()
    return graph


def test_a_relationship_stays_home_with_its_end():
    end, tie = node(A, outcome=Outcome.DENY), node(SRO, [("/source_ref", A), ("/target_ref", B)], needed=[[A], [B]])
    settled(end, node(B), tie)
    assert tie.outcome is Outcome.DENY
    assert tie.reasons == [Reason.REFERENCE_LOST]


def test_what_depends_on_something_referred_waits_with_it_and_is_not_denied():
    tie = node(SRO, needed=[[A], [B]])
    settled(node(A, outcome=Outcome.REFER), node(B), tie)
    assert tie.outcome is Outcome.REFER


def test_falling_goes_on_until_nothing_moves():
    report = node(REPORT, [("/object_refs/0", SRO)], needed=[[SRO]])
    settled(report, node(SRO, needed=[[A], [B]]), node(B))
    assert report.outcome is Outcome.DENY


def test_a_report_stands_while_one_of_its_objects_crosses_and_becomes_a_new_object():
    report = node(REPORT, [("/object_refs/0", A), ("/object_refs/1", B)], needed=[[A, B]])
    graph = settled(report, node(A), node(B, outcome=Outcome.DENY))
    assert report.stands and report.renamed
    assert graph.name(REPORT) != REPORT


def test_what_the_partner_already_holds_resolves_under_the_id_it_holds_it_by():
    other = "indicator--12121212-0000-4000-8000-000000000000"
    tie = node(SRO, [("/source_ref", A), ("/target_ref", B)], needed=[[A], [B]])
    graph = settled(node(B), tie, held={A: other})
    assert tie.stands and tie.renamed
    assert graph.name(A) == other


def test_a_new_id_renames_whoever_names_it_and_so_on():
    """A changed copy is a new object (STIX 2.1 section 3.6), so what refers to it says something new too."""
    nodes = [node(A, changed=True), node(B, [("/x_ref", A)]), node(C, [("/x_ref", B)]), node(D)]
    settled(*nodes)
    assert [n.renamed for n in nodes] == [True, True, True, False]


def test_an_observable_that_refers_to_a_renamed_one_keeps_its_id_unless_the_reference_makes_its_id():
    address = "ipv4-addr--aaaaaaaa-0000-4000-8000-000000000000"
    message = "email-message--bbbbbbbb-0000-4000-8000-000000000000"
    source = node(address, changed=True)
    source.renamed = True
    to, sender = node(message, [("/to_refs/0", address)]), node(message[:-1] + "1", [("/from_ref", address)])
    settled(source, to, sender)
    assert to.changed and not to.renamed
    assert sender.changed and sender.renamed


def test_cycles_settle():
    """Attack A29."""
    one, two = node(A, [("/x_ref", B)], changed=True), node(B, [("/x_ref", A)])
    settled(one, two)
    assert one.renamed and two.renamed


def test_only_the_newest_version_crosses():
    old, new = node(A), node(A, version="2026-02-01T00:00:00.000Z")
    settled(new, old)
    assert new.stands
    assert old.outcome is Outcome.DENY and old.reasons == [Reason.SUPERSEDED]


def test_a_source_that_the_partner_holds_under_an_outgoing_id_keeps_it():
    held = A.replace("0000-4000", "1111-4111")
    kept = node(A)
    assert settled(kept, held={A: held}).name(A) == held
    assert kept.renamed


def test_a_marking_that_does_not_cross_keeps_its_object_home():
    """A conversion that would drop a marking is refused (promise 10)."""
    statement = "marking-definition--77777777-0000-4000-8000-000000000000"
    content = {"type": "indicator", "id": A, "object_marking_refs": [statement]}
    marked = node(A, [("/object_marking_refs/0", statement)])
    marked.anchors = anchors(content)
    settled(marked)
    assert marked.outcome is Outcome.DENY


def test_a_built_in_tlp_marking_always_resolves():
    content = {"type": "indicator", "id": A, "object_marking_refs": [RED]}
    marked = node(A, [("/object_marking_refs/0", RED)])
    marked.anchors = anchors(content)
    settled(marked)
    assert marked.stands and not marked.changed


def test_a_marking_definition_nobody_bears_stays_home():
    marking = node("marking-definition--77777777-0000-4000-8000-000000000000")
    settled(marking, node(A))
    assert marking.reasons == [Reason.NOTHING_BEARS_IT]


IDS = [f"malware--{n:08x}-0000-4000-8000-000000000000" for n in range(12)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Outcome)),
            st.booleans(),
            st.lists(st.sampled_from(IDS), max_size=4),
            st.lists(st.sampled_from(IDS), max_size=2),
        ),
        min_size=1,
        max_size=len(IDS),
    )
)
def test_no_reference_of_what_stands_dangles_and_every_need_is_met(rows):
    nodes = [
        node(IDS[i], [("/x_ref", t) for t in (*refs, *needs)], outcome, changed=changed, needed=[[n] for n in needs])
        for i, (outcome, changed, refs, needs) in enumerate(rows)
    ]
    graph = settled(*nodes)
    standing = {n.id for n in nodes if n.stands}
    for n in nodes:
        if n.stands:
            assert all(group & standing for group in n.anchors)
            # What names an id that changed, or lost a reference, has another id itself.
            if any(t not in standing or graph.name(t) != t for _, t in n.references):
                assert n.renamed


def test_the_order_of_the_objects_does_not_decide_between_waiting_and_denied():
    """A tie between something that waits and something that is denied is denied, whichever falls first."""
    for order in itertools.permutations(range(4)):
        waits, denied = node(A, outcome=Outcome.REFER), node(MALWARE, outcome=Outcome.DENY)
        report = node(REPORT, [("/object_refs/0", MALWARE)], needed=[[MALWARE]])
        tie = node(SRO, needed=[[A], [REPORT]])
        settled(*([waits, denied, report, tie][place] for place in order))
        assert (report.outcome, tie.outcome) == (Outcome.DENY, Outcome.DENY)
        assert tie.reasons == [Reason.REFERENCE_LOST]
