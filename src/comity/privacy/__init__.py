"""privacy: what in material is personal, whose it is, and what to do about it."""

from comity.privacy.detection import Detection
from comity.privacy.normal_form import normal_form
from comity.privacy.pseudonyms import Pseudonyms, WeakKey
from comity.privacy.treatments import Because, Change, Gone, Treated, Withheld, treat

__all__ = [
    "Because",
    "Change",
    "Detection",
    "Gone",
    "Pseudonyms",
    "Treated",
    "WeakKey",
    "Withheld",
    "normal_form",
    "treat",
]
