"""Promise 8: the same inputs give the same crossing, byte for byte.

Nothing but the material, the plan, the circumstances, the keys and `now` has a say: not the order of names in an
object, not the process, not how the bundle was cut, not the clock.
"""

from __future__ import annotations

import functools
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.canon import ComityError, dumps, loads
from comity.crossing import BadCircumstances, Circumstances, Crossing, Keys, cross, observe, record
from comity.material import StixObject
from promises.cti import (
    JP,
    KEYS,
    NOW,
    RED,
    ROOT,
    Content,
    bundle,
    compiled,
    hospital,
    indicator,
    law,
    misp,
    plan,
    relationship,
    sco,
    screened,
    sdo,
    written,
)


def recorded(crossing: Crossing) -> bytes:
    return b"".join(record(crossing))


# -- again ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("material", ["hospital", "misp"])
def test_again_gives_the_same_bytes(material: str) -> None:
    objects = hospital() if material == "hospital" else misp("misp-turla-crutch-event")
    one, other = screened(objects), screened(objects)
    assert written(one) == written(other)
    assert recorded(one) == recorded(other)


_ELSEWHERE = """
import hashlib, sys
from comity.crossing import record
from promises.cti import hospital, misp, screened, written
for material in (hospital(), misp("kamino")):
    crossing = screened(material)
    print(hashlib.sha256(written(crossing)).hexdigest(), hashlib.sha256(b"".join(record(crossing))).hexdigest())
"""


