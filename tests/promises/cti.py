"""What the promise tests share: the worked agreements, small invented intelligence, the real corpus, one crossing.

Everything here goes through the rooms' public names. Addresses, domains and people are reserved or invented.
"""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from comity.agreement import Agreement, Plan, parse
from comity.agreement import compile as compile_plan
from comity.canon import dumps
from comity.crossing import Crossing, Decision, Keys, cross, observe
from comity.law import Law
from comity.material import Bundle, StixObject, deterministic_id, read_bundle, read_material

ROOT = Path(__file__).resolve().parents[2]
AGREEMENTS = ROOT / "examples" / "agreements"
CORPUS = ROOT / "tests" / "corpus"
HOSPITAL = ROOT / "examples" / "incidents" / "hospital.json"
ON = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
KEYS = Keys(bytes(range(32)), "ee-br-csirt")
BR = ("cert-ee", "cert-br")
JP = ("cert-ee", "cert-jp")
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
Content = dict[str, Any]


@functools.cache
def law() -> Law:
    return Law.load()


def text_of(name: str, *edits: tuple[str, str]) -> bytes:
    """A worked agreement with pieces of its text replaced; each piece must stand in it."""
    text = (AGREEMENTS / f"{name}.yaml").read_text(encoding="utf-8")
    for before, after in edits:
        assert before in text, f"{name} no longer says {before!r}"
        text = text.replace(before, after)
    return text.encode()


@functools.cache
def baseline(*edits: tuple[str, str]) -> Agreement:
    """The worked baseline with edits."""
    return parse(text_of("csirt-baseline", *edits), "csirt-baseline.yaml")


def annex(*edits: tuple[str, str], name: str = "ee-br-csirt", over: Agreement | None = None) -> Agreement:
    """A worked annex, edited; its `extends` names the digest of the baseline it is laid over."""
    usual = baseline()
    assert usual.digest in (AGREEMENTS / f"{name}.yaml").read_text(encoding="utf-8")
    redigest = [(usual.digest, over.digest)] if over is not None else []
    return parse(text_of(name, *edits, *redigest), f"{name}.yaml")


def compiled(
    *edits: tuple[str, str],
    flow: tuple[str, str] = BR,
    on: dt.date = ON,
    baseline_edits: Sequence[tuple[str, str]] = (),
    under: Law | None = None,
) -> Plan:
    """The plan of a worked annex with edits to it and to its baseline."""
    lower = baseline(*baseline_edits)
    upper = annex(*edits, name="ee-br-csirt" if "cert-br" in flow else "ee-jp-csirt", over=lower)
    return compile_plan(upper, under or law(), flow=flow, on=on, baseline=lower)


@functools.cache
def plan(flow: tuple[str, str] = BR) -> Plan:
    """The plan of a worked annex as it stands."""
    return compiled(flow=flow)


def named(stix_type: str, label: str) -> str:
    """A version 4 shaped id that is the same for the same label."""
    return f"{stix_type}--{uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_DNS, label).bytes, version=4)}"


def sdo(stix_type: str, label: str, **properties: Any) -> Content:
    """A STIX domain or relationship object with the common properties filled in."""
    return {
        "type": stix_type,
        "spec_version": "2.1",
        "id": named(stix_type, label),
        "created": "2026-11-01T08:00:00.000Z",
        "modified": "2026-11-01T08:00:00.000Z",
        "object_marking_refs": [GREEN],
        **properties,
    }


def sco(stix_type: str, **properties: Any) -> Content:
    """A STIX cyber-observable under its deterministic id."""
    content: Content = {"type": stix_type, "spec_version": "2.1", **properties}
    content["id"] = deterministic_id({**content, "id": named(stix_type, dumps(properties).decode())}) or named(
        stix_type, dumps(properties).decode()
    )
    return content


def indicator(label: str, pattern: str, **properties: Any) -> Content:
    return sdo(
        "indicator",
        label,
        pattern=pattern,
        pattern_type="stix",
        valid_from="2026-11-01T08:00:00Z",
        indicator_types=["malicious-activity"],
        **properties,
    )


def relationship(source: Content, word: str, target: Content, **properties: Any) -> Content:
    label = f"{source['id']} {word} {target['id']}"
    return sdo(
        "relationship", label, relationship_type=word, source_ref=source["id"], target_ref=target["id"], **properties
    )


def bundle(objects: Iterable[Content]) -> Bundle:
    """The objects as a bundle that was read from bytes, as all material is."""
    content: Content = {"type": "bundle", "id": "bundle--4f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa"}
    if listed := list(objects):  # STIX knows no empty lists
        content["objects"] = listed
    return read_bundle(json.dumps(content).encode())


def screened(
    objects: Iterable[Content] | Bundle,
    under: Plan | None = None,
    *,
    purpose: str = "incident-response",
    keys: Keys = KEYS,
    now: dt.datetime = NOW,
    **facts: Any,
) -> Crossing:
    """Observe, then cross: the library path of `comity screen`."""
    material = objects if isinstance(objects, Bundle) else bundle(objects)
    seen = observe(material, keys, purpose=purpose, **facts)
    return cross(material, under or plan(), seen, keys, now)


def crossed(crossing: Crossing) -> dict[str, Content]:
    """What crosses, by the id it leaves under."""
    return {content["id"]: content for content in crossing.objects()}


def decision_on(crossing: Crossing, content: Mapping[str, Any]) -> Decision:
    """The one decision on an object of the material."""
    found = [decision for decision in crossing.decisions() if decision.id == content["id"]]
    assert len(found) == 1, f"{len(found)} decisions on {content['id']}"
    return found[0]


def outgoing(crossing: Crossing, content: Mapping[str, Any]) -> Content | None:
    """The object as the partner gets it, or None."""
    leaves_as = decision_on(crossing, content).outgoing_id
    return None if leaves_as is None else crossed(crossing)[leaves_as]


def written(crossing: Crossing) -> bytes:
    """The bundle as it would be written."""
    return b"".join(crossing.bundle())


def read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@functools.cache
def ics_attack() -> Bundle:
    """MITRE ATT&CK for ICS 18.1, complete: 1826 objects."""
    return read_bundle(read(CORPUS / "attack" / "ics-attack-18.1.json.gz"))


@functools.cache
def misp(name: str) -> Bundle:
    """A real MISP event of ESET's, converted to STIX 2.1 by the MISP project's converter."""
    [path] = (CORPUS / "eset-misp").glob(f"{name}*")
    return read_material(read(path), now=NOW, at=path.name).bundle


@functools.cache
def hospital() -> Bundle:
    """The invented hospital incident."""
    return read_bundle(HOSPITAL.read_bytes())


def some(objects: Iterable[StixObject], count: int) -> list[Content]:
    """The first objects of a bundle as content."""
    return [dict(obj.content) for obj, _ in zip(objects, range(count), strict=False)]
