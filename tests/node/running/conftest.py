"""Real nodes: see `places`."""

from node.running.places import model, place

__all__ = ["model", "place"]
