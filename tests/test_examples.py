"""The worked examples hold together: signed by every party, without an error, and good for a bill that verifies."""

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from comity.agreement import Severity, check, parse, read_signatures, verify
from comity.law import Law

ROOT = Path(__file__).parent.parent
AGREEMENTS = ROOT / "examples" / "agreements"
NAMES = ("csirt-baseline", "ee-br-csirt", "ee-jp-csirt")
DAY = dt.date(2026, 11, 23)


def read(name):
    return parse((AGREEMENTS / f"{name}.yaml").read_bytes(), f"{name}.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_every_party_has_signed_the_text_as_it_stands(name):
    signatures = read_signatures((AGREEMENTS / f"{name}.signatures.json").read_bytes(), f"{name}.signatures.json")
    assert verify(read(name), signatures).complete


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_says_that_no_such_agreement_exists(name):
    first = (AGREEMENTS / f"{name}.yaml").read_text().splitlines()[0]
    assert "ILLUSTRATION ONLY" in first
    assert "no such agreement exists" in first


@pytest.mark.parametrize("name", NAMES)
def test_the_check_against_the_law_pack_finds_no_error(name):
    baseline = read("csirt-baseline") if name != "csirt-baseline" else None
    findings = check(read(name), Law.load(), DAY, baseline)
    assert [f for f in findings if f.severity is Severity.ERROR] == []


def comity(*arguments, cwd):
    command = [sys.executable, "-c", "from comity.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_from_an_incident_to_a_bill_that_verifies(tmp_path):
    agreement = AGREEMENTS / "ee-br-csirt.yaml"
    (tmp_path / "K").write_bytes(bytes(range(32)))
    flow = ("--agreement", agreement, "--from", "cert-ee", "--to", "cert-br", "--purpose", "incident-response")
    day = ("--on", DAY.isoformat())
    screened = comity(
        "screen", ROOT / "examples/incidents/hospital.json", *flow, *day, "--key-file", "K", "--out", "crossed.json",
        "--record", "decisions.jsonl", cwd=tmp_path,
    )  # fmt: skip
    assert screened.returncode == 0, screened.stderr
    key = ROOT / "examples" / "keys" / "cert-ee.UNSAFE.pem"
    billed = comity(
        "bill", "crossed.json", "--record", "decisions.jsonl", *flow, *day, "--signing-key", key, "--log", "log",
        "--out", "bill.json", cwd=tmp_path,
    )  # fmt: skip
    assert billed.returncode == 0, billed.stderr
    pinned = read("ee-br-csirt").party("cert-ee").key
    verified = comity("verify", "bill.json", "--key", pinned, "--objects", "crossed.json", cwd=tmp_path)
    assert verified.returncode == 0, verified.stderr
    crossed = (tmp_path / "crossed.json").read_text()
    (tmp_path / "crossed.json").write_text(crossed.replace("KROONLUKK", "KROONLUKX", 1))
    refused = comity("verify", "bill.json", "--key", pinned, "--objects", "crossed.json", cwd=tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: ")
    assert "what to do: " in refused.stderr
