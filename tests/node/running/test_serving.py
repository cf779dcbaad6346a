"""`comity node serve`: real TLS on loopback, limits that no stranger wears out, and refusals that say what to do."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sqlite3
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from node.running.places import NOWHERE, PATIENCE, SERVER, Model, Place, copied, until
from prompt import prompt

pytestmark = pytest.mark.slow  # processes of their own


@pytest.fixture(scope="module")
def served(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A node that is served, and waits a second for slow senders."""
    with copied(model, tmp_path_factory.mktemp("served")) as place:
        place.until_served(place.run("running/serving_impatiently", 1))
        yield place


@contextlib.contextmanager
def connection(place: Place) -> Iterator[ssl.SSLSocket]:
    raw = socket.create_connection(("127.0.0.1", place.port), timeout=PATIENCE)
    with place.trust().wrap_socket(raw, server_hostname="127.0.0.1") as secure:
        yield secure


def answer(secure: socket.socket, *parts: bytes) -> bytes:
    """All that comes back until the server closes."""
    for part in parts:
        secure.sendall(part)
    got = b""
    while chunk := secure.recv(65536):
        got += chunk
    return got


def test_a_real_request_over_tls_is_answered(served: Place):
    assert served.get(NOWHERE) == 404


def test_who_does_not_trust_the_authority_is_not_served(served: Place):
    raw = socket.create_connection(("127.0.0.1", served.port))
    with pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(raw, server_hostname="127.0.0.1")
    raw.close()


def test_plain_http_gets_no_answer(served: Place):
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"HTTP/1.1" not in raw.recv(1000)


@pytest.mark.parametrize(("version", "taken"), [("TLSv1_1", False), ("TLSv1_2", True), ("TLSv1_3", True)])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_is_of_version_1_2_at_least(served: Place, version: str, taken: bool):
    context = served.trust()
    context.set_ciphers("ALL:@SECLEVEL=0")  # or our own side would refuse before the server can
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    raw = socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE)
    if taken:
        with context.wrap_socket(raw, server_hostname="127.0.0.1") as secure:
            assert secure.version() == version.replace("_", ".")
    else:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            context.wrap_socket(raw, server_hostname="127.0.0.1")
        raw.close()


def head(line: str, *headers: str, host: str = "Host: 127.0.0.1") -> bytes:
    return "\r\n".join([line, host, *headers, "", ""]).encode("latin-1")


# RFC 9112 sections 2.2, 3.2, 6.1, 6.3 and 11.2; attack A33.
RAW = {
    "two lengths": ([head("POST / HTTP/1.1", "Content-Length: 1", "Content-Length: 2"), b"ab"], b"400"),
    "a length that is no number": ([head("POST / HTTP/1.1", "Content-Length: +1"), b"a"], b"400"),
    "a length and chunks": (
        [
            head("POST / HTTP/1.1", "Content-Length: 4", "Transfer-Encoding: chunked"),
            b"0\r\n\r\nGET /admin HTTP/1.1\r\n",
        ],
        b"411",
    ),
    "chunks": ([head("POST / HTTP/1.1", "Transfer-Encoding: chunked"), b"1\r\na\r\n0\r\n\r\n"], b"411"),
    "chunks by another name": ([head("POST / HTTP/1.1", "Transfer-Encoding: xchunked"), b"0\r\n\r\n"], b"400"),
    "two hosts": ([head("GET / HTTP/1.1", "Host: other.example")], b"400"),
    "no host": ([b"GET / HTTP/1.1\r\n\r\n"], b"400"),
    "another host than ours": ([head("GET / HTTP/1.1", host="Host: other.example")], b"421"),
    "another host in the target": ([head("GET https://other.example/ HTTP/1.1")], b"400"),
    "a space before the colon": ([head("GET / HTTP/1.1", "Content-Length : 5"), b"hello"], b"400"),
    "a folded line": ([head("GET / HTTP/1.1", "X-A: b", " c")], b"400"),
    "a target with a space": ([head("GET /a b HTTP/1.1")], b"400"),
    "another protocol": ([b"SSH-2.0-client\r\n\r\n"], b"400"),
    "a head that is too large": ([head("GET / HTTP/1.1", "X-A: " + "a" * 100_000)], b"431"),
    "a body that is too large": ([head("POST / HTTP/1.1", "Content-Length: 1000000000")], b"413"),
    "a body that stops": ([head("POST / HTTP/1.1", "Content-Length: 1000"), b"abc"], b"408"),
}


