"""What holds of every text: offsets slice the original, nothing crashes, hiding loses nothing, time is linear."""

from __future__ import annotations

import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.privacy import detect_text, fold

PIECES = st.sampled_from([
    "jan.novak@example.cz", "198.51.100.23", "+420 601 234 567", "C:\\Users\\jnovak\\x", "GB82 WEST 1234 5698 7654 32",
    "%40", "&#64;", "[.]", "\u202e", "\u200b", "。", "password: Ab1!", "Dear Jane Doe,\n",
    "\\u0040", "é", "e\u0301", "::", "@",
])  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=8).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
@example("\u202e" * 3)
@example("%e3%81%")
def test_offsets_slice_the_original(text):
    for detection in detect_text(text):
        assert 0 <= detection.start < detection.end <= len(text)
        assert text[detection.start : detection.end] == detection.text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_every_folded_span_maps_into_the_original(text):
    folded = fold(text)
    for start in range(len(folded.text)):
        begin, end = folded.span(start, start + 1)
        assert 0 <= begin < end <= len(text)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["jan.novak@example.cz", "198.51.100.23", "4111 1111 1111 1111"]), st.data())
def test_zero_width_characters_hide_nothing(value, data):
    at = data.draw(st.integers(1, len(value) - 1))
    hidden = value[:at] + data.draw(st.sampled_from("\u200b\u200d\u2060\u00ad")) + value[at:]
    plain = {(d.category, d.value) for d in detect_text(f"see {value} there")}
    assert plain <= {(d.category, d.value) for d in detect_text(f"see {hidden} there")}


def test_doubling_hostile_input_at_most_about_doubles_the_time():
    """RE2 is linear; what is written in Python must be too."""
    for hostile in ("a.", "1 ", "(at)", "Aa ", "%41", "x@", "::", "A: "):
        times = []
        for size in (4_000, 16_000):
            text = hostile * (size // len(hostile))
            detect_text(text[:100])
            start = time.process_time()
            detect_text(text)
            times.append(time.process_time() - start)
        assert times[1] < 12 * times[0] + 0.2, f"{hostile!r}: {times}"
