"""Under which name the ledger knows somebody, and whose a name is (DESIGN section 1, promise 5)."""

from __future__ import annotations

import datetime as dt

from comity.canon import InputError
from comity.node import chance
from comity.node.people.actions.permission import require
from comity.node.people.models import Person, Pseudonym

_SIZE = 16  # bytes


class UnknownPseudonym(InputError):
    what = "nobody was found"
    why = "the register holds no such name: it was never given, or it has been destroyed"
    do = "copy the name as the ledger has it, 32 hexadecimal digits"


def pseudonym(person: Person) -> str:
    """The same name each time, of chance alone, so that nothing but the register leads back. 32 hexadecimal digits.

    It commits in the database of the keys, before the entry that names it.
    """
    row, _ = Pseudonym.objects.get_or_create(person_id=person.pk, defaults={"name": chance.octets(_SIZE).hex()})
    return row.name


def resolve(name: str, *, by: Person, now: dt.datetime) -> Person:
    """Whose it is. For who has the verb `resolve`, which is the overseer's. Raises: NotAllowed, UnknownPseudonym."""
    require(by, "resolve", now)
    row = Pseudonym.objects.filter(pk=name).first()
    person = None if row is None else Person.objects.filter(pk=row.person_id).first()
    if person is None:
        raise UnknownPseudonym
    return person
