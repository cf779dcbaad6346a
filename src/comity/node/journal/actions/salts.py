"""Salts: what opens an entry's commitments, until it is destroyed with what was committed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from comity.canon import ProofError
from comity.ledger import Statement, commitment
from comity.node.databases import KEYS
from comity.node.journal.actions.recording import ACTOR
from comity.node.journal.models import Entry, Salt
from comity.node.people.models import Pseudonym

_AT_ONCE = 500


class SaltDestroyed(ProofError):
    what = "the commitment of entry {entry} cannot be opened"
    why = "its salt is not there: it was destroyed with the content, or the entry commits to nothing"
    do = "nothing brings it back; the entry still proves that and when it was logged"
    http_status = 410


def salt_of(entry: Entry) -> bytes:
    """The salt under which an entry commits to its content, for the partner's bill. Raises: SaltDestroyed."""
    leaf = bytes(entry.leaf).hex()
    salt = Salt.objects.filter(entry_leaf=leaf, opens=Salt.CONTENT).values_list("salt", flat=True).first()
    if salt is None:
        raise SaltDestroyed(entry=entry.pk)
    return bytes(salt)


def opens(entry: Entry, digest: str) -> bool:
    """Whether this is the content that an entry commits to. Raises: SaltDestroyed when nobody can tell any more."""
    facts = Statement.parse(bytes(entry.body)).facts
    return facts.get("commitment") == commitment(salt_of(entry), digest)


def actor_of(entry: Entry) -> str | None:
    """The pseudonym of who acted; None for an entry without actor, or whose actor's name is destroyed."""
    return actors_of([entry]).get(entry.pk)


def actors_of(entries: Sequence[Entry]) -> dict[int, str]:
    """The pseudonyms of those who acted, by the entry's row. Whose they are, only the register tells (`people`)."""
    leaves = [bytes(entry.leaf).hex() for entry in entries]
    salts = dict(Salt.objects.filter(entry_leaf__in=leaves, opens=Salt.ACTOR).values_list("entry_leaf", "salt"))
    names = list(Pseudonym.objects.values_list("name", flat=True)) if salts else []
    found: dict[int, str] = {}
    for entry, leaf in zip(entries, leaves, strict=True):
        if leaf in salts:
            committed, salt = Statement.parse(bytes(entry.body)).facts.get("actor"), bytes(salts[leaf])
            if name := next((one for one in names if commitment(salt, ACTOR + one) == committed), None):
                found[entry.pk] = name
    return found


def destroy_salts(subjects: Iterable[str]) -> None:
    """Destroy what opens the entries about these rows. Idempotent; the tree stays as it is.

    Who acted is not forgotten with it: that salt goes with the person's name in the register.
    """
    waiting = list(dict.fromkeys(subjects))
    with transaction.atomic(using=KEYS):
        for at in range(0, len(waiting), _AT_ONCE):
            Salt.objects.filter(opens=Salt.CONTENT, subject__in=waiting[at : at + _AT_ONCE]).delete()
