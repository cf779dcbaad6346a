"""MISP events in: same bytes each time, what binds them kept, each loss named (promise 10)."""

from __future__ import annotations

import builtins
import json
from typing import Any

import pytest
from tests.material.samples import CORPUS, NOW, UUID, document, documents, stix, vectors

from comity.canon import Tlp
from comity.material import (
    InvalidObject,
    Loss,
    MarkingLost,
    MispUnavailable,
    MispUnreadable,
    effective_marking,
    from_misp,
    object_marking,
    read_bundle,
    references,
    validate,
)

EVENTS = [
    name
    for folder in ("eset-misp", "pymisp-tests")
    for name in documents(folder)
    if (CORPUS / name).stat().st_size < 25_000
]
ATTRIBUTE = "9ae4dc1a-0000-4000-8000-00000000000a"


def event(**changes: Any) -> bytes:
    """An event with one address for detection; changes are of the event itself."""
    attribute = {
        "uuid": ATTRIBUTE,
        "type": "ip-dst",
        "category": "Network activity",
        "value": "198.51.100.23",
        "to_ids": True,
        "timestamp": "1760000000",
        "distribution": "5",
        **changes.pop("attribute", {}),
    }
    return json.dumps({
        "Event": {
            "uuid": UUID,
            "info": "Campaign against hospitals",
            "date": "2026-11-01",
            "timestamp": "1760000000",
            "Orgc": {"name": "CERT-EE", "uuid": "9ae4dc1a-0000-4000-8000-000000000001"},
            "Attribute": [attribute],
            **changes,
        }
    }).encode()  # fmt: skip


