"""Mutants: one-line changes that break a promise, and the runner that shows its test to fail."""
