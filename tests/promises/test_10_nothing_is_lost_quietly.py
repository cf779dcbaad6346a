"""Promise 10: nothing is lost quietly, and nothing is promised for a partner that cannot keep it.

A conversion that drops anything says what; one that would drop a marking, an expiry or a legal field is refused; a
bill stands for exactly what was stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from prompt import Said, prompt

from comity.canon import InputError
from comity.crossing import record
from comity.ledger import public_key_text
from comity.material import Material, from_csv, from_misp, read_material
from promises.cti import (
    CORPUS,
    NOW,
    baseline,
    compiled,
    decision_on,
    hospital,
    indicator,
    outgoing,
    read,
    screened,
    text_of,
    written,
)

EVENTS = sorted((CORPUS / "eset-misp").iterdir())


def event(*attributes: dict[str, Any], tags: tuple[str, ...] = ("tlp:green",), **extra: Any) -> bytes:
    """A small MISP event."""
    return json.dumps(
        {
            "Event": {
                "uuid": "5f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa",
                "info": "Ransomware",
                "date": "2026-11-01",
                "timestamp": "1793520000",
                "published": True,
                "analysis": "2",
                "threat_level_id": "2",
                "distribution": "3",
                "Orgc": {"name": "CERT-EE", "uuid": "6f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa"},
                "Tag": [{"name": tag} for tag in tags],
                "Attribute": list(attributes),
                **extra,
            }
        }
    ).encode()


def attribute(kind: str, value: str, number: int = 1, **extra: Any) -> dict[str, Any]:
    return {
        "uuid": f"7f1b6b0c-8f0e-4a6b-9d58-{number:012d}",
        "type": kind,
        "category": extra.pop("category", "Network activity"),
        "value": value,
        "to_ids": True,
        "timestamp": "1793520000",
        "distribution": "5",
        **extra,
    }


def converted(data: bytes) -> Material:
    return read_material(data, now=NOW, at="event.json")


def everything(material: Material) -> str:
    return json.dumps([dict(obj.content) for obj in material.bundle], ensure_ascii=False)


def reported(material: Material) -> str:
    return "\n".join(f"{loss.id} {loss.what} {loss.why}" for loss in material.losses)


# -- conversions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EVENTS, ids=[path.name.split(".")[0] for path in EVENTS])
def test_every_attribute_of_a_real_event_is_converted_or_reported(path: Any) -> None:
    """Its value stands in an object, or its uuid in the list of losses."""
    source = json.loads(read(path))
    events = [entry["Event"] for entry in source.get("response", [source])]
    material = converted(read(path))
    text, losses = everything(material), reported(material)
    holders = [holder for event in events for holder in (event, *event.get("Object", ()))]
    attributes = [attribute for holder in holders for attribute in holder.get("Attribute", ())]
    assert attributes
    gone = [
        f"{a['type']} {a['uuid']}"
        for a in attributes
        if a["uuid"] not in losses
        and a["uuid"] not in text
        and not all(json.dumps(part, ensure_ascii=False)[1:-1].replace("'", "\\\\'") in text
                    or json.dumps(part, ensure_ascii=False)[1:-1] in text for part in a["value"].split("|"))
    ]  # fmt: skip
    assert gone == []


def test_an_attribute_the_converter_cannot_carry_is_reported_by_its_uuid() -> None:
    odd = attribute("no-such-type", "whatever", number=9)
    try:
        material = converted(event(attribute("domain", "c2.attacker.example"), odd))
    except InputError as error:
        assert "no-such-type" in error.sentence or odd["uuid"] in error.sentence
        return
    assert odd["uuid"] in reported(material)


@pytest.mark.parametrize("tag", ["tlp:ex:chr", "tlp:purple", "PAP:RED"])
def test_a_conversion_that_would_drop_a_marking_is_refused(tag: str) -> None:
    """A tag that binds is refused by its name, or it crosses on everything it binds."""
    data = event(attribute("domain", "c2.attacker.example"), tags=(tag,))
    try:
        material = converted(data)
    except InputError as error:
        assert tag.casefold() in error.sentence.casefold()
        return
    sent = list(screened(material.bundle).objects())
    told = [content["id"] for content in sent if json.dumps({"statement": tag})[1:-1] in json.dumps(content)]
    for content in sent:
        if "c2.attacker.example" in json.dumps(content):
            assert set(told) & set(content.get("object_marking_refs", ())), f"{content['id']} lost {tag}"


def test_a_tlp_tag_of_misp_becomes_the_marking() -> None:
    material = converted(event(attribute("domain", "c2.attacker.example"), tags=("tlp:red",)))
    crossing = screened(material.bundle)
    assert crossing.counts["material"] == 0
    assert any("marked-never" in d.reasons for d in crossing.decisions())


def test_the_stricter_of_two_tlp_tags_stands() -> None:
    material = converted(event(attribute("domain", "c2.attacker.example"), tags=("tlp:green", "tlp:red")))
    assert screened(material.bundle).counts["material"] == 0


def test_a_tag_on_one_attribute_marks_what_becomes_of_it() -> None:
    secret = attribute("domain", "secret.attacker.example", number=2, Tag=[{"name": "tlp:red"}])
    material = converted(event(attribute("domain", "c2.attacker.example"), secret))
    sent = json.dumps(list(screened(material.bundle).objects()))
    assert "c2.attacker.example" in sent
    assert "secret.attacker.example" not in sent


def test_distribution_your_organisation_only_does_not_leave_it() -> None:
    """MISP's own limit: distribution 0 stays in the organisation whatever the tag says."""
    material = converted(event(attribute("domain", "c2.attacker.example", distribution="0")))
    assert "c2.attacker.example" not in json.dumps(list(screened(material.bundle).objects()))