def tags(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def objects(data: bytes) -> list[dict[str, Any]]:
    return [dict(obj.content) for obj in read_bundle(from_misp(data, now=NOW).bundle)]


def marked(data: bytes) -> set[Tlp | None]:
    """The effective markings of everything that came out, definitions aside."""
    found = objects(data)
    definitions = {one["id"]: one for one in found if one["type"] == "marking-definition"}
    return {effective_marking(one, definitions) for one in found if one["type"] != "marking-definition"}


@pytest.mark.parametrize("name", EVENTS)
def test_real_events_convert_alike_each_time_and_hold_together(name: str) -> None:
    first = from_misp(document(name), now=NOW)
    assert from_misp(document(name), now=NOW) == first
    found = list(read_bundle(first.bundle))
    here = {obj.id for obj in found}
    assert len(found) > 1
    assert {target for obj in found for _, target in references(obj.content)} <= here
    invalid = 0
    for obj in found:
        try:
            validate(stix(dict(obj.content)))
        except InvalidObject:
            invalid += 1
    assert invalid <= max(1, len(found) // 50)  # URLs with characters that no URL has


def test_nothing_that_went_in_is_missing_without_a_word() -> None:
    """Every attribute of a real event is in the objects by uuid or value, or among the losses."""
    name = "pymisp-tests/mainly_objects_1.json"
    converted = from_misp(document(name), now=NOW)
    lost = {loss.id for loss in converted.losses}
    text = converted.bundle.decode()
    source = json.loads(document(name))["Event"]
    for record in source["Object"]:
        for attribute in record["Attribute"]:
            value = json.dumps(attribute["value"], ensure_ascii=False)[1:-1]
            assert attribute["uuid"] in text or value in text or attribute["uuid"] in lost


@pytest.mark.parametrize(
    ("wrap", "count"),
    [
        (lambda one: one, 1),
        (lambda one: one["Event"], 1),
        (lambda one: [one], 1),
        (lambda one: {"response": [one]}, 1),
        (lambda one: {"response": [one, {"Event": {**one["Event"], "uuid": ATTRIBUTE, "Attribute": []}}]}, 2),
    ],
)
def test_each_way_in_which_misp_writes_events(wrap: Any, count: int) -> None:
    found = objects(json.dumps(wrap(json.loads(event()))).encode())
    assert sum(one["type"] in {"report", "grouping"} for one in found) == count


@pytest.mark.parametrize(
    ("tag", "level"),
    [
        ("tlp:clear", Tlp.CLEAR),
        ("tlp:white", Tlp.CLEAR),
        ("tlp:green", Tlp.GREEN),
        ("tlp:amber", Tlp.AMBER),
        ("tlp:amber+strict", Tlp.AMBER_STRICT),
        ("TLP:AMBER+STRICT", Tlp.AMBER_STRICT),
        ("tlp:red", Tlp.RED),
    ],
)
def test_a_tlp_of_the_event_binds_every_object_made_of_it(tag: str, level: Tlp) -> None:
    """The converter marks the report alone, and leaves unknown spellings among its labels."""
    assert marked(event(Tag=tags(tag))) == {level}


def test_a_tlp_of_an_attribute_binds_what_is_made_of_it_and_never_lowers() -> None:
    found = objects(event(Tag=tags("tlp:amber"), attribute={"Tag": tags("tlp:red")}))
    levels = {one["id"]: object_marking(one, {}) for one in found if one["type"] != "marking-definition"}
    assert levels[f"indicator--{ATTRIBUTE}"] is Tlp.RED
    assert levels[f"grouping--{UUID}"] is Tlp.AMBER
    lowered = objects(event(Tag=tags("tlp:red"), attribute={"Tag": tags("tlp:clear")}))
    assert {object_marking(one, {}) for one in lowered if one["type"] != "marking-definition"} == {Tlp.RED}


@pytest.mark.parametrize(
    "attribute",
    [
        {"type": "domain|ip", "value": "a.example.com|198.51.100.7", "to_ids": False},
        {"type": "ip-dst|port", "value": "198.51.100.7|443", "to_ids": False},
        {"type": "ip-dst", "Sighting": [{"uuid": "9ae4dc1a-0000-4000-8000-0000000000bb", "type": "0"}]},
        {"type": "filename|md5", "value": "a.exe|" + "0" * 32, "to_ids": False},
    ],
    ids=lambda attribute: attribute["type"],
)
def test_a18_whatever_is_made_of_a_red_attribute_or_ties_it_is_red(attribute: dict[str, Any]) -> None:
    found = objects(event(Tag=tags("tlp:green"), attribute={**attribute, "Tag": tags("tlp:red")}))
    levels = {one["id"]: object_marking(one, {}) for one in found if one["type"] != "marking-definition"}
    others = {"identity", "grouping"}
    assert {level for name, level in levels.items() if name.partition("--")[0] not in others} == {Tlp.RED}
    assert levels[f"grouping--{UUID}"] is Tlp.GREEN


@pytest.mark.parametrize("word", [one["value"] for one in vectors("tlp/misp-tlp-taxonomy.json")["predicates"]])
def test_every_tag_of_misp_s_tlp_taxonomy_is_kept_or_refused(word: str) -> None:
    data = event(Tag=tags(f"tlp:{word}"))
    if word in {"ex:chr", "unclear"}:
        with pytest.raises(MarkingLost, match=word):
            from_misp(data, now=NOW)
        return
    assert Tlp.UNKNOWN not in marked(data)


@pytest.mark.parametrize("tag", ['nato:classification="NS"', 'fr-classif:non-classifiees="DR"'])
def test_a_classification_that_stix_cannot_carry_is_refused(tag: str) -> None:
    with pytest.raises(MarkingLost):
        from_misp(event(attribute={"Tag": tags(tag)}), now=NOW)


@pytest.mark.parametrize("tag", ["PAP:AMBER", "retention:90d", 'iep2-policy:name="x"'])
def test_what_else_binds_an_event_becomes_a_statement_on_every_object(tag: str) -> None:
    found = objects(event(Tag=tags("tlp:green", tag)))
    statement = next(one for one in found if one.get("definition_type") == "statement")
    assert statement["definition"] == {"statement": tag}
    assert all(statement["id"] in one["object_marking_refs"] for one in found if one["type"] != "marking-definition")
    assert marked(event(Tag=tags("tlp:green", tag))) == {Tlp.GREEN}


@pytest.mark.parametrize("level", ["0", "4"])
def test_an_event_for_one_organisation_or_group_stays_strict(level: str) -> None:
    assert marked(event(distribution=level)) == {Tlp.AMBER_STRICT}
    assert marked(event(distribution=level, Tag=tags("tlp:clear"))) == {Tlp.CLEAR}
    assert Tlp.AMBER_STRICT in marked(event(attribute={"distribution": level}))
    assert marked(event(distribution="3")) == {None}


def test_each_loss_is_named_with_its_id() -> None:
    converted = from_misp(
        event(
            threat_level_id="1",
            distribution="3",
            ShadowAttribute=[{"uuid": "9ae4dc1a-0000-4000-8000-0000000000aa", "type": "ip-dst", "value": "1.2.3.4"}],
            attribute={"data": "QUJD", "type": "malware-sample", "value": "x.exe|" + "0" * 32, "distribution": "1"},
        ),
        now=NOW,
    )
    named = {(loss.id, loss.what) for loss in converted.losses}
    assert {
        (UUID, "threat_level_id"),
        (UUID, "distribution"),
        (ATTRIBUTE, "distribution"),
        (ATTRIBUTE, "attachment"),
        ("9ae4dc1a-0000-4000-8000-0000000000aa", "proposal"),
    } <= named
    assert b"QUJD" not in converted.bundle


def test_a_domain_that_is_typed_as_a_url_is_not_lost() -> None:
    """ESET's Mosquito event lists its C2 domains so; STIX takes no URL without a scheme."""
    data = event(attribute={"type": "url", "value": "smallcloud.ga"})
    assert any(one.get("pattern") == "[domain-name:value = 'smallcloud.ga']" for one in objects(data))
    assert (ATTRIBUTE, "type") in {(loss.id, loss.what) for loss in from_misp(data, now=NOW).losses}
    values = [one["value"] for one in objects(document("eset-misp/misp-mosquito-event.json")) if "value" in one]
    assert "smallcloud.ga" in values


def test_a27_an_attached_sample_is_never_decoded() -> None:
    """pymisp would unzip it with the usual password while loading the event."""
    converted = from_misp(event(attribute={"type": "malware-sample", "data": "UEsDBA=="}), now=NOW)
    assert Loss(id=ATTRIBUTE, what="attachment", why="attached files are not decoded or passed on") in converted.losses


def test_what_is_deleted_in_misp_does_not_come_back() -> None:
    converted = from_misp(event(attribute={"deleted": True}), now=NOW)
    assert b"198.51.100.23" not in converted.bundle
    assert (ATTRIBUTE, "deleted") in {(loss.id, loss.what) for loss in converted.losses}


def test_gaps_are_filled_from_the_event_not_from_chance_or_the_clock() -> None:
    data = event(attribute={"uuid": None, "timestamp": None}, timestamp=None)
    assert from_misp(data, now=NOW) == from_misp(data, now=NOW)
    assert all(one["created"].startswith("2026-11-01") for one in objects(data) if "created" in one and "name" in one)


def test_accounts_and_other_events_do_not_come_along() -> None:
    data = event(event_creator_email="jan.novak@example.cz", RelatedEvent=[{"Event": {"info": "another"}}])
    text = from_misp(data, now=NOW).bundle
    assert b"novak" not in text
    assert b"another" not in text


@pytest.mark.parametrize(
    "data",
    [b"{}", b"[]", b'{"Event": 3}', b'{"response": []}', event(Attribute=3), event(Attribute=[3])],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(MispUnreadable):
        from_misp(data, now=NOW)


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name.startswith("misp_stix_converter"):
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MispUnavailable) as caught:
        from_misp(event(), now=NOW)
    assert caught.value.remedy == "install it with: pip install 'comity[misp]'"
