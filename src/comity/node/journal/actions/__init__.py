"""What is done with the journal: record, sequence, witness, prove, watch partners' logs, verify. One file a verb."""

from __future__ import annotations

from comity.node.journal.actions.alarms import CannotBeCleared, clear_alarm, our_log, raise_alarm
from comity.node.journal.actions.auditing import audit, audit_work
from comity.node.journal.actions.freshness import FRESH_WITHIN, is_fresh, watch_freshness
from comity.node.journal.actions.gate import (
    LogForked,
    LogSetBack,
    LogStopped,
    NotClear,
    clear_to_sign,
    may_sign,
    quorum,
)
from comity.node.journal.actions.proofs import NotYetProved, proof_time, prove, published_checkpoint, published_size
from comity.node.journal.actions.recording import NotAnEvent, record
from comity.node.journal.actions.salts import SaltDestroyed, actor_of, actors_of, destroy_salts, opens, salt_of
from comity.node.journal.actions.sequencing import ClockWentBack, sequence, sequence_work
from comity.node.journal.actions.starting import begin
from comity.node.journal.actions.verifying import Verified, verify
from comity.node.journal.actions.watching import NotToWatch, answer, cosigned, unwatch_log, watch_log
from comity.node.journal.actions.witnesses import (
    BadWitness,
    WitnessClock,
    WitnessRefused,
    add_witness,
    ask,
    remove_witness,
    request_size,
    take_cosignature,
    to_ask,
    witness_request,
)
from comity.node.journal.facts import NotAFact
from comity.node.journal.seals import RowChanged

__all__ = [
    "FRESH_WITHIN",
    "BadWitness",
    "CannotBeCleared",
    "ClockWentBack",
    "LogForked",
    "LogSetBack",
    "LogStopped",
    "NotAFact",
    "NotAnEvent",
    "NotClear",
    "NotToWatch",
    "NotYetProved",
    "RowChanged",
    "SaltDestroyed",
    "Verified",
    "WitnessClock",
    "WitnessRefused",
    "actor_of",
    "actors_of",
    "add_witness",
    "answer",
    "ask",
    "audit",
    "audit_work",
    "begin",
    "clear_alarm",
    "clear_to_sign",
    "cosigned",
    "destroy_salts",
    "is_fresh",
    "may_sign",
    "opens",
    "our_log",
    "proof_time",
    "prove",
    "published_checkpoint",
    "published_size",
    "quorum",
    "raise_alarm",
    "record",
    "remove_witness",
    "request_size",
    "salt_of",
    "sequence",
    "sequence_work",
    "take_cosignature",
    "to_ask",
    "unwatch_log",
    "verify",
    "watch_freshness",
    "watch_log",
    "witness_request",
]
