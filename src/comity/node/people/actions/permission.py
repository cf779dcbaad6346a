"""Whether somebody may do something now. Deny by default: a verb that no role of theirs names is not theirs."""

from __future__ import annotations

import datetime as dt

from comity.canon import InputError
from comity.node.people.models import Assignment, Person, Role
from comity.node.people.roles import RoleFacts, verbs_of


class NotAllowed(InputError):
    what = "nothing was done"
    why = "`{verb}` belongs to no role that you have at this time"
    do = "ask somebody who has it, or ask an administrator for a role for as long as you need it"
    http_status = 403


def may(person: Person, verb: str, now: dt.datetime) -> bool:
    """Whether `person` may do `verb` at `now`, business time."""
    return verb in verbs(person, now)


def require(person: Person, verb: str, now: dt.datetime) -> None:
    """Raises: NotAllowed, unless `person` may do `verb` at `now`."""
    if not may(person, verb, now):
        raise NotAllowed(verb=verb)


def verbs(person: Person, now: dt.datetime) -> frozenset[str]:
    """All that `person` may do at `now`: asked of the database each time, so that what is withdrawn is withdrawn."""
    held = Assignment.objects.filter(person=person.pk, person__is_active=True, starts__lte=now, ends__gt=now)
    return verbs_of(facts_of(assignment.role) for assignment in held.select_related("role"))


def facts_of(role: Role) -> RoleFacts:
    """A role's row as `roles` reckons with it."""
    return RoleFacts(code=role.code, title=role.title, verbs=frozenset(role.verbs), excludes=frozenset(role.excludes))
