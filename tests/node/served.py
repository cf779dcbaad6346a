"""The node of the tests, served over TLS by its own web server in threads of this process, with real commits.

A test changes and reads the tables, and whoever asks over HTTPS, a browser or a command line, meets the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.node.exchange.serving.live import LiveNode
from tests.node.world import World


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    with LiveNode(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def served(node_live: Any, request: pytest.FixtureRequest) -> World:
    """A world with real commits, that `server` serves."""
    request.getfixturevalue("server")  # only now: it stops before the databases go
    return World(node_live)
