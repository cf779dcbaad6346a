"""Attack A21: personal data that hides or imitates. Every published case, by kind."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from comity.canon import Category
from comity.privacy import detect_text, fold
from comity.privacy.detectors import search

CASES = json.loads((Path(__file__).parents[1] / "vectors/attacks/pii_evasion.json").read_text())["cases"]
KINDS = {
    "card": Category.PAYMENT_CARD, "crypto-address": Category.CRYPTO_WALLET, "email": Category.EMAIL_ADDRESS,
    "iban": Category.IBAN, "ipv4": Category.IPV4_ADDRESS, "ipv6": Category.IPV6_ADDRESS, "mac": Category.MAC_ADDRESS,
    "person": Category.PERSON_NAME, "phone": Category.PHONE_NUMBER, "username": Category.USERNAME,
}  # fmt: skip


def solid(value):
    return value.replace(" ", "").casefold()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_hidden_data_is_found_and_imitations_are_not(case):
    found = detect_text(case["text"], reader="x509-subject" if case["kind"] == "person" else "text")
    if case["kind"] == "none":
        assert found == ()
    else:
        kind = KINDS[case["kind"]]
        assert solid(case["normalised"]) in {solid(d.value) for d in found if d.category is kind}


def test_offsets_are_of_the_original_and_cover_what_was_hidden():
    text = "mail jan.no\u200bvak@exam\u200dple.cz today"
    (found,) = detect_text(text)
    assert text[found.start : found.end] == "jan.no\u200bvak@exam\u200dple.cz"


def test_mixed_scripts_are_found_and_doubted():
    (found,) = detect_text("j\u0430n.novak\u200b@example.cz")
    assert found.confidence < 0.8
    assert "mixed scripts" in found.why


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("hxxps[://]evil[.]example", "https://evil.example"),
        ("a&#64;b.example", "a@b.example"),
        ("a%2540b.example", "a@b.example"),
        ("１９８．５１", "198.51"),
        ("です。次", "です。次"),
        ("100% sure", "100% sure"),
    ],
)
def test_folding_reads_as_a_person_would(written, read):
    assert fold(written).text == read


def test_many_findings_in_one_text_cost_their_number_and_not_its_square(monkeypatch):
    """Attack A28: what settles overlaps looks at neighbours only, however many findings a text has."""
    looks = Counter()
    settle = search._disproves

    def counted(container, found):
        looks[size] += 1
        return settle(container, found)

    monkeypatch.setattr(search, "_disproves", counted)
    for size in (50, 400):
        text = " ".join(f"jane{i}@shop{i}.example 198.51.{i % 250}.{i // 250 + 1}" for i in range(size))
        assert len(detect_text(text)) == 2 * size
    assert 0 < looks[400] <= 10 * looks[50]
