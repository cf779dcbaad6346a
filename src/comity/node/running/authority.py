"""A throw-away authority: certificates for nodes on one machine, for as long as a demonstration or a test takes.

DEVELOPMENT ONLY. It vouches for any name it is asked for, and its key lies beside it. Nothing trusts it but the nodes
that were made with it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import shutil
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.canon import InputError
from comity.node import clock

LIFE = dt.timedelta(days=30)
SKEW = dt.timedelta(minutes=5)  # a clock that is a little behind takes it all the same
CERTIFICATE, KEY, TRUST = "certificate.pem", "key.pem", "authority.pem"
NAME = "Comity throw-away authority, development only"


class BadAuthority(InputError):
    what = "the throw-away authority in {folder} cannot be used"
    why = "{reason}"
    do = "name an empty or missing folder, and make the nodes that shall trust one another anew with it"


def authority(folder: Path) -> None:
    """Make one there, whole or not at all, unless there is one. Raises: BadAuthority."""
    if (folder / CERTIFICATE).exists():
        _read(folder)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _make(made)
        made.rename(folder)  # which never replaces a file, nor a folder with something in it
    except OSError as error:
        if not (folder / CERTIFICATE).exists():  # else another process made it meanwhile, and that one is used
            raise BadAuthority(folder=folder, reason=error.strerror or type(error).__name__) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def certify(folder: Path, host: str, into: Path) -> None:
    """A new key and certificate for a host in the folder `into`, and beside them what others trust it by.

    Raises: BadAuthority.
    """
    issuer, issuing = _read(folder)
    key = ec.generate_private_key(ec.SECP256R1())  # chromium and every TLS library take this curve
    now = clock.real()
    certificate = (
        _begun(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])]), key.public_key(), now)
        .issuer_name(issuer.subject)
        .not_valid_after(min(now + LIFE, issuer.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName([_name(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key()), critical=False)
        .sign(issuing, SHA256())
    )
    into.mkdir(mode=0o700)
    _write(into / KEY, _pem(key))
    _write(into / CERTIFICATE, certificate.public_bytes(Encoding.PEM))
    _write(into / TRUST, issuer.public_bytes(Encoding.PEM))


def _make(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)]), clock.real()
    certificate = (
        _begun(name, key.public_key(), now)
        .issuer_name(name)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, SHA256())
    )
    _write(folder / KEY, _pem(key))
    _write(folder / CERTIFICATE, certificate.public_bytes(Encoding.PEM))


def _begun(subject: x509.Name, key: ec.EllipticCurvePublicKey, now: dt.datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _read(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        key = load_pem_private_key((folder / KEY).read_bytes(), None)
    except (OSError, TypeError, ValueError) as error:
        raise BadAuthority(folder=folder, reason="its key or its certificate cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise BadAuthority(folder=folder, reason="its key is not that of its certificate")
    if certificate.not_valid_after_utc <= clock.real():
        raise BadAuthority(folder=folder, reason="its certificate has expired")
    return certificate, key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
