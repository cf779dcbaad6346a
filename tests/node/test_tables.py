"""The two databases: each table is in one of them, and the migrations are what the models say."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connections

from comity.node.databases import KEYS_TABLES
from comity.node.vault.models import Box, BoxKey


def test_the_migrations_are_what_the_models_say(node: object):
    del node
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("fixture", ["node", "node_live"])
def test_each_table_is_in_one_database(fixture: str, request: pytest.FixtureRequest):
    node = request.getfixturevalue(fixture)
    tables = {name: set(connections[name].introspection.table_names()) for name in connections}
    keys = {f"{app}_{model}" for app, model in KEYS_TABLES}
    assert keys <= tables["keys"]
    assert not keys & tables["default"]
    assert tables["keys"] - keys <= {"django_migrations"}
    box = Box.objects.create(kind="test", sealed=b"x", made_at=node.now)
    BoxKey.objects.create(box_id=box.id, wrapped=b"y", made_at=node.now)
    assert (Box.objects.db, BoxKey.objects.db) == ("default", "keys")
