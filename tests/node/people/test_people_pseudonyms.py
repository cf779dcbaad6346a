"""The name under which the ledger knows somebody: stable, of chance alone, and the overseer's to resolve."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connections

from comity.node.people import actions
from comity.node.people.models import Pseudonym
from comity.node.people.roles import packaged


def test_it_is_the_same_each_time_and_another_for_each(node: Any):
    ann, bob = node.person("ann"), node.person("bob")
    assert actions.pseudonym(ann) == actions.pseudonym(ann) != actions.pseudonym(bob)


def test_it_says_nothing_of_the_person(node: Any):
    """Of chance, and not of the account: the same person in another node, or anew, is another name."""
    ann = node.person("ann")
    before = actions.pseudonym(ann)
    assert len(bytes.fromhex(before)) == 16
    assert before not in (ann.pk.hex, ann.username)
    Pseudonym.objects.all().delete()
    assert actions.pseudonym(ann) != before


def test_it_is_kept_with_the_keys(node: Any):
    actions.pseudonym(node.person("ann"))
    assert Pseudonym.objects.db == "keys"
    assert "people_pseudonym" not in connections["default"].introspection.table_names()


@pytest.mark.parametrize("role", [role.code for role in packaged()])
def test_only_the_overseer_resolves_it(node: Any, role: str):
    name, by = actions.pseudonym(node.person("ann")), node.person("by", role)
    if role == "auditor":
        assert actions.resolve(name, by=by, now=node.now).username == "ann"
    else:
        with pytest.raises(actions.NotAllowed):
            actions.resolve(name, by=by, now=node.now)


@pytest.mark.parametrize("name", ["", "00" * 16, "ann", "' OR 1=1 --"])
def test_a_name_that_was_never_given_is_nobodys(node: Any, name: str):
    with pytest.raises(actions.UnknownPseudonym):
        actions.resolve(name, by=node.person("by", "auditor"), now=node.now)


def test_once_destroyed_it_leads_nowhere(node: Any):
    name = actions.pseudonym(node.person("ann"))
    Pseudonym.objects.filter(pk=name).delete()
    with pytest.raises(actions.UnknownPseudonym):
        actions.resolve(name, by=node.person("by", "auditor"), now=node.now)


def test_two_who_ask_at_once_get_one_name(node_live: Any):
    ann, names, ready = node_live.person("ann"), [], threading.Barrier(4)

    def ask() -> None:
        ready.wait()
        try:
            names.append(actions.pseudonym(ann))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names) == 4
    assert len({*names}) == 1
