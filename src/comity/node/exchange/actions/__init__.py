"""exchange's verbs, one file each: what this node does about its partners' nodes. Reactions and due work are named in
`comity.node.reactions` and `comity.node.work`.

    begin(now)                                  when a process starts: ask the witnesses, look at the partners
    pull(party, now)                            visit it now
    resume(party, *, by, again=False, now)      read it again after a pause
    overdue(now) -> list[Overdue]               what partners owe us
    meet(subject, now), deliver(subject, now)   reactions
    meet_work, witness_work, pull_work, deliver_work, tidy_work     due work
"""

from comity.node.exchange.actions.begin import begin
from comity.node.exchange.actions.deliver import deliver, deliver_work
from comity.node.exchange.actions.meet import SharedWitness, meet, meet_work
from comity.node.exchange.actions.overdue import Overdue, overdue, watch_overdue
from comity.node.exchange.actions.pull import NoPartner, pull, pull_work
from comity.node.exchange.actions.resume import NotPaused, resume
from comity.node.exchange.actions.tidy import tidy_work
from comity.node.exchange.actions.witness import witness_work

__all__ = [
    "NoPartner",
    "NotPaused",
    "Overdue",
    "SharedWitness",
    "begin",
    "deliver",
    "deliver_work",
    "meet",
    "meet_work",
    "overdue",
    "pull",
    "pull_work",
    "resume",
    "tidy_work",
    "watch_overdue",
    "witness_work",
]
