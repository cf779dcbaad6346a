"""A month at a node: everything happens once that a node can log, done by people whose names can be looked for."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

from django.test import Client
from tests.node.world import BASELINE, BR, EE_BR, HOSPITAL, JP, RED, World, bundle, incident, indicator, key_of
from tests.node.world import signed as signed_text

from comity.agreement import read_signatures
from comity.messages import (
    DeletionCause,
    Retraction,
    Withdrawal,
    make_deletion_receipt,
    make_receipt,
    make_retraction,
    sign_message,
)
from comity.node import chance, clock
from comity.node.border import actions as border
from comity.node.border.models import Question, Release
from comity.node.config import current
from comity.node.exchange import tools
from comity.node.exchange.actions import resume
from comity.node.exchange.incoming.pausing import pause
from comity.node.exchange.models import Peer
from comity.node.exchange.signatures import Request, SigningKey, nonce_of, sign_request
from comity.node.exchange.taxii import MEDIA_TYPE
from comity.node.journal import actions as journal
from comity.node.journal.models import Alarm
from comity.node.treaties import actions as treaties
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

STAFF = {
    "liisa.lepatriinu": "Liisa Lepatriinu",
    "oskar.ohakas": "Oskar Ohakas",
    "piret.pihlakas": "Piret Pihlakas",
    "aadu.admiral": "Aadu Admiral",
}
"""Who works here: user names and names, invented and found nowhere else."""
SECRET = hashlib.sha256(b"partner").digest()
DAY = dt.timedelta(days=1)


def staffed(world: World) -> World:
    """The world's own people have the names of roles, which stand everywhere: these have names that do not."""
    roles = (("analyst", "duty-officer"), ("releasing-officer",), ("privacy-officer",), ("administrator",))
    people = [world.node.person(username, *mine) for username, mine in zip(STAFF, roles, strict=True)]
    for person in people:
        person.name = STAFF[person.username]
        person.save(update_fields=["name"])
    world.analyst, world.officer, world.privacy, world.administrator = people
    return world


def lived(world: World) -> World:
    """See the module."""
    for part in (_agreed, _crossed, _read, _taken_back, _came, _watched, _ended):
        part(world)
    world.witness()
    return world


def _agreed(world: World) -> None:
    _, source, signatures = signed_text(BASELINE, (), None)
    assert read_signatures(signatures, "signatures.json").signatures
    treaties.sign_text(source, None, by=world.officer, now=world.now)
    flow = world.flow(JP)
    treaties.suspend(flow, "personal-data-breach", now=world.now, by=world.officer)
    treaties.resume(flow, now=world.now, by=world.officer)
    consent = treaties.record_consent(
        of="victim-organisation",
        reference="case-7",
        agreements=[EE_BR],
        objects=[indicator("one")["id"]],
        by=world.privacy,
        now=world.now,
    )
    treaties.withdraw_consent(consent, by=world.privacy, now=world.now)


def _crossed(world: World) -> None:
    """The incident and what else is doubtful; an officer approves, refuses and strips; one question nobody answers."""
    world.submitted(HOSPITAL.read_bytes(), to=(BR, JP), collected_by="victim-log")
    (crossing,) = world.submitted([incident("one"), incident("two")], collected_by="victim-log")
    one, two = crossing.submission.questions.order_by("object_id")
    world.approved(one)
    border.reject(two, ground="not-necessary", by=world.officer, now=world.now)
    (other,) = world.submitted([incident("three", description="A place that stays.")], collected_by="victim-log")
    place = {"object_id": incident("three")["id"], "paths": ["/description"]}
    border.strip(other.submission, flows=[other.flow], **place, by=world.officer, now=world.now)
    world.publish()


def _read(world: World) -> None:
    """The partner's node reads a page; a tool of its may, and may no longer."""
    assert asked(BR, f"/exchange/collections/{world.collection().pk}/objects/").status_code == 200
    by, now = world.administrator, world.now
    tools.add_tool(BR, scheme="basic", username="siem", ends=now + 30 * DAY, by=by, now=now)
    tools.enable("siem", by=by, now=now)
    tools.disable("siem", by=by, now=now)


