"""A permitted call, over TLS on loopback: what goes, what comes back, and what each proves to the other."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler

import pytest

from comity.node import chance
from comity.node.exchange.outgoing import (
    BadRequest,
    Origin,
    PlainHttp,
    Signing,
    UnknownParty,
    UnprovedAnswer,
)
from comity.node.exchange.signatures import (
    Answer,
    Reason,
    Request,
    SignatureRefused,
    SigningKey,
    sign_answer,
    verify_answer,
    verify_request,
)

from .authority import Authority
from .calling import SIGNED, caller
from .keys import NOW, OTHER_NONCE, OURS, THEIRS, MemoryNonces, pinned
from .listening import Listener, Website, answer, says

PATH = "/taxii2/api/collections/52892447-4d7e-4f70-b94d-d7f22742ff63/objects/"
TYPE = "application/taxii+json;version=2.1"
BODY = b'{"objects":[]}'


class Partner:
    """A partner's node: verifies what it gets and signs what it answers, over the standard library's server."""

    def __init__(self, key: SigningKey = THEIRS) -> None:
        self.url = ""
        self.nonces = MemoryNonces()
        self.received: list[Request] = []
        self.refused: list[Reason] = []
        self.content = BODY
        self.headers: tuple[tuple[str, str], ...] = (("Content-Type", TYPE),)
        self._key = key

    def __call__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        request = Request(
            method=handler.command,
            target_uri=self.url + handler.path,
            headers=tuple(handler.headers.items()),
            body=body,
        )
        self.received.append(request)
        try:
            proof = verify_request(request, keys=pinned(OURS), nonces=self.nonces, now=NOW)
        except SignatureRefused as error:
            self.refused.append(error.reason)
            self._send(handler, Answer(status=401))
            return
        plain = Answer(status=200, headers=self.headers, body=self.content)
        signed = sign_answer(plain, to=request, proof=proof, key=self._key, now=NOW, nonce=OTHER_NONCE)
        self._send(handler, signed)

    def _send(self, handler: BaseHTTPRequestHandler, reply: Answer) -> None:
        handler.send_response(reply.status)
        for name, value in (*reply.headers, ("Content-Length", str(len(reply.body)))):
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)


def partner_site(partner: Partner, authority: Authority) -> Website:
    site = Website(partner, authority.issue("localhost", "127.0.0.1"))
    partner.url = site.url
    return site


def test_a_signed_read_is_verified_by_the_partner_and_its_answer_by_us(authority: Authority):
    partner = Partner()
    with partner_site(partner, authority) as site:
        reply = caller(site.url, authority.pem).call(
            "cert-br", "GET", PATH, query=[("match[type]", "indicator"), ("limit", "10")],
            headers=[("Accept", TYPE)], signing=SIGNED,
        )  # fmt: skip
    assert partner.refused == []
    assert (reply.status, reply.body, reply.field("content-type")) == (200, BODY, TYPE)
    assert reply.proof is not None
    assert reply.proof.keyid == "cert-br"
    assert reply.sent.target_uri == f"{site.url}{PATH}?match%5Btype%5D=indicator&limit=10"
    assert partner.received[0].target_uri == reply.sent.target_uri


def test_a_signed_write_is_verified_with_its_content(authority: Authority):
    partner = Partner()
    with partner_site(partner, authority) as site:
        caller(site.url, authority.pem).call(
            "cert-br", "POST", PATH, headers=[("Content-Type", TYPE)], body=BODY, signing=SIGNED
        )
    assert partner.refused == []
    assert partner.received[0].body == BODY


def test_what_went_and_what_came_are_evidence_afterwards(authority: Authority):
    """ASVS V4.1.5: the signatures prove the exchange when the connection is long gone."""
    partner = Partner()
    with partner_site(partner, authority) as site:
        reply = caller(site.url, authority.pem).call("cert-br", "GET", PATH, signing=SIGNED)
    verify_request(reply.sent, keys=pinned(OURS), nonces=MemoryNonces(), now=NOW)
    verify_answer(reply.received, to=reply.sent, keys=pinned(THEIRS), now=NOW)


def test_the_same_call_twice_is_a_replay_and_a_new_one_is_not(authority: Authority):
    """Attack A34. Every call draws a nonce of its own; here the second draw is forced to repeat."""
    partner = Partner()
    with partner_site(partner, authority) as site:
        node = caller(site.url, authority.pem)
        node.call("cert-br", "GET", PATH, signing=SIGNED)
        with pytest.raises(UnprovedAnswer, match="401"):
            node.call("cert-br", "GET", PATH, signing=SIGNED)
        caller(site.url, authority.pem, draw=bytes).call("cert-br", "GET", PATH, signing=SIGNED)
    assert partner.refused == [Reason.NONCE_USED]


def test_each_call_draws_a_nonce(authority: Authority):
    partner = Partner()
    with partner_site(partner, authority) as site:
        node = caller(site.url, authority.pem, draw=chance.octets)
        for _ in range(3):
            node.call("cert-br", "GET", PATH, signing=SIGNED)
    assert partner.refused == []


def test_an_answer_signed_by_somebody_else_is_thrown_away(authority: Authority):
    """Rule 6: TLS said that this is cert-br; the signature must say so too."""
    impostor = Partner(SigningKey(keyid="cert-br", private=OURS.private))
    other = Partner(SigningKey(keyid="cert-fr", private=THEIRS.private))
    for partner, why in ((impostor, "does not verify"), (other, "no agreement")):
        with partner_site(partner, authority) as site, pytest.raises(UnprovedAnswer, match=why) as refused:
            caller(site.url, authority.pem).call("cert-br", "GET", PATH, signing=SIGNED)
        assert isinstance(refused.value.__cause__, SignatureRefused)


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized", "502 Bad Gateway"])
def test_an_unsigned_answer_is_thrown_away_where_proof_is_asked(authority: Authority, status: str):
    with Listener(says(answer(BODY, status=status)), authority.issue("localhost")) as site:
        with pytest.raises(UnprovedAnswer, match=status[:3]):
            caller(site.url, authority.pem).call("cert-br", "GET", PATH, signing=SIGNED)
        signed_only = Signing(key=OURS)
        reply = caller(site.url, authority.pem).call("cert-br", "GET", PATH, signing=signed_only)
    assert (str(reply.status), reply.proof) == (status[:3], None)


def test_a_compressed_answer_is_proved_as_sent_and_read_as_meant(authority: Authority):
    partner = Partner()
    text = b'{"objects":[' + b",".join(b'{"n":%d}' % n for n in range(1000)) + b"]}"
    partner.content, partner.headers = gzip.compress(text), (("Content-Type", TYPE), ("Content-Encoding", "gzip"))
    with partner_site(partner, authority) as site:
        reply = caller(site.url, authority.pem).call("cert-br", "GET", PATH, signing=SIGNED)
    assert reply.body == text
    assert reply.received.body == partner.content


def test_an_answer_compressed_on_its_way_is_thrown_away(authority: Authority):
    partner = Partner()
    send = partner._send

    def squeezing_proxy(handler: BaseHTTPRequestHandler, reply: Answer) -> None:
        headers = (*reply.headers, ("Content-Encoding", "gzip"))
        send(handler, Answer(status=reply.status, headers=headers, body=gzip.compress(reply.body)))

    partner._send = squeezing_proxy  # type: ignore[method-assign]
    with partner_site(partner, authority) as site, pytest.raises(UnprovedAnswer, match="digest"):
        caller(site.url, authority.pem).call("cert-br", "GET", PATH, signing=SIGNED)


def test_what_goes_on_the_wire_is_this_and_no_more(authority: Authority, monkeypatch: pytest.MonkeyPatch):
    """No cookie, no proxy, no credential from a file, no header of the library's own choice."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Listener(says(answer(b"", "Set-Cookie: a=b")), authority.issue("localhost")) as site:
        node = caller(site.url, authority.pem)
        for _ in range(2):
            node.call("cert-br", "GET", "/taxii2/", headers=[("Accept", TYPE)])
    head = f"GET /taxii2/ HTTP/1.1\r\nHost: localhost:{site.port}\r\nAccept: {TYPE}\r\n".encode()
    own = b"User-Agent: comity\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    assert site.heads == [head + own] * 2


