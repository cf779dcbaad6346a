"""import: read a file that somebody proposes to share, and keep it sealed. Nothing crosses by it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from comity.canon import InputError
from comity.material import InvalidObject, Material, StixObject, is_identifier, read_material, validate, write_bundle
from comity.node import chance
from comity.node.border.models import Submission
from comity.node.border.shelf import LONGEST_ID, LONGEST_TYPE, LONGEST_VERSION, has_room
from comity.node.border.sources import SOURCE_KEPT
from comity.node.journal import actions as journal
from comity.node.people import actions as people
from comity.node.people.models import Person
from comity.node.vault import actions as vault

IMPORTED = "border:submission:imported"
MOST_TOLD = 1_000  # objects that are named as invalid; the rest is counted


class LongName(InputError):
    what = "the file was not imported"
    why = "an object's id, type or version is longer than {id}, {type} or {version} characters"
    do = "leave the object out, or ask who made it for shorter names; nothing was kept"


def import_file(data: bytes, *, by: Person, now: dt.datetime) -> Submission:
    """Read STIX 2.1, MISP, CSV or a list, gzipped or not, convert it, seal it.

    The file's own name is not taken: it can be anybody's data, and nobody needs it (attack A26).

    Args:    now: business time; also that of indicators from formats without times.
    Returns: the submission; `losses` says what the conversion left out, `invalid` which objects are no valid STIX.
             These are kept with the rest, and no crossing lets them go.
    Raises:  NotAllowed; InputError of the format's reader, with nothing written.
    """
    people.require(by, "import", now)
    return keep_file(data, by=by, now=now)


def keep_file(data: bytes, *, by: Person, now: dt.datetime, reason: str = "") -> Submission:
    """The same, for a verb that asked for itself whether this person may."""
    material = read_material(data, now=now)
    for obj in material.bundle:
        if not has_room(obj):
            raise LongName(at=obj.place, id=LONGEST_ID, type=LONGEST_TYPE, version=LONGEST_VERSION)
    bundle_id = material.bundle.id or f"bundle--{chance.uuid4()}"
    source = b"".join(write_bundle((obj.content for obj in material.bundle), bundle_id))
    invalid = _invalid(material)
    with transaction.atomic():
        submission = Submission(
            source=vault.seal("submission", source, now=now, expires=now + SOURCE_KEPT),
            name=f"{material.format} of {now:%Y-%m-%d %H:%M}",
            format=material.format,
            submitter=by,
            submitted_at=now,
            received_at=now,
            objects_count=len(material.bundle),
            losses=[[loss.id, loss.what, loss.why] for loss in material.losses] + _envelope(material),
            invalid=invalid,
        )
        submission.save(force_insert=True)
        facts = {
            "submission": str(submission.pk),
            "format": material.format.replace(".", "-"),  # a code: the ledger takes no other text
            "objects": len(material.bundle),
            "losses": len(submission.losses),
            "invalid": len(invalid),
        }
        if reason:
            facts["reason"] = reason
        journal.record(IMPORTED, str(submission.pk), kind="submission", facts=facts, now=now, actor=by)
    return submission


def _envelope(material: Material) -> list[list[str]]:
    """What a bundle said beside its objects is transient in STIX 2.1 (section 8); it is left out, and told."""
    if not material.bundle.ignored:
        return []
    return [["bundle", "envelope", f"{len(material.bundle.ignored)} properties of the bundle itself are no STIX 2.1"]]


def _invalid(material: Material) -> list[list[str]]:
    found = []
    for obj in material.bundle:
        try:
            validate(obj)
        except InvalidObject as error:
            found.append([_named(obj), str(error.fields["reasons"])])
    return found[:MOST_TOLD]


def _named(obj: StixObject) -> str:
    """Its id where it is one; else its place: what stands there instead could be anything."""
    return obj.id if is_identifier(obj.id) else obj.place