@pytest.mark.parametrize("case", RAW)
def test_a_request_that_can_be_read_in_two_ways_or_never_ends_is_refused_and_the_connection_closed(
    served: Place, case: str
):
    parts, status = RAW[case]
    with connection(served) as secure:
        got = answer(secure, *parts)
    assert got.startswith(b"HTTP/1.1 " + status), got[:200]
    assert got.count(b"HTTP/1.1 ") == 1  # nothing that was hidden in it was answered too


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_a_head_that_never_ends_is_not_waited_for(served: Place, sent: bytes):
    with connection(served) as secure:
        assert answer(secure, sent) == b""


def test_a_connection_on_which_nothing_comes_any_more_is_closed(served: Place):
    with connection(served) as secure:
        got = answer(secure, head(f"GET {NOWHERE} HTTP/1.1"))
    assert got.startswith(b"HTTP/1.1 404")


def test_a_path_in_another_script_is_not_found_rather_than_an_error(served: Place):
    for path in ("/%C3%A9", "/%ff%fe", "/a%2Fb"):
        assert served.get(path) == 404


@pytest.mark.slow
def test_a_thousand_slow_senders_do_not_keep_one_honest_client_waiting(place: Place):
    """Attack A33: half of them never finish their head, half never their body."""
    process = place.start("serve")
    place.until_served(process)
    with contextlib.ExitStack() as slow:
        for number in range(1000):
            raw = slow.enter_context(socket.create_connection(("127.0.0.1", place.port), timeout=PATIENCE))
            secure = slow.enter_context(place.trust().wrap_socket(raw, server_hostname="127.0.0.1"))
            stalled = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", head("POST / HTTP/1.1", "Content-Length: 9") + b"abc"
            secure.sendall(stalled[number % 2])
            if number % 100 == 99:
                assert place.get() == 404
    assert process.end() == 0


def test_sigterm_ends_it_when_what_is_under_way_is_answered(place: Place):
    process = place.start("serve")
    place.until_served(process)
    with connection(place) as secure:
        secure.sendall(head("POST / HTTP/1.1", "Content-Length: 5", "Connection: close") + b"he")
        until(lambda: place.get() > 0)
        process.running.send_signal(signal.SIGTERM)
        assert answer(secure, b"llo").startswith(b"HTTP/1.1 4")
    assert process.running.wait(PATIENCE) == 0
    assert process.said("stopped serving")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_all_its_processes_is_no_crash(place: Place, by: signal.Signals):
    """As a terminal sends it, and a supervisor."""
    process = place.start("serve")
    place.until_served(process)
    assert process.end(by, group=True) == 0
    assert process.said("stopped serving")


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="this system has no /proc")
@pytest.mark.parametrize("verb", ["serve", "work"])
def test_no_process_leaves_its_memory_in_a_file_when_it_crashes(place: Place, verb: str):
    """Attack A79: what is destroyed in the database would be in the core dump."""
    soft, most = resource.getrlimit(resource.RLIMIT_CORE)
    if most == 0:
        pytest.skip("this system leaves no core dumps of anybody's")
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    try:
        process = place.start(verb)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, most))
    if verb == "serve":
        place.until_served(process)
    else:
        process.until_said("working")
    pids = [process.running.pid, *children(process.running.pid)]
    assert len(pids) > 1 or verb == "work"
    for pid in pids:
        (limit,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line]
        assert limit.split()[-3:-1] == ["0", "0"]


def test_a_process_that_is_killed_is_replaced(place: Place):
    process = place.start("serve")
    place.until_served(process)
    [child] = children(process.running.pid)
    os.kill(child, signal.SIGKILL)
    until(lambda: children(process.running.pid) not in ([], [child]))
    place.until_served(process)
    assert process.end() == 0


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def refuses(place: Place, *reasons: str, verb: str = "serve", unopened: bool = False) -> None:
    """It ends at once with status 2, and says what, why and what to do; in this process where it opens nothing."""
    before = sorted(path.name for path in place.folder.iterdir())
    said = prompt("node", verb, "--folder", place.folder) if unopened else place.comity(verb)
    err = " ".join(said.err.split())
    assert said.status == 2, err
    assert "what to do:" in err
    for reason in reasons:
        assert reason in err
    assert sorted(path.name for path in place.folder.iterdir() if path.name[-4:] not in ("-wal", "-shm")) == before


@pytest.mark.parametrize("verb", ["serve", "work"])
def test_a_clock_without_zone_stops_it_before_it_begins(place: Place, verb: str):
    place.clock.write_text("2026-11-23T10:00:00\n", encoding="ascii")
    refuses(place, "clock does not hold one instant with its zone", verb=verb)


