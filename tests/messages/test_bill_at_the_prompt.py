"""`comity bill` and `comity verify`: from a crossed bundle and its record to a verified bill, and what is refused."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from comity.agreement import parse
from comity.canon import ComityError, InputError, digest_of, dumps
from comity.cli import application
from comity.cli.bill import NotPinned, OtherCrossing
from comity.cli.files import CannotWrite
from comity.cli.logdir import LogDirectory
from comity.cli.released import BadRecord
from comity.ledger import NoCheckpoint, NoKnownSignature, VerifierKey, public_key_text, verify_log
from comity.messages import ObjectChanged, ObjectMissing, OtherAgreement, OtherReceiver, SignedByAnother

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_key_text(KEY.public_key())
EXAMPLES = Path(__file__).parents[2] / "examples" / "agreements"
OBJECTS: list[dict[str, Any]] = [
    {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--00000000-0000-4000-8000-00000000000{n}",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-02T00:00:00.000Z",
        "pattern": f"[domain-name:value = 'c{n}.example']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z",
    }
    for n in range(3)
]
BUNDLE = "bundle--00000000-0000-4000-8000-00000000000b"


@functools.cache
def agreements() -> dict[str, tuple[str, str]]:
    """The example agreements with our test key pinned for cert-ee, and their digests."""
    pinned = next(line for line in (EXAMPLES / "ee-br-csirt.yaml").read_text().splitlines() if "key: " in line)
    texts = {
        name: (EXAMPLES / name).read_text().replace(pinned.strip(), f'key: "{PUBLIC}"')
        for name in ("csirt-baseline.yaml", "ee-br-csirt.yaml")
    }
    return {name: (text, parse(text.encode(), name).digest) for name, text in texts.items()}


class Desk:
    """A folder with all that the two commands need."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, (text, _) in agreements().items():
            (folder / name).write_text(text)
        self.key("key.pem", KEY)
        self.crossed(OBJECTS)
        self.record([self.line(content) for content in OBJECTS])

    def key(self, name: str, key: Ed25519PrivateKey) -> None:
        path = self.folder / name
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(0o600)

    def crossed(self, objects: list[dict[str, Any]]) -> None:
        (self.folder / "crossed.json").write_bytes(dumps({"type": "bundle", "id": BUNDLE, "objects": objects}))

    def record(self, lines: list[dict[str, Any]]) -> None:
        (self.folder / "decisions.jsonl").write_bytes(b"".join(dumps(line) + b"\n" for line in lines))

    def line(self, content: dict[str, Any], **changes: Any) -> dict[str, Any]:
        digests = {name: digest for name, (_, digest) in agreements().items()}
        return {
            "id": "indicator--11111111-0000-4000-8000-000000000001",
            "outcome": "permit",
            "outgoing_id": content["id"],
            "outgoing_version": content["modified"],
            "digest": digest_of(content),
            "clauses": ["ee-br-csirt:S1"],
            "law": ["eu.gdpr"],
            "expires": "2027-05-22T00:00:00.000Z",
            "agreement": "ee-br-csirt/1",
            "agreement_digest": digests["ee-br-csirt.yaml"],
            "baseline_digest": digests["csirt-baseline.yaml"],
            "circumstances_digest": "sha256:" + "c" * 64,
            "detectors": "1",
            "from": "cert-ee",
            "law_digest": "sha256:" + "d" * 64,
            "law_version": "2026.11",
            "now": "2026-11-23T00:00:00.000Z",
            "program": "0.1.0",
            "purpose": "incident-response",
            "to": "cert-br",
            **changes,
        }

    def bill(self, *flags: str, **changes: str) -> Result:
        options = {
            "record": "decisions.jsonl",
            "agreement": "ee-br-csirt.yaml",
            "signing-key": "key.pem",
            "log": "log",
            "out": "bill.json",
        }
        words = {"from": "cert-ee", "to": "cert-br", "purpose": "incident-response", "on": "2026-11-23"}
        files = {name: str(self.folder / changes.pop(name.replace("-", "_"), path)) for name, path in options.items()}
        given = {**files, **words, **{name.rstrip("_").replace("_", "-"): value for name, value in changes.items()}}
        arguments = [part for name, value in given.items() for part in (f"--{name}", value)]
        return invoke("bill", str(self.folder / "crossed.json"), *arguments, *flags)

    def verify(self, *arguments: str, key: str = PUBLIC) -> Result:
        files = (str(self.folder / "bill.json"), "--objects", str(self.folder / "crossed.json"))
        return invoke("verify", *files, "--key", key, *arguments)


