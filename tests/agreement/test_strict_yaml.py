"""What two readers of YAML could take differently is refused, with its line and column, and never with a traceback."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement import parse
from comity.agreement.strict_yaml import MAX_BYTES, BadYaml, read
from comity.canon import ComityError

REFUSED = {
    "empty": (b"", "1:1", "empty"),
    "only a comment": (b"# nothing", "1:1", "empty"),
    "a key without a value": (b"b: 1\na:\nc: 1", "2:1", "nothing stands here"),
    "null": (b"a: null", "1:4", "nothing stands here"),
    "anchor": (b"a: &x 1", "1:4", "anchor"),
    "alias": (b"a: 1\nb: *x", "2:4", "alias"),
    "the anchors of a billion laughs": (b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]", "1:4", "anchor"),
    "merge key": (b"<<: {a: 1}", "1:1", "merge key"),
    "tag": (b"a: !!python/object:os.system x", "1:4", "tag"),
    "local tag": (b"a: !x y", "1:4", "tag"),
    "non-specific tag": (b"a: ! y", "1:4", "tag"),
    "another YAML": (b"%YAML 1.1\n---\na: 1", "2:1", "directive"),
    "tag directive": (b"%TAG ! tag:x,2000:\n---\na: 1", "2:1", "directive"),
    "two documents": (b"a: 1\n---\nb: 2", "2:1", "second document"),
    "a key given twice": (b"a: 1\nb: 2\na: 3", "3:1", "twice (first at line 1)"),
    "a key given twice in a flow map": (b"{a: 1, a: 2}", "1:8", "twice"),
    "a key given twice, once in quotes": (b"a: 1\n'a': 2", "2:1", "twice"),
    "a list as a key": (b"? [a]\n: b", "1:3", "key"),
    "a tab": (b"a:\n\tb: 1", "2:1", "tab"),
    "a tab between": (b"a: 1\t# x", "1:5", "tab"),
    "not UTF-8": (b"a: 1\nb: \xff", "2:4", "UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbfa: 1", "1:1", "U+FEFF"),
    "a direction override": ("a: x\u202ey".encode(), "1:5", "U+202E"),
    "an escaped direction override": (b'a: "x\\u202ey"', "1:4", "U+202E"),
    "a zero-width space": ("a: x\u200by".encode(), "1:5", "U+200B"),
    "U+0000": (b"a: x\x00y", "1:5", "U+0000"),
    "an octal number": (b"a: 012", "1:4", "number"),
    "a hexadecimal number": (b"a: 0x1F", "1:4", "number"),
    "an exponent": (b"a: 1e3", "1:4", "number"),
    "infinity": (b"a: .inf", "1:4", "number"),
    "a number beyond a double": (b"a: 99999999999999999999", "1:4", "number"),
    "deep lists": (b"[" * 4_000, "1:25", "nested deeper"),
    "deep maps": (b"".join(b" " * n + b"a:\n" for n in range(200)), "25:25", "nested deeper"),
    "an open list": (b"a: [1, 2", "1:9", "expected"),
    "an open quote": (b"a: 'x", "1:6", "end of stream"),
    "a stray indent": (b"a: 1\n  b: 2", "2:4", "not allowed"),
    "too many lists": (b"[" * 100_000, "1:1", "more than 10000 values"),
    "too many values": (b"[" + b"a," * 90_000 + b"]", "1:1", "more than 10000 values"),
    "too many lines": (b"- a\n" * 20_000, "10000:3", "more than 10000 values"),
    "a long line": (b"a: 1\nb: " + b"!" * 5_000, "2:1", "longer than"),
    "too long": (b"a: " + b"x" * MAX_BYTES, "1:1", "bytes"),
}


@pytest.mark.parametrize(("source", "place", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_line_and_column(source: bytes, place: str, reason: str):
    with pytest.raises(BadYaml) as caught:
        read(source, "x.yaml")
    assert caught.value.at == f"x.yaml:{place}"
    assert reason in str(caught.value)
    assert caught.value.remedy


def test_norway_is_a_country_and_days_are_text():
    """In YAML 1.1 `NO` is false, `yes` is true, `2026-03-01` is a date and `1:30` is ninety."""
    assert read(b"[NO, yes, on, 2026-03-01, 1:30, '012']", "x").data == [
        "NO", "yes", "on", "2026-03-01", "1:30", "012",
    ]  # fmt: skip


def test_plain_values_keep_their_types():
    assert read(b"{a: 1, b: -2, c: 0.5, d: true, e: 'true', f: [x]}", "x").data == {
        "a": 1, "b": -2, "c": 0.5, "d": True, "e": "true", "f": ["x"],
    }  # fmt: skip


def test_every_value_has_a_place():
    document = read(b"a: 1\nb:\n  - x\n  - {c: y}\n", "x")
    assert {path: str(place) for path, place in document.values.items()} == {
        (): "1:1",
        ("a",): "1:4",
        ("b",): "3:3",
        ("b", 0): "3:5",
        ("b", 1): "4:5",
        ("b", 1, "c"): "4:9",
    }
    assert str(document.keys["b", 1, "c"]) == "4:6"


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}#&*!|>'\"%@`,? \n0.", max_size=60).map(str.encode))
def test_no_bytes_make_anything_but_a_clear_error(source: bytes):
    try:
        parse(source, "x.yaml")
    except ComityError as error:
        assert error.at is not None
        assert error.at.startswith("x.yaml:")
