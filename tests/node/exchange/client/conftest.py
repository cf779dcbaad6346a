"""A node with two partners whose nodes answer on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.node.wire.authority import Authority
from tests.node.world import BASELINE, BR, JP, World

from comity.node.exchange.client import calling
from comity.node.exchange.outgoing.trust import client_context

from .neighbour import Neighbour
from .neighbourhood import Neighbourhood


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def near(node: Any, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Neighbourhood]:
    """The texts name the neighbours' own addresses. Nobody has met yet."""
    tls = client_context(authority.pem)
    monkeypatch.setattr(calling, "_tls", lambda: tls)
    with Neighbour(BR, authority, lambda: node.now) as br, Neighbour(JP, authority, lambda: node.now) as jp:
        moves = [(f"https://comity.{one.party}.example", one.url) for one in (br, jp)]
        world = World(node, edits={BASELINE: moves})
        yield Neighbourhood(world, br, jp)