def invoke(command: str, *arguments: str) -> Result:
    return CliRunner().invoke(application(command), [command, *arguments], catch_exceptions=True)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_bill_is_made_and_verified(desk):
    made = desk.bill()
    assert made.exit_code == 0, made.exception
    assert "lists 3 objects" in made.output
    assert "entered as number 0 of the log cert-ee/releases" in made.output
    done = desk.verify()
    assert done.exit_code == 0, done.exception
    assert "3 objects from cert-ee to cert-br under ee-br-csirt/1, for incident-response" in done.output
    assert done.output.count("✓") == 5
    assert "3 to be deleted by 2027-05-22T00:00:00.000Z" in done.output


def test_programs_read_json(desk):
    made = json.loads(desk.bill("--json").output)
    done = json.loads(desk.verify("--json").output)
    assert done["verified"] is True
    assert (done["bill"], done["root"], done["index"]) == (made["bill"], made["root"], made["index"])


def test_run_twice_it_writes_the_same_bytes_and_one_entry(desk):
    desk.bill()
    first = (desk.folder / "bill.json").read_bytes()
    desk.bill()
    assert (desk.folder / "bill.json").read_bytes() == first
    log = verify_log(LogDirectory(desk.folder / "log"), VerifierKey("cert-ee/releases", KEY.public_key()))
    assert log.checkpoint.size == 1


def test_the_order_of_the_bundle_changes_nothing(desk):
    desk.bill()
    first = (desk.folder / "bill.json").read_bytes()
    desk.crossed(OBJECTS[::-1])
    assert desk.verify().exit_code == 0
    desk.bill()
    assert (desk.folder / "bill.json").read_bytes() == first


def refused(result: Result, error: type[ComityError]) -> ComityError:
    """What the command line turns into exit status 2 and three lines on standard error."""
    assert type(result.exception) is error, result.exception
    return result.exception


def nothing_written(desk: Desk) -> bool:
    return not (desk.folder / "bill.json").exists() and not (desk.folder / "log").exists()


def test_an_object_without_a_permit_gets_no_bill(desk):
    desk.record([desk.line(OBJECTS[0]), desk.line(OBJECTS[1])])
    assert "no line permits" in refused(desk.bill(), BadRecord).sentence
    desk.record([*(desk.line(content) for content in OBJECTS[:2]), desk.line(OBJECTS[2], outcome="refer")])
    assert "no line permits" in refused(desk.bill(), BadRecord).sentence
    assert nothing_written(desk)


def test_an_object_that_was_changed_after_the_decision_gets_no_bill(desk):
    desk.crossed([{**OBJECTS[0], "description": "with a name in it"}, *OBJECTS[1:]])
    assert "not as it was decided" in refused(desk.bill(), BadRecord).sentence


def test_an_object_that_was_dropped_after_the_decision_gets_no_bill(desk):
    desk.crossed(OBJECTS[:2])
    assert "is not in the bundle" in refused(desk.bill(), BadRecord).sentence


def test_what_stayed_home_is_not_on_the_bill(desk):
    stayed = desk.line(OBJECTS[0], outcome="deny", outgoing_id=None, outgoing_version=None, digest=None)
    desk.record([stayed, *(desk.line(content) for content in OBJECTS)])
    assert desk.bill().exit_code == 0
    assert desk.verify().exit_code == 0


@pytest.mark.parametrize(
    "lines",
    [
        b"",
        b"[]\n",
        b"{}\n",
        b'{"agreement":1}\n',
    ],
)
def test_a_record_that_is_none_is_refused(desk, lines):
    (desk.folder / "decisions.jsonl").write_bytes(lines)
    refused(desk.bill(), BadRecord)
    assert nothing_written(desk)


