"""Three nations on one machine: nodes in processes of their own that exchange, prove it, and delete."""

from comity.demo.nations.chapters import CHAPTERS
from comity.demo.nations.world import World

__all__ = ["CHAPTERS", "World"]
