"""A node that answers over TLS, and two partners of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from comity.node.config import current

from .live import LiveNode
from .partners import Partner, partner


@pytest.fixture(scope="session")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveNode]:
    """One server for all tests. Asked for after the databases are made, it stops before they go."""
    with LiveNode(tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.fixture
def server(node_live: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LiveNode:
    """It knows itself by the port that was free."""
    listening: LiveNode = request.getfixturevalue("listening")
    node = dataclasses.replace(current(), url=listening.url)
    for name in ("discovery", "signing", "card"):
        monkeypatch.setattr(f"comity.node.exchange.serving.{name}.current", lambda: node)
    return listening


@pytest.fixture
def br(node_live: Any) -> Partner:
    return partner("cert-br", node_live.now)


@pytest.fixture
def jp(node_live: Any) -> Partner:
    """Another partner, which must learn nothing of the first."""
    return partner("cert-jp", node_live.now)