def test_credentials_of_a_tool_go_where_the_agreement_says(authority: Authority):
    with Listener(says(answer()), authority.issue("localhost")) as site:
        caller(site.url, authority.pem).call("cert-br", "GET", "/", headers=[("Authorization", "Bearer t")])
    assert b"Authorization: Bearer t\r\n" in site.heads[0]


@pytest.mark.parametrize(
    "header",
    [("Host", "evil.example"), ("content-length", "5"), ("Transfer-Encoding", "chunked"), ("Signature", "x=:AA==:"),
     ("Content-Digest", "x"), ("Upgrade", "h2c"), ("X-Split", "a\r\nHost: evil.example"), ("X Y", "z"), ("X-Ü", "z"),
     ("X-Name", "é")],
)  # fmt: skip
def test_a_header_that_would_change_the_call_is_not_sent(authority: Authority, header: tuple[str, str]):
    with Listener(says(answer()), authority.issue("localhost")) as site, pytest.raises(BadRequest):
        caller(site.url, authority.pem).call("cert-br", "GET", "/", headers=[header])
    assert site.heads == []


def test_a_request_that_cannot_be_signed_is_not_sent(authority: Authority):
    with Listener(says(answer()), authority.issue("localhost")) as site:
        node = caller(site.url, authority.pem)
        with pytest.raises(BadRequest, match="content-type"):
            node.call("cert-br", "POST", "/", body=BODY, signing=SIGNED)
        with pytest.raises(BadRequest, match="method"):
            node.call("cert-br", "get", "/", signing=SIGNED)
        with pytest.raises(BadRequest, match="method"):
            node.call("cert-br", "get", "/")
    assert site.connections == 0


