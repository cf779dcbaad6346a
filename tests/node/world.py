"""A node of cert-ee with two partners under the worked agreements, signed with keys of this run.

`World` has people with roles, simulated witnesses, and for each partner an origin that makes releases of its own:
signed, logged, and told to misbehave. Nothing of our own rules is faked.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.stores import MemoryStore
from tests.node.journal.partners import WitnessNode

from comity.agreement import Agreement, gather, parse, sign, write_signatures
from comity.canon import digest_of, format_instant
from comity.ledger import Log, SignerKey, public_key_text
from comity.messages import Bill, Listed, Release, log_bill, make_bill, sign_bill
from comity.node import keyring
from comity.node.border import actions as border
from comity.node.border import door
from comity.node.border.models import Collection, Question, Shelved
from comity.node.journal import actions as journal
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow, Party

ROOT = Path(__file__).resolve().parents[2]
AGREEMENTS, CORPUS = ROOT / "examples" / "agreements", ROOT / "tests" / "corpus"
HOSPITAL = ROOT / "examples" / "incidents" / "hospital.json"
US, BR, JP = "cert-ee", "cert-br", "cert-jp"
BASELINE, EE_BR, EE_JP = "csirt-baseline", "ee-br-csirt", "ee-jp-csirt"
ANNEX = {BR: EE_BR, JP: EE_JP}
PURPOSE = "incident-response"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
CLEAR = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
Content = dict[str, Any]
Edits = Mapping[str, Sequence[tuple[str, str]]]  # agreement -> (before, after)


def key_of(name: str) -> Ed25519PrivateKey:
    """A throw-away key that is the same for the same name."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"world {name}".encode()).digest())


@functools.cache
def written(name: str) -> str:
    return (AGREEMENTS / f"{name}.yaml").read_text(encoding="utf-8")


@functools.cache
def written_keys() -> dict[str, str]:
    """The keys that the examples name, by party."""
    return {party.id: str(party.key) for party in parse(written(BASELINE).encode(), BASELINE).text.parties}


def signer_of(party: str) -> Ed25519PrivateKey:
    return keyring.held().signing if party == US else key_of(party)


@functools.cache
def signed(name: str, edits: tuple[tuple[str, str], ...], over: str | None) -> tuple[Agreement, bytes, bytes]:
    """A worked agreement with edits, in which the parties have the keys of this world; its YAML; its signatures.

    `over`: digest of the baseline that an annex is laid over.
    """
    source = written(name)
    for before, after in edits:
        assert before in source, f"{name} no longer says {before!r}"
        source = source.replace(before, after)
    for party, key in written_keys().items():
        source = source.replace(key, public_key_text(signer_of(party).public_key()))
    if over is not None:
        usual = parse(written(BASELINE).encode(), BASELINE).digest
        assert usual in source
        source = source.replace(usual, over)
    text = parse(source.encode(), f"{name}.yaml")
    signatures = gather(text, [sign(text, signer_of(party.id), party.id) for party in text.text.parties])
    return text, source.encode(), write_signatures(signatures)


def accept(name: str, now: dt.datetime, edits: Edits, over: Agreement | None = None) -> Agreement:
    """Signed by every party, and accepted by the node."""
    text, source, signatures = signed(name, tuple(edits.get(name, ())), over.digest if over is not None else None)
    treaties.accept(source, signatures, now=now)
    return text


class Origin:
    """A partner's node, as far as we can see of it: it signs bills and logs them, and sends objects."""

    def __init__(self, party: str) -> None:
        self.party, self.key = party, key_of(party)
        self.store = MemoryStore()
        self.log_key = SignerKey(f"{party}.example/{party}", key_of(f"{party} log"))
        self.log = Log.create(self.store, self.log_key)

    def bill(
        self,
        objects: Iterable[Content],
        now: dt.datetime,
        *,
        text: Agreement,
        expires: str | None = None,
        lists: Mapping[str, Mapping[str, Any]] | None = None,
        destination: str = US,
        purpose: str = PURPOSE,
        logged: bool = True,
    ) -> Bill:
        """A release of these objects, made now. `lists`: what the bill says otherwise of an object, by id."""
        usual: dict[str, Any] = {
            "clauses": (f"{BASELINE}:S1",),
            "expires": expires or format_instant(now + dt.timedelta(days=30)),
        }
        listed = [
            Listed(
                **{
                    "id": one["id"],
                    "version": one.get("modified") or one.get("created"),
                    "digest": digest_of(one),
                    **usual,
                    **((lists or {}).get(one["id"], {})),
                }
            )
            for one in objects
        ]
        release = Release(
            agreement=text.id,
            agreement_version=text.text.version,
            agreement_digest=text.digest,
            baseline_digest=None,
            origin=self.party,
            destination=destination,
            purpose=purpose,
            circumstances_digest="sha256:" + "0" * 64,
            law_version="2026.11",
            law_digest="sha256:" + "1" * 64,
            program="0.1.0",
            detectors="1",
            made_at=now,
        )
        secret = hashlib.sha256(repr([one.id for one in listed]).encode() + str(now).encode()).digest()
        public = self.key.public_key()
        made = sign_bill(make_bill(release, listed, key=public, log_name=self.log_key.name, secret=secret), self.key)
        return log_bill(made, self.log, secret=secret) if logged else made


