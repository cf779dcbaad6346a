"""privacy: what in material is personal, whose it is, and what to do about it."""

from comity.privacy.catalogue import prose
from comity.privacy.catalogue_table import rows
from comity.privacy.detect import detect, detect_event, detect_table, detect_text, detector_version
from comity.privacy.detection import Detection
from comity.privacy.normal_form import normal_form
from comity.privacy.normalise import Folded, fold
from comity.privacy.pseudonyms import Pseudonyms, WeakKey
from comity.privacy.residue import Hit, Residue
from comity.privacy.roles import STRICTNESS, Neighbourhood, strictest
from comity.privacy.roles_survey import survey
from comity.privacy.treatments import Because, Change, Gone, Treated, Withheld, treat

__all__ = [
    "STRICTNESS",
    "Because",
    "Change",
    "Detection",
    "Folded",
    "Gone",
    "Hit",
    "Neighbourhood",
    "Pseudonyms",
    "Residue",
    "Treated",
    "WeakKey",
    "Withheld",
    "detect",
    "detect_event",
    "detect_table",
    "detect_text",
    "detector_version",
    "fold",
    "normal_form",
    "prose",
    "rows",
    "strictest",
    "survey",
    "treat",
]
