"""What a person sees: the two consoles, errors in three lines, and untrusted text made harmless."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from rich.console import Console
from rich.markup import escape

from comity.canon import ComityError

out = Console()
err = Console(stderr=True)


def complain(error: ComityError) -> None:
    """`error: what: why` and `what to do: ...` on standard error."""
    err.print(f"[bold red]error:[/] {safe(error.sentence)}", soft_wrap=True, highlight=False)
    if error.remedy:
        err.print(f"[bold]what to do:[/] {safe(error.remedy)}", soft_wrap=True, highlight=False)


def safe(text: str) -> str:
    """Untrusted text for a Rich console: no markup, no control or direction-changing characters (attack A25)."""
    return escape("".join(_visible(char) for char in text))


def _visible(char: str) -> str:
    if char in "\n\t":
        return " "
    return f"\\u{ord(char):04x}" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else char


def print_json(value: Any) -> None:
    """One JSON document on standard output, for programs."""
    print(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True))
