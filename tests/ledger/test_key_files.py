"""Key files: made private, never overwritten, and read for what they are or refused with the reason."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from comity.cli.keys import BadKeyFile, KeyExists, log_key, new, public_key, read_private_key, read_secret
from comity.ledger import BadKey, VerifierKey, public_key_text

PEM, PKCS8 = Encoding.PEM, PrivateFormat.PKCS8


@pytest.fixture
def private(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    path = tmp_path / "key.pem"
    new(path)
    return path, capsys.readouterr().out.strip()


def test_a_private_key_is_made_for_its_owner_alone(private):
    path, public = private
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert public.startswith("ed25519:")
    assert public_key_text(read_private_key(path).public_key()) == public


def test_a_secret_is_made_and_read(tmp_path):
    path = tmp_path / "secret"
    new(path, secret=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("comity-secret-v1:")
    assert len(read_secret(path)) == 32


def test_no_two_keys_are_alike(tmp_path):
    for name in ("a", "b"):
        new(tmp_path / name, secret=True)
        new(tmp_path / f"{name}.pem")
    assert read_secret(tmp_path / "a") != read_secret(tmp_path / "b")
    assert (tmp_path / "a.pem").read_bytes() != (tmp_path / "b.pem").read_bytes()


@pytest.mark.parametrize("secret", [True, False])
def test_no_key_is_overwritten(tmp_path, secret):
    path = tmp_path / "key"
    path.write_text("precious")
    with pytest.raises(KeyExists):
        new(path, secret=secret)
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "fifteen-bytes-x",
        "comity-secret-v2:" + base64.b64encode(bytes(32)).decode(),
        "comity-secret-v1:" + base64.b64encode(bytes(31)).decode(),
        "comity-secret-v1:" + base64.b64encode(bytes(32)).decode() + "\n\n",
        "comity-secret-v1: " + base64.b64encode(bytes(32)).decode(),
        "comity-secret-v1:é",
        "-----BEGIN PRIVATE KEY-----\n",
    ],
)
def test_what_is_not_a_secret_is_refused(tmp_path, text):
    path = tmp_path / "secret"
    path.write_text(text)
    with pytest.raises(BadKeyFile) as caught:
        read_secret(path)
    assert "comity key new --secret" in caught.value.remedy


def test_what_is_not_an_ed25519_private_key_is_refused(tmp_path):
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, NoEncryption())
    locked = Ed25519PrivateKey.generate().private_bytes(PEM, PKCS8, BestAvailableEncryption(b"phrase"))
    path = tmp_path / "key"
    for data, why in [
        (b"", "not a PEM"),
        (b"comity-secret-v1:", "not a PEM"),
        (other, "another kind"),
        (locked, "encrypted"),
    ]:
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(BadKeyFile, match=why):
            read_private_key(path)


def test_a_key_that_others_can_read_is_warned_of(private, capsys):
    path, _ = private
    path.chmod(0o644)
    read_private_key(path)
    assert "warning" in capsys.readouterr().err


def test_a_public_key_is_read_however_it_is_given(private, tmp_path):
    path, public = private
    key = read_private_key(path).public_key()
    (tmp_path / "literal").write_text(public + "\n")
    (tmp_path / "pem").write_bytes(key.public_bytes(PEM, PublicFormat.SubjectPublicKeyInfo))
    for given in (public, str(tmp_path / "literal"), str(tmp_path / "pem")):
        assert public_key(given) == key
    vkey = VerifierKey("cert-ee/releases", key)
    assert log_key(str(vkey), "anything") == log_key(public, "cert-ee/releases") == vkey


def test_a_private_key_is_not_taken_where_a_public_one_is_asked(private):
    with pytest.raises(BadKeyFile, match="it is a private key"):
        public_key(str(private[0]))


@pytest.mark.parametrize("text", ["ed25519:", "ed25519:AAAA"])
def test_what_is_not_a_public_key_is_refused(text):
    with pytest.raises(BadKey):
        public_key(text)


def test_a_file_that_is_not_a_public_key_is_refused(tmp_path):
    path = tmp_path / "key"
    for data in (b"", b"hello", b"-----BEGIN PUBLIC KEY-----\n", b"\xff\xfe"):
        path.write_bytes(data)
        with pytest.raises(BadKeyFile):
            public_key(str(path))


@pytest.mark.parametrize("data", [bytes(range(32)), b"f" * 64, bytes(32)])
def test_a_secret_of_another_program_is_taken_as_it_is(tmp_path, data):
    path = tmp_path / "secret"
    path.write_bytes(data + b"\n")
    assert read_secret(path) == data
