"""The root of every error: what happened, why, and what to do about it.

    ComityError
    ├── InputError        what a caller gave cannot be read: exit status 2, nothing written
    │   ├── StrictJsonError, NaiveTime, BadDuration             (canon)
    │   └── ... each room's own, beside the idea that raises it
    └── ProofError        something that was signed, hashed or logged does not verify
        └── ...           (ledger, messages, agreement)

Rules raise meanings; only the edges (cli, node) know exit statuses. No message holds personal data.
"""

from __future__ import annotations

from typing import ClassVar


class ComityError(Exception):
    """An error that says what, why and what to do.

    Subclasses set the three templates; keyword arguments fill them and stay readable as `fields`.
    `at` is the place in the input (a file, `line:column`, a JSON Pointer), when there is one.
    """

    what: ClassVar[str] = "something went wrong"
    why: ClassVar[str] = ""
    do: ClassVar[str] = ""

    def __init__(self, *, at: str | None = None, **fields: object) -> None:
        self.at = at
        self.fields = fields
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """What happened and why, on one line, with the place first."""
        place = f"{self.at}: " if self.at else ""
        what = self.what.format_map(self.fields)
        why = self.why.format_map(self.fields)
        return f"{place}{what}: {why}" if why else f"{place}{what}"

    @property
    def remedy(self) -> str:
        """What the reader can do about it; empty when there is nothing."""
        return self.do.format_map(self.fields)

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.at, self.fields)


def _again(kind: type[ComityError], at: str | None, fields: dict[str, object]) -> ComityError:
    return kind(at=at, **fields)


class InputError(ComityError):
    """What was given cannot be read or is not allowed; nothing was written."""


class ProofError(ComityError):
    """A signature, digest, proof or log entry does not verify."""
