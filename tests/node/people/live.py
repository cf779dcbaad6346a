"""A node that runs: processes of Granian with TLS on loopback, two workers, a folder and databases of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

CONFIG = """\
party = "cert-ee"
name = "CERT-EE"
url = "https://localhost:{port}"
listen = "127.0.0.1:{port}"
development = true
clock_file = "clock"
tls = {{ certificate = "tls/node.pem", key = "tls/node.key" }}
"""
PASSWORD = "a cormorant over Haapsalu"
PEOPLE = """
import datetime as dt, json, sys, django
django.setup()
from comity.node import clock
from comity.node.people import actions
now, secrets = clock.now(), {}
for username, (role, totp) in json.loads(sys.argv[1]).items():
    person = actions.add_person(username, name=username.title(), now=now)
    actions.set_password(person, sys.argv[2])
    actions.assign(person, role, starts=now, ends=now + dt.timedelta(days=9), by=None, now=now)
    secrets[username] = actions.enrol_totp(person) if totp else ""
print(json.dumps(secrets))
"""


@dataclass
class Live:
    """Where it is, and the authority its certificate is of."""

    folder: Path
    url: str

    @property
    def authority(self) -> Path:
        return self.folder / "tls/authority.pem"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "COMITY_NODE": str(self.folder), "DJANGO_SETTINGS_MODULE": "comity.node.settings"}

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def people(self, *, role: str = "releasing-officer", **totp: bool) -> dict[str, str]:
        """New people with `PASSWORD`, by username; True where they have codes. Returns: the secrets of their codes."""
        wanted = {username: (role, codes) for username, codes in totp.items()}
        return dict(json.loads(self.run("-c", PEOPLE, json.dumps(wanted), PASSWORD)))

    def client(self, **more: Any) -> httpx2.Client:
        from comity.cli.access import connection

        client = connection(self.url, self.authority)
        client.headers.update(more)
        return client


@contextlib.contextmanager
def live_node() -> Iterator[Live]:
    from comity.node.keyring import make_keyring

    with tempfile.TemporaryDirectory(prefix="comity-live-") as name:
        folder, port = Path(name), free_port()
        live = Live(folder, f"https://localhost:{port}")
        (folder / "comity.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
        (folder / "clock").write_text("2026-11-23T10:00:00Z\n", encoding="ascii")
        make_keyring(folder / "keys")
        make_certificates(folder / "tls")
        for database in ("default", "keys"):
            live.run("-m", "django", "migrate", "--database", database, "--verbosity", "0")
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    sys.executable, "-m", "granian", "comity.node.wsgi:application", "--interface", "wsgi",
                    "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
                    "--ssl-certificate", str(folder / "tls/node.pem"), "--ssl-keyfile", str(folder / "tls/node.key"),
                ],
                env=live.environment, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                answers(live, server)
                yield live
            finally:
                server.terminate()
                server.wait(20)


def answers(live: Live, server: subprocess.Popen[bytes]) -> None:
    """Wait until it does."""
    for _ in range(300):
        assert server.poll() is None, (live.folder / "log").read_text()
        with contextlib.suppress(httpx2.HTTPError), live.client() as client:
            if client.get("/accounts/login/").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError((live.folder / "log").read_text())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificates(folder: Path) -> None:
    """A throw-away authority and a certificate of localhost."""
    folder.mkdir()
    authority, node = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throw-away authority of a test")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])

    def certificate(name: x509.Name, key: Any, *extensions: x509.ExtensionType) -> bytes:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(begins)
        builder = builder.not_valid_after(begins + dt.timedelta(days=2))
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(authority, SHA256()).public_bytes(Encoding.PEM)

    known = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    (folder / "authority.pem").write_bytes(
        certificate(issuer, authority, x509.BasicConstraints(ca=True, path_length=0), own, usage)
    )
    (folder / "node.pem").write_bytes(certificate(subject, node, x509.BasicConstraints(False, None), names, known))
    pem = node.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "node.key").write_bytes(pem)
    (folder / "node.key").chmod(0o600)
