"""Residue: whether anything that was treated still stands in what is about to leave."""

from comity.privacy.residue.search import Hit, Residue

__all__ = ["Hit", "Residue"]