def elsewhere(seed: str) -> str:
    """The digests another process finds, with its own order of sets."""
    inherited = os.environ.get("PYTHONPATH", "")
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": os.pathsep.join(filter(None, [inherited, str(ROOT / "tests")])),
    }
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_another_process_gives_the_same_bytes() -> None:
    assert elsewhere("0") == elsewhere("42")


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same JSON value with the names of every object in another order."""
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(value[name], rng) for name in names}
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_names_in_an_object_is_irrelevant(seed: int) -> None:
    """JSON objects are unordered (RFC 8259 section 4)."""
    plain = [dict(obj.content) for obj in hospital()]
    mixed = shuffled(plain, random.Random(seed))
    assert [list(a) for a in plain] != [list(b) for b in mixed]
    assert written(screened(plain)) == written(screened(mixed))
    assert recorded(screened(plain)) == recorded(screened(mixed))


def test_the_order_of_objects_changes_their_order_and_nothing_else() -> None:
    plain = [dict(obj.content) for obj in hospital()]
    mixed = list(plain)
    random.Random(8).shuffle(mixed)
    one, other = screened(plain), screened(mixed)
    assert sorted(map(dumps, one.objects())) == sorted(map(dumps, other.objects()))
    assert {d.id: d.outcome for d in one.decisions()} == {d.id: d.outcome for d in other.decisions()}


# -- circumstances --------------------------------------------------------------------------------------------------


def test_circumstances_survive_their_file() -> None:
    seen = observe(hospital(), KEYS, purpose="incident-response", collected_by="victim-log", approved=frozenset({"a"}))
    again = Circumstances.from_json(loads(dumps(seen.to_json())), KEYS.tag)
    assert again.digest == seen.digest
    assert written(cross(hospital(), plan(), again, KEYS, NOW)) == written(cross(hospital(), plan(), seen, KEYS, NOW))


def test_circumstances_hold_no_value_in_clear() -> None:
    """They are kept with the record; a keyed tag stands for each value."""
    text = dumps(observe(hospital(), KEYS, purpose="incident-response").to_json()).decode()
    for value in ("maarika", "tuulepuu", "29912319996", "EE382200221020145685", "post.example"):
        assert value.casefold() not in text.casefold()


def told_by_the_whole(objects: list[StixObject]) -> Circumstances:
    """What the whole says of itself, with everything that crosses already held by the partner."""
    whole = cross(objects, plan(), observe(objects, KEYS, purpose="incident-response"), KEYS, NOW)
    held = {d.id: d.outgoing_id for d in whole.decisions() if d.outgoing_id is not None and d.place != "added"}
    return replace(whole.circumstances, held=held)


@functools.cache
def cut() -> Circumstances:
    return told_by_the_whole(list(hospital()))


def in_parts(objects: list[StixObject], where: list[int], under: Circumstances) -> set[bytes]:
    """What crosses when each part of the objects is crossed for itself."""
    pieces: set[bytes] = set()
    for part in sorted(set(where)):
        piece = [obj for obj, number in zip(objects, where, strict=True) if number == part]
        pieces |= {dumps(o) for o in cross(piece, plan(), under, KEYS, NOW).objects()}
    return pieces


@settings(max_examples=10)
@given(st.integers(1, 6), st.randoms(use_true_random=False))
def test_cutting_the_bundle_changes_nothing_the_circumstances_do_not_say(parts: int, rng: random.Random) -> None:
    """Roles, definitions, what was treated and what the partner holds are in the circumstances."""
    objects = list(hospital())
    whole = {dumps(o) for o in cross(objects, plan(), cut(), KEYS, NOW).objects()}
    assert in_parts(objects, [rng.randrange(parts) for _ in objects], cut()) == whole


def test_a_name_that_only_the_other_part_told_does_not_cross_in_this_one() -> None:
    victim = sdo("identity", "v", name="Zyxqor Blarfingham", identity_class="individual", roles=["victim"])
    told = sdo("malware", "m", name="Wiper", is_family=True, description="wiped the disk of zyxqor blarfingham")
    whole = screened([victim, told])
    alone = {dumps(o) for o in cross(bundle([told]), plan(), whole.circumstances, KEYS, NOW).objects()}
    assert any(b'"malware"' in text for text in alone)
    assert not any(b"blarfingham" in text.lower() for text in alone)
    assert alone <= {dumps(o) for o in whole.objects()}


def test_what_another_part_left_out_does_not_cross_here_in_translation() -> None:
    red = [{"marking_ref": RED, "selectors": ["description"]}]
    malware = sdo("malware", "m", name="Wiper", is_family=True, description="secret", granular_markings=red)
    text = sdo("language-content", "l", object_ref=malware["id"], contents={"de": {"description": "geheim"}})
    whole = screened([malware, text])
    assert not any(o["type"] == "language-content" for o in whole.objects())
    under = replace(whole.circumstances, held={malware["id"]: malware["id"]})
    assert not list(cross(bundle([text]), plan(), under, KEYS, NOW).objects())


def test_an_older_version_stays_home_though_the_newer_one_is_in_another_part() -> None:
    older = indicator("i", "[ipv4-addr:value = '203.0.113.7']")
    newer = {**older, "modified": "2026-11-20T00:00:00.000Z", "name": "newer"}
    seen = observe(bundle([older, newer]), KEYS, purpose="incident-response")
    (decision,) = cross(bundle([older]), plan(), seen, KEYS, NOW).decisions()
    assert (decision.outcome, decision.reasons) == ("deny", ("superseded",))
    assert any(o["type"] == "indicator" for o in cross(bundle([newer]), plan(), seen, KEYS, NOW).objects())


def test_circumstances_sealed_under_another_secret_are_refused() -> None:
    under = screened(hospital()).circumstances
    with pytest.raises(BadCircumstances, match="another secret"):
        cross(hospital(), plan(), under, Keys(b"another secret of 32 bytes......", KEYS.agreement), NOW)


# -- what has a say, and what has not -------------------------------------------------------------------------------


def test_every_output_time_follows_from_now_or_from_the_source() -> None:
    text = written(screened(hospital())).decode()
    years = {part[:4] for part in text.split('"20')[1:]}
    assert years
    sources = hospital_instants()
    for name in ("created", "modified"):
        for content in json.loads(text)["objects"]:
            if name in content:
                assert content[name] in sources | {"2026-11-23T00:00:00.000Z"} | published(content), content["id"]


def hospital_instants() -> set[str]:
    return {obj.content[name] for obj in hospital() for name in ("created", "modified") if name in obj.content}


def published(content: Content) -> set[str]:
    """Additions bear the day the epoch of pseudonyms began; TLP definitions the day they were published."""
    began = f"{plan().epoch_began.isoformat()}T00:00:00.000Z"
    return {began, "2022-10-01T00:00:00.000Z", "2017-01-20T00:00:00.000Z"}


def test_the_same_source_keeps_the_same_outgoing_id_another_day() -> None:
    from datetime import timedelta

    one, other = screened(hospital()), screened(hospital(), now=NOW + timedelta(days=3))
    assert {d.id: d.outgoing_id for d in one.decisions()} == {d.id: d.outgoing_id for d in other.decisions()}


def test_another_key_gives_other_ids_and_the_same_decisions() -> None:
    one, other = (
        screened(hospital()),
        screened(hospital(), keys=Keys(b"another secret of 32 bytes......", KEYS.agreement)),
    )
    assert {d.id: d.outcome for d in one.decisions() if d.place != "added"} == {
        d.id: d.outcome for d in other.decisions() if d.place != "added"
    }
    renamed = [d for d in one.decisions() if d.outgoing_id not in (None, d.id)]
    elsewhere_named = {d.id: d.outgoing_id for d in other.decisions()}
    assert renamed
    assert all(elsewhere_named[d.id] != d.outgoing_id for d in renamed)


def test_every_line_of_the_record_names_what_it_depends_on() -> None:
    for line in recorded(screened(hospital())).splitlines():
        entry = loads(line)
        for name in ("agreement_digest", "baseline_digest", "circumstances_digest", "law_digest"):
            assert entry[name].startswith("sha256:"), name
        for name in ("program", "detectors", "law_version", "now"):
            assert entry[name], name


# -- deleting a fact of law -----------------------------------------------------------------------------------------


def cited(flow: tuple[str, str]) -> dict[str, list[str]]:
    """Each fact the decisions on the incident cite, and the objects whose decisions cite it."""
    found: dict[str, list[str]] = {}
    for decision in screened(hospital(), plan(flow)).decisions():
        for fact in {*decision.law, *(fact for d in decision.detections for fact in d.law)}:
            found.setdefault(fact, []).append(decision.id)
    return found


@pytest.mark.parametrize("flow", [("cert-ee", "cert-br"), JP], ids=["Brazil", "Japan"])
def test_deleting_a_cited_fact_changes_or_refuses_every_decision_that_cited_it(flow: tuple[str, str]) -> None:
    facts = cited(flow)
    assert facts
    before = {d.id: d for d in screened(hospital(), plan(flow)).decisions()}
    for fact, objects in facts.items():
        assert law().has(fact)
        try:
            poorer = compiled(flow=flow, under=law().without(fact))
        except ComityError:
            continue  # nothing crosses: every decision that cited it is refused
        after = {d.id: d for d in screened(hospital(), poorer).decisions()}
        for object_id in objects:
            was, now = before[object_id], after.get(object_id)
            assert now is None or now != was, f"{object_id} is decided alike without {fact}"
            laws = () if now is None else (*now.law, *(one for d in now.detections for one in d.law))
            assert fact not in laws, f"{object_id} still cites {fact}"


def test_every_fact_a_compiled_plan_cites_matters() -> None:
    """Not an ornament: without the fact the plan itself is another one, or there is none."""
    base = plan()
    for fact in base.personal_grounds.law:
        try:
            poorer = compiled(under=law().without(fact))
        except ComityError:
            continue
        assert poorer.personal_data or poorer.personal_grounds != base.personal_grounds


# -- generated bundles ----------------------------------------------------------------------------------------------

people = st.sampled_from(["Mari Maasikas", "Jaan Tamm", "mari.maasikas@kannatanu.example", "+372 5550 0100"])
addresses = st.sampled_from(["203.0.113.77", "198.51.100.23", "192.0.2.9", "2001:db8::7"])
texts = st.lists(
    st.one_of(people, addresses, st.sampled_from(["wrote to", "beacons to", "—", "c2[.]attacker[.]example"]))
)


@st.composite
def bundles(draw: st.DrawFn) -> list[Content]:
    """A handful of objects with people and addresses in them, and ties between any two, loops included."""
    objects: list[Content] = []
    for n in range(draw(st.integers(1, 5))):
        text = " ".join(draw(texts)) or "nothing"
        make = draw(st.sampled_from(["malware", "note", "identity", "indicator", "address", "report"]))
        if make == "malware":
            objects.append(sdo("malware", f"m{n}", name=f"m{n}", is_family=True, description=text))
        elif make == "identity":
            roles = draw(st.sampled_from([["victim"], ["reporter"], []]))
            extra = {"roles": roles} if roles else {}
            objects.append(sdo("identity", f"i{n}", name=text, identity_class="individual", **extra))
        elif make == "indicator":
            objects.append(indicator(f"n{n}", f"[ipv4-addr:value = '{draw(addresses)}']", description=text))
        elif make == "address":
            value = draw(addresses)
            objects.append(sco("ipv6-addr" if ":" in value else "ipv4-addr", value=value))
        elif objects:
            about = [o["id"] for o in draw(st.lists(st.sampled_from(objects), min_size=1, max_size=3, unique_by=id))]
            wordy = (
                {"content": text}
                if make == "note"
                else {"name": f"r{n}", "description": text, "published": "2026-11-01T08:00:00Z"}
            )
            objects.append(sdo(make, f"o{n}", object_refs=list(dict.fromkeys(about)), **wordy))
    ends = st.sampled_from(objects) if objects else st.nothing()
    for _ in range(draw(st.integers(0, 3)) if objects else 0):
        objects.append(relationship(draw(ends), "related-to", draw(ends)))
    unique = {o["id"]: o for o in objects}
    return list(unique.values())


@settings(max_examples=40)
@given(bundles())
def test_any_bundle_replays_from_its_circumstances(objects: list[Content]) -> None:
    material = bundle(objects)
    seen = observe(material, KEYS, purpose="incident-response")
    again = Circumstances.from_json(loads(dumps(seen.to_json())), KEYS.tag)
    one, other = cross(material, plan(), seen, KEYS, NOW), cross(material, plan(), again, KEYS, NOW)
    assert written(one) == written(other)
    assert recorded(one) == recorded(other)


@settings(max_examples=40)
@given(bundles(), st.integers(2, 4), st.randoms(use_true_random=False))
def test_any_bundle_is_decided_in_parts_as_it_is_whole(objects: list[Content], parts: int, rng: random.Random) -> None:
    material = list(bundle(objects))
    under = told_by_the_whole(material)
    whole = {dumps(o) for o in cross(material, plan(), under, KEYS, NOW).objects()}
    assert in_parts(material, [rng.randrange(parts) for _ in material], under) == whole
