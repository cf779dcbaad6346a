"""Lines of the log: what was raised is named by its kind and place, never by its words (attack A25)."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from comity.node import logs

SECRET = "patient Maarja Tamm, 48503120216"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a process of a node would write to standard error."""
    root = logging.getLogger()
    handlers, level, said = root.handlers, root.level, structlog.get_config()
    logs.configure(None)
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**said)


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def fail() -> None:
    raise ValueError(SECRET)


@pytest.mark.parametrize("logger", ["django.request", "django_tasks", "somebody.elses"])
def test_of_an_error_that_a_library_logs_only_kind_and_place_are_written(written: io.StringIO, logger: str):
    try:
        fail()
    except ValueError:
        logging.getLogger(logger).exception("Internal Server Error: %s", "/desk/")
    (line,) = lines(written)
    assert SECRET not in written.getvalue()
    assert "Maarja" not in written.getvalue()
    assert line["raised"] == "ValueError"
    assert [str(place).split(" ")[1] for place in line["from"]][-1] == "fail"
    assert line["event"] == "Internal Server Error: /desk/"


@pytest.mark.parametrize("exc_info", [True, "error", None])
def test_the_same_of_our_own(written: io.StringIO, exc_info: object):
    try:
        fail()
    except ValueError as error:
        structlog.get_logger("ours").error("it failed", exc_info=error if exc_info == "error" else exc_info)
    (line,) = lines(written)
    assert SECRET not in written.getvalue()
    assert line.get("raised") == (None if exc_info is None else "ValueError")


def test_control_characters_stay_on_their_line(written: io.StringIO):
    logging.getLogger("x").warning("one\nline \x1b[2J of %s", "a\u2028file")
    assert len(written.getvalue().splitlines()) == 1
    assert "\x1b" not in written.getvalue()


def test_outside_of_an_error_nothing_was_raised(written: io.StringIO):
    logging.getLogger("x").error("no error", exc_info=True)
    (line,) = lines(written)
    assert "raised" not in line
