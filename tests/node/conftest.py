"""A node for tests: both its databases, its clock, and people with roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.core import serializers
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from comity.node import clock
from comity.node.config import NodeConfig, current

BEGAN = dt.datetime(2026, 11, 23, 10, tzinfo=dt.UTC)


@dataclass
class Node:
    """The node under test. Its clock stands where it is put, but for the real seconds that pass."""

    now: dt.datetime = BEGAN

    @property
    def config(self) -> NodeConfig:
        return current()

    def move(self, to: dt.timedelta | dt.datetime) -> dt.datetime:
        """Move the business clock on, by a span or to an instant."""
        self.now = self.now + to if isinstance(to, dt.timedelta) else to
        assert self.config.clock_file is not None
        clock.set_file(self.config.clock_file, self.now)
        return self.now

    def person(self, username: str, *roles: str) -> object:
        """Somebody with these roles for a year."""
        from comity.node.people import actions

        person = actions.add_person(username, name=username.title(), now=self.now)
        for role in roles:
            actions.assign(person, role, starts=self.now, ends=self.now + dt.timedelta(days=365), by=None, now=self.now)
        return person


def _node() -> Iterator[Node]:
    from comity.node.journal.actions import gate

    node = Node()
    node.move(BEGAN)
    gate.forget()  # as in a process that has just started: its database is another one
    yield node
    node.move(BEGAN)


@pytest.fixture
def node(request: pytest.FixtureRequest) -> Iterator[Node]:
    """Inside a transaction of each database that is rolled back."""
    request.applymarker(pytest.mark.django_db(databases="__all__"))
    request.getfixturevalue("db")
    yield from _node()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Once the tables are made: emptying them after a test is not a migration, and only what has rows is emptied."""
    post_migrate.receivers.clear()
    post_migrate.sender_receivers_cache.clear()
    for connection in connections.all():
        if connection.vendor == "postgresql":  # truncating eighty tables costs more than most tests
            connection.ops.sql_flush = partial(_deletions, connection)


def _deletions(connection: BaseDatabaseWrapper, _style: object, tables: list[str], **_how: object) -> list[str]:
    quoted = [connection.ops.quote_name(table) for table in tables]
    with connection.cursor() as cursor:
        each = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in quoted]  # noqa: S608 -- our own tables
        cursor.execute(" UNION ALL ".join(each))
        return [f"DELETE FROM {name}" for (name,) in cursor.fetchall()]  # noqa: S608 -- our own tables


@pytest.fixture
def seeds(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Afterwards, what migrations seeded is put back into the tables that `transactional_db` has emptied."""
    from allauth.idp.oidc.models import Client

    from comity.node.people.models import Role

    with django_db_blocker.unblock():
        rows = serializers.serialize("json", [*Role.objects.all(), *Client.objects.all()])
    yield
    with django_db_blocker.unblock():
        for row in serializers.deserialize("json", rows):
            row.save()


@pytest.fixture
def node_live(request: pytest.FixtureRequest) -> Iterator[Node]:
    """With real commits; every table is emptied afterwards, and what migrations seeded is put back."""
    request.applymarker(pytest.mark.django_db(databases="__all__", transaction=True))
    for needed in ("seeds", "transactional_db"):  # only now: the marker says which databases are made
        request.getfixturevalue(needed)
    yield from _node()
