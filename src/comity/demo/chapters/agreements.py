"""Chapter one: the baseline and its two annexes, checked against the law pack and signed by every party."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from comity.agreement import Agreement, Finding, Severity, check, gather, sign, verify
from comity.canon import ComityError
from comity.demo.chapter import Chapter, Check
from comity.demo.stage import COUNTRIES, DAY, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """One agreement with what its check and its signatures came to."""

    agreement: Agreement
    findings: tuple[Finding, ...]
    signed_by: tuple[str, ...]
    missing: tuple[str, ...]
    forged: ComityError | None  # what became of a signature over another text

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def agreements(stage: Stage) -> Chapter:
    texts = [_text(stage, stage.baseline()), *(_text(stage, stage.annex(partner)) for partner in COUNTRIES)]
    table = Table("agreement", "in force", "signed by", "check", title=f"Agreements on {DAY}")
    for one in texts:
        term = one.agreement.text.term
        found = Counter(finding.severity.value for finding in one.findings)
        table.add_row(
            Text(f"{one.agreement.id}\n{one.agreement.text.title}"),
            f"{term.from_}\nto {term.sunset}",
            "\n".join(one.signed_by),
            "\n".join(f"{severity.value}s: {found[severity.value]}" for severity in Severity),
        )
        table.add_section()
    return Chapter(
        title="Three agreements in force",
        intro="A multilateral baseline and two annexes. They are illustrations: no such agreement exists, and the keys "
        "that sign here are made for this run and thrown away.",
        body=(table,),
        checks=tuple(_checks(stage, texts)),
        facts={
            "agreements": [
                {
                    "id": one.agreement.id,
                    "digest": one.agreement.digest,
                    "signed_by": list(one.signed_by),
                    "findings": [f"{finding.code} {finding.clause}" for finding in one.findings],
                }
                for one in texts
            ]
        },
    )


def _text(stage: Stage, agreement: Agreement) -> _Text:
    extends = agreement.text.extends
    findings = check(agreement, stage.law, DAY, stage.baseline() if extends else None)
    signatures = gather(
        agreement, [sign(agreement, stage.keys[party.id], party.id) for party in agreement.text.parties]
    )
    signed = verify(agreement, signatures)
    return _Text(
        agreement=agreement,
        findings=tuple(findings),
        signed_by=signed.by,
        missing=signed.missing,
        forged=_borrowed(stage, agreement),
    )


def _borrowed(stage: Stage, agreement: Agreement) -> ComityError | None:
    """What becomes of genuine signatures that were made under another text; None when they pass."""
    other = next(one for one in (stage.baseline(), stage.annex("cert-br")) if one.id != agreement.id)
    made = [sign(other, stage.keys[party.id], party.id) for party in other.text.parties]
    shared = [signature for signature in made if agreement.party(signature.party)]
    try:
        verify(agreement, gather(agreement, shared))
    except ComityError as error:
        return error
    return None


def _checks(stage: Stage, texts: list[_Text]) -> Iterator[Check]:
    errors = sum(one.errors for one in texts)
    yield Check(
        shown="the agreements are checked against the law pack without an error",
        held=not errors,
        evidence=f"{errors} errors, {sum(len(one.findings) for one in texts)} findings, law pack {stage.law.version}",
    )
    yield Check(
        shown="each agreement is signed by all its parties",
        held=all(one.signed_by and not one.missing for one in texts),
        evidence=", ".join(
            f"{one.agreement.id}: {len(one.signed_by)} of {len(one.agreement.text.parties)}" for one in texts
        ),
    )
    yield Check(
        shown="signatures under another text are refused",
        held=all(one.forged is not None for one in texts),
        evidence=", ".join(type(one.forged).__name__ for one in texts),
    )
