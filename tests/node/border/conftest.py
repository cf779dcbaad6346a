"""A world for each test; `live` where it needs real commits."""

from __future__ import annotations

import pytest
from tests.node.world import World


@pytest.fixture
def world(node) -> World:
    return World(node)


@pytest.fixture
def live(node_live) -> World:
    return World(node_live)
