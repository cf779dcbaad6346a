"""The tests' own table of work instead of the node's."""

from __future__ import annotations

import pytest
from node.due import planted
from node.running.places import model, place

from comity.node.due import kinds

__all__ = ["model", "place"]


@pytest.fixture(autouse=True)
def table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "TABLE", planted.HERE)
    planted.noted.clear()
    planted.acts.clear()
