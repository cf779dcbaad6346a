"""How often codes may be tried, and that none is taken twice (SP 800-63B-4 sections 3.1.4 and 3.2.2; RFC 6238).

Kept in rows of their own beside allauth's counters, which live in a cache: a cache may forget, and then a code of a
minute ago would be good again, and ten thousand guesses in parallel would be ten thousand guesses.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.node.people.models import CodeTries, Person

AT_ONCE = 5  # tries, and then a wait
FIRST_WAIT = dt.timedelta(minutes=5)
LONGEST_WAIT = dt.timedelta(hours=24)
AT_MOST = 100  # failures in a row; then only an administrator opens it again (SP 800-63B-4 section 3.2.2)
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def wait_after(failures: int) -> dt.timedelta | None:
    """How long after this many failures in a row; twice as long each time. None: until an administrator opens it."""
    if failures >= AT_MOST:
        return None
    if failures == 0 or failures % AT_ONCE:
        return dt.timedelta(0)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << (failures // AT_ONCE - 1)))


def take(person: Person, at: dt.datetime) -> bool:
    """Use up one try, before the code is looked at. False: there is none now.

    INVARIANT: a try is counted, and committed, before it can succeed: tries in parallel are counted one by one (A40).
    """
    CodeTries.objects.get_or_create(person=person)
    with transaction.atomic():
        row = CodeTries.objects.select_for_update().get(person=person)
        if row.opens_at is not None and at < row.opens_at:
            return False
        row.failures += 1
        wait = wait_after(row.failures)
        row.opens_at = NEVER if wait is None else at + wait
        row.save(update_fields=["failures", "opens_at"])
    return True


def spend(person: Person, step: int) -> bool:
    """Take the code of this step, once. False: it, or a later one, was taken before.

    INVARIANT: one conditional UPDATE decides, so that of two workers exactly one wins, whatever the cache says (A40).
    """
    won = CodeTries.objects.filter(person=person, step__lt=step).update(step=step, failures=0, opens_at=None)
    return won == 1