@dataclass(repr=False)
class World:
    """See the module. `now` is the node's."""

    node: Any
    edits: Edits = field(default_factory=dict)
    witnesses: list[WitnessNode] = field(default_factory=list)
    texts: dict[str, Agreement] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.analyst = self.node.person("analyst", "analyst", "duty-officer")
        self.officer = self.node.person("officer", "releasing-officer")
        self.privacy = self.node.person("privacy", "privacy-officer")
        self.auditor = self.node.person("auditor", "auditor")
        self.witnesses = [WitnessNode(party, self.now) for party in (BR, JP)]
        for witness in self.witnesses:
            witness.appoint()
            witness.ask(self.now)
        base = self.texts[BASELINE] = accept(BASELINE, self.now, self.edits)
        for name in (EE_BR, EE_JP):
            self.texts[name] = accept(name, self.now, self.edits, base)
        border.open_collections("", self.now)
        self.origins = {party: Origin(party) for party in (BR, JP)}
        self.witness()

    @property
    def now(self) -> dt.datetime:
        return self.node.now

    def flow(self, partner: str = BR, *, outward: bool = True) -> Flow:
        return Flow.objects.get(agreement=ANNEX[partner], partner=partner, outward=outward)

    def party(self, partner: str = BR) -> Party:
        return Party.objects.get(pk=partner)

    def collection(self, partner: str = BR) -> Collection:
        return border.material_of(self.flow(partner))

    def messages(self, partner: str = BR, *, outward: bool = True) -> Collection:
        return border.messages_of(partner, outward=outward)

    # -- time

    def witness(self) -> None:
        """Our log is sequenced, and both partners' nodes cosign it."""
        journal.sequence(self.now)
        for witness in self.witnesses:
            witness.now = self.now
            witness.ask(self.now)

    def publish(self) -> list[Any]:
        """Sequenced, witnessed, and on the shelf."""
        self.witness()
        return border.publish(now=self.now)

    def later(self, span: dt.timedelta, *, witnessed: bool = True) -> None:
        """Time passes; unless told otherwise the log is witnessed all along."""
        self.node.move(span)
        if witnessed:
            self.witness()

    # -- going out

    def submitted(self, objects: Iterable[Content] | bytes, *, to: Sequence[str] = (BR,), **how: Any) -> list[Any]:
        """Imported and submitted by the analyst. Returns: the crossings."""
        data = objects if isinstance(objects, bytes) else bundle(objects)
        submission = border.import_file(data, by=self.analyst, now=self.now)
        how = {"purpose": PURPOSE, "by": self.analyst, "now": self.now, **how}
        return border.submit(submission, to=to, **how)

    def sent(self, objects: Iterable[Content] | bytes, **how: Any) -> Any:
        """Submitted, and published: the crossing to the first partner."""
        crossing, *_ = self.submitted(objects, **how)
        self.publish()
        return crossing

    def approved(self, question: Question, *, by: Any = None) -> Any:
        """Shown to the officer, and approved as shown."""
        by = by or self.officer
        seen = border.before_and_after(question, by=by, now=self.now)
        return border.approve(question, shown=seen.shown, ground="needed-for-purpose", by=by, now=self.now)

    def questions(self) -> list[Question]:
        return [waiting.question for waiting in border.queue(self.officer, now=self.now)]

    # -- what a partner can read

    def page(self, partner: str = BR, *, of: str | None = None, **query: Any) -> door.Page[door.Released]:
        """The material of a partner's flow, asked for by that partner, or by another."""
        selection = door.Selection(**{"versions": door.EVERY, **query})
        return door.read(self.collection(of or partner), selection, partner=partner, now=self.now)

    def read(self, partner: str = BR, **query: Any) -> list[Content]:
        """Objects that the partner can read, bills left out."""
        return [json.loads(one.body) for one in self.page(partner, **query).items if one.type != "comity-bill"]

    def bills(self, partner: str = BR) -> list[Bill]:
        return [Bill.read(one.body) for one in self.page(partner).items if one.type == "comity-bill"]

    def told(self, partner: str = BR) -> list[Content]:
        """Messages that the partner can read."""
        query = door.Selection(versions=door.EVERY)
        page = door.read(self.messages(partner), query, partner=partner, now=self.now)
        return [json.loads(one.body) for one in page.items]

    # -- coming in

    def arrives(self, objects: Sequence[Content], *, partner: str = BR, **how: Any) -> Any:
        """The partner releases these objects, and we receive them."""
        origin = self.origins[partner]
        bill = how.pop("bill", None) or origin.bill(objects, self.now, text=self.texts[ANNEX[partner]], **how)
        return border.receive(self.party(partner), bill, objects, log_key=origin.log_key.verifier, now=self.now)


# -- material


def named(stix_type: str, label: str) -> str:
    """A version 4 shaped id that is the same for the same label."""
    return f"{stix_type}--{uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_DNS, label).bytes, version=4)}"


def sdo(stix_type: str, label: str, **properties: Any) -> Content:
    """A STIX domain or relationship object with the common properties filled in."""
    return {
        "type": stix_type,
        "spec_version": "2.1",
        "id": named(stix_type, label),
        "created": "2026-11-01T08:00:00.000Z",
        "modified": "2026-11-01T08:00:00.000Z",
        "object_marking_refs": [GREEN],
        **properties,
    }


def indicator(label: str, **properties: Any) -> Content:
    """An indicator of a domain that is the attacker's: nothing personal."""
    return sdo(
        "indicator",
        label,
        **{
            "name": label,
            "pattern": f"[domain-name:value = '{label}.attacker.example']",
            "pattern_type": "stix",
            "valid_from": "2026-11-01T08:00:00Z",
            "indicator_types": ["malicious-activity"],
            **properties,
        },
    )


def incident(label: str, **properties: Any) -> Content:
    """An incident: the agreements ask a person before one goes."""
    return sdo("incident", label, **{"name": f"Incident {label}", **properties})


def bundle(objects: Iterable[Content]) -> bytes:
    content: Content = {"type": "bundle", "id": "bundle--4f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa", "objects": [*objects]}
    return json.dumps(content).encode()


def rows(**where: Any) -> Any:
    return Shelved.objects.filter(**where)
