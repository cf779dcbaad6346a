"""The law pack that ships, loaded once."""

import pytest

from comity.law import Law


@pytest.fixture(scope="session")
def law() -> Law:
    return Law.load()
