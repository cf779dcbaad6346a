"""One way in for every format, and compressed files within their bounds (A03)."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import tracemalloc
import zipfile

import pytest
from tests.material.samples import CORPUS, NOW, bundle, document, documents, indicator, sco, sdo

from comity.canon import InputError
from comity.material import (
    LIMITS,
    CompressedTooFar,
    OlderStix,
    UnknownFormat,
    decompressed,
    read_material,
    sniff,
)

FORMATS = {
    "attack/ics-attack-18.1.json.gz": "stix-2.1",
    "unit42-stix/2024-06-10-OriginLogger.json": "stix-2.0",
    **dict.fromkeys(documents("mvt-indicators"), "stix-2.1"),
    **dict.fromkeys(documents("stix-idioms"), "stix-2.1"),
    **dict.fromkeys(documents("oasis-incident"), "stix-2.1"),
    **dict.fromkeys(documents("eset-misp"), "misp"),
    **dict.fromkeys(documents("pymisp-tests"), "misp"),
    **dict.fromkeys(documents("volexity-csv"), "csv"),
    "unit42-iocs/APT33.csv": "csv",
    "unit42-iocs/dearjoohn_iocs.csv": "csv",
    "unit42-iocs/squirtdanger_distribution.csv": "csv",
    "unit42-iocs/domains.txt": "list",
    "unit42-iocs/Zeppelin_IOCs.text": "list",
    **dict.fromkeys(documents("maltrail"), "list"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_of_real_documents_is_told_from_their_content(name: str) -> None:
    assert sniff(document(name)) == FORMATS[name]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (json.dumps(indicator()).encode(), "stix-2.1"),
        (json.dumps(indicator(spec_version=None)).encode(), "stix-2.0"),
        (json.dumps(sco("url", value="https://a.example/")).encode(), "stix-2.1"),
        (b'{"type": "bundle", "objects": [', "stix-2.1"),
        (b"http://a.example.com/x,y,z\nhttp://b.example.com/x,y,z\n", "list"),
        (b"198.51.100.7,ipaddress,seen\n", "csv"),
    ],
)
def test_the_format_of_small_documents(data: bytes, expected: str) -> None:
    assert sniff(data) == expected


@pytest.mark.parametrize("data", [b"{}", b"[1, 2]", b'[{"type": "url"}]', b'{"a": {"b": 1}}'])
def test_json_of_another_kind_is_refused(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        read_material(data, now=NOW)


@pytest.mark.parametrize(
    ("name", "objects"),
    [("oasis-examples/apt1.json", 76), ("unit42-iocs/domains.txt", 16), ("unit42-iocs/APT33.csv", 95)],
)
def test_every_format_becomes_a_bundle(name: str, objects: int) -> None:
    material = read_material((CORPUS / name).read_bytes(), now=NOW)
    assert len(material.bundle) == objects


def test_a_compressed_file_is_read_like_the_file_itself() -> None:
    material = read_material((CORPUS / "attack/ics-attack-18.1.json.gz").read_bytes(), now=NOW)
    assert (material.format, len(material.bundle), material.losses) == ("stix-2.1", 1826, ())


def test_stix_2_0_says_what_to_do() -> None:
    with pytest.raises(OlderStix):
        read_material(document("unit42-stix/2024-06-10-OriginLogger.json"), now=NOW)
    with pytest.raises(OlderStix):
        read_material(json.dumps(indicator(spec_version=None)).encode(), now=NOW)


def test_a_single_domain_object_is_material() -> None:
    material = read_material(json.dumps(sdo("tool", name="x")).encode(), now=NOW)
    assert [obj.type for obj in material.bundle] == ["tool"]


def test_a03_a_bomb_is_stopped_while_it_is_decoded() -> None:
    """200 MB of nothing in 200 kB: refused by ratio, and never held in memory."""
    bomb = _gzip(b"\x00" * 200_000_000)
    tracemalloc.start()
    with pytest.raises(CompressedTooFar, match="grows beyond"):
        decompressed(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_a03_the_decoded_size_is_bounded_too() -> None:
    data = _gzip(bundle(*(indicator(name=str(number)) for number in range(2000))))
    with pytest.raises(CompressedTooFar, match="grows beyond 100000 bytes"):
        decompressed(data, limits=dataclasses.replace(LIMITS, max_bytes=100_000))


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("../../etc/passwd", b"x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_gzip(_gzip(b"{}")), "compressed again"),
        (_gzip(b"{}") * 2, "follows the first"),
        (_gzip(b"{}")[:-4], "ends before"),
        (b"\x1f\x8b" + b"x" * 20, "broken"),
        (_zip(), "zip archive"),
        (b"BZh91AY", "bzip2"),
    ],
    ids=["twice", "two", "cut", "broken", "zip", "bzip2"],
)
def test_a03_one_whole_gzip_coding_and_nothing_else(data: bytes, says: str) -> None:
    with pytest.raises(CompressedTooFar, match=says):
        read_material(data, now=NOW)


@pytest.mark.parametrize("data", [b"", b"\x00", b"{", b"[[[[", b"\xff\xfe", b'{"type": 3, "id": 4}', b"[" * 1_000_000])
def test_rubbish_ends_in_a_clear_error(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        list(read_material(data, now=NOW, at="upload").bundle)
    assert str(caught.value).startswith("upload")
    assert caught.value.remedy
