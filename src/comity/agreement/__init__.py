"""agreement: what the parties agreed. The language, its layering, the check, and the plan a crossing asks."""

from comity.agreement.agreement import Agreement
from comity.agreement.catalogue import catalogue
from comity.agreement.check import check
from comity.agreement.checks import CHECKS, Check, Finding, Severity
from comity.agreement.compiling.plan_for import CheckFailed, NoEvaluator, UnknownFlow
from comity.agreement.compiling.plan_for import plan_for as compile
from comity.agreement.coverage import COVERAGE, Coverage
from comity.agreement.impact import FlowImpact, Impact, Standing, impact
from comity.agreement.notice import explain
from comity.agreement.plan import (
    AgreementRef,
    Answer,
    FlowParty,
    Grounds,
    Obligation,
    Plan,
    Question,
    Refusal,
    Share,
)
from comity.agreement.reading import parse
from comity.agreement.sarif import sarif
from comity.agreement.schema import json_schema
from comity.agreement.signing import (
    Signature,
    SignatureInvalid,
    Signatures,
    Signed,
    SignedAnotherText,
    gather,
    read_signatures,
    sign,
    verify,
    write_signatures,
)
from comity.agreement.workflow_commands import workflow_commands

__all__ = [
    "CHECKS",
    "COVERAGE",
    "Agreement",
    "AgreementRef",
    "Answer",
    "Check",
    "CheckFailed",
    "Coverage",
    "Finding",
    "FlowImpact",
    "FlowParty",
    "Grounds",
    "Impact",
    "NoEvaluator",
    "Obligation",
    "Plan",
    "Question",
    "Refusal",
    "Severity",
    "Share",
    "Signature",
    "SignatureInvalid",
    "Signatures",
    "Signed",
    "SignedAnotherText",
    "Standing",
    "UnknownFlow",
    "catalogue",
    "check",
    "compile",
    "explain",
    "gather",
    "impact",
    "json_schema",
    "parse",
    "read_signatures",
    "sarif",
    "sign",
    "verify",
    "workflow_commands",
    "write_signatures",
]
