"""Hostile content at the prompt (attacks A01 to A30): what may be sent, and what must come of it."""
