"""tell: one person, one file, three in the morning. Everything certain goes to every partner that it may go to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from comity.canon import ComityError, InputError
from comity.node.border.actions.import_file import keep_file
from comity.node.border.actions.submit import cross_to, flows_out
from comity.node.border.codes import ACCESS_REASONS, known
from comity.node.border.keeping import Kept
from comity.node.border.models import Submission
from comity.node.border.outcomes import stayed
from comity.node.border.sources import read_source
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow

NOT_DECIDED = "not-decided"


class NobodyToTell(InputError):
    what = "nobody can be told"
    why = "no agreement in force today has a flow from here to anybody"
    do = "have an agreement signed, or resumed, and tell again; nothing was kept"
    http_status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of the file with one partner."""

    partner: str
    agreement: str
    told: int  # objects that went
    unchanged: int  # objects that it has already
    stripped_spans: int  # doubtful places that were taken out and wait
    waiting: int  # objects that wait for an officer
    stayed: Mapping[str, int]  # why objects stayed home: sentence -> how many
    waits: str  # a code: why nothing could be released yet; "": it was


def tell(
    data: bytes, *, by: Person, purpose: str, reason: str, now: dt.datetime, collected_by: str | None = None
) -> tuple[Submission, list[Told]]:
    """Import, and submit to every partner with a flow in force; each once, by the annex with it where there is one.

    Each is decided, and sent to, by itself: where one cannot be (its agreement fails the check against the law of the
    day, or is not the text that was signed), nothing goes there, `Told.stayed` has the reason, and the others are told.

    Args:    reason: a code of `ACCESS_REASONS`, for the ledger; typed once.
    Raises:  NotAllowed, UnknownCode, UnknownTerm, NobodyToTell; InputError of the format's reader: with nothing kept.
    """
    people.require(by, "tell", now)
    known(reason, ACCESS_REASONS, "reason to tell")
    treaties.law().term(purpose, "purpose")
    flows = list({flow.partner_id: flow for flow in reversed(flows_out(now))}.values())
    if not flows:
        raise NobodyToTell()
    submission = keep_file(data, by=by, now=now, reason=reason)
    flows.sort(key=lambda flow: flow.partner_id)
    source = read_source(submission)

    def tell_one(flow: Flow) -> Told:
        try:
            (kept,) = cross_to(submission, [flow], purpose, collected_by, by=by, now=now, source=source)
        except ComityError as error:
            return _not_told(flow, submission, error)
        return _told(kept)

    return submission, [tell_one(flow) for flow in flows]


def _not_told(flow: Flow, submission: Submission, error: ComityError) -> Told:
    """All of it stays home from this partner, for one reason, with what to do about it."""
    return Told(
        partner=flow.partner_id,
        agreement=flow.agreement,
        told=0,
        unchanged=0,
        stripped_spans=0,
        waiting=0,
        stayed={f"{error.sentence}; {error.remedy}": submission.objects_count},
        waits=NOT_DECIDED,
    )


def _told(kept: Kept) -> Told:
    row = kept.crossing
    return Told(
        partner=row.flow.partner_id,
        agreement=row.flow.agreement,
        told=row.counts["released"],
        unchanged=row.counts["unchanged"],
        stripped_spans=row.counts["stripped-spans"],
        waiting=row.counts["refer"],
        stayed=stayed(row),
        waits=row.waits,
    )
