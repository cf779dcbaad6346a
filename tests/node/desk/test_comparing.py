"""Before and after, property by property: what is shown as kept is in both, and nothing that leaves is left out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.node.world import HOSPITAL, sdo

from comity.material import read_bundle
from comity.node.border.sources import CannotStrip, check_strip
from comity.node.desk.comparing import ADDED, CHANGED, GONE, OPENED, PUT, REMOVED, SAME, Piece, Row, compare, visible
from comity.node.desk.differences import Comparing, words


def row(rows: list[Row], path: str) -> Row:
    (found,) = [one for one in rows if one.path == path]
    return found


def note(**properties: Any) -> dict[str, Any]:
    return sdo("note", "n", **{"content": "as it was", "object_refs": ["identity--a"], **properties})


def marked(pieces: tuple[Piece, ...], mark: str) -> list[str]:
    return [piece.text for piece in pieces if piece.mark == mark]


class TestOneProperty:
    def test_what_stays_is_unmarked(self):
        found = row(compare(note(), None, note()), "/content")
        assert found.state == SAME
        assert found.before == found.yes == (Piece("as it was", ""),)

    def test_a_word_that_is_taken_out_and_what_stands_for_it(self):
        before = note(content="told by Oskar Lepamets at noon")
        found = row(compare(before, None, {**before, "content": "told by [person name removed] at noon"}), "/content")
        assert found.state == CHANGED
        assert marked(found.before, GONE) == ["Oskar Lepamets"]
        assert marked(found.yes, PUT) == ["[person name removed]"]

    def test_a_property_that_is_left_out(self):
        before = note(abstract="who")
        found = row(compare(before, None, note()), "/abstract")
        assert found.state == REMOVED and found.yes == ()
        assert marked(found.before, GONE) == ["who"]

    def test_a_property_that_only_the_copy_has(self):
        (found,) = [one for one in compare(note(), None, note(lang="en")) if one.state == ADDED]
        assert found.path == "" or found.before == ()
        assert found.yes == (Piece("en", PUT),)
        assert not found.strippable

    def test_what_a_yes_opens(self):
        before = note(content="the banner says 10.4.0.11 and Oskar wrote")
        no = {**before, "content": "the banner says [withheld for review] and [removed] wrote"}
        yes = {**before, "content": "the banner says 10.4.0.11 and [removed] wrote"}
        found = row(compare(before, no, yes), "/content")
        assert found.opened
        assert marked(found.yes, OPENED) == ["10.4.0.11"]
        assert marked(found.yes, PUT) == ["[removed]"]
        assert marked(found.no, PUT) == ["[withheld for review]", "[removed]"]
        assert marked(found.before, GONE) == ["Oskar"]

    def test_where_nothing_leaves_nothing_is_struck_out(self):
        rows = compare(note(), None, None)
        assert not any(piece.mark for one in rows for piece in one.before)
        assert all(one.no == one.yes == () for one in rows)

    def test_what_it_is_filed_under_comes_last(self):
        rows = compare(note(), None, {**note(), "id": "note--other"})
        assert [one.path for one in rows if one.paper] == [one.path for one in rows][-5:]
        assert row(rows, "/id").state == CHANGED


class TestLists:
    def test_a_list_of_texts_is_compared_member_by_member(self):
        before = note(authors=["Oskar", "SOC"])
        found = row(compare(before, None, note(authors=["SOC"])), "/authors")
        assert marked(found.before, GONE) == ["Oskar\n"]
        assert [piece.text for piece in found.yes] == ["SOC\n"]

    def test_a_member_that_is_left_out_does_not_shift_the_others(self):
        one, two = {"source_name": "a", "url": "https://a.example"}, {"source_name": "b", "url": "https://b.example"}
        rows = compare(note(external_references=[one, two]), None, note(external_references=[two]))
        assert row(rows, "/external_references/0/source_name").state == REMOVED
        assert row(rows, "/external_references/1/source_name").state == SAME

    def test_members_that_changed_stand_beside_what_they_were(self):
        rows = compare(
            note(external_references=[{"source_name": "a", "description": "by Oskar"}]),
            None,
            note(external_references=[{"source_name": "a", "description": "by [removed]"}]),
        )
        assert row(rows, "/external_references/0/description").state == CHANGED

    def test_a_published_marking_is_shown_by_its_name(self):
        assert row(compare(note(), None, note()), "/object_marking_refs").before[0].text.startswith("TLP:GREEN (")


class TestUntrustedText:
    @pytest.mark.parametrize("char", ["\x00", "\x1b", "\x7f", "\x9b", "\u200b", "\u202e", "\u2066", "\u2028", "\ufeff"])
    def test_what_cannot_be_seen_is_written_out(self, char: str):
        """Attack A25."""
        assert visible(f"a{char}b") == f"a\\u{ord(char):04x}b"

    def test_new_lines_and_writing_of_the_world_stay(self):
        assert visible("Õ ü 日本 العربية\n\tx") == "Õ ü 日本 العربية\n\tx"

    def test_names_of_properties_are_text_too(self):
        (found,) = [one for one in compare(note(**{"x_\u202eevil": "a"}), None, None) if "evil" in one.name]
        assert found.name == "x_\\u202eevil"

    def test_a_hostile_text_costs_no_more_than_its_limit(self):
        """Attack A28: beyond it the text counts as replaced, which shows more as changed and never less."""
        before, after = note(content="a b " * 100_000), note(content="b a c " * 100_000)
        found = row(compare(before, None, after), "/content")
        assert found.state == CHANGED
        assert "".join(piece.text for piece in found.yes) == after["content"]

    def test_all_texts_of_a_page_share_the_limit(self):
        comparing = Comparing(work=10)
        assert sum(comparing.kept(["a", "x", "b"], ["c", "x", "d"])[0]) == 1
        assert sum(comparing.kept(["a", "x", "b"], ["c", "x", "d"])[0]) == 0


class TestStrippable:
    def test_what_is_offered_is_what_the_border_takes(self):
        """Every place of every object of the incident: a box where it can be stripped, and nowhere else."""
        offered = refused = 0
        for obj in read_bundle(HOSPITAL.read_bytes()):
            for one in compare(obj.content, None, obj.content):
                if one.strippable:
                    check_strip(obj, one.path)
                    offered += 1
                else:
                    with pytest.raises(CannotStrip):
                        check_strip(obj, one.path)
                    refused += 1
        assert offered > 100 and refused > 100


texts = st.text(alphabet=st.sampled_from(["a", "b", " ", "\n", "é", "\u202e", "<", "."]), max_size=40)
values = st.recursive(
    texts | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc/~"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["name", "x_a", "content", "labels", "id"]), values, max_size=5)


@given(objects, st.none() | objects, st.none() | objects)
def test_nothing_that_would_leave_is_left_out(before: Any, no: Any, yes: Any):
    """INVARIANT: every text of each object is on the page, in its own column."""
    rows = compare(before, no, yes)
    for content, column in ((before, "before"), (no, "no"), (yes, "yes")):
        shown = "\0".join("".join(piece.text for piece in getattr(one, column)) for one in rows)
        for text in leaves(content or {}):
            as_json = json.dumps(text, ensure_ascii=False)[1:-1]  # where a list stands beside a text, say
            assert visible(text) in shown or visible(as_json) in shown


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in leaves(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in leaves(inner)] if value else []
    return [value] if isinstance(value, str) else [json.dumps(value)]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_what_is_shown_as_kept_stands_in_both_in_the_same_order(old: list[str], new: list[str]):
    of_old, of_new = Comparing().kept(old, new)
    kept_old = [one for one, kept in zip(old, of_old, strict=True) if kept]
    kept_new = [one for one, kept in zip(new, of_new, strict=True) if kept]
    assert kept_old == kept_new


@given(texts)
def test_words_are_the_text_again(text: str):
    assert "".join(words(text)) == text


def test_the_hospital_s_objects_are_all_shown():
    for obj in json.loads(HOSPITAL.read_bytes())["objects"]:
        rows = compare(obj, None, None)
        shown = "\0".join("".join(piece.text for piece in one.before) for one in rows)
        assert all(visible(text) in shown for text in leaves(obj))