def test_columns_of_a_csv_that_nobody_understands_are_kept_for_people_or_reported() -> None:
    material = converted(b"value,type,moon phase\nc2.example.com,domain,waning gibbous\n")
    assert "c2.example.com" in everything(material)
    assert "waning gibbous" in everything(material) or "moon phase" in reported(material)


def test_a_row_that_cannot_be_read_is_reported_with_its_line() -> None:
    got = from_csv(b"value,type\nc2.example.com,domain\nnot an address,ipv4\n", now=NOW)
    assert any("3" in f"{loss.id} {loss.what}" for loss in got.losses)


def test_losses_of_a_file_reach_the_reader() -> None:
    """`from_misp` and `read_material` say the same."""
    data = event(attribute("domain", "c2.attacker.example"), attribute("no-such-type", "x", number=9))
    try:
        one = from_misp(data, now=NOW)
    except InputError:
        pytest.skip("the converter refuses the event as a whole")
    assert {loss.id for loss in one.losses} <= {loss.id for loss in converted(data).losses}


# -- what is left out on the way across -----------------------------------------------------------------------------


def test_the_record_accounts_for_every_object() -> None:
    crossing = screened(hospital())
    told = [decision.id for decision in crossing.decisions() if decision.place != "added"]
    assert told == [obj.id for obj in hospital()]


def test_what_was_left_out_of_an_object_is_in_its_line() -> None:
    extra = {**indicator("a", "[file:name = 'a.exe']"), "x_ward": "b", "x_bed": "c"}
    crossing = screened([extra])
    decision = decision_on(crossing, extra)
    sent = outgoing(crossing, extra)
    assert sent is not None
    gone = {f"/{name}" for name in extra if name not in sent}
    assert gone == set(decision.dropped)


def test_references_left_out_are_counted() -> None:
    crossing = screened(hospital())
    assert any(d.references_removed for d in crossing.decisions())


# -- the bill -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What crossed of the hospital incident, with its record and a signed and logged bill."""
    folder = tmp_path_factory.mktemp("desk")
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    pinned = next(line.strip() for line in text_of("ee-br-csirt").decode().splitlines() if "key: " in line)
    ours = (pinned, f'key: "{public_key_text(key.public_key())}"')
    lower = baseline(ours)
    (folder / "csirt-baseline.yaml").write_bytes(text_of("csirt-baseline", ours))
    (folder / "ee-br-csirt.yaml").write_bytes(text_of("ee-br-csirt", ours, (baseline().digest, lower.digest)))
    crossing = screened(hospital(), compiled(ours, baseline_edits=[ours]))
    (folder / "crossed.json").write_bytes(written(crossing))
    (folder / "decisions.jsonl").write_bytes(b"".join(record(crossing)))
    billed = prompt(
        "bill", folder / "crossed.json", "--record", folder / "decisions.jsonl", "--agreement",
        folder / "ee-br-csirt.yaml", "--from", "cert-ee", "--to", "cert-br", "--purpose", "incident-response",
        "--signing-key", folder / "key.pem", "--log", folder / "log", "--out", folder / "bill.json",
    )  # fmt: skip
    assert billed.status == 0, billed.err
    return folder


def verified(desk: Path, objects: Path) -> Said:
    public = prompt("key", "show", desk / "key.pem").out.strip()
    return prompt("verify", desk / "bill.json", "--key", public, "--objects", objects)


def test_a_bill_stands_for_what_was_stored(desk: Path) -> None:
    """Offline, with nothing but the bill, the key and the objects."""
    said = verified(desk, desk / "crossed.json")
    assert said.status == 0, said.err


TAMPERED: dict[str, Callable[[list[Any]], list[Any]]] = {
    "one less": lambda objects: objects[:-1],
    "one more": lambda objects: [*objects, indicator("extra", "[file:name = 'b']")],
    "one changed": lambda objects: [{**objects[0], "lang": "et"}, *objects[1:]],
}


@pytest.mark.parametrize("how", TAMPERED)
def test_a_bill_stands_for_nothing_else(desk: Path, how: str) -> None:
    """The other tamperings, of the bill and the log, are in tests/messages."""
    bundle = json.loads((desk / "crossed.json").read_bytes())
    bundle["objects"] = TAMPERED[how](bundle["objects"])
    other = desk / f"{how}.json"
    other.write_text(json.dumps(bundle))
    said = verified(desk, other)
    assert said.status == 2
    assert said.err.startswith("error:")
