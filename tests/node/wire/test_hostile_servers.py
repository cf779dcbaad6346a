"""Partners that lie, dribble, flood, redirect and break off. None costs more than its limit, and none is believed."""

from __future__ import annotations

import gzip
import random
import socket
import ssl
import threading
import tracemalloc
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.node.exchange.outgoing import (
    AnswerTooLarge,
    BadAnswer,
    BadCoding,
    BadTrust,
    BrokenAnswer,
    DecompressionBomb,
    Limits,
    NotConnected,
    Origin,
    Redirected,
    Timeouts,
    TlsRefused,
    TooSlow,
    Trust,
)
from comity.node.exchange.outgoing.codings import decoded

from .authority import DAY, Authority
from .calling import QUICK, SIGNED, caller
from .listening import Listener, answer, says
from .wiretap import wiretap

SECRET = [("Authorization", "Bearer secret")]
EMPTY_GZIPPED = gzip.compress(b"{}", mtime=0)


def get(site: Listener, trust: Trust = None, **changes: Any) -> bytes:
    return caller(site.url, trust, **changes).call("cert-br", "GET", "/", headers=SECRET, signing=None).body


class TestRedirects:
    """Attacks A31 and A32: no redirect is followed at all, so nothing can be sent on."""

    @pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
    def test_a_redirect_to_another_host_is_an_error_that_names_it(self, authority: Authority, status: str):
        with Listener(says(answer(b"{}"))) as other:
            moved = answer(b"", f"Location: {other.url}/api1/?token=abc", status=status)
            with Listener(says(moved), authority.issue("localhost")) as site:
                with wiretap() as heard, pytest.raises(Redirected) as refused:
                    get(site, authority.pem)
                assert {port for _, port in heard.connected} == {site.port}
        assert other.connections == 0
        assert other.heads == [], "no credential, no signature, not even a connection"
        assert f"localhost:{other.port}" in refused.value.sentence
        assert "token" not in refused.value.sentence

    def test_a_signature_is_not_sent_on(self, authority: Authority):
        with Listener(says(answer(b"{}"))) as other:
            moved = answer(b"", f"Location: {other.url}/", status="307 Temporary")
            with Listener(says(moved), authority.issue("localhost")) as site, pytest.raises(Redirected):
                caller(site.url, authority.pem).call("cert-br", "GET", "/", signing=SIGNED)
        assert other.heads == []

    @pytest.mark.parametrize(
        "location",
        ["/elsewhere", "//evil.example/", "https://169.254.169.254/latest/", "http://127.0.0.1/", "file:///etc/passwd",
         "https://[", "https://a:99999999/", "\x1b[31mred", "", "data:text/html,x"],
    )  # fmt: skip
    def test_wherever_it_points_and_however_it_is_written(self, authority: Authority, location: str):
        moved = answer(b"", f"Location: {location}", status="302 Found")
        with Listener(says(moved), authority.issue("localhost")) as site, pytest.raises(BadAnswer) as refused:
            get(site, authority.pem)
        assert site.connections == 1
        assert refused.value.sentence.isprintable()

    def test_a_chain_ends_at_its_first_link(self, authority: Authority):
        """A redirect to the very same origin is none the less one."""
        site = Listener(lambda c, _h: c.sendall(answer(b"", f"Location: {site.url}/2", status="302 Found")),
                        authority.issue("localhost"))  # fmt: skip
        with site, pytest.raises(Redirected):
            get(site, authority.pem)
        assert len(site.heads) == 1

    @pytest.mark.parametrize("status", ["300 Multiple", "305 Use Proxy", "310 Odd", "399 Odd"])
    def test_every_kind_of_redirect_is_one(self, authority: Authority, status: str):
        site = Listener(says(answer(b"", status=status)), authority.issue("localhost"))
        with site, pytest.raises(Redirected, match="nowhere"):
            get(site, authority.pem)

    def test_not_modified_is_none(self, authority: Authority):
        not_modified = b"HTTP/1.1 304 Not Modified\r\n\r\n"
        with Listener(says(not_modified), authority.issue("localhost")) as site:
            assert get(site, authority.pem) == b""


