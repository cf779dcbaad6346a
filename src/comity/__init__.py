"""Comity: lawful cross-border exchange of cyber threat intelligence, with the agreement run as code."""

__version__ = "0.1.0"
