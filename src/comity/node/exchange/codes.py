"""Errors as the codes that the ledger, a TAXII status and people see: a name, never its words."""

from __future__ import annotations

import re

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def code_of(error: Exception) -> str:
    """An error's name as a code: `OlderCard` is `older-card`."""
    return _WORDS.sub("-", type(error).__name__).lower()
