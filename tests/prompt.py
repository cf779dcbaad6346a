"""The command line as a user meets it, in this process: arguments in; status, standard output and error out."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

from comity.cli import main


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one command came to."""

    status: int
    out: str
    err: str


def prompt(*arguments: str | Path) -> Said:
    """Run `comity ARGUMENTS`. An exception that reaches the user as a traceback reaches the test as itself."""
    out, err, before = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["comity", *map(str, arguments)]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
        status = 0
    except SystemExit as exit_:
        status = exit_.code if isinstance(exit_.code, int) else 1 if exit_.code else 0
    finally:
        sys.argv = before
    return Said(status=status, out=out.getvalue(), err=err.getvalue())
