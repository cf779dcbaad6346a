"""The profile `cti-exchange`, rule by rule, and the attacks that it answers (A34 to A37)."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import threading
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from comity.node.exchange.signatures import (
    LIFETIME,
    Reason,
    Request,
    SignatureRefused,
    SigningKey,
    Unsignable,
    Verified,
    nonce_of,
    sign_request,
    verify_request,
)
from comity.node.exchange.signatures.library import RequestView

from .keys import (
    NONCE,
    NOW,
    OTHER_NONCE,
    OURS,
    THEIRS,
    MemoryNonces,
    changed,
    pinned,
    published_private,
    published_public,
)

SECOND = dt.timedelta(seconds=1)
TARGET = "https://node-b.example/taxii2/api/collections/52892447-4d7e-4f70-b94d-d7f22742ff63/objects/"
BODY = b'{"objects":[]}'
POST = Request(
    method="POST", target_uri=TARGET, headers=(("Content-Type", "application/taxii+json;version=2.1"),), body=BODY
)
GET = Request(method="GET", target_uri=TARGET + "?limit=10", headers=(("Accept", "application/taxii+json"),))


def signed(request: Request = POST, *, key: SigningKey = OURS, now: dt.datetime = NOW, nonce: str = NONCE) -> Request:
    return sign_request(request, key=key, now=now, nonce=nonce)


def made(request: Request, cover: list[str], *, label: str = "node", **parameters: Any) -> Request:
    """A signature that differs from ours as the arguments say; None leaves a parameter out."""
    options: dict[str, Any] = {
        "key_id": "cert-ee", "created": NOW, "expires": NOW + LIFETIME, "nonce": NONCE, "tag": "cti-exchange",
        "include_alg": False, **parameters,
    }  # fmt: skip
    view = RequestView(request)
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={options["key_id"]: OURS.private}),
    )
    signer.sign(
        view, label=label, covered_component_ids=cover, use_existing_digest=request.field("content-digest") is not None,
        append_if_signature_exists=True, **options,
    )  # fmt: skip
    return dataclasses.replace(request, headers=tuple(view.headers.lines))


def verify(request: Request, *, now: dt.datetime = NOW, nonces: MemoryNonces | None = None) -> Verified:
    return verify_request(request, keys=pinned(OURS), nonces=nonces or MemoryNonces(now), now=now)


def reason(request: Request, *, now: dt.datetime = NOW, nonces: MemoryNonces | None = None) -> Reason:
    with pytest.raises(SignatureRefused) as refused:
        verify(request, now=now, nonces=nonces)
    return refused.value.reason


def with_digest(value: str) -> Request:
    return dataclasses.replace(POST, headers=(*POST.headers, ("Content-Digest", value)))


COVER_GET = ["@method", "@target-uri"]
COVER_POST = [*COVER_GET, "content-digest", "content-type"]


def sha(name: str, body: bytes) -> str:
    return f"sha-{name}=:{base64.b64encode(hashlib.new('sha' + name, body).digest()).decode()}:"


class TestWhatWeSend:
    def test_a_write_covers_method_target_digest_and_type(self):
        verified = verify(signed())
        assert verified.covered == ('"@method"', '"@target-uri"', '"content-digest"', '"content-type"')
        assert (verified.keyid, verified.nonce, verified.label) == ("cert-ee", NONCE, "node")
        assert verified.created == NOW
        assert verified.created < verified.expires <= verified.created + LIFETIME

    def test_a_read_covers_method_and_target(self):
        assert verify(signed(GET)).covered == ('"@method"', '"@target-uri"')

    def test_the_algorithm_is_not_named(self):
        """Rule 2 lists the parameters; the key says which algorithm it is for."""
        assert "alg=" not in str(signed().field("signature-input"))

    def test_a_nonce_has_128_bits(self):
        assert len(nonce_of(bytes(16))) == 22
        with pytest.raises(ValueError, match="128 bits"):
            nonce_of(bytes(15))

    def test_content_without_a_type_is_not_signed(self):
        with pytest.raises(Unsignable, match="content-type"):
            signed(dataclasses.replace(POST, headers=()))

    @pytest.mark.parametrize("name", ["Content-Digest", "signature", "Signature-Input"])
    def test_a_header_that_signing_writes_is_not_taken_over(self, name: str):
        with pytest.raises(Unsignable, match=name):
            signed(dataclasses.replace(POST, headers=(*POST.headers, (name, "x=:AAAA:"))))

    @pytest.mark.parametrize("target", ["/taxii2/", "node-b.example/", "https://node-b.example/a b", "https:///x"])
    def test_a_target_that_is_not_an_absolute_uri_is_not_signed(self, target: str):
        with pytest.raises(Unsignable):
            signed(dataclasses.replace(GET, target_uri=target))


class TestRule1Cover:
    @pytest.mark.parametrize("missing", COVER_POST)
    def test_each_required_component_of_a_write_must_be_covered(self, missing: str):
        cover = [name for name in COVER_POST if name != missing]
        assert reason(made(with_digest(sha("256", BODY)), cover)) is Reason.NOT_COVERED

    @pytest.mark.parametrize("missing", COVER_GET)
    def test_each_required_component_of_a_read_must_be_covered(self, missing: str):
        assert reason(made(GET, [name for name in COVER_GET if name != missing])) is Reason.NOT_COVERED

    def test_more_may_be_covered(self):
        verify(made(GET, [*COVER_GET, "accept", "@authority"]))

    @pytest.mark.parametrize("component", ['"content-digest";key="sha-256"', '"content-digest";bs'])
    def test_a_part_or_another_dress_of_the_digest_is_not_the_digest(self, component: str):
        cover = ["@method", "@target-uri", "content-type", component]
        assert reason(made(with_digest(sha("256", BODY)), cover)) is Reason.NOT_COVERED

    def test_a_digest_on_a_read_counts_if_it_is_there(self):
        bare = dataclasses.replace(GET, headers=(("Content-Digest", sha("256", b"")),))
        assert reason(made(bare, COVER_GET)) is Reason.NOT_COVERED
        verify(made(bare, [*COVER_GET, "content-digest"]))

    def test_content_added_to_a_signed_read_is_refused(self):
        assert reason(dataclasses.replace(signed(GET), body=b"x")) is Reason.NOT_COVERED

    def test_content_taken_from_a_signed_write_is_refused(self):
        assert reason(dataclasses.replace(signed(), body=b"")) is Reason.DIGEST


class TestRule2Parameters:
    @pytest.mark.parametrize("name", ["expires", "nonce"])
    def test_a_missing_parameter_is_refused(self, name: str):
        assert reason(made(GET, COVER_GET, **{name: None})) is Reason.PARAMETER_MISSING

    @pytest.mark.parametrize("name", ["created", "keyid"])
    def test_a_parameter_taken_out_is_refused(self, name: str):
        field = str(signed(GET).field("signature-input"))
        cut = ";".join(part for part in field.split(";") if not part.startswith(f"{name}="))
        assert reason(changed(signed(GET), "signature-input", cut)) is Reason.PARAMETER_MISSING

    @pytest.mark.parametrize("extra", [';colour="red"', ";created=1748944860.5", ";expires", ";nonce=1"])
    def test_an_unknown_or_mistyped_parameter_is_refused(self, extra: str):
        field = str(signed(GET).field("signature-input"))
        assert reason(changed(signed(GET), "signature-input", field + extra)) is Reason.UNREADABLE

    def test_it_lives_300_seconds_at_most(self):
        verify(made(GET, COVER_GET, expires=NOW + LIFETIME))
        assert reason(made(GET, COVER_GET, expires=NOW + LIFETIME + SECOND)) is Reason.LIFETIME

    def test_it_lives_at_all(self):
        assert reason(made(GET, COVER_GET, expires=NOW)) is Reason.LIFETIME

    @pytest.mark.parametrize("nonce", ["n-0001", "a" * 21, "a" * 21 + "+", "a" * 22 + "==", "a" * 65, "a" * 21 + "é"])
    def test_a_nonce_is_128_bits_of_base64url(self, nonce: str):
        if nonce.isascii():
            assert reason(made(GET, COVER_GET, nonce=nonce)) is Reason.WEAK_NONCE
        else:
            field = str(signed(GET).field("signature-input")).replace(NONCE, nonce)
            assert reason(changed(signed(GET), "signature-input", field)) is Reason.UNREADABLE


class TestRule3Window:
    @pytest.mark.parametrize(
        ("age", "expected"),
        [(-6, Reason.TOO_NEW), (-5, None), (0, None), (60, None), (61, Reason.TOO_OLD), (3600, Reason.TOO_OLD),
         (-3600, Reason.TOO_NEW)],
    )  # fmt: skip
    def test_it_is_accepted_from_a_minute_ago_to_five_seconds_ahead(self, age: int, expected: Reason | None):
        request = made(GET, COVER_GET, created=NOW - age * SECOND, expires=NOW - age * SECOND + LIFETIME)
        if expected is None:
            verify(request)
        else:
            assert reason(request) is expected

    def test_it_is_not_accepted_after_it_expired(self):
        request = made(GET, COVER_GET, expires=NOW + 10 * SECOND)
        verify(request, now=NOW + 10 * SECOND)
        assert reason(request, now=NOW + 10 * SECOND + dt.timedelta(microseconds=1)) is Reason.EXPIRED

    def test_time_has_a_zone(self):
        with pytest.raises(Exception, match="no time zone"):
            verify(signed(), now=NOW.replace(tzinfo=None))

    def test_a_nonce_serves_once(self):
        """Attack A34."""
        nonces = MemoryNonces()
        verify(signed(), nonces=nonces)
        assert reason(signed(), nonces=nonces) is Reason.NONCE_USED
        assert reason(signed(GET), nonces=nonces) is Reason.NONCE_USED
        verify(signed(nonce=OTHER_NONCE), nonces=nonces)

    def test_nonces_are_each_key_s_own(self):
        nonces = MemoryNonces()
        verify(signed(), nonces=nonces)
        theirs = signed(key=THEIRS)
        verify_request(theirs, keys=pinned(THEIRS), nonces=nonces, now=NOW)

    def test_a_nonce_is_kept_as_long_as_its_signature_is_accepted(self):
        nonces = MemoryNonces()
        request = signed()
        expires = verify(request, nonces=nonces).expires
        nonces.now = expires
        assert reason(request, now=expires, nonces=nonces) is Reason.NONCE_USED

    def test_of_many_workers_at_the_same_instant_one_wins(self):
        nonces, request, won, refused = MemoryNonces(), signed(), [], []
        start = threading.Barrier(8)

        def worker() -> None:
            start.wait()
            try:
                won.append(verify(request, nonces=nonces))
            except SignatureRefused as error:
                refused.append(error.reason)

        workers = [threading.Thread(target=worker) for _ in range(8)]
        for thread in workers:
            thread.start()
        for thread in workers:
            thread.join()
        assert len(won) == 1
        assert refused == [Reason.NONCE_USED] * 7

    def test_a_full_ledger_refuses_rather_than_forgets(self):
        nonces = MemoryNonces(room=1)
        verify(signed(), nonces=nonces)
        with pytest.raises(MemoryError):
            verify(signed(nonce=OTHER_NONCE), nonces=nonces)

    def test_only_the_key_s_owner_can_use_up_a_nonce(self):
        nonces = MemoryNonces()
        with pytest.raises(SignatureRefused):
            verify(dataclasses.replace(signed(), body=b"{}"), nonces=nonces)
        with pytest.raises(SignatureRefused):
            verify(dataclasses.replace(signed(), method="PUT"), nonces=nonces)
        verify(signed(), nonces=nonces)


class TestRule4Digest:
    @pytest.mark.parametrize("value", [sha("256", BODY), sha("512", BODY), sha("256", BODY) + ", " + sha("512", BODY)])
    def test_either_known_algorithm_serves(self, value: str):
        verify(made(with_digest(value), COVER_POST))

    def test_every_known_one_must_match(self):
        value = sha("256", BODY) + ", " + sha("512", b"other")
        assert reason(made(with_digest(value), COVER_POST)) is Reason.DIGEST

    def test_an_unknown_one_does_not_count(self):
        """RFC 9530 section 5: md5 and the like are insecure; beside a known one they change nothing."""
        request = RequestView(with_digest("md5=:AAAA:, " + sha("256", BODY)))
        verify(hand_signed(request, COVER_POST))
        assert reason(hand_signed(RequestView(with_digest("md5=:AAAA:")), COVER_POST)) is Reason.NO_DIGEST

    @pytest.mark.parametrize(
        "value",
        ["", "sha-256", 'sha-256="text"', "sha-256=:AAAA:", "sha-256=(:AAAA:)", "SHA-256=:AAAA:", "=", "sha-256=:*:"],
    )
    def test_a_digest_that_is_none_is_refused(self, value: str):
        assert reason(hand_signed(RequestView(with_digest(value)), COVER_POST)) in (Reason.NO_DIGEST, Reason.DIGEST)

    def test_two_of_one_algorithm_are_refused(self):
        value = sha("256", b"other") + ", " + sha("256", BODY)
        assert reason(hand_signed(RequestView(with_digest(value)), COVER_POST)) is Reason.DIGEST

    def test_content_compressed_after_signing_is_refused(self):
        """Attack A35: the digest is of the content as sent, and it is checked before anything reads the content."""
        import gzip

        request = signed()
        squeezed = dataclasses.replace(
            request, headers=(*request.headers, ("Content-Encoding", "gzip")), body=gzip.compress(BODY)
        )
        assert reason(squeezed) is Reason.DIGEST


def hand_signed(view: RequestView, cover: list[str]) -> Request:
    """Signed over whatever the headers say: the library would not sign such a digest."""
    fields = dict(view.headers.items())
    line = {"@method": view.method, "@target-uri": view.url}
    names = " ".join(f'"{name}"' for name in cover)
    created = int(NOW.timestamp())
    parameters = (
        f'({names});created={created};expires={created + 60};keyid="cert-ee";nonce="{NONCE}";tag="cti-exchange"'
    )
    values = [(name, line.get(name) or fields[name.title()]) for name in cover]
    base = "\n".join([*(f'"{name}": {value}' for name, value in values), f'"@signature-params": {parameters}'])
    signature = base64.b64encode(OURS.private.sign(base.encode())).decode()
    headers = (*view.headers.items(), ("Signature-Input", f"node={parameters}"), ("Signature", f"node=:{signature}:"))
    return Request(method=view.method, target_uri=view.url, headers=headers, body=BODY)


class TestRule5OneSignatureIsOurs:
    def test_others_are_ignored(self):
        proxied = made(signed(GET), COVER_GET, label="proxy", tag="proxy", key_id="proxy")
        assert verify(proxied).label == "node"

    def test_the_label_does_not_matter(self):
        assert verify(made(GET, COVER_GET, label="whatever")).label == "whatever"

    def test_two_with_our_tag_are_refused(self):
        twice = made(signed(GET), COVER_GET, label="second", nonce=OTHER_NONCE)
        assert reason(twice) is Reason.TWO_OF_OURS

    def test_none_with_our_tag_is_refused(self):
        assert reason(made(GET, COVER_GET, tag="other-app")) is Reason.NOT_OURS
        assert reason(made(GET, COVER_GET, tag=None)) is Reason.NOT_OURS

    @pytest.mark.parametrize("name", ["signature", "signature-input"])
    def test_an_unsigned_request_is_refused(self, name: str):
        assert reason(changed(signed(), name, None)) is Reason.ABSENT
        assert reason(GET) is Reason.ABSENT


class TestHeadersSmuggled:
    def test_one_signature_over_two_lines_is_one_dictionary(self):
        """RFC 9421 section 4: the members of a dictionary may stand on several lines."""
        ours = signed(GET)
        proxy = made(GET, COVER_GET, label="proxy", tag="proxy", key_id="proxy")
        verify(dataclasses.replace(ours, headers=(*ours.headers, *proxy.headers[-2:])))

    @pytest.mark.parametrize("name", ["Signature", "Signature-Input"])
    def test_a_label_twice_is_refused(self, name: str):
        request = signed()
        again = (name, str(request.field(name.lower())))
        assert reason(dataclasses.replace(request, headers=(*request.headers, again))) is Reason.UNREADABLE

    def test_a_label_without_its_other_half_is_refused(self):
        request = signed()
        more = ("Signature", "other=:AAAA:")
        assert reason(dataclasses.replace(request, headers=(*request.headers, more))) is Reason.UNREADABLE

    @pytest.mark.parametrize("name", ["signature", "signature-input"])
    def test_a_huge_header_is_not_read(self, name: str):
        field = str(signed().field(name))
        assert reason(changed(signed(), name, field + ", x=" + "1" * 9000)) is Reason.TOO_LONG

    @pytest.mark.parametrize(
        "respelled",
        [
            lambda text: text.replace('" "', '"  "', 1),
            lambda text: text.replace(";created", "; created", 1),
            lambda text: text.replace(";tag=", ";tag=other;tag=", 1),
        ],
        ids=["two spaces", "space before a parameter", "a parameter twice"],
    )
    def test_signature_input_has_one_spelling(self, respelled: Any):
        request = signed()
        field = str(request.field("signature-input"))
        assert reason(changed(request, "signature-input", respelled(field))) is Reason.RESPELLED

    def test_base64_has_one_spelling(self):
        """64 bytes leave four stray bits in the last character of their base64."""
        request = signed()
        field = str(request.field("signature"))
        last = field[-4]
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        other = field[:-4] + alphabet[alphabet.index(last) + 1] + field[-3:]
        assert reason(changed(request, "signature", other)) is Reason.RESPELLED
        assert reason(changed(request, "signature", field.replace("==:", ":"))) is Reason.RESPELLED

    def test_a_covered_header_repeated_is_refused(self):
        request = signed()
        more = ("Content-Type", "text/html")
        assert reason(dataclasses.replace(request, headers=(*request.headers, more))) is Reason.WRONG_SIGNATURE

    def test_header_names_have_no_case(self):
        request = signed()
        shouted = tuple((name.upper(), value) for name, value in request.headers)
        verify(dataclasses.replace(request, headers=shouted))

    def test_received_lines_are_read_as_bytes(self):
        request = signed()
        raw = [(name.lower().encode(), value.encode()) for name, value in request.headers]
        verify(Request.received(request.method, request.target_uri, raw, request.body))


class TestAttack36MovedElsewhere:
    @pytest.mark.parametrize(
        "target",
        [
            TARGET.replace("node-b", "node-c"),
            TARGET.replace("https", "http"),
            TARGET.replace("node-b.example", "node-b.example:8443"),
            TARGET.replace("52892447", "52892448"),
            TARGET.replace("/taxii2/", "/inner/taxii2/"),  # behind a proxy that rewrites the path
            TARGET + "?limit=1",
            TARGET + "?",
        ],
    )
    def test_it_serves_at_one_target(self, target: str):
        assert reason(dataclasses.replace(signed(), target_uri=target)) is Reason.WRONG_SIGNATURE

    def test_it_serves_for_one_method(self):
        assert reason(dataclasses.replace(signed(), method="PUT")) is Reason.WRONG_SIGNATURE
        assert reason(dataclasses.replace(signed(), method="post")) is Reason.UNREADABLE


class TestAttack37TheKeyDecides:
    def test_an_unknown_key_is_refused(self):
        assert reason(signed(key=THEIRS)) is Reason.UNKNOWN_KEY

    def test_another_party_s_key_under_a_known_name_is_refused(self):
        impostor = SigningKey(keyid="cert-ee", private=THEIRS.private)
        assert reason(signed(key=impostor)) is Reason.WRONG_SIGNATURE

    def test_a_key_that_was_exchanged_meanwhile_is_refused(self):
        request = signed()
        rotated = pinned(SigningKey(keyid="cert-ee", private=THEIRS.private))
        with pytest.raises(SignatureRefused) as refused:
            verify_request(request, keys=rotated, nonces=MemoryNonces(), now=NOW)
        assert refused.value.reason is Reason.WRONG_SIGNATURE

    @pytest.mark.parametrize("algorithm", ["rsa-pss-sha512", "hmac-sha256", "ecdsa-p256-sha256", "none", "EdDSA", ""])
    def test_another_algorithm_s_name_is_refused(self, algorithm: str):
        field = str(signed(GET).field("signature-input")) + f';alg="{algorithm}"'
        assert reason(changed(signed(GET), "signature-input", field)) is Reason.ALGORITHM

    def test_the_right_name_is_accepted(self):
        verify(made(GET, COVER_GET, include_alg=True))

    @pytest.mark.parametrize("kind", ["rsa", "rsa-pss", "p256", "hmac", "ed25519 bytes", "ed25519 private"])
    @pytest.mark.parametrize("algorithm", [None, *("ed25519", "ecdsa-p256-sha256", "hmac-sha256", "rsa-pss-sha512")])
    def test_no_other_kind_of_key_verifies_anything(self, kind: str, algorithm: str | None):
        """A resolver that gives something else is a fault of ours; it must not turn a public key into a secret."""
        ed25519 = OURS.private.public_key().public_bytes_raw()
        key: Any = {
            "rsa": published_public("test-key-rsa"),
            "rsa-pss": published_public("test-key-rsa-pss"),
            "p256": published_public("test-key-ecc-p256"),
            "hmac": ed25519,
            "ed25519 bytes": ed25519,
            "ed25519 private": OURS.private,
        }[kind]
        request = signed(GET)
        if algorithm is not None:
            field = str(request.field("signature-input")) + f';alg="{algorithm}"'
            request = changed(request, "signature-input", field)
        with pytest.raises(SignatureRefused) as refused:
            verify_request(request, keys=lambda _: key, nonces=MemoryNonces(), now=NOW)
        assert refused.value.reason in (Reason.UNKNOWN_KEY, Reason.ALGORITHM)

    @pytest.mark.parametrize("kind", ["rsa", "p256"])
    def test_a_true_signature_of_another_algorithm_is_refused(self, kind: str):
        view = RequestView(GET)
        p256 = kind == "p256"
        private: Any = published_private("test-key-ecc-p256") if p256 else rsa.generate_private_key(65537, 2048)
        HTTPMessageSigner(
            signature_algorithm=algorithms.ECDSA_P256_SHA256 if p256 else algorithms.RSA_PSS_SHA512,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys={"cert-ee": private}),
        ).sign(
            view, key_id="cert-ee", created=NOW, expires=NOW + LIFETIME, nonce=NONCE, tag="cti-exchange",
            include_alg=False, covered_component_ids=COVER_GET,
        )  # fmt: skip
        request = dataclasses.replace(GET, headers=tuple(view.headers.lines))
        with pytest.raises(SignatureRefused) as refused:
            verify_request(request, keys=lambda _: private.public_key(), nonces=MemoryNonces(), now=NOW)
        assert refused.value.reason is Reason.UNKNOWN_KEY
        assert reason(request) is Reason.WRONG_SIGNATURE

    def test_a_resolver_that_fails_is_not_a_bad_signature(self):
        """The database away is not the sender's fault, and must not look like it in the log."""

        def away(_keyid: str) -> Any:
            raise ConnectionError("the database is away")

        with pytest.raises(ConnectionError):
            verify_request(signed(), keys=away, nonces=MemoryNonces(), now=NOW)


class TestRule7OneAnswerForAll:
    REFUSED = (
        GET, signed(key=THEIRS), dataclasses.replace(signed(), body=b"x"), changed(signed(), "signature", "???"),
        made(GET, COVER_GET, nonce="short"), signed(now=NOW - 2 * LIFETIME), signed(now=NOW + LIFETIME),
    )  # fmt: skip

    def test_the_wire_learns_nothing_and_the_log_everything(self):
        errors = []
        for request in self.REFUSED:
            with pytest.raises(SignatureRefused) as refused:
                verify(request)
            errors.append(refused.value)
        assert len({error.reason for error in errors}) == len(self.REFUSED)
        assert len({(str(error), error.sentence, error.remedy) for error in errors}) == 1
        for error in errors:
            assert error.reason.value not in str(error)
