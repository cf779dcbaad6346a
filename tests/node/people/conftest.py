"""For tests about people: somebody to sign in, and real time to do it at."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from tests.node.people.live import Live, live_node
from tests.node.people.real_time import Real, real
from tests.node.people.typing_in import PASSWORD

__all__ = ["Real", "ann", "ann_live", "real"]


@pytest.fixture
def ann(node: Any) -> Any:
    """A releasing officer with a password and nothing else yet."""
    return with_password(node.person("ann", "releasing-officer"))


@pytest.fixture
def ann_live(node_live: Any) -> Any:
    """The same, committed: other threads and connections see her."""
    return with_password(node_live.person("ann", "releasing-officer"))


@functools.cache
def hashed() -> str:
    """Made once a run: it takes long on purpose."""
    return make_password(PASSWORD)


def with_password(person: Any) -> Any:
    person.password = hashed()
    person.save()
    return person


@pytest.fixture(scope="session")
def live() -> Iterator[Live]:
    """One running node for all tests that want one; each takes people of its own."""
    with live_node() as live:
        yield live
