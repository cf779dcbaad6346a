"""Logs: one line of JSON an event on standard error, control characters escaped, no personal data (attack A25)."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

_Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(_unused: Any) -> None:
    """Django calls this with its LOGGING setting, of which we have none."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            without_words,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("httpx2", "httpcore2", "django_tasks", "django_tasks_db", "granian.access", "fido2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # a path that was not found may hold anything
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def without_words(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of what was raised, its kind and where it came from: its words may hold whatever was being worked on."""
    if raised := _raised(event.pop("exc_info", None)):
        frames = traceback.extract_tb(raised[2])
        event["raised"] = raised[0].__name__
        event["from"] = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
    return event


def _raised(said: Any) -> _Raised | None:
    """As `logging` allows it to be said: an exception, its three parts, or that it is the one being handled."""
    if isinstance(said, BaseException):
        return type(said), said, said.__traceback__
    parts = sys.exc_info() if said is True else said
    return parts if isinstance(parts, tuple) and parts[0] is not None else None