def test_a_party_without_an_agreement_is_not_called():
    with pytest.raises(UnknownParty, match="cert-fr"):
        caller("https://localhost:9").call("cert-fr", "GET", "/")


def test_an_agreement_that_ends_ends_the_calls(authority: Authority):
    allowed: dict[str, Origin] = {}
    with Listener(says(answer()), authority.issue("localhost")) as site:
        node = caller(site.url, authority.pem, allowed=allowed)
        allowed["cert-br"] = Origin.read(site.url)
        assert node.call("cert-br", "GET", "/").status == 200
        del allowed["cert-br"]
        with pytest.raises(UnknownParty):
            node.call("cert-br", "GET", "/")
    assert site.connections == 1


def test_plain_http_is_for_development_nodes_whose_agreement_says_so():
    with Listener(says(answer(BODY))) as site:
        assert caller(site.url).call("cert-br", "GET", "/").body == BODY
        with pytest.raises(PlainHttp, match="only a development node"):
            caller(site.url, development=False).call("cert-br", "GET", "/")
    assert site.connections == 1


def test_tls_is_not_left_for_plain_http_by_a_url():
    """The agreement says https; a link that says http is another origin, in development too."""
    with Listener(says(answer(BODY))) as site, pytest.raises(Exception, match="alone"):
        caller(site.url.replace("http:", "https:")).call("cert-br", "GET", site.url + "/")
    assert site.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_loopback_address_can_be_a_development_partner(authority: Authority, host: str):
    with Listener(says(answer(BODY)), authority.issue(host), host=host) as site:
        shown = f"[{host}]" if ":" in host else host
        reply = caller(f"https://{shown}:{site.port}", authority.pem).call("cert-br", "GET", "/")
    assert reply.body == BODY
    assert f"Host: {shown}:{site.port}\r\n".encode() in site.heads[0]
