"""import: any format in, sealed; what was lost on the way is told, and nothing crosses by it."""

from __future__ import annotations

import gzip
import json

import pytest
from tests.node.world import CORPUS, HOSPITAL, World, bundle, indicator

from comity.canon import InputError, StrictJsonError, digest_of
from comity.ledger import Statement
from comity.material import UnknownFormat, read_bundle, read_material
from comity.node.border import actions as border
from comity.node.border.models import Submission
from comity.node.border.sources import read_source
from comity.node.journal.models import Entry
from comity.node.people.actions import NotAllowed
from comity.node.vault import actions as vault
from comity.node.vault.models import Box


def test_what_is_read_back_is_what_was_read(world: World):
    data = HOSPITAL.read_bytes()
    submission = border.import_file(data, by=world.analyst, now=world.now)
    read = [digest_of(dict(obj.content)) for obj in read_bundle(data)]
    assert [digest_of(dict(obj.content)) for obj in read_source(submission)] == read
    assert (submission.objects_count, submission.format) == (len(read), "stix-2.1")


@pytest.mark.parametrize(
    ("folder", "form"), [("eset-misp", "misp"), ("volexity-csv", "csv"), ("maltrail", "list"), ("attack", "stix-2.1")]
)
def test_real_files_of_every_format_are_imported(world: World, folder: str, form: str):
    path = min((p for p in (CORPUS / folder).iterdir() if p.is_file()), key=lambda p: p.stat().st_size)
    data = path.read_bytes()
    submission = border.import_file(data, by=world.analyst, now=world.now)
    material = read_material(data, now=world.now)
    assert (submission.format, submission.objects_count) == (form, len(material.bundle))
    assert [tuple(loss) for loss in submission.losses] == [(loss.id, loss.what, loss.why) for loss in material.losses]
    assert len([*read_source(submission)]) == submission.objects_count


def test_what_the_conversion_drops_is_told(world: World):
    attribute = {"type": "domain", "category": "Network activity", "value": "c2.attacker.example"}
    event = {
        "uuid": "5f0a1c1e-8a3c-4d53-9a2e-6b6f3f0f8a11",
        "info": "x",
        "date": "2026-11-01",
        "Attribute": [{**attribute, "uuid": "5f0a1c1e-8a3c-4d53-9a2e-6b6f3f0f8a12", "to_ids": True}],
        "ShadowAttribute": [{**attribute, "uuid": "5f0a1c1e-8a3c-4d53-9a2e-6b6f3f0f8a13"}],
    }
    event = {"Event": event}
    submission = border.import_file(json.dumps(event).encode(), by=world.analyst, now=world.now)
    assert any(what == "proposal" for _, what, _ in submission.losses)


def test_objects_that_are_no_valid_stix_are_named_and_kept(world: World):
    broken = {**indicator("broken"), "pattern": "[not a pattern"}
    submission = border.import_file(bundle([indicator("c2"), broken]), by=world.analyst, now=world.now)
    assert [place for place, _ in submission.invalid] == [broken["id"]]
    assert submission.objects_count == 2, "nothing is lost quietly"
    (crossing,) = border.submit(
        submission, to=["cert-br"], purpose="incident-response", by=world.analyst, now=world.now
    )
    assert crossing.counts["deny"] == 1


def test_properties_of_the_bundle_itself_are_left_out_and_told(world: World):
    data = json.loads(bundle([indicator("c2")]))
    submission = border.import_file(json.dumps({**data, "x_by": "somebody"}).encode(), by=world.analyst, now=world.now)
    assert [place for place, what, _ in submission.losses if what == "envelope"] == ["bundle"]
    assert "somebody" not in json.dumps(submission.losses)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b'{"type":"bundle","type":"bundle"}', StrictJsonError),
        (b"[1]", UnknownFormat),
        (b"\x1f\x8bno gzip", InputError),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_kept(world: World, data: bytes, error: type[InputError]):
    boxes = Box.objects.count()
    with pytest.raises(error):
        border.import_file(data, by=world.analyst, now=world.now)
    assert (Submission.objects.count(), Box.objects.count()) == (0, boxes)


@pytest.mark.parametrize(
    "longer",
    [
        {"type": "x-" + "a" * 79, "id": "x-" + "a" * 79 + "--31b940d4-6f7f-459a-80ea-9c1f17b5891b"},
        {"modified": "2026-11-01T08:00:00." + "0" * 30 + "Z"},
    ],
)
def test_names_longer_than_the_tables_are_refused_with_a_clear_word(world: World, longer: dict[str, str]):
    with pytest.raises(InputError, match="longer than 120, 80 or 30"):
        border.import_file(bundle([{**indicator("c2"), **longer}]), by=world.analyst, now=world.now)
    assert not Submission.objects.exists()


def test_a_bomb_is_refused_before_it_is_unpacked(world: World):
    with pytest.raises(InputError):
        border.import_file(gzip.compress(b" " * 80 * 1024 * 1024), by=world.analyst, now=world.now)
    assert not Submission.objects.exists()


def test_whoever_may_not_import_does_not(world: World):
    for person in (world.officer, world.auditor, world.privacy):
        with pytest.raises(NotAllowed):
            border.import_file(HOSPITAL.read_bytes(), by=person, now=world.now)
    assert not Submission.objects.exists()


def test_no_material_and_no_file_name_is_in_the_database_unsealed(world: World):
    submission = border.import_file(bundle([indicator("planted-canary")]), by=world.analyst, now=world.now)
    assert b"planted-canary" in vault.opened(submission.source)
    assert b"planted-canary" not in bytes(submission.source.sealed)
    assert "planted" not in submission.name


def test_the_ledger_tells_of_it_in_numbers(world: World):
    submission = border.import_file(HOSPITAL.read_bytes(), by=world.analyst, now=world.now)
    entry = Entry.objects.get(event="border:submission:imported", subject=str(submission.pk))
    facts = Statement.parse(bytes(entry.body)).facts
    assert (facts["objects"], facts["losses"], facts["invalid"]) == (submission.objects_count, 0, 0)
    assert facts["actor"].startswith("hmac-sha256:")
