"""The promises that only a node keeps are tested on one: the fixtures of `tests/node`."""

from __future__ import annotations

from tests.node.conftest import django_db_setup, node, node_live, seeds
from tests.node.served import server

__all__ = ["django_db_setup", "node", "node_live", "seeds", "server"]
