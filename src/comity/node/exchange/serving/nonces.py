"""Nonces that signed requests used up, in the database: of all processes that see one, exactly one takes it."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from comity.node.exchange.models import Nonce

MARGIN = dt.timedelta(minutes=5)  # kept so much longer: a machine's clock may be set back a little


class StoredNonces:
    """The node's `signatures.Nonces`.

    INVARIANT: the row is committed before the request has any effect, and a unique constraint decides between two of
    them. A database that cannot keep it raises, and the request is refused (attack A34).
    """

    def use(self, keyid: str, nonce: str, expires: dt.datetime) -> bool:
        try:
            with transaction.atomic():
                Nonce.objects.create(key_id=keyid, nonce=nonce, expires=expires)
        except IntegrityError:
            return False
        return True


def forget(real: dt.datetime) -> int:
    """Delete those whose time is over: a signature that old is refused by itself. Returns how many."""
    return Nonce.objects.filter(expires__lt=real - MARGIN).delete()[0]
