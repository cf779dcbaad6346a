"""The only background task of the node: it wakes one row of due work, and may be lost, late or sent twice."""

from __future__ import annotations

from django_tasks import task

from comity.node.due.actions.performing import perform


@task()
def wake_one(due_id: int) -> bool:
    """Whether the row was done."""
    return perform(due_id)
