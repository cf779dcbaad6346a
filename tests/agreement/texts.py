"""The worked examples as texts, and small changes to them."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path

from comity.agreement import Agreement, Finding, Plan, check, compile, parse
from comity.law import Law

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "agreements"
WHOLE = Path(__file__).with_name("whole_grammar.yaml")
ON = dt.date(2026, 11, 23)
BASELINE = "csirt-baseline"
BR = "ee-br-csirt"
JP = "ee-jp-csirt"
TO_BR = ("cert-ee", "cert-br")
TO_JP = ("cert-ee", "cert-jp")

Change = tuple[str, str]


@cache
def law() -> Law:
    return Law.load()


@cache
def text(name: str) -> str:
    return (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")


def changed(source: str, *changes: Change) -> str:
    """The text with each change made once; a change that finds nothing to change is a mistake in the test."""
    for old, new in changes:
        assert old in source, f"{old!r} is not in the text"
        source = source.replace(old, new, 1)
    return source


def read(source: str, name: str = "agreement.yaml") -> Agreement:
    return parse(source.encode(), name)


@cache
def example(name: str) -> Agreement:
    return parse(text(name).encode(), f"{name}.yaml")


def over(name: str, annex: tuple[Change, ...] = (), base: tuple[Change, ...] = ()) -> tuple[Agreement, Agreement]:
    """An annex over the baseline, each changed; the annex names the digest of the changed baseline."""
    lower = read(changed(text(BASELINE), *base), "csirt-baseline.yaml") if base else example(BASELINE)
    upper = re.sub(r'digest: "sha256:[0-9a-f]{64}"', f'digest: "{lower.digest}"', changed(text(name), *annex))
    return read(upper, f"{name}.yaml"), lower


def findings(
    name: str, annex: tuple[Change, ...] = (), base: tuple[Change, ...] = (), on: dt.date = ON, under: Law | None = None
) -> list[Finding]:
    upper, lower = over(name, annex, base)
    return check(upper, under or law(), on, lower)


def plan(
    name: str,
    flow: tuple[str, str],
    annex: tuple[Change, ...] = (),
    base: tuple[Change, ...] = (),
    on: dt.date = ON,
    under: Law | None = None,
) -> Plan:
    upper, lower = over(name, annex, base)
    return compile(upper, under or law(), flow=flow, on=on, baseline=lower)


ALONE = """
comity: 1
id: alone
version: 1
title: A small agreement of two
instrument: {binding: true, prevails: paper, authentic: [en]}
parties:
  - {id: one, name: One, legal-entity: One, form: public-authority, jurisdiction: EE, capacity: csirt,
     key: "ed25519:Hc+t76rKr7baCeukkeZoQZGBTyJtFiElXGnnANYKcog=",
     capability: {receipts: signed, deletes: proved, witnesses: yes}}
  - {id: two, name: Two, legal-entity: Two, form: private-nonprofit, jurisdiction: BR, capacity: csirt,
     key: "ed25519:H8czsSowXeoxt5E8Sf9cIcGSfZQ7W74PjgMc94DO5W0=",
     capability: {receipts: signed, deletes: proved, witnesses: yes}}
contacts:
  one: {duty-officer: a, privacy-officer: b}
  two: {duty-officer: a, privacy-officer: b}
purposes: [threat-detection, incident-response]
authority:
  one: {basis: public-interest, laid-down-in: {law: ee.nis2law, section: x}, regime: gdpr}
  two: {basis: legitimate-interest, regime: lgpd}
transfers:
  - {from: one, to: two, instrument: adequacy}
  - {from: two, to: one, instrument: adequacy}
term: {from: 2026-03-01, sunset: 2027-12-31}
review: {every: P1Y}
share:
  - {id: S1, what: [indicators, observables], ceiling: amber, release: automatic}
never:
  - {id: N1, data: special-category}
  - {id: N2, data: criminal-offence}
protect:
  - {id: P1, data: network-address, role: attacker, treatment: keep}
  - {id: P2, data: network-address, role: victim, treatment: {generalise: {ipv4: 24}}}
retention: {S1: P90D, personal-data: P30D}
rights: {contact: each, answer-within: P10D, supervised-by: [AKI, ANPD]}
breach: {tell-partner-within: PT24H}
"""
