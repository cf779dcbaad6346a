"""law: what the law of each jurisdiction says, with the provision it stands on and how sure that is."""

from comity.law.adequacy import AdequacyFinding, Standing
from comity.law.citations import Fact, UnknownFact
from comity.law.clocks import Certainty, Due, UnknownClock
from comity.law.collisions import Collision
from comity.law.crosswalk import OwnWord, crosswalk
from comity.law.difference import Change, Kind, changes
from comity.law.duties import Duty, DutyStanding
from comity.law.gates import LocalisationFinding, RestrictionFinding, SpecialCategories
from comity.law.jurisdiction import Jurisdiction, UnknownJurisdiction
from comity.law.law import Law
from comity.law.openings import BasisFinding, MechanismFinding
from comity.law.overview import Line, overview
from comity.law.pack import LawPackError
from comity.law.tables import Concept
from comity.law.vocabulary import UnknownTerm

__all__ = [
    "AdequacyFinding",
    "BasisFinding",
    "Certainty",
    "Change",
    "Collision",
    "Concept",
    "Due",
    "Duty",
    "DutyStanding",
    "Fact",
    "Jurisdiction",
    "Kind",
    "Law",
    "LawPackError",
    "Line",
    "LocalisationFinding",
    "MechanismFinding",
    "OwnWord",
    "RestrictionFinding",
    "SpecialCategories",
    "Standing",
    "UnknownClock",
    "UnknownFact",
    "UnknownJurisdiction",
    "UnknownTerm",
    "changes",
    "crosswalk",
    "overview",
]