class TestRebinding:
    def test_the_connection_is_to_the_checked_address_on_real_sockets(self, authority: Authority):
        """Two servers on one port of two loopback addresses; the name turns to the second after the check."""
        turns = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
        asked: list[str] = []

        def resolve(host: str, _port: int) -> list[str]:
            asked.append(host)
            return next(turns)

        site = Listener(says(answer(b"checked")), authority.issue("localhost"))
        with site, socket.create_server(("127.0.0.2", site.port)) as internal:
            assert get(site, authority.pem, resolve=resolve) == b"checked"
            internal.settimeout(0.1)
            with pytest.raises(TimeoutError):
                internal.accept()
        assert asked == ["localhost"]

    def test_the_name_is_still_what_the_certificate_must_show(self, authority: Authority):
        """The connection is made to an address; SNI and the check of the certificate go by the name."""
        names: list[str | None] = []
        tls = authority.issue("localhost")
        tls.sni_callback = lambda _socket, name, _context: names.append(name)
        with Listener(says(answer(b"{}")), tls) as site:
            assert get(site, authority.pem, resolve=lambda *_: ["127.0.0.1"]) == b"{}"
        assert names == ["localhost"]


class TestTls:
    def test_another_authority_s_certificate_is_refused(self, authority: Authority, tmp_path: Path):
        stranger = Authority(tmp_path, "Stranger")
        site = Listener(says(answer()), stranger.issue("localhost"))
        with site, pytest.raises(TlsRefused, match=r"(?i)certificate|issuer"):
            get(site, authority.pem)
        assert site.heads == [], "nothing was sent to it"

    def test_the_system_s_authorities_do_not_know_a_throw_away_one(
        self, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ):
        """The environment adds no authority: SSL_CERT_FILE is not read."""
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.pem))
        monkeypatch.setenv("SSL_CERT_DIR", str(authority.pem.parent))
        with Listener(says(answer()), authority.issue("localhost")) as site, pytest.raises(TlsRefused):
            get(site)
        assert site.heads == []

    @pytest.mark.parametrize("names", [("other.example",), ("127.0.0.1",), ("*.localhost",), ("localhost.example",)])
    def test_another_name_s_certificate_is_refused(self, authority: Authority, names: tuple[str, ...]):
        with (
            Listener(says(answer()), authority.issue(*names)) as site,
            pytest.raises(TlsRefused, match=r"(?i)hostname"),
        ):
            get(site, authority.pem)
        assert site.heads == []

    @pytest.mark.parametrize("began", [-2 * DAY, 2 * DAY])
    def test_a_certificate_out_of_its_time_is_refused(self, authority: Authority, began: Any):
        site = Listener(says(answer()), authority.issue("localhost", began=began))
        with site, pytest.raises(TlsRefused, match=r"expired|not yet valid"):
            get(site, authority.pem)
        assert site.heads == []

    def test_tls_1_1_is_refused_even_by_a_lenient_context(self, authority: Authority):
        lenient = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        lenient.load_verify_locations(cafile=authority.pem)
        old = authority.issue("localhost")
        old.set_ciphers("ALL:@SECLEVEL=0")
        lenient.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning):
            lenient.minimum_version = old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        with Listener(says(answer()), old) as site, pytest.raises(TlsRefused):
            get(site, lenient)
        assert site.heads == []

    def test_tls_1_2_is_accepted(self, authority: Authority):
        context = authority.issue("localhost")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with Listener(says(answer(b"{}")), context) as site:
            assert get(site, authority.pem) == b"{}"

    def test_a_server_without_tls_is_refused(self, authority: Authority):
        heard: list[bytes] = []
        with socket.create_server(("127.0.0.1", 0)) as plain:

            def speak() -> None:
                connection, _ = plain.accept()
                with connection:
                    connection.sendall(answer(b"{}"))
                    heard.append(connection.recv(65536))

            thread = threading.Thread(target=speak)
            thread.start()
            with pytest.raises(TlsRefused):
                url = f"https://localhost:{plain.getsockname()[1]}"
                caller(url, authority.pem).call("cert-br", "GET", "/", headers=SECRET)
            thread.join()
        assert b"secret" not in heard[0]

    def test_session_keys_are_not_written_down(
        self, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
        with Listener(says(answer(b"{}")), authority.issue("localhost")) as site:
            assert get(site, authority.pem) == b"{}"
        assert not (tmp_path / "keys.log").exists()

    def test_a_context_that_checks_nothing_is_refused(self):
        blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        blind.check_hostname = False
        with pytest.raises(BadTrust):
            caller("https://localhost:9", blind)
        blind.verify_mode = ssl.CERT_NONE
        with pytest.raises(BadTrust):
            caller("https://localhost:9", blind)

    @pytest.mark.parametrize("content", [None, b"", b"not PEM"])
    def test_a_file_without_authorities_is_refused(self, tmp_path: Path, content: bytes | None):
        path = tmp_path / "trust.pem"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(BadTrust, match=r"trust\.pem"):
            caller("https://localhost:9", path)


class TestTime:
    """A partner may be silent for as long as `read` says, and dribble for as long as `total` says. No longer."""

    SHORT = Timeouts(connect=30, read=30, write=30, total=0.4)

    @pytest.mark.parametrize(
        ("before", "drip"),
        [
            (b"", b"H"),
            (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
            (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
            (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"a"),
        ],
        ids=["status", "header", "headers", "hints", "content", "chunks", "chunk extension"],
    )
    @pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
    def test_a_server_that_dribbles_is_given_up(self, authority: Authority, tls: bool, before: bytes, drip: bytes):
        """Nothing but the total ends this: the server is never silent for long, and it never ends."""
        site = Listener(lambda c, _h: site.dribble(c, before, drip), authority.issue("localhost") if tls else None)
        with site, pytest.raises((TooSlow, BrokenAnswer)) as refused:
            get(site, authority.pem, timeouts=self.SHORT)
        assert isinstance(refused.value, TooSlow) or (before, drip) == (b"", b"H"), "HHHH is no status line either"

    def test_a_silent_server_is_given_up(self, authority: Authority):
        site = Listener(lambda _c, _h: site.stopped.wait() and None, authority.issue("localhost"))
        with site, pytest.raises(TooSlow):
            get(site, authority.pem, timeouts=replace(QUICK, read=0.2))

    def test_a_server_that_never_shakes_hands_is_given_up(self, authority: Authority):
        """It accepts the connection and waits for a head in clear: TLS does not begin."""
        with Listener(says(b"")) as site, pytest.raises(TooSlow):
            get(site, authority.pem, allowed={"cert-br": Origin.read(site.url.replace("http:", "https:"))},
                timeouts=self.SHORT)  # fmt: skip

    @pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
    def test_a_server_that_does_not_read_is_given_up(self, authority: Authority, tls: bool):
        """It takes the head of a large request and leaves the rest in the buffers."""
        site = Listener(lambda _c, _h: site.stopped.wait() and None, authority.issue("localhost") if tls else None)
        with site, pytest.raises(TooSlow):
            caller(site.url, authority.pem, timeouts=self.SHORT).call(
                "cert-br", "POST", "/", headers=[("Content-Type", "x")], body=bytes(30_000_000)
            )

    @pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
    def test_a_server_that_reads_a_little_at_a_time_is_given_up(self, authority: Authority, tls: bool):
        sipped: list[int] = []

        def sip(connection: socket.socket, _head: bytes) -> None:
            while not site.stopped.wait(0.02) and len(sipped) < 500:
                sipped.append(len(connection.recv(16_000)))

        site = Listener(sip, authority.issue("localhost") if tls else None)
        with site, pytest.raises(TooSlow):
            caller(site.url, authority.pem, timeouts=self.SHORT).call(
                "cert-br", "POST", "/", headers=[("Content-Type", "x")], body=bytes(30_000_000)
            )
        assert sum(sipped) < 4_000_000, "it was given up long before the server had had enough"

    def test_nobody_there_is_named(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        with pytest.raises(NotConnected, match="refused"):
            caller(f"https://localhost:{port}").call("cert-br", "GET", "/")


class TestSize:
    LIMITS = Limits(received=100_000, decoded=200_000)

    def test_an_answer_up_to_the_limit_is_read(self, authority: Authority):
        with Listener(says(answer(bytes(100_000))), authority.issue("localhost")) as site:
            assert len(get(site, authority.pem, limits=self.LIMITS)) == 100_000

    def test_a_longer_one_is_not(self, authority: Authority):
        site = Listener(says(answer(bytes(100_001))), authority.issue("localhost"))
        with site, pytest.raises(AnswerTooLarge, match="100000 bytes"):
            get(site, authority.pem, limits=self.LIMITS)

    def test_one_without_end_is_cut_while_it_comes(self, authority: Authority):
        sent: list[int] = []

        def flood(connection: socket.socket, _head: bytes) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"10000\r\n" + bytes(0x10000) + b"\r\n")
                sent.append(0x10000)

        with Listener(flood, authority.issue("localhost")) as site, pytest.raises(AnswerTooLarge):
            get(site, authority.pem, limits=self.LIMITS)
        assert sum(sent) < 20_000_000, "what the buffers of two sockets hold, and no more"

    def test_a_head_without_end_is_cut(self, authority: Authority):
        flood = b"HTTP/1.1 200 OK\r\n" + b"X-More: " + b"a" * 2_000_000
        with Listener(says(flood), authority.issue("localhost")) as site, pytest.raises(BrokenAnswer):
            get(site, authority.pem)

    @pytest.mark.parametrize("megabytes", [1, 50])
    def test_a_bomb_is_not_unpacked(self, authority: Authority, megabytes: int):
        """Attack A03. The ratio of zlib's own worst case is about a thousand."""
        bomb = gzip.compress(bytes(megabytes * 1_000_000), mtime=0)
        site = Listener(says(answer(bomb, "Content-Encoding: gzip")), authority.issue("localhost"))
        with site, pytest.raises(DecompressionBomb):
            get(site, authority.pem, limits=Limits(received=100_000, decoded=10**9))

    def test_the_decoded_size_has_its_own_limit(self, authority: Authority):
        text = "".join(random.Random(1).choices("0123456789abcdef", k=250_000)).encode()
        packed = answer(gzip.compress(text), "Content-Encoding: gzip")
        with Listener(says(packed), authority.issue("localhost")) as site:
            assert get(site, authority.pem) == text
            with pytest.raises(DecompressionBomb, match="200000"):
                get(site, authority.pem, limits=replace(self.LIMITS, received=10**6))

    def test_unpacking_holds_little_more_than_its_limit(self):
        bomb = gzip.compress(bytes(100_000_000), mtime=0)
        tracemalloc.start()
        try:
            with pytest.raises(DecompressionBomb):
                decoded(bomb, "gzip", limit=1_000_000, party="p")
            assert tracemalloc.get_traced_memory()[1] < 4_000_000
        finally:
            tracemalloc.stop()


class TestCodings:
    @pytest.mark.parametrize(
        "coding",
        ["gzip, gzip", "gzip,identity", "identity, gzip", "deflate", "br", "zstd", "compress", "gzip;q=1", "é"],
    )
    def test_one_gzip_at_most(self, authority: Authority, coding: str):
        packed = answer(gzip.compress(gzip.compress(b"{}")), f"Content-Encoding: {coding}")
        with Listener(says(packed), authority.issue("localhost")) as site, pytest.raises(BadCoding):
            get(site, authority.pem)

    def test_two_header_lines_are_two_codings(self, authority: Authority):
        packed = answer(gzip.compress(gzip.compress(b"{}")), "Content-Encoding: gzip", "Content-Encoding: gzip")
        with Listener(says(packed), authority.issue("localhost")) as site, pytest.raises(BadCoding):
            get(site, authority.pem)

    @pytest.mark.parametrize(
        "content",
        [
            b"{}",
            EMPTY_GZIPPED[:-1],
            EMPTY_GZIPPED[:5],
            EMPTY_GZIPPED + b"more",
            zlib.compress(b"{}"),
            EMPTY_GZIPPED * 2,
            EMPTY_GZIPPED[:-5] + b"\x00\x00\x00\x00\x00",
        ],
        ids=["none", "a byte short", "cut", "continued", "zlib", "two", "wrong sum"],
    )
    def test_a_stream_that_is_not_one_whole_gzip_is_thrown_away(self, authority: Authority, content: bytes):
        packed = answer(content, "Content-Encoding: gzip")
        with Listener(says(packed), authority.issue("localhost")) as site, pytest.raises(BadCoding):
            get(site, authority.pem)

    @pytest.mark.parametrize(("coding", "content"), [("identity", b"{}"), ("GZIP", gzip.compress(b"{}", mtime=0)),
                                                     ("x-gzip", gzip.compress(b"{}", mtime=0))])  # fmt: skip
    def test_what_serves(self, authority: Authority, coding: str, content: bytes):
        packed = answer(content, f"Content-Encoding: {coding}")
        with Listener(says(packed), authority.issue("localhost")) as site:
            assert get(site, authority.pem) == b"{}"

    def test_no_content_has_no_coding(self, authority: Authority):
        with Listener(says(answer(b"", "Content-Encoding: gzip")), authority.issue("localhost")) as site:
            assert get(site, authority.pem) == b""


class TestBrokenAnswers:
    @pytest.mark.parametrize(
        "sent",
        [
            b"",
            b"garbage\r\n\r\n",
            b"\x00\x01\x02\xff" * 50,
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n12345",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n\r\nno length, and then the connection ends",
            b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nno length either",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
            b"HTTP/1.1 999999 OK\r\n\r\n",
        ],
        ids=lambda sent: ascii(sent[:60]),
    )
    def test_what_is_not_one_whole_answer_is_thrown_away(self, authority: Authority, sent: bytes):
        with Listener(says(sent), authority.issue("localhost")) as site, pytest.raises(BrokenAnswer) as refused:
            get(site, authority.pem)
        assert refused.value.sentence.isprintable()
        assert "cert-br" in refused.value.remedy

    def test_a_connection_that_is_reset_is_named(self, authority: Authority):
        def reset(connection: socket.socket, _head: bytes) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nabc")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            connection.close()

        with Listener(reset, authority.issue("localhost")) as site, pytest.raises(BrokenAnswer):
            get(site, authority.pem)

    def test_what_follows_the_answer_is_not_read(self, authority: Authority):
        """Response splitting: a second answer behind the first belongs to nobody."""
        with Listener(says(answer(b"one") + answer(b"two")), authority.issue("localhost")) as site:
            assert get(site, authority.pem) == b"one"

    def test_a_refusal_before_all_was_sent_is_still_read(self, authority: Authority):
        """A server may answer 413 and close while we still write (RFC 9112 section 9.5)."""
        with Listener(says(answer(b"no", status="413 Content Too Large"))) as site:
            sent = [("Content-Type", "x")]
            reply = caller(site.url).call("cert-br", "POST", "/", headers=sent, body=bytes(10_000))
        assert reply.status == 413


def test_a_hundred_hostile_calls_leave_nothing_open(authority: Authority):
    with Listener(says(b"garbage"), authority.issue("localhost")) as site:
        node = caller(site.url, authority.pem)
        before = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(100):
            with pytest.raises(BrokenAnswer):
                node.call("cert-br", "GET", "/")
        assert threading.active_count() <= before[0] + 1
        assert len(list(Path("/proc/self/fd").iterdir())) <= before[1] + 3
