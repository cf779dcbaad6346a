"""CSV files and lists in: each row an indicator or a named loss; and cells out that compute nothing (A24)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.material.samples import NOW, document, documents, vectors

from comity.material import NothingReadable, UnreadableTable, breaches, csv_cell, from_csv, from_list, read_bundle
from comity.material.tables.values import pattern_of

LISTS = [
    "unit42-iocs/c2_domains.txt",
    "unit42-iocs/domains.txt",
    "unit42-iocs/Zeppelin_IOCs.text",
    *documents("maltrail"),
]


def made(data: bytes) -> list[dict[str, Any]]:
    return [dict(obj.content) for obj in read_bundle(from_csv(data, now=NOW).bundle)]


@pytest.mark.parametrize(
    ("value", "word", "pattern"),
    [
        ("198.51.100[.]23", "", "[ipv4-addr:value = '198.51.100.23']"),
        ("198.51.100.0/24", "", "[ipv4-addr:value = '198.51.100.0/24']"),
        ("2001:db8::1", "", "[ipv6-addr:value = '2001:db8::1']"),
        ("hxxps://evil[.]example[.]com/a,b?c='d'", "", "[url:value = 'https://evil.example.com/a,b?c=\\'d\\'']"),
        ("evil.example[dot]com", "", "[domain-name:value = 'evil.example.com']"),
        ("info[at]example.com", "", "[email-addr:value = 'info@example.com']"),
        ("example.com/gate.php", "", "[url:value = 'example.com/gate.php']"),
        ("D41D8CD98F00B204E9800998ECF8427E", "", "[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"),
        ("HKLM\\Software\\Bad", "", "[windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\\\Software\\\\Bad']"),
        ("C:\\Temp\\setup.exe", "filename", "[file:name = 'setup.exe']"),
        ("setup.exe", "", None),
        ("d41d8cd98f00b204", "MD5", None),
        ("Jan Novák", "", None),
        ("Global\\M1", "mutex", "[mutex:name = 'Global\\\\M1']"),
    ],
)
def test_what_a_value_is_and_how_it_is_found(value: str, word: str, pattern: str | None) -> None:
    assert pattern_of(value, word) == pattern


def test_an_address_with_a_port() -> None:
    pattern = pattern_of("198.51.100.7:1133")
    assert pattern is not None
    assert "dst_ref.value = '198.51.100.7'" in pattern
    assert "dst_port = 1133" in pattern


@given(st.text(max_size=40), st.sampled_from(["", "ip", "domain", "url", "sha256", "filename", "mutex", "useragent"]))
def test_whatever_is_made_of_a_value_is_a_pattern(value: str, word: str) -> None:
    pattern = pattern_of(value, word)
    if pattern is not None:
        data = f"value,type\n{csv_quoted(value)},{word}\n".encode("utf-8", "replace")
        if b"\x00" not in data:
            assert all(breaches(content) == () for content in made(data))


def csv_quoted(text: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([text])
    return buffer.getvalue().rstrip("\r\n")


@pytest.mark.parametrize(
    "name", [*documents("volexity-csv"), *(n for n in documents("unit42-iocs") if n.endswith("csv"))]
)
def test_real_tables_are_read_nearly_whole(name: str) -> None:
    converted = from_csv(document(name), now=NOW)
    found = list(read_bundle(converted.bundle))
    assert all(breaches(obj.content) == () for obj in found)
    assert len(found) > 1
    assert len(converted.losses) <= 1
    assert from_csv(document(name), now=NOW) == converted


@pytest.mark.parametrize("name", LISTS)
def test_real_lists_are_read_and_every_line_is_accounted_for(name: str) -> None:
    converted = from_list(document(name), now=NOW)
    found = list(read_bundle(converted.bundle))
    lines = [line for line in document(name).decode().splitlines() if line.strip()]
    assert len(found) + len(converted.losses) == len(lines)
    assert all(loss.what == "comment" for loss in converted.losses)


def test_the_rest_of_a_row_is_kept_as_text() -> None:
    (content,) = made(b"value,type,description,reporter\nevil.example.com,hostname,C2 server,CERT-EE\n")
    assert content["description"] == "C2 server; reporter: CERT-EE"
    assert content["valid_from"] == "2026-11-23T00:00:00.000Z"


def test_a_row_that_cannot_be_read_is_a_loss_with_its_number_and_without_its_value() -> None:
    converted = from_csv(b"value,type\nevil.example.com,domain\nJan Novak,person\n", now=NOW)
    (loss,) = converted.losses
    assert (loss.id, loss.what) == ("row 3", "row")
    assert "Novak" not in loss.why


def test_a_wide_table_gives_an_indicator_for_each_typed_column() -> None:
    row = "d41d8cd98f00b204e9800998ecf8427e,198.51.100.7,http://a.example.com/x,Joohn"
    found = made(f"Hash,Template IP,Template URL,Author\n{row}\n".encode())
    assert [content["pattern"].split(":")[0] for content in found] == ["[file", "[ipv4-addr", "[url"]
    assert {content["description"] for content in found} == {"Author: Joohn"}


def test_a_marking_column_binds_its_row_and_one_that_cannot_be_read_loses_it() -> None:
    data = b"value,tlp\na.example.com,TLP:AMBER\nb.example.com,secret\n"
    converted = from_csv(data, now=NOW)
    (content,) = [o.content for o in read_bundle(converted.bundle) if o.type == "indicator"]
    assert content["object_marking_refs"] == ["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]
    assert [loss.id for loss in converted.losses] == ["row 3"]


def test_an_expiry_column_ends_its_row_and_one_that_cannot_be_read_loses_it() -> None:
    data = b"value,expires\na.example.com,2027-01-01\nb.example.com,soon\nc.example.com,2020-01-01\n"
    converted = from_csv(data, now=NOW)
    (content,) = [o.content for o in read_bundle(converted.bundle)]
    assert content["valid_until"] == "2027-01-01T00:00:00.000Z"
    assert [loss.id for loss in converted.losses] == ["row 3", "row 4"]


def test_ids_come_from_the_document_and_the_row_never_from_the_value() -> None:
    first, second = made(b"value\na.example.com\nb.example.com\n")
    other = made(b"value\na.example.com\nc.example.com\n")[0]
    assert first["id"] != second["id"]
    assert first["id"] != other["id"]  # the same value in another document
    assert first["id"][-22] == "4"


@pytest.mark.parametrize("data", [b"Dear all,\nthe meeting is at noon.\n", b"# nothing here\n", b"\n", b"value,type\n"])
def test_a_text_without_indicators_is_refused(data: bytes) -> None:
    with pytest.raises(NothingReadable):
        from_list(data, now=NOW)
    with pytest.raises(NothingReadable):
        from_csv(data, now=NOW)


@pytest.mark.parametrize("data", [b"value\n\xff\xfe\n", b"value\na\x00b.example.com\n", b"value\n" + b"x\n" * 20_001])
def test_hostile_tables_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableTable):
        from_csv(data, now=NOW)


@pytest.mark.parametrize("case", vectors("attacks/csv_strings.json")["cases"], ids=lambda case: case["case"])
def test_a24_a_cell_shows_its_text_and_computes_nothing(case: dict[str, Any]) -> None:
    written = csv_cell(case["text"])
    if case["protected"] is not None:
        assert written == case["protected"]
    assert written.removeprefix("'") == case["text"]
    assert written.lstrip(" \u200b")[:1] not in set("=+-@\t\r\uff1d")


@given(st.text())
def test_a24_every_cell_comes_back_by_taking_off_one_apostrophe(text: str) -> None:
    assert csv_cell(text).removeprefix("'") == text
