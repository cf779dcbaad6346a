"""docs/node.md says what the program does: each line of the configuration, and each limit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from granian.http import HTTP1Settings

from comity.node import config
from comity.node.due import leases
from comity.node.due.actions import performing
from comity.node.running import gateway, serving, working

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "node.md").read_text(encoding="utf-8")
FLAT = " ".join(PAGE.split())


def test_each_line_of_the_configuration_is_there_and_no_other():
    told = set(re.findall(r"^\| `([a-z_.]+)` \| (?:yes|https)? ?\|", PAGE, re.MULTILINE))
    tls = {f"tls.{name}" for name in config._TLS}
    assert told == (config._REQUIRED | config._OPTIONAL | tls) - {"tls"}


LIMITS = {
    f"the head of a request ({serving.HEAD_WITHIN // 1000} s and {gateway.MOST_HEAD // 1024} KiB": True,
    f"connections ({serving.CONNECTIONS} a process)": True,
    f"a body has {gateway.FIRST_BYTES:g} s and then {gateway.SLOWEST // 1000} 000 bytes a second": True,
    f"{gateway.MOST_BODY >> 20} MiB at most and {gateway.MOST_BODIES >> 20} MiB for all together": True,
    "One process with eight threads": serving.WORKERS == 1 and serving.THREADS == 8,
    "when the lease lapses after a minute": leases.LEASE.total_seconds() == 60,
    "again after 5 s, then after twice as long each time, up to an hour": (
        performing.FIRST_DELAY.total_seconds() == 5 and performing.LONGEST_DELAY.total_seconds() == 3600
    ),
    "after twelve times": performing.MOST_ATTEMPTS == 12,
    "each second all that is due is woken": working.TICK == 1,
}


@pytest.mark.parametrize("sentence", LIMITS)
def test_each_limit_is_as_it_says(sentence: str):
    assert sentence in FLAT
    assert LIMITS[sentence]


def test_the_servers_own_setting_is_still_called_so():
    assert {"header_read_timeout", "max_buffer_size"} <= set(HTTP1Settings.__dataclass_fields__)
