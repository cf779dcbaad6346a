"""Chapter six: the bill of the release, signed, logged and verified offline; tampered ones refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from comity import __version__
from comity.canon import ComityError, Json
from comity.crossing import Crossing
from comity.demo.chapter import Chapter, Check
from comity.demo.packaged import INCIDENT
from comity.demo.stage import COUNTRIES, ORIGIN, Stage
from comity.ledger import Log, SignerKey, VerifierKey, verify_log
from comity.messages import Account, Bill, Listed, Release, bill_secret, log_bill, make_bill, sign_bill, verify_bill
from comity.privacy import detector_version

LOG_NAME = "comity.cert-ee.example/demo"

Objects = list[dict[str, Any]]
Tampering = Callable[[Bill, Objects], tuple[Bill, Objects]]


def bill(stage: Stage) -> Chapter:
    log = Log.create(stage.store, SignerKey(LOG_NAME, stage.keys[ORIGIN]))
    made = {partner: _bill(stage, log, partner) for partner in COUNTRIES}
    partner = next(iter(COUNTRIES))
    crossing = stage.approved(INCIDENT, partner)
    account = _verify(stage, made[partner], list(crossing.objects()))
    refusals = {
        shown: _refused(stage, *tamper(made[partner], list(crossing.objects()))) for shown, tamper in TAMPERINGS.items()
    }
    entries = verify_log(stage.store, VerifierKey(LOG_NAME, stage.keys[ORIGIN].public_key())).checkpoint.size
    return Chapter(
        title="Everything leaves proof",
        intro="Each release has a bill: every object with its digest and clauses, signed by its origin and entered in "
        "a log. The receiver checks it offline, with the public key that the agreement pins.",
        body=tuple(_body(account, refusals)),
        checks=tuple(_checks(account, refusals, entries)),
        facts={
            "bills": {partner: one.id for partner, one in made.items()},
            "log_size": entries,
            "refused": {shown: error and error.sentence for shown, error in refusals.items()},
        },
    )


def _bill(stage: Stage, log: Log, partner: str) -> Bill:
    crossing, key = stage.approved(INCIDENT, partner), stage.keys[ORIGIN]
    secret = bill_secret(key)
    unsigned = make_bill(_release(crossing), _listed(crossing), key=key.public_key(), log_name=LOG_NAME, secret=secret)
    return log_bill(sign_bill(unsigned, key), log, secret=secret)


def _release(crossing: Crossing) -> Release:
    plan = crossing.plan
    return Release(
        agreement=plan.agreement.id,
        agreement_version=plan.agreement.version,
        agreement_digest=plan.agreement.digest,
        baseline_digest=plan.baseline.digest if plan.baseline else None,
        origin=plan.origin.id,
        destination=plan.destination.id,
        purpose=crossing.circumstances.purpose,
        circumstances_digest=crossing.circumstances.digest,
        law_version=plan.law_version,
        law_digest=plan.law_digest,
        program=__version__,
        detectors=detector_version(),
        made_at=crossing.now,
    )


def _listed(crossing: Crossing) -> Iterator[Listed]:
    for one in crossing.decisions():
        if one.outgoing_id is not None and one.digest is not None:
            yield Listed(
                id=one.outgoing_id,
                version=one.outgoing_version,
                digest=one.digest,
                clauses=one.clauses,
                law=one.law,
                expires=one.expires,
            )


def _verify(stage: Stage, one: Bill, objects: Objects) -> Account:
    partner = next(iter(COUNTRIES))
    return verify_bill(
        one, stage.keys[ORIGIN].public_key(), objects, receiver=partner, agreement_digest=stage.annex(partner).digest
    )


def _refused(stage: Stage, one: Bill, objects: Objects) -> ComityError | None:
    """The refusal, or None when what was tampered with passes, which a check of this chapter then tells."""
    try:
        _verify(stage, one, objects)
    except ComityError as error:
        return error
    return None


def _object_changed(one: Bill, objects: Objects) -> tuple[Bill, Objects]:
    changed = next(content for content in objects if "name" in content)
    return one, [{**content, "name": "another name"} if content is changed else content for content in objects]


def _object_left_out(one: Bill, objects: Objects) -> tuple[Bill, Objects]:
    return one, objects[:-1]


def _purpose_changed(one: Bill, objects: Objects) -> tuple[Bill, Objects]:
    return one.with_members(purpose="threat-detection"), objects


def _expiry_changed(one: Bill, objects: Objects) -> tuple[Bill, Objects]:
    listed: list[Json] = [{**entry, "expires": "2099-01-01T00:00:00Z"} for entry in one.content["listed"]]
    return one.with_members(listed=listed), objects


TAMPERINGS: dict[str, Tampering] = {
    "an object changed by one property": _object_changed,
    "an object left out": _object_left_out,
    "the bill's purpose changed": _purpose_changed,
    "the bill's expiry dates moved": _expiry_changed,
}


def _body(account: Account, refusals: dict[str, ComityError | None]) -> Iterator[RenderableType]:
    table = Table("", "verified offline", title=f"The bill of {account.objects} objects to {account.destination}")
    for check in account.checks:
        table.add_row("✓", Text(check))
    yield table
    for shown, error in refusals.items():
        lines = Text("it passes" if error is None else f"error: {error.sentence}\nwhat to do: {error.remedy}")
        yield Panel(lines, title=shown, title_align="left")


def _checks(account: Account, refusals: dict[str, ComityError | None], entries: int) -> Iterator[Check]:
    yield Check(
        shown="the bill verifies offline, and the whole log recomputes",
        held=bool(account.checks) and entries == len(COUNTRIES),
        evidence=f"{account.objects} objects, entry {account.index} of {entries}",
    )
    for shown, error in refusals.items():
        yield Check(
            shown=f"a bill is refused with {shown}",
            held=error is not None,
            evidence=type(error).__name__ if error else "it passed",
        )