def test_a_key_that_others_can_read_stops_it(place: Place):
    (place.folder / "keys" / "signing.pem").chmod(0o644)
    refuses(place, "others on this machine can read signing.pem")


def test_a_key_that_is_no_secret_stops_it(place: Place):
    """Attack A45."""
    (place.folder / "keys" / "sessions.key").write_bytes(b"SECRET-STRING-NEEDS-TO-BE-CHANGED"[:32])
    refuses(place, "sessions.key is not 32 random bytes")


@pytest.mark.skipif(SERVER != "sqlite", reason="the files are SQLite's")
@pytest.mark.parametrize(("verb", "name"), [("serve", "node.sqlite3"), ("work", "keys.sqlite3")])
def test_a_database_that_is_gone_stops_it_and_none_is_made_in_its_place(place: Place, verb: str, name: str):
    (place.folder / name).rename(place.folder / "moved-away")
    refuses(place, f"{name} is not there", "nothing was made in its place", verb=verb)
    assert not (place.folder / name).exists()
    (place.folder / "moved-away").rename(place.folder / name)
    assert place.comity("status", "--json").status == 0


@pytest.mark.skipif(SERVER != "sqlite", reason="the files are SQLite's")
def test_a_file_that_is_no_database_stops_it_and_is_left_as_it_is(place: Place):
    (place.folder / "node.sqlite3").write_bytes(b"not a database " * 100)
    refuses(place, "the database `default` does not answer (DatabaseError)")
    assert (place.folder / "node.sqlite3").read_bytes() == b"not a database " * 100


@pytest.mark.skipif(SERVER != "sqlite", reason="one way to change a row behind its back is enough")
def test_databases_of_another_version_stop_it(place: Place):
    def change(sql: str) -> None:
        with contextlib.closing(sqlite3.connect(place.folder / "node.sqlite3")) as connection:
            connection.execute(sql)
            connection.commit()

    change("INSERT INTO django_migrations (app, name, applied) VALUES ('due', '9999_later', '2030-01-01')")
    refuses(place, "from a newer version of this program (due.9999_later)")
    change("DELETE FROM django_migrations WHERE name = '9999_later'")
    change("DROP TABLE counters")
    refuses(place, "lacks tables that this version needs", "comity node migrate", verb="work")
    assert place.comity("migrate").status == 0
    assert place.comity("status", "--json").status == 0


def test_an_address_that_is_taken_stops_it(place: Place):
    with socket.create_server(("127.0.0.1", place.port)):
        refuses(place, f"it cannot listen on 127.0.0.1:{place.port}: Address already in use")


@pytest.mark.parametrize("what", ["missing", "another's", "readable"])
def test_a_certificate_that_cannot_be_shown_stops_it(place: Place, what: str):
    key = place.folder / "tls" / "key.pem"
    if what == "missing":
        key.unlink()
        refuses(place, "the certificate or its key cannot be read")
    elif what == "another's":
        key.write_bytes((place.authority / "key.pem").read_bytes())
        refuses(place, "the certificate does not go with its key")
    else:
        key.chmod(0o640)
        refuses(place, "others on this machine can read key.pem")


CONFIGS = {
    "production on loopback": ({"development = true\n": "", 'clock_file = "clock"\n': ""}, "is this machine alone"),
    "production by a clock file": (
        {"development = true\n": ""},
        "only a development node may take its time from a file",
    ),
    "production without TLS": (
        {"development = true\n": "", 'clock_file = "clock"\n': "", "https://127.0.0.1": "http://node.example"},
        "only a development node may be reached without TLS",
    ),
    "a line that nobody knows": ({"development": "developement"}, "unknown: developement"),
    "no certificate": (
        {"[tls]": "", 'certificate = "tls/certificate.pem"': "", 'key = "tls/key.pem"': ""},
        "its url begins with https, and no certificate is named",
    ),
}
UNREADABLE = ("production by a clock", "production without TLS", "a line that nobody knows")


@pytest.mark.parametrize("case", CONFIGS)
def test_a_configuration_that_is_not_safe_stops_it(place: Place, case: str):
    changes, why = CONFIGS[case]
    file = place.folder / "comity.toml"
    text = file.read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    file.write_text(text.replace('trust = "tls/authority.pem"', "") if "[tls]" in changes else text, "utf-8")
    refuses(place, why, unopened=case in UNREADABLE)


def test_another_users_folder_is_not_opened(place: Place):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(place.folder / "comity.toml", 65534, -1)
    refuses(place, "the folder belongs to another user", verb="work", unopened=True)
