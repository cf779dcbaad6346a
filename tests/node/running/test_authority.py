"""The throw-away authority: its certificates hold up a real TLS connection, and vouch for one host each."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from comity.node import clock
from comity.node.running import authority
from comity.node.running.authority import BadAuthority


def certified(folder: Path, host: str) -> Path:
    authority.authority(folder / "authority")
    authority.certify(folder / "authority", host, folder / host)
    return folder / host


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@contextlib.contextmanager
def answering(certificate: Path) -> Iterator[int]:
    """A TLS server on loopback that takes one connection. Yields its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            with contextlib.suppress(OSError), server.accept()[0] as raw, context.wrap_socket(raw, server_side=True):
                pass

        taker = threading.Thread(target=take)
        taker.start()
        yield server.getsockname()[1]
        taker.join()


def connect(port: int, host: str, trust: Path) -> str | None:
    context = ssl.create_default_context(cafile=str(trust))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw, server_hostname=host) as secure:
        return secure.version()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_who_trusts_the_authority_trusts_the_node(tmp_path: Path, host: str):
    made = certified(tmp_path, host)
    with answering(made) as port:
        assert connect(port, host, made / "authority.pem") == "TLSv1.3"


def test_a_certificate_is_no_other_hosts(tmp_path: Path):
    made = certified(tmp_path, "127.0.0.1")
    with answering(made) as port, pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        connect(port, "localhost", made / "authority.pem")


def test_another_authority_of_the_same_name_is_not_trusted(tmp_path: Path):
    made, other = certified(tmp_path / "one", "127.0.0.1"), certified(tmp_path / "other", "127.0.0.1")
    with answering(made) as port, pytest.raises(ssl.SSLCertVerificationError):
        connect(port, "127.0.0.1", other / "authority.pem")


def test_a_node_cannot_vouch_for_others(tmp_path: Path):
    made = certified(tmp_path, "127.0.0.1")
    leaf, root = (
        x509.load_pem_x509_certificate((made / f"{name}.pem").read_bytes()) for name in ("certificate", "authority")
    )
    constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    assert not leaf.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    above = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (above.critical, above.value.ca, above.value.path_length) == (True, True, 0)


def test_certificates_live_for_a_month_at_most_and_not_longer_than_their_authority(tmp_path: Path):
    made = certified(tmp_path, "127.0.0.1")
    leaf, root = (
        x509.load_pem_x509_certificate((made / f"{name}.pem").read_bytes()) for name in ("certificate", "authority")
    )
    assert leaf.not_valid_after_utc <= root.not_valid_after_utc
    assert root.not_valid_after_utc - clock.real() <= dt.timedelta(days=30)


def test_one_that_has_expired_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    authority.authority(tmp_path / "authority")
    later = clock.real() + dt.timedelta(days=31)
    monkeypatch.setattr(clock, "real", lambda: later)
    with pytest.raises(BadAuthority, match="has expired"):
        authority.authority(tmp_path / "authority")


def test_processes_that_make_one_at_the_same_time_share_it(tmp_path: Path):
    folder, start, faults = tmp_path / "authority", threading.Barrier(8), list[Exception]()

    def make(number: int) -> None:
        start.wait()
        try:
            authority.authority(folder)
            authority.certify(folder, "127.0.0.1", tmp_path / str(number))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len({(tmp_path / str(number) / "authority.pem").read_bytes() for number in range(8)}) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["authority", *map(str, range(8))])


@pytest.mark.parametrize("what", ["other files", "a torn key", "another key"])
def test_what_is_no_authority_is_refused_and_left_alone(tmp_path: Path, what: str):
    folder = tmp_path / "authority"
    if what == "other files":
        folder.mkdir()
        (folder / "letter").write_text("mine")
    else:
        authority.authority(folder)
        authority.authority(tmp_path / "other")
        torn = (folder / "key.pem").read_bytes()[:40]
        (folder / "key.pem").write_bytes(torn if what == "a torn key" else (tmp_path / "other/key.pem").read_bytes())
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(BadAuthority):
        authority.authority(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
