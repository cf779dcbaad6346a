"""MISP events in, by the MISP project's own converter, with everything that does not survive named."""

from comity.material.misp.converted import Converted, Loss, MarkingLost, MispUnavailable, MispUnreadable, from_misp

__all__ = ["Converted", "Loss", "MarkingLost", "MispUnavailable", "MispUnreadable", "from_misp"]
