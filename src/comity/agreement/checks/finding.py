"""A finding: what a check has to say about a clause; and a check: the idea behind findings of one code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from comity.agreement.setting import Said, Setting


class Severity(StrEnum):
    """An error stops compilation; a warning is for counsel; a note says what a reader may not know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    code: str  # stable, as C302
    severity: Severity
    clause: str  # as ee-br-csirt:transfers[0]
    file: str  # what the text is called
    line: int
    column: int
    text: str  # what is the matter, one sentence
    law: tuple[str, ...]  # ids of facts in the law pack
    do: str

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One idea that a reader would look for, with its code. `run` yields its findings."""

    code: str
    title: str
    severity: Severity
    why: str
    do: str
    run: Callable[[Check, Setting], Iterator[Finding]]
    needs_places: bool = True  # asks the law of the parties' jurisdictions, so these must be known

    def finding(
        self,
        said: Said,
        text: str,
        *,
        law: tuple[str, ...] = (),
        severity: Severity | None = None,
        do: str | None = None,
    ) -> Finding:
        place = said.text.place(*said.path)
        try:
            clause = said.clause
        except KeyError:  # the finding is about what the text does not say
            clause = said.text.id
        return Finding(
            code=self.code,
            severity=severity or self.severity,
            clause=clause,
            file=said.text.name,
            line=place.line,
            column=place.column,
            text=text,
            law=law,
            do=do or self.do,
        )
