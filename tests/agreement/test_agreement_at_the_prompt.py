"""`comity agreement`: exit statuses, places that a terminal can open, JSON for programs, nothing written on failure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.agreement.texts import ALONE, EXAMPLES, changed
from typer.testing import CliRunner

from comity.agreement import CHECKS, SignatureInvalid, SignedAnotherText
from comity.agreement.reading import UnknownTerm
from comity.agreement.signing import NotAParty, spell_key
from comity.cli.agreement import NoSignatures, UnknownCode, app
from comity.cli.agreements import NoBaseline, read_agreement

ON = ["--on", "2026-11-23"]


def _run(*arguments: object, raises: type[Exception] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if raises:
        assert isinstance(result.exception, raises), result.exception
    elif result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLES, tmp_path / "agreements")
    return tmp_path / "agreements"


def test_check_finds_the_baseline_beside_the_annex(folder: Path):
    status, said = _run("check", folder / "ee-br-csirt.yaml", *ON)
    assert status == 0
    assert f"{folder / 'csirt-baseline.yaml'}:" in said
    assert "warning C105" in said


def test_check_exits_1_on_errors_and_names_the_place(folder: Path):
    file = folder / "ee-br-csirt.yaml"
    file.write_text(
        changed(file.read_text(), ("instrument: adequacy, regime: gdpr", "instrument: treaty, regime: gdpr"))
    )
    status, said = _run("check", file, *ON)
    assert status == 1
    assert f"{file}:{_line(file, 'treaty')}:5: error C304" in said


def _line(file: Path, word: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if word in line)


def test_check_as_json(folder: Path):
    status, said = _run("check", folder / "ee-jp-csirt.yaml", *ON, "--json")
    assert status == 0
    document = json.loads(said)
    assert document["agreement"]["id"] == "ee-jp-csirt"
    assert {one["severity"] for one in document["findings"]} == {"warning", "note"}
    assert all(one["code"] in CHECKS and one["line"] and one["do"] for one in document["findings"])


def test_what_cannot_be_read_is_bad_input(folder: Path):
    (folder / "x.yaml").write_text(changed(ALONE, ("title:", "tytle:")))
    _run("check", folder / "x.yaml", raises=UnknownTerm)
    (folder / "csirt-baseline.yaml").unlink()
    (folder / "x.yaml").unlink()
    _run("check", folder / "ee-br-csirt.yaml", raises=NoBaseline)


def test_a_file_that_is_no_agreement_does_not_stop_the_search_for_the_baseline(folder: Path):
    (folder / "a-note.yaml").write_text("shopping: [milk, bread]\n")
    (folder / "b-broken.yml").write_bytes(b"\xff\xfe not text")
    assert _run("check", folder / "ee-br-csirt.yaml", *ON)[0] == 0
    (folder / "csirt-baseline.yaml").unlink()
    with pytest.raises(NoBaseline, match=r"not read as agreements: 'a-note\.yaml', 'b-broken\.yml'"):
        read_agreement(folder / "ee-br-csirt.yaml")


def test_explain_prints_or_writes_the_notice(folder: Path):
    status, said = _run("explain", folder / "ee-br-csirt.yaml")
    assert status == 0
    assert said.startswith("# Annex between CERT-EE and CERT.br")
    _run("explain", folder / "ee-br-csirt.yaml", "--out", folder / "notice.md")
    assert (folder / "notice.md").read_text() == said


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    """A small agreement whose parties' private keys lie beside it."""
    source = ALONE
    for name, old in (
        ("one", "Hc+t76rKr7baCeukkeZoQZGBTyJtFiElXGnnANYKcog="),
        ("two", "H8czsSowXeoxt5E8Sf9cIcGSfZQ7W74PjgMc94DO5W0="),
    ):
        key = Ed25519PrivateKey.generate()
        (tmp_path / f"{name}.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (tmp_path / f"{name}.pem").chmod(0o600)
        source = changed(source, (f"ed25519:{old}", spell_key(key.public_key())))
    (tmp_path / "alone.yaml").write_text(source)
    return tmp_path


def test_signing_by_every_party(signed: Path):
    file = signed / "alone.yaml"
    _run("verify", file, raises=NoSignatures)
    status, said = _run("sign", file, "--key", signed / "one.pem", "--party", "one")
    assert (status, "still to sign: two" in said) == (0, True)
    status, said = _run("verify", file)
    assert (status, "not signed by: two" in said) == (1, True)
    status, said = _run("sign", file, "--key", signed / "two.pem", "--party", "two")
    assert (status, "every party has signed" in said) == (0, True)
    status, said = _run("verify", file, "--json")
    assert status == 0
    assert json.loads(said)["by"] == ["one", "two"]


def test_a_wrong_key_writes_nothing(signed: Path):
    _run("sign", signed / "alone.yaml", "--key", signed / "two.pem", "--party", "one", raises=NotAParty)
    assert not (signed / "alone.signatures.json").exists()


def test_a_changed_text_or_signature_is_refused(signed: Path):
    file, signatures = signed / "alone.yaml", signed / "alone.signatures.json"
    _run("sign", file, "--key", signed / "one.pem", "--party", "one")
    before = signatures.read_text()
    signatures.write_text(before.replace('"signature":"', '"signature":"AAAA'))
    _run("verify", file, raises=SignatureInvalid)
    signatures.write_text(before)
    file.write_text(changed(file.read_text(), ("ceiling: amber", "ceiling: red")))
    _run("verify", file, raises=SignedAnotherText)
    _run("sign", file, "--key", signed / "two.pem", "--party", "two", raises=SignedAnotherText)
    assert signatures.read_text() == before


def test_codes_and_what_they_mean():
    status, said = _run("codes", "--json")
    assert [one["code"] for one in json.loads(said)] == list(CHECKS)
    status, said = _run("codes")
    assert all(code in said for code in CHECKS)
    status, said = _run("explain-code", "c302")
    assert status == 0
    assert "C302" in said
    assert CHECKS["C302"].do[:40] in said
    _run("explain-code", "C999", raises=UnknownCode)


def test_schema_is_json():
    status, said = _run("schema")
    assert status == 0
    assert json.loads(said)["$defs"]["Protect"]
