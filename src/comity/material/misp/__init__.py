"""MISP events in, by the MISP project's own converter, with everything that does not survive named."""

from comity.material.misp.bindings import MarkingLost
from comity.material.misp.conversion import MispUnavailable, from_misp
from comity.material.misp.events import MispUnreadable

__all__ = ["MarkingLost", "MispUnavailable", "MispUnreadable", "from_misp"]
