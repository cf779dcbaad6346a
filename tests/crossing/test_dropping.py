"""Leaving out properties never touches the source and leaves no empty list or object behind (STIX 2.1 section 2)."""

import copy

from comity.crossing.dropping import not_needed, without

CONTENT = {
    "type": "indicator",
    "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
    "name": "n",
    "x_secret": 1,
    "labels": ["a", "b", "c"],
    "kill_chain_phases": [{"kill_chain_name": "k", "phase_name": "p", "x_odd": 1}],
    "extensions": {"extension-definition--1": {"a": 1}},
    "a/b": {"m~n": 1},
}


def test_nested_members_and_several_list_members_at_once():
    before = copy.deepcopy(CONTENT)
    result = without(CONTENT, ["/labels/0", "/labels/2", "/kill_chain_phases/0/x_odd", "/x_secret"])
    assert result["labels"] == ["b"]
    assert result["kill_chain_phases"] == [{"kill_chain_name": "k", "phase_name": "p"}]
    assert "x_secret" not in result
    assert before == CONTENT


def test_list_members_are_counted_as_numbers():
    content = {"labels": [str(n) for n in range(12)]}
    assert without(content, ["/labels/2", "/labels/10"])["labels"] == [
        "0",
        "1",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "11",
    ]


def test_what_becomes_empty_goes_too():
    assert "extensions" not in without(CONTENT, ["/extensions/extension-definition--1"])
    assert "labels" not in without(CONTENT, ["/labels/0", "/labels/1", "/labels/2"])


def test_names_with_slashes_and_tildes():
    """RFC 6901 section 3."""
    assert "a/b" not in without(CONTENT, ["/a~1b/m~0n"])


def test_necessity_never_drops_what_an_object_needs_to_be_read_or_marked():
    content = {**CONTENT, "pattern": "[...]", "created_by_ref": "identity--x", "object_marking_refs": ["m"]}
    dropped = not_needed(content, frozenset({"labels"}), frozenset({"pattern"}))
    assert dropped == {"/name", "/x_secret", "/kill_chain_phases", "/a~1b"}
    assert not_needed(content, None, frozenset()) == frozenset()


def test_markings_follow_what_they_mark_when_list_members_go():
    """Attack A14: after a member is taken out, the next one must not stand under another member's marking."""
    content = {
        "labels": ["a", "b", "c"],
        "external_references": [{"source_name": "s", "url": "u"}, {"x_odd": 1}, {"source_name": "t", "url": "v"}],
        "granular_markings": [
            {"marking_ref": "m--red", "selectors": ["labels.[0]"]},
            {"marking_ref": "m--amber", "selectors": ["labels.[1]", "external_references.[2].url"]},
            {"marking_ref": "m--green", "selectors": ["labels.[2]", "external_references.[1]"]},
        ],
    }
    result = without(content, ["/labels/0", "/external_references/1/x_odd"])
    assert result["granular_markings"] == [
        {"marking_ref": "m--amber", "selectors": ["labels.[0]", "external_references.[1].url"]},
        {"marking_ref": "m--green", "selectors": ["labels.[1]"]},
    ]
    assert "granular_markings" not in without(
        {**content, "granular_markings": content["granular_markings"][:1]}, ["/labels"]
    )