def test_a_record_of_two_crossings_is_refused(desk):
    desk.record([desk.line(OBJECTS[0]), desk.line(OBJECTS[1]), desk.line(OBJECTS[2], to="cert-jp")])
    assert "not of one crossing" in refused(desk.bill(), BadRecord).sentence


@pytest.mark.parametrize(
    ("changes", "member"),
    [({"to": "cert-jp"}, "destination"), ({"from_": "cert-br"}, None), ({"purpose": "evidence"}, "purpose")],
)
def test_a_record_of_another_crossing_is_refused(desk, changes, member):
    error = refused(desk.bill(**changes), OtherCrossing if member else NotPinned)
    assert member is None or f"its {member} is" in error.sentence
    assert nothing_written(desk)


def test_an_agreement_that_changed_since_the_crossing_is_refused(desk):
    text = (desk.folder / "ee-br-csirt.yaml").read_text()
    (desk.folder / "ee-br-csirt.yaml").write_text(text.replace("title: ", "title: Amended ", 1))
    assert "its agreement is" in refused(desk.bill(), OtherCrossing).sentence


def test_a_bill_older_than_its_crossing_is_refused(desk):
    assert "older than the crossing" in refused(desk.bill(on="2026-11-22"), BadRecord).sentence


def test_a_key_that_the_agreement_does_not_pin_signs_nothing(desk):
    desk.key("other.pem", Ed25519PrivateKey.generate())
    error = refused(desk.bill(signing_key="other.pem"), NotPinned)
    assert PUBLIC in error.sentence
    assert nothing_written(desk)


def test_a_bad_output_path_leaves_no_entry_in_the_log(desk):
    refused(desk.bill(out="no/such/folder/bill.json"), CannotWrite)
    assert nothing_written(desk)


def test_a_folder_that_is_something_else_does_not_become_a_log(desk):
    (desk.folder / "log").mkdir()
    (desk.folder / "log" / "holiday.jpg").write_bytes(b"")
    refused(desk.bill(), NoCheckpoint)


def test_somebody_elses_log_is_not_added_to(desk):
    desk.bill()
    note = desk.folder / "log" / "checkpoint"
    note.write_bytes(note.read_bytes().replace(b"\xe2\x80\x94 cert-ee", b"\xe2\x80\x94 cert-br"))
    refused(desk.bill(), NoKnownSignature)


def test_verify_says_what_failed(desk):
    desk.bill()
    other = public_key_text(Ed25519PrivateKey.generate().public_key())
    refused(desk.verify(key=other), SignedByAnother)
    refused(desk.verify("--to", "cert-jp"), OtherReceiver)
    (desk.folder / "amended.yaml").write_text(
        (desk.folder / "ee-br-csirt.yaml").read_text().replace("title: ", "title: Amended ", 1)
    )
    refused(desk.verify("--agreement", str(desk.folder / "amended.yaml")), OtherAgreement)
    assert desk.verify("--agreement", str(desk.folder / "ee-br-csirt.yaml"), "--to", "cert-br").exit_code == 0
    desk.crossed(OBJECTS[1:])
    refused(desk.verify(), ObjectMissing)
    desk.crossed([*OBJECTS[:2], {**OBJECTS[2], "pattern": "[domain-name:value = 'harmless.example']"}])
    assert isinstance(refused(desk.verify(), ObjectChanged), ComityError)


def test_the_logs_own_key_can_be_named(desk):
    desk.bill()
    vkey = VerifierKey("cert-ee/releases", KEY.public_key())
    assert desk.verify("--log-key", str(vkey)).exit_code == 0
    refused(desk.verify("--log-key", str(VerifierKey("cert-br/releases", KEY.public_key()))), NoKnownSignature)


def test_a_bill_that_is_not_json_is_refused_at_its_place(desk):
    desk.bill()
    (desk.folder / "bill.json").write_text('{"type": "comity-bill", "type": "x"}')
    result = desk.verify()
    assert isinstance(result.exception, InputError)
    assert result.exception.sentence.startswith("bill.json")
