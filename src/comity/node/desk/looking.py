"""What a session remembers for its person: why they look at a submission, and an answer they have to confirm first.

Codes and ids alone; nothing of the material is ever in a session.
"""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

_REASONS, _ANSWER = "desk.reasons", "desk.answer"
MOST = 100  # submissions; the one that was asked about longest ago is forgotten first


def reason(request: HttpRequest, submission: UUID) -> str | None:
    """The code that this person gave for looking at this submission in this session."""
    found: str | None = request.session.get(_REASONS, {}).get(str(submission))
    return found


def give_reason(request: HttpRequest, submission: UUID, code: str) -> None:
    reasons = {**request.session.get(_REASONS, {})}
    reasons.pop(str(submission), None)
    reasons[str(submission)] = code
    request.session[_REASONS] = dict(list(reasons.items())[-MOST:])


def put_by(request: HttpRequest, question: UUID, answer: str, ground: str) -> None:
    """Remember what was chosen while the second factor is asked for. It is filled in again, never sent again."""
    request.session[_ANSWER] = [str(question), answer, ground]


def taken_up(request: HttpRequest, question: UUID) -> tuple[str, str]:
    """The answer and ground that were chosen for this question before; ("", "") where none were. Once."""
    kept = request.session.get(_ANSWER)
    if not kept or kept[0] != str(question):
        return "", ""
    del request.session[_ANSWER]
    return kept[1], kept[2]
