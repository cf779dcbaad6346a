"""The desk keeps nothing of its own."""