def _taken_back(world: World) -> None:
    """A release is countersigned, withdrawn, and proved to be deleted there."""
    world.sent([indicator("withdrawn")])
    bill = next(b for b in world.bills() if indicator("withdrawn")["id"] in {one["id"] for one in b.content["listed"]})
    release, key = Release.objects.get(bill_id=bill.id), key_of(BR)
    how: dict[str, Any] = {"made_at": world.now, "key": key.public_key(), "secret": SECRET}
    border.take_receipt(world.party(), sign_message(make_receipt(bill, **how), key), now=world.now)
    (row,) = border.withdraw(release, why=Withdrawal.ERROR, by=world.officer, now=world.now)
    gone = frozenset(one["id"] for one in bill.content["listed"])
    proof = make_deletion_receipt(
        bill, gone, cause=DeletionCause.RETRACTION, retraction=row.pk, deleted_at=world.now, **how
    )
    border.take_deletion_receipt(world.party(), sign_message(proof, key), now=world.now)


def _came(world: World) -> None:
    """What a partner sends: kept, set apart, taken back; and some of it has to stay by law."""
    theirs, red = [indicator("theirs"), indicator("kept")], {**indicator("red"), "object_marking_refs": [RED]}
    bill = world.origins[BR].bill([*theirs, red], world.now, text=world.texts[EE_BR])
    world.arrives([*theirs, red], bill=bill)
    border.quarantine(BR, [("", bundle([indicator("stray")]), "no-bill")], now=world.now)
    held = Holding.objects.filter(object_id=indicator("kept")["id"])
    vault.hold(held, "court-order", world.now + 7 * DAY, now=world.now, by=world.privacy)
    key = world.origins[BR].key
    retraction: Retraction = sign_message(
        make_retraction(
            bill, reason=Withdrawal.ERROR, delete_by=world.now + DAY, made_at=world.now, key=key.public_key(),
            secret=SECRET,
        ),
        key,
    )  # fmt: skip
    border.take_retraction(world.party(), retraction, now=world.now)
    vault.unhold(held, now=world.now, by=world.privacy)


def _watched(world: World) -> None:
    """A partner that lies is read no more until somebody has looked; nobody vouches for our log, and then they do."""
    Peer.objects.get_or_create(party_id=BR)
    pause(BR, "bad-signature", world.now)
    resume(BR, by=world.officer, now=world.now)
    world.later(2 * DAY, witnessed=False)
    journal.watch_freshness(world.now)
    alarm = Alarm.objects.get(cleared_at=None)
    journal.clear_alarm(alarm, by=world.administrator, now=world.now)
    world.witness()


def _ended(world: World) -> None:
    """Questions that nobody answers escalate, and expire to no; then everything's time is over."""
    assert Question.objects.filter(state=Question.ASKED).exists()
    border.expire_questions(world.now)
    world.later(2 * DAY)
    border.expire_questions(world.now)
    world.later(400 * DAY)
    vault.sweep(world.now)


def asked(party: str, target: str, *, method: str = "GET", body: bytes = b"") -> Any:
    """What a partner's node gets for a request that it signs, through our own handler and no socket."""
    lines = {"Accept": MEDIA_TYPE, **({"Content-Type": MEDIA_TYPE} if body else {})}
    request = Request(method=method, target_uri=current().url + target, headers=tuple(lines.items()), body=body)
    key = SigningKey(keyid=party, private=key_of(party))
    signed = sign_request(request, key=key, now=clock.real(), nonce=nonce_of(chance.octets(16)))
    headers = {name: value for name, value in signed.headers if name.lower() != "content-type"}
    return Client().generic(method, target, body, content_type=MEDIA_TYPE if body else "", headers=headers, secure=True)


def served() -> Iterator[tuple[str, bytes]]:
    """Every public file of the log, as anybody is served it."""
    from comity.node.journal.models import Tile

    for path in ["checkpoint", *Tile.objects.values_list("path", flat=True)]:
        got = Client().get(f"/ledger/{path}")
        if got.status_code == 200:
            yield f"/ledger/{path}", got.content
