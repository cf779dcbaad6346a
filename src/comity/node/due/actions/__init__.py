"""What is done with due work: `schedule` it, `perform` it, `wake` what is due, keep what recurs, prune what is over."""

from comity.node.due.actions.performing import Again, perform
from comity.node.due.actions.pruning import prune
from comity.node.due.actions.recurring import keep_recurring
from comity.node.due.actions.scheduling import BadWork, schedule
from comity.node.due.actions.waking import wake
from comity.node.due.kinds import NoSuchWork

__all__ = ["Again", "BadWork", "NoSuchWork", "keep_recurring", "perform", "prune", "schedule", "wake"]
