"""A text with its detections marked: every mark where it belongs, and not a character lost."""

from __future__ import annotations

from comity.demo.marked import Mark, after, before

SOURCE = "Anna called from 192.0.2.45 about 198.51.100.23."


def mark(said: str, number: int, *, treated: bool = True) -> Mark:
    start = SOURCE.index(said)
    return Mark(start=start, end=start + len(said), number=number, style="red", treated=treated)


MARKS = [mark("Anna", 1), mark("192.0.2.45", 2), mark("198.51.100.23", 3, treated=False)]


def test_before_shows_every_detection_with_its_number():
    assert before(SOURCE, MARKS).plain == "«Anna»1 called from «192.0.2.45»2 about «198.51.100.23»3."


def test_after_shows_what_came_of_the_treated_spans():
    result = "[person name removed] called from 192.0.2.0/24 about 198.51.100.23."
    assert after(SOURCE, result, MARKS).plain == (
        "«[person name removed]»1 called from «192.0.2.0/24»2 about 198.51.100.23."
    )


def test_a_span_that_left_nothing_is_still_marked():
    assert (
        after(SOURCE, " called from  about 198.51.100.23.", MARKS).plain == "«»1 called from «»2 about 198.51.100.23."
    )


def test_a_text_that_does_not_align_is_shown_as_it_is():
    assert after(SOURCE, "something else", MARKS).plain == "something else"


def test_a_treated_span_at_the_very_end():
    source, marks = "ask Anna", [Mark(start=4, end=8, number=1, style="red", treated=True)]
    assert after(source, "ask [person name removed]", marks).plain == "ask «[person name removed]»1"
