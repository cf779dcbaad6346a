"""Accepting: what every party signed is kept to the byte; whatever is amiss is refused by name, and nothing is kept."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sys

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from comity.agreement import CheckFailed, SignatureInvalid, SignedAnotherText
from comity.canon import InputError, NaiveTime, StrictJsonError
from comity.node import config, keyring
from comity.node.journal.models import Entry
from comity.node.treaties import actions
from comity.node.treaties.models import Flow, Party, Text

from .agreed import BASELINE, BR, EE_BR, EE_JP, EXAMPLES, JP, SECOND, US, both, key_of, keys, published, rows, text

DAY = dt.timedelta(days=1)


@pytest.fixture
def published_key(monkeypatch):
    """This node signs with the key that the published examples pin for it."""
    pem = (EXAMPLES / "keys" / "cert-ee.UNSAFE.pem").read_bytes()
    held = dataclasses.replace(keyring.held(), signing=load_pem_private_key(pem, None))
    monkeypatch.setattr(sys.modules[actions.accept.__module__], "held", lambda: held)


def test_the_published_examples_are_accepted_as_they_are(node, published_key):
    """A baseline that states addresses, and two annexes that leave them to it."""
    for name in (BASELINE, EE_BR, EE_JP):
        source, signatures = published(name)
        kept = actions.accept(source, signatures, now=node.now)
        kept.refresh_from_db()
        assert (bytes(kept.source), bytes(kept.signatures)) == (source, signatures)
    assert Party.objects.get(pk=BR).url == "https://comity.cert-br.example"
    assert set(Text.objects.exclude(baseline=None).values_list("baseline__agreement", flat=True)) == {BASELINE}


def test_the_published_examples_name_another_key_than_this_node_has(node):
    with pytest.raises(actions.OtherKeyOfOurs, match="another key for cert-ee than this node signs with"):
        actions.accept(*published(BASELINE), now=node.now)


def test_a_text_stays_byte_for_byte_as_it_was_signed(node):
    """Comments, order and line ends are no part of what is signed, and are kept all the same."""
    made = text(BASELINE, ("\ncomity: 1\n", "\n# for the file\r\n\ncomity: 1\n"))
    assert made.agreement.digest == text(BASELINE).agreement.digest
    spaced = made.file().replace(b'{"agreement"', b'{ "agreement"')
    actions.accept(made.source, spaced, now=node.now)
    kept = Text.objects.get()
    assert bytes(kept.source) == made.source
    assert bytes(kept.signatures) == spaced


def test_it_is_in_the_journal_with_what_it_rests_on(node):
    made = both(node.now, EE_BR)
    entry = Entry.objects.get(event="treaties:text:accepted", subject=made[EE_BR].agreement.digest)
    header, body = bytes(entry.body).split(b"\n", 1)
    facts = json.loads(body)
    assert header == b"comity/agreement/v1"
    assert (facts["agreement"], facts["version"], facts["parties"]) == (EE_BR, 1, [US, BR])
    assert facts["baseline"] == made[BASELINE].agreement.digest
    assert "actor" not in facts


def test_the_officer_who_takes_it_up_stands_in_the_journal_under_a_commitment(node):
    officer = node.person("officer", "releasing-officer")
    text(BASELINE).accepted(node.now, by=officer)
    body = bytes(Entry.objects.get(event="treaties:text:accepted").body)
    assert b'"actor":"hmac-sha256:' in body
    assert b"officer" not in body


def test_accepting_it_again_changes_nothing(node):
    first = both(node.now)[BASELINE]
    before, entries = rows(), Entry.objects.count()
    assert first.accepted(node.now + DAY).accepted_at == node.now
    assert (rows(), Entry.objects.count()) == (before, entries)


# -- signatures


def refused(node, kind, match, source, signatures, now=None):
    """It is refused by this name, and leaves nothing."""
    before, entries, parties = rows(), Entry.objects.count(), list(Party.objects.order_by("pk").values())
    with pytest.raises(kind, match=match) as error:
        actions.accept(source, signatures, now=now or node.now)
    assert (rows(), Entry.objects.count()) == (before, entries)
    assert list(Party.objects.order_by("pk").values()) == parties
    assert error.value.remedy
    return error.value


@pytest.mark.parametrize(
    ("by", "missing"),
    [((US,), "cert-br, cert-jp"), ((US, BR), "cert-jp"), ((BR, JP), "cert-ee")],
    ids=["by us alone", "by two of three", "by all but us"],
)
def test_a_text_that_some_did_not_sign_is_refused(node, by, missing):
    made = text(BASELINE)
    refused(node, actions.NotSigned, f"{missing} did not sign it", made.source, made.file(*by))


def test_a_text_that_nobody_signed_is_refused(node):
    made = text(BASELINE)
    empty = json.dumps({"agreement": BASELINE, "version": 1, "digest": made.agreement.digest, "signatures": []})
    refused(node, actions.NotSigned, "cert-ee, cert-br, cert-jp did not sign it", made.source, empty.encode())


def test_one_party_signing_three_times_is_one_signature(node):
    made = text(BASELINE)
    file = json.loads(made.file(US))
    file["signatures"] *= 3
    refused(node, actions.NotSigned, "cert-br, cert-jp", made.source, json.dumps(file).encode())


def test_a_word_changed_after_signing_is_refused(node):
    made, changed = text(BASELINE), text(BASELINE, ("S1: P180D", "S1: P181D"))
    refused(node, SignedAnotherText, "not over this text", changed.source, made.file())


def test_the_digest_of_this_text_over_signatures_for_another_is_refused(node):
    made, changed = text(BASELINE), text(BASELINE, ("S1: P180D", "S1: P181D"))
    file = json.loads(made.file())
    file["digest"] = changed.agreement.digest
    refused(node, SignatureInvalid, "'cert-ee' under csirt-baseline", changed.source, json.dumps(file).encode())


def test_a_signature_with_a_bit_changed_is_refused(node):
    made = text(BASELINE)
    file = json.loads(made.file())
    signature = file["signatures"][1]["signature"]
    file["signatures"][1]["signature"] = ("A" if signature[0] != "A" else "B") + signature[1:]
    refused(node, SignatureInvalid, "'cert-br' under csirt-baseline", made.source, json.dumps(file).encode())


def test_a_signature_by_another_key_is_refused(node):
    made = text(BASELINE)
    stranger = dataclasses.replace(text(BASELINE, signers={BR: key_of("stranger")}))
    file = json.loads(made.file())
    file["signatures"][1] = json.loads(stranger.file())["signatures"][1]
    refused(node, SignatureInvalid, "another key than the agreement names", made.source, json.dumps(file).encode())


def test_a_signature_that_one_party_made_for_another_is_refused(node):
    made = text(BASELINE)
    file = json.loads(made.file())
    file["signatures"][2] = {**file["signatures"][1], "party": JP}
    refused(node, SignatureInvalid, "cert-jp", made.source, json.dumps(file).encode())


@pytest.mark.parametrize("signatures", [b"", b"[]", b"{", b'{"agreement":1}', b"\xff"])
def test_what_is_no_file_of_signatures_is_refused(node, signatures):
    refused(node, (InputError, StrictJsonError), "signatures", text(BASELINE).source, signatures)


@pytest.mark.parametrize("source", [b"", b"comity: 1\n", b"\xff\xfe", b"a: &a [*a]\n", b"comity: 1\ncomity: 1\n"])
def test_what_is_no_agreement_is_refused(node, source):
    refused(node, InputError, r"agreement\.yaml", source, text(BASELINE).file())


# -- parties


def test_a_text_between_others_is_refused(node):
    both(node.now)
    parties = published(EE_JP)[0].decode()
    assert US in parties
    made = text(BASELINE)
    source = made.source.decode().replace(US, "cert-lv")
    refused(node, actions.NotOurs, "cert-ee is no party to it", source.encode(), made.file())


def test_a_text_in_which_a_third_party_has_another_key_is_refused(node):
    """Whoever signs an agreement with us cannot name a key of its own for somebody who never signed it."""
    both(node.now)
    fake = text(BASELINE, (f"\nid: {BASELINE}\n", "\nid: side-agreement\n"), signers={JP: key_of("mallory")})
    found = refused(node, actions.KeyChanged, "another key for cert-jp", fake.source, fake.file())
    assert "side-agreement" in found.sentence


def test_a_key_changes_by_a_new_version_of_the_agreement_that_names_the_old_one(node):
    both(node.now)
    new = text(BASELINE, SECOND, signers={JP: key_of("new key of cert-jp")})
    new.accepted(node.now)
    assert Party.objects.get(pk=JP).key == str(new.agreement.party(JP).key)


def test_an_address_changes_with_the_signature_of_whoever_has_it(node):
    both(node.now)
    moved = text(BASELINE, SECOND, ("https://comity.cert-jp.example", "https://new.cert-jp.example"))
    moved.accepted(node.now)
    assert Party.objects.get(pk=JP).url == "https://new.cert-jp.example"


def test_an_address_without_tls_is_for_development_nodes(node, monkeypatch):
    plain = text(BASELINE, ("https://comity.cert-jp.example", "http://127.0.0.1:9443"))
    production = dataclasses.replace(config.current(), development=False)
    with monkeypatch.context() as patch:
        patch.setattr("comity.node.treaties.actions.pin.current", lambda: production)
        refused(node, actions.PlainAddress, "the address of cert-jp is not https", plain.source, plain.file())
    plain.accepted(node.now)
    assert Party.objects.get(pk=JP).url == "http://127.0.0.1:9443"


# -- baseline


def test_an_annex_without_its_baseline_is_refused(node):
    annex = text(EE_BR, over=text(BASELINE))
    refused(node, actions.NoBaseline, "no such text was accepted here", annex.source, annex.file())


def test_an_annex_over_another_text_of_the_baseline_is_refused(node):
    both(node.now)
    annex = text(EE_BR, over=text(BASELINE, ("S1: P180D", "S1: P170D")))
    refused(node, actions.NoBaseline, "version 1 was accepted here with another", annex.source, annex.file())


def test_an_annex_over_a_baseline_that_was_superseded_is_refused(node):
    first = both(node.now)[BASELINE]
    text(BASELINE, SECOND).accepted(node.now)
    annex = text(EE_BR, over=first)
    refused(node, actions.NoBaseline, "version 2 is in force since", annex.source, annex.file())


def test_an_annex_that_names_the_digest_under_another_version_is_refused(node):
    first = both(node.now)[BASELINE]
    annex = text(EE_BR, (f"{{agreement: {BASELINE}, version: 1,", f"{{agreement: {BASELINE}, version: 7,"), over=first)
    refused(node, actions.NoBaseline, "version 7", annex.source, annex.file())


def test_an_annex_that_loosens_its_baseline_is_refused(node):
    first = both(node.now)[BASELINE]
    annex = text(EE_BR, ("S2: P60D", "S2: P900D"), over=first)
    refused(node, CheckFailed, "the check finds", annex.source, annex.file())


# -- time


def test_one_that_has_not_begun_is_refused(node):
    made = text(BASELINE, ("{from: 2026-03-01,", "{from: 2026-11-24,"))
    refused(node, actions.NotYetBegun, "it begins on 2026-11-24", made.source, made.file())
    made.accepted(node.now + DAY)


def test_one_that_has_expired_is_refused(node):
    """One already expired cannot be signed; on its last day it can."""
    made = text(BASELINE, ("sunset: 2028-02-29", "sunset: 2026-11-23"))
    refused(node, actions.Expired, "it ended on 2026-11-23", made.source, made.file(), now=node.now + DAY)
    made.accepted(node.now)


def test_an_annex_whose_baseline_has_expired_is_refused(node):
    base = text(BASELINE, ("sunset: 2028-02-29", "sunset: 2026-12-31"))
    base.accepted(node.now)
    annex = text(EE_BR, over=base)
    later = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    refused(node, actions.Expired, "csirt-baseline is not accepted", annex.source, annex.file(), now=later)


def test_one_that_never_ends_is_refused(node):
    made = text(BASELINE, (" sunset: 2028-02-29,", ""))
    refused(node, CheckFailed, "C501", made.source, made.file())


def test_an_older_version_than_the_one_in_force_is_refused(node):
    first = both(node.now)[BASELINE]
    text(BASELINE, SECOND).accepted(node.now)
    refused(node, actions.OlderVersion, "version 2 was accepted before it", first.source, first.file())


def test_another_text_under_the_same_number_is_refused(node):
    both(node.now)
    other = text(BASELINE, ("S1: P180D", "S1: P170D"))
    refused(node, actions.OlderVersion, "version 1 was accepted before it", other.source, other.file())


def test_an_instant_without_zone_is_refused(node):
    made = text(BASELINE)
    refused(node, NaiveTime, "no time zone", made.source, made.file(), now=dt.datetime(2026, 11, 23, 10))


# -- what follows


def test_a_new_version_supersedes_and_the_old_text_stays_as_it_was(node):
    first = both(node.now)[BASELINE]
    node.move(DAY)
    second = text(BASELINE, SECOND)
    second.accepted(node.now)
    old = Text.objects.get(pk=first.agreement.digest)
    assert (old.superseded_at, bytes(old.source), bytes(old.signatures)) == (node.now, first.source, first.file())
    assert {flow.text_id for flow in Flow.objects.all()} == {second.agreement.digest}


def test_we_are_one_of_the_parties_that_are_kept(node):
    both(node.now)
    assert set(Party.objects.values_list("pk", flat=True)) == {US, BR, JP}
    assert {row.pk: row.key for row in Party.objects.all()}[US] == keyring.held().pinned
    assert set(keys()) == {US, BR, JP}
