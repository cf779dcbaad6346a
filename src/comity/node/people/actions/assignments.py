"""Give somebody a role from one instant to another, and end it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import InputError, NaiveTime
from comity.node.people.actions.permission import facts_of, require
from comity.node.people.models import Assignment, Person, Role
from comity.node.people.roles import clash


class UnknownRole(InputError):
    what = "no role was given"
    why = "there is no role `{role}`"
    do = "name one of: {known}"


class RolesClash(InputError):
    what = "the role `{role}` was not given"
    why = "this person has `{other}` within the same time, and nobody may have both"
    do = "end the other role first, give this one for another time, or give it to somebody else"


class OwnAccount(InputError):
    what = "nothing was done"
    why = "nobody changes what they themselves may do"
    do = "ask another administrator"


class BadAssignment(InputError):
    what = "no role was given"
    why = "{reason}"
    do = "give an active person a role from one instant to a later one that is still to come"


def assign(
    person: Person, role: str, *, starts: dt.datetime, ends: dt.datetime, by: Person | None, now: dt.datetime
) -> Assignment:
    """Give `person` the role from `starts` until before `ends` (business time).

    Args:   by: the administrator who gives it. None is whoever runs the node's own machine, as `comity node init` does
                for the first administrator; no page and no route of the API passes it.
    Raises: OwnAccount, NotAllowed, UnknownRole, RolesClash, BadAssignment.
    """
    for instant in (starts, ends, now):
        if instant.tzinfo is None:
            raise NaiveTime(text=instant.isoformat(), reason="it has no zone")
    # INVARIANT: whoever gives a role is an administrator at that moment and not the one who gets it (attack A42).
    if by is not None:
        _another_administrator(by, person, now)
    with transaction.atomic():
        # The person's row is the lock: two roles that exclude each other cannot be given at the same instant.
        holder = Person.objects.select_for_update().get(pk=person.pk)
        given = _role(role)
        _check(holder, starts, ends, now)
        for other in Assignment.objects.filter(person=holder, starts__lt=ends, ends__gt=starts).select_related("role"):
            if clash(facts_of(given), facts_of(other.role)):
                raise RolesClash(role=role, other=other.role.code)
        return Assignment.objects.create(person=holder, role=given, starts=starts, ends=ends, granted_by=by)


def end_assignment(assignment: Assignment, *, by: Person | None, now: dt.datetime) -> None:
    """The role ends now; one that has not begun never does. Idempotent. Raises: OwnAccount, NotAllowed."""
    if by is not None:
        _another_administrator(by, assignment.person, now)
    with transaction.atomic():
        row = Assignment.objects.select_for_update().get(pk=assignment.pk)
        row.ends = min(row.ends, max(now, row.starts))
        row.save(update_fields=["ends"])


def _another_administrator(by: Person, person: Person, now: dt.datetime) -> None:
    if by.pk == person.pk:
        raise OwnAccount
    require(by, "people", now)


def _role(code: str) -> Role:
    try:
        return Role.objects.get(pk=code)
    except Role.DoesNotExist:
        known = ", ".join(Role.objects.order_by("pk").values_list("pk", flat=True))
        raise UnknownRole(role=code, known=known) from None


def _check(person: Person, starts: dt.datetime, ends: dt.datetime, now: dt.datetime) -> None:
    if not person.is_active:
        raise BadAssignment(reason="the account is closed")
    if starts >= ends:
        raise BadAssignment(reason="it would end before it begins")
    if ends <= now:
        raise BadAssignment(reason="it would be over already")
