"""The demo's data: an invented incident in which nobody is meant, and real intelligence as it was published."""

from __future__ import annotations

import ipaddress
import json
import re
import runpy
from pathlib import Path

import pytest
import stix2
from stdnum import iban
from stdnum.br import cpf
from stdnum.ee import ik
from stix2validator import ValidationOptions, validate_string

from comity.canon import Tlp
from comity.demo import Packaged
from comity.material import effective_marking, read_bundle, unknown_properties, validate

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "src" / "comity" / "demo" / "data"
INCIDENT = (DATA / "hospital.json").read_text(encoding="utf-8")
OBJECTS = json.loads(INCIDENT)["objects"]
DOCUMENTATION = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "10.0.0.0/8")
]


def of(stix_type: str) -> list[dict[str, object]]:
    return [o for o in OBJECTS if o["type"] == stix_type]


def test_the_package_holds_the_same_incident_as_the_examples():
    assert (ROOT / "examples" / "incidents" / "hospital.json").read_text(encoding="utf-8") == INCIDENT


@pytest.mark.parametrize("name", ["csirt-baseline", "ee-br-csirt", "ee-jp-csirt"])
def test_the_package_holds_the_same_agreements_as_the_examples(name: str):
    """After a change in the examples: cp examples/agreements/*.yaml src/comity/demo/data/agreements/"""
    assert Packaged().agreement(name) == (ROOT / "examples" / "agreements" / f"{name}.yaml").read_bytes()


def test_the_data_stays_small():
    assert sum(file.stat().st_size for file in DATA.rglob("*") if file.is_file()) < 300_000


def test_the_incident_is_valid_stix_by_the_oasis_validator():
    result = validate_string(INCIDENT, ValidationOptions(version="2.1"))
    assert result.is_valid, result.errors


def test_the_incident_is_read_by_the_reference_library():
    assert len(stix2.parse(INCIDENT, allow_custom=True).objects) == len(OBJECTS)


def test_the_incident_is_valid_by_our_own_rules_too():
    """Among them that each deterministic id is that of its content."""
    for obj in read_bundle(INCIDENT.encode()):
        validate(obj)


def test_every_address_is_one_kept_for_documentation_or_private_use():
    """RFC 5737, RFC 3849, one of RFC 1918; MAC addresses of RFC 9542."""
    text = INCIDENT.replace("[.]", ".")
    v4 = re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text)
    v6 = [o["value"] for o in of("ipv6-addr")] + re.findall(r"2001:[0-9a-f:]+", text)
    assert v4
    assert v6
    for found in (*v4, *v6):
        assert any(ipaddress.ip_address(found) in network for network in DOCUMENTATION), found
    for mac in re.findall(r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", text):
        assert mac.startswith("00:00:5e:00:53:")


def test_every_mailbox_and_domain_can_belong_to_nobody():
    """RFC 2606."""
    text = INCIDENT.replace("[.]", ".")
    hosts = (
        re.findall(r"@([\w.-]+\w)", text) + [o["value"] for o in of("domain-name")] + re.findall(r"://([\w.-]+)", text)
    )
    assert len(hosts) > 10
    assert {host for host in hosts if not host.endswith((".example", ".test"))} == {"attack.mitre.org"}


def test_the_numbers_pass_their_checksums_and_belong_to_nobody():
    assert ik.is_valid("29912319996")
    assert ik.get_birth_date("29912319996").year == 1899
    assert cpf.is_valid("000.000.001-91")
    assert iban.is_valid("EE38 2200 2210 2014 5685")


def test_what_is_planted_is_there():
    text = INCIDENT.replace("[.]", ".")
    for value in (*Packaged().planted("people"), *Packaged().planted("threat")):
        assert value in text, value


def test_the_incident_holds_what_the_demo_needs():
    assert {o["country"] for o in of("location")} == {"EE", "BR", "JP"}
    assert {
        "incident",
        "note",
        "report",
        "sighting",
        "observed-data",
        "user-account",
        "email-message",
        "language-content",
    } <= {o["type"] for o in OBJECTS}
    roles = {role for o in of("identity") for role in o.get("roles", ())}
    assert {"victim", "patient", "reporter", "analyst"} <= roles
    assert next(iter(of("language-content")))["contents"].keys() == {"et"}
    assert {effective_marking(o, {}) for o in OBJECTS} >= {Tlp.AMBER, Tlp.RED}
    mine = [o for o in OBJECTS if o["type"] != "marking-definition"]
    assert [pointer for o in mine for pointer in unknown_properties(o)] == ["/x_haigla_ward"]


def test_the_slice_of_attack_bears_its_notice():
    corporation = "The MITRE Corporation"
    notice = f"© 2025 {corporation}. This work is reproduced and distributed with the permission of {corporation}."
    for file in (DATA / "README.md", DATA / "LICENSE.mitre-attack.txt"):
        assert notice in file.read_text(encoding="utf-8")
    objects = json.loads((DATA / "attack-ics-slice.json").read_bytes())["objects"]
    assert 60 <= len(objects) <= 120
    ids = {o["id"] for o in objects}
    assert all({o["source_ref"], o["target_ref"]} <= ids for o in objects if o["type"] == "relationship")


@pytest.mark.parametrize("name", ["eset-kamino", "circl-cerber", "circl-qakbot-emotet"])
def test_the_misp_events_are_events(name: str):
    assert json.loads((DATA / "misp" / f"{name}.json").read_bytes())["Event"]["uuid"]


def test_the_slice_of_attack_is_cut_from_what_mitre_published():
    tool = runpy.run_path(str(ROOT / "tools" / "cut_attack.py"))
    published = tool["read"](ROOT / "tests" / "corpus" / "attack" / "ics-attack-18.1.json.gz")
    assert tool["written"](tool["cut"](published)) == (DATA / "attack-ics-slice.json").read_text(encoding="utf-8")
