"""Cells of exported tables that a spreadsheet shows and does not compute (attack A24)."""

from __future__ import annotations

import unicodedata

# What spreadsheets take for the start of a formula, full-width forms included; and the mark we put before them.
_STARTS = frozenset("=+-@\t\r\n|%'\uff1d\uff0b\uff0d\uff20")
_INVISIBLE = frozenset({"Cf", "Zs"})


def csv_cell(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet could compute it; take one off to have it back."""
    seen = next((char for char in text if unicodedata.category(char) not in _INVISIBLE), "")
    return "'" + text if seen in _STARTS and text else text
