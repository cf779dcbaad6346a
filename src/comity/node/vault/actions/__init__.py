"""The vault's verbs, one file each. Nothing else writes boxes, keys, holdings or tombstones."""

from comity.node.vault.actions.bury import buried, is_buried
from comity.node.vault.actions.delete import delete
from comity.node.vault.actions.destroy import OnHold, destroy
from comity.node.vault.actions.hold import for_review, hold, unhold
from comity.node.vault.actions.keep import RECEIVED, RELEASED, Buried, Keeping, OtherContent, keep, keep_many
from comity.node.vault.actions.kinds import GROUNDS, KEY_DESTROYED, KINDS, WHYS, UnknownCode
from comity.node.vault.actions.open import Opened, Unreadable, opened, opened_many
from comity.node.vault.actions.scrub import scrub
from comity.node.vault.actions.seal import seal, seal_many
from comity.node.vault.actions.shorten import shorten, shorten_boxes
from comity.node.vault.actions.sweep import Swept, due_for_deletion, repair_work, sweep, sweep_work
from comity.node.vault.names import names_of, once_gone

__all__ = [
    "GROUNDS",
    "KEY_DESTROYED",
    "KINDS",
    "RECEIVED",
    "RELEASED",
    "WHYS",
    "Buried",
    "Keeping",
    "OnHold",
    "Opened",
    "OtherContent",
    "Swept",
    "UnknownCode",
    "Unreadable",
    "buried",
    "delete",
    "destroy",
    "due_for_deletion",
    "for_review",
    "hold",
    "is_buried",
    "keep",
    "keep_many",
    "names_of",
    "once_gone",
    "opened",
    "opened_many",
    "repair_work",
    "scrub",
    "seal",
    "seal_many",
    "shorten",
    "shorten_boxes",
    "sweep",
    "sweep_work",
    "unhold",
]
