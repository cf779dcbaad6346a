"""border's verbs, one file each: what is proposed, decided, approved, released, withdrawn, and what partners send.

`by` is a Person and is asked for the verb; `now` is business time. For who builds on this:

    import_file(data, *, by, now) -> Submission
    submit(submission, *, to, purpose, collected_by=None, by, now) -> list[Crossing]        to: flows or partners' ids
    tell(data, *, by, purpose, reason, now, collected_by=None) -> (Submission, list[Told])
    queue(by, *, now, submission=None, partner=None) -> list[Waiting]
    answers(by, *, now) -> list[Question]                                                   about one's own submissions
    before_and_after(question, *, by, now, reason="approval") -> BeforeAndAfter             .shown goes to approve
    approve(question, *, shown, ground, by, now) -> Crossing
    reject(question, *, ground, by, now) -> Question
    strip(submission, *, flows, object_id, paths, by, now) -> list[Crossing]
    release(submission or crossing, *, by, now) -> list[Crossing]                           .releases, .waits
    withdraw(release, *, objects=None, why, by, now) -> list[Withdrawal]                    why: messages.Withdrawal
    replay(crossing) -> comity.crossing.Crossing

    receive(partner, bill, objects, *, log_key, policy, absent, now) -> Arrived             .receipt is shelved
    quarantine(partner_id, strays, *, now)                                                  what belongs to no release
    take_receipt(partner, receipt, *, now) -> Release
    take_retraction(partner, retraction, *, now) -> Shelved | None
    take_deletion_receipt(partner, deletion_receipt, *, now) -> Release
    shelve_message(partner_id, message, *, kind, facts, now) -> Shelved
    material_of(flow), messages_of(partner_id, *, outward) -> Collection

    publish(size=None, *, now), expire_questions(now), forget_submissions(now); *_work for due work;
    open_collections, keep_to_term, after_deletion, withdraw_for_consent (subject, now) as reactions.

What partners read comes from `border.door` alone. A bill is the first item of its release in the flow's collection.
"""

from comity.node.border.actions.after_deletion import after_deletion
from comity.node.border.actions.approve import NotAsShown, OwnSubmission, TooManyAtOnce, approve
from comity.node.border.actions.before_and_after import BeforeAndAfter, Mark, NotAsked, before_and_after
from comity.node.border.actions.expire_questions import expire_questions, expire_questions_work
from comity.node.border.actions.forget_submissions import forget_submissions, forget_submissions_work
from comity.node.border.actions.import_file import import_file
from comity.node.border.actions.keep_to_term import keep_to_term
from comity.node.border.actions.publish import publish, publish_work
from comity.node.border.actions.quarantine import quarantine
from comity.node.border.actions.queue import Waiting, answers, queue
from comity.node.border.actions.receive import AnotherBill, Arrived, NoSuchFlow, NotOfThisTime, receive, received
from comity.node.border.actions.reject import reject
from comity.node.border.actions.release import NotSubmitted, release
from comity.node.border.actions.release_waiting import release_waiting_work
from comity.node.border.actions.strip import NoSuchObject, strip
from comity.node.border.actions.submit import NoFlow, NotYours, OtherPurpose, submit
from comity.node.border.actions.take_deletion_receipt import take_deletion_receipt
from comity.node.border.actions.take_receipt import NoSuchRelease, take_receipt
from comity.node.border.actions.take_retraction import take_retraction
from comity.node.border.actions.tell import NobodyToTell, Told, tell
from comity.node.border.actions.withdraw import NotInRelease, withdraw, withdraw_flow, withdraw_for_consent
from comity.node.border.codes import ACCESS_REASONS, APPROVE_GROUNDS, QUARANTINE, REFUSE_GROUNDS, UnknownCode
from comity.node.border.deciding import CannotReplay
from comity.node.border.deciding import again as replay
from comity.node.border.keeping import Moved
from comity.node.border.partner_collections import material_of, messages_of, open_collections
from comity.node.border.shelving import shelve_message
from comity.node.border.sources import CannotStrip, SourceGone

__all__ = [
    "ACCESS_REASONS",
    "APPROVE_GROUNDS",
    "QUARANTINE",
    "REFUSE_GROUNDS",
    "AnotherBill",
    "Arrived",
    "BeforeAndAfter",
    "CannotReplay",
    "CannotStrip",
    "Mark",
    "Moved",
    "NoFlow",
    "NoSuchFlow",
    "NoSuchObject",
    "NoSuchRelease",
    "NobodyToTell",
    "NotAsShown",
    "NotAsked",
    "NotInRelease",
    "NotOfThisTime",
    "NotSubmitted",
    "NotYours",
    "OtherPurpose",
    "OwnSubmission",
    "SourceGone",
    "Told",
    "TooManyAtOnce",
    "UnknownCode",
    "Waiting",
    "after_deletion",
    "answers",
    "approve",
    "before_and_after",
    "expire_questions",
    "expire_questions_work",
    "forget_submissions",
    "forget_submissions_work",
    "import_file",
    "keep_to_term",
    "material_of",
    "messages_of",
    "open_collections",
    "publish",
    "publish_work",
    "quarantine",
    "queue",
    "receive",
    "received",
    "reject",
    "release",
    "release_waiting_work",
    "replay",
    "shelve_message",
    "strip",
    "submit",
    "take_deletion_receipt",
    "take_receipt",
    "take_retraction",
    "tell",
    "withdraw",
    "withdraw_flow",
    "withdraw_for_consent",
]
