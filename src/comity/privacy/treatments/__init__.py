"""Treatments: keep, generalise, pseudonymise, redact, withhold, in every sort of place and with types kept valid."""

from comity.privacy.treatments.generalise import generalise, registrable_domain
from comity.privacy.treatments.outcome import Because, Change, Gone, Treated, Withheld
from comity.privacy.treatments.treat import treat

__all__ = ["Because", "Change", "Gone", "Treated", "Withheld", "generalise", "registrable_domain", "treat"]
