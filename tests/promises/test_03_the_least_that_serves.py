"""Promise 3: the least that serves the purpose.

What is not needed is removed before anything is written; the threat itself stays useful, since over-redaction is a
defect too; an object that stays home is not betrayed by what crosses.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agreement import Grounds, Plan, Share
from comity.canon import REDACT, Category, Duration, Tlp
from comity.crossing import Crossing, Reason
from comity.material import TLP_DEFINITIONS, Bundle, StixObject, breaches, patterns, references
from promises.canaries import ALL_TYPES, DISGUISES, canary, hidden_in, planted
from promises.cti import (
    JP,
    bundle,
    crossed,
    decision_on,
    hospital,
    ics_attack,
    indicator,
    misp,
    outgoing,
    plan,
    relationship,
    sco,
    screened,
    sdo,
    written,
)

MISP_EVENTS = ("misp-turla-crutch-event", "misp-telebots", "misp-mosquito-event", "polismassa", "kamino")


@functools.cache
def open_to_all() -> Plan:
    """The worked flow with a grant for every type, so that what is reduced is reduced for being personal alone."""
    every = Share(
        clause="S9",
        classes=frozenset(ALL_TYPES),
        purposes=frozenset(plan().purposes),
        ceiling=Tlp.AMBER_STRICT,
        approved=False,
        personal_data=True,
        on_detect="treat",
        consent=None,
        collected_by=frozenset(),
        collected_never=frozenset(),
        properties=None,
        retention=Duration("P30D"),
        grounds=Grounds(clauses=("test:S9",), law=("eu.gdpr",)),
    )
    return dataclasses.replace(plan(), grants=((every,),))


@functools.cache
def no_mailbox_of_anybody() -> Plan:
    """The same, where an e-mail address is redacted whoever's it is: whether it is found is all that is asked."""
    answers = {
        question: dataclasses.replace(answer, treatment=answer.treatment.join(REDACT))
        if question.category is Category.EMAIL_ADDRESS
        else answer
        for question, answer in open_to_all().answers.items()
    }
    return dataclasses.replace(open_to_all(), answers=answers)


# -- planted people -------------------------------------------------------------------------------------------------

WITHOUT_TEXT = ("domain-name", "ipv4-addr", "ipv6-addr", "mac-addr", "observed-data")
SUBJECT = indicator("subject", "[domain-name:value = 'c2.attacker.example']")


@pytest.mark.parametrize("stix_type", ALL_TYPES)
def test_a_person_planted_in_any_property_of_any_type_does_not_cross(stix_type: str) -> None:
    """One canary a property. Which properties can hold a text is asked of the schemas, not listed here."""
    cases = list(planted(stix_type, SUBJECT["id"], itertools.count(1)))
    assert cases or stix_type in WITHOUT_TEXT, "no property of this type holds a text"
    crossing = screened(bundle([SUBJECT, *{c["id"]: c for _, _, c in cases}.values()]), no_mailbox_of_anybody())
    sent = json.dumps(list(crossing.objects()), ensure_ascii=False)
    leaks = [name for name, number, _ in cases if hidden_in(sent, number)]
    assert leaks == [], f"of {stix_type} these let a mail address cross"
    left = [d for d in crossing.decisions() if d.type == stix_type and d.crossed]
    assert left or len(cases) < 3, "nothing of this type crosses, so nothing is shown"


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_person_in_disguise_does_not_cross(disguise: str) -> None:
    """Attack A21: in prose, and where it stands alone in a label and a reference."""
    hide = DISGUISES[disguise]
    objects = [
        sdo("malware", "prose", name="a", is_family=True, description=f"It was reported by {hide(canary(1))} first."),
        sdo("malware", "label", name="a", is_family=True, labels=[hide(canary(2))]),
        sdo("malware", "alone", name="a", is_family=True, description=hide(canary(3))),
        sdo("malware", "source", name="a", is_family=True,
            external_references=[{"source_name": "told", "description": hide(canary(4))}]),
    ]  # fmt: skip
    crossing = screened(objects)
    sent = json.dumps(list(crossing.objects()), ensure_ascii=False)
    for number in range(1, 5):
        assert not hidden_in(sent, number), f"{disguise}: {canary(number)} crosses"
    assert crossing.counts["material"] >= 3, "the rest of the objects crosses"


def test_the_search_for_canaries_finds_every_disguise() -> None:
    """A search that finds nothing must prove that it can."""
    for name, hide in DISGUISES.items():
        if name != "spelled":
            assert hidden_in(f"text {hide(canary(7))} text", 7), name
        assert not hidden_in(f"text {hide(canary(8))} text", 7), name


PEOPLE = (
    "maarika", "tuulepuu", "lepamets", "rebasekivi", "mändmaa", "amoreira", "kasugano", "29912319996", "000.000.001-91",
    "00000000191", "EE38 2200 2210 2014 5685", "EE382200221020145685", "880 0001", "8800001", "90000-0000",
)  # fmt: skip


@pytest.mark.parametrize("flow", [("cert-ee", "cert-br"), JP], ids=["Brazil", "Japan"])
def test_the_people_of_the_hospital_stay_home(flow: tuple[str, str]) -> None:
    sent = json.dumps(list(screened(hospital(), plan(flow)).objects()), ensure_ascii=False).casefold()
    source = json.dumps([dict(o.content) for o in hospital()], ensure_ascii=False).casefold()
    told = [who for who in PEOPLE if who.casefold() in source]
    assert len(told) > 8
    assert [who for who in told if who.casefold() in sent] == []


def test_what_is_treated_in_one_object_is_not_left_in_another() -> None:
    """The same mail address in prose, in a pattern, in a note about it, and in an id."""
    mail = canary(1)
    person = sdo(
        "identity", "p", name="Mari Maasikas", identity_class="individual", roles=["victim"], contact_information=mail
    )
    address = sco("email-addr", value=mail)
    seen = indicator("seen", f"[email-addr:value = '{mail}']", description=f"mail for {mail.upper()}")
    note = sdo("note", "n", content=f"{mail} called.", object_refs=[seen["id"]])
    owns = relationship(person, "related-to", address)
    sent = json.dumps(list(screened([person, address, seen, note, owns]).objects()), ensure_ascii=False)
    assert not hidden_in(sent, 1)
    assert address["id"] not in sent, (
        "the id is made of the address (STIX 2.1 section 2.9): it says it to whoever tries"
    )


DIGESTS: dict[str, Callable[[str], str]] = {
    "base64 twice": lambda mail: base64.b64encode(base64.b64encode(mail.encode())).decode(),
    "hex twice": lambda mail: mail.encode().hex().encode().hex(),
    "MD5": lambda mail: hashlib.md5(mail.encode(), usedforsecurity=False).hexdigest(),
    "SHA-256": lambda mail: hashlib.sha256(mail.encode()).hexdigest(),
}


@pytest.mark.parametrize("form", DIGESTS)
def test_a_treated_value_in_a_form_nobody_detects_keeps_the_object_home(form: str) -> None:
    """Residue: once treated, a value is searched for in all that is about to leave (attack A50 for the digests)."""
    mail = canary(1)
    who = {"name": "Mari Maasikas", "roles": ["victim"], "contact_information": mail}
    person = sdo("identity", "p", identity_class="individual", **who)
    other = sdo("malware", "m", name="a", is_family=True, description=f"key {DIGESTS[form](mail)}")
    crossing = screened([person, other])
    assert outgoing(crossing, other) is None
    assert Reason.RESIDUE in decision_on(crossing, other).reasons
    assert outgoing(screened([other]), other) == other, "without the person nothing says that it is one"


# -- the threat stays useful ----------------------------------------------------------------------------------------

KINDS = {
    "domain-name": "domain",
    "hostname": "domain",
    "url": "url",
    "ipv4-addr": "address",
    "ipv6-addr": "address",
    "file": "file name",
}


def threat_values(objects: Iterable[StixObject]) -> Iterator[tuple[str, str, str]]:
    """(object id, kind, value) of each constant in an indicator's pattern and each observable's own value."""
    for obj in objects:
        if obj.type == "indicator" and obj.content["pattern_type"] == "stix":
            for comparison in patterns.read(obj.content["pattern"]).comparisons:
                name = "hash" if "hashes" in comparison.path else KINDS.get(comparison.object_type)
                for constant in comparison.constants:
                    if name is not None and constant.kind == "string":
                        yield obj.id, name, constant.value
        elif obj.type in ("domain-name", "url", "ipv4-addr", "ipv6-addr"):
            yield obj.id, KINDS[obj.type], obj.content["value"]
        elif obj.type == "file":
            for value in obj.content.get("hashes", {}).values():
                yield obj.id, "hash", value


def kept_and_lost(material: Bundle, under: Plan) -> tuple[Counter[str], Counter[str], list[str]]:
    """By kind: how many values the partner gets as they were, how many not; and some of those it does not get."""
    crossing = screened(material, under)
    sent = crossed(crossing)
    # What is no valid STIX, as a path that is called a URL, is not cut out: it is refused with its reason.
    leaves_as = {d.id: d.outgoing_id for d in crossing.decisions() if Reason.INVALID not in d.reasons}
    kept: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    examples = []
    for object_id, name, value in threat_values(material):
        if object_id not in leaves_as:
            continue
        leaving = leaves_as[object_id]
        text = json.dumps(sent[leaving], ensure_ascii=False) if leaving else ""
        if json.dumps(value, ensure_ascii=False)[1:-1] in text:
            kept[name] += 1
        else:
            lost[name] += 1
            examples.append(f"{object_id} {name}")
    return kept, lost, examples


@pytest.mark.parametrize("event", MISP_EVENTS)
def test_hashes_and_c2_of_a_real_event_stay_useful(event: str) -> None:
    """Over-redaction, counted: of what ESET published to be blocked and hunted for, nearly all crosses."""
    kept, lost, examples = kept_and_lost(misp(event), open_to_all())
    assert kept["hash"] + kept["domain"] + kept["address"] > 5
    assert lost["hash"] == 0, examples
    assert sum(lost.values()) <= 0.01 * sum(kept.values()), (dict(kept), dict(lost), examples[:10])


def test_attack_stays_useful() -> None:
    """MITRE ATT&CK for ICS names authors and nobody's secrets: its knowledge crosses with its text intact."""
    crossing = screened(ics_attack(), open_to_all())
    decisions = {d.id: d for d in crossing.decisions()}
    sent = crossed(crossing)
    knowledge = [obj for obj in ics_attack() if obj.type in ALL_TYPES and obj.type != "identity"]
    assert len(knowledge) > 150
    home = [f"{obj.id}: {decisions[obj.id].reasons}" for obj in knowledge if decisions[obj.id].outgoing_id is None]
    assert len(home) <= 0.02 * len(knowledge), f"{len(home)} of {len(knowledge)} stay home: {home[:5]}"
    texts = [obj for obj in knowledge if obj.type == "attack-pattern" and "description" in obj.content]
    cut = [o.id for o in texts if sent[str(decisions[o.id].outgoing_id)].get("description") != o.content["description"]]
    assert len(cut) <= 0.02 * len(texts), f"{len(cut)} of {len(texts)} descriptions were cut"


def test_attack_crosses_under_the_worked_agreement() -> None:
    """What everybody may read is shared by the first agreement a newcomer tries."""
    crossing = screened(ics_attack())
    shareable = [obj for obj in ics_attack() if obj.type in ALL_TYPES]
    reasons = Counter(d.reasons for d in crossing.decisions() if d.type in ALL_TYPES and not d.crossed)
    assert crossing.counts["material"] >= 0.9 * len(shareable), reasons.most_common(3)


def test_the_attackers_own_addresses_cross_whole() -> None:
    """The threat itself: its hosts, its mailbox, its hashes."""
    objects = [
        indicator("ip", "[ipv4-addr:value = '203.0.113.77']"),
        indicator("domain", "[domain-name:value = 'c2.attacker.example']"),
        indicator("url", "[url:value = 'https://c2.attacker.example/gate.php?id=7']"),
        indicator("hash", f"[file:hashes.'SHA-256' = '{'ab' * 32}']"),
        indicator("mail", "[email-message:from_ref.value = 'pay@attacker.example']"),
    ]
    crossing = screened(objects)
    for content in objects:
        assert outgoing(crossing, content) == content


# -- references and what stays home ---------------------------------------------------------------------------------


def dangling(crossing: Crossing, held: Iterable[str] = ()) -> list[str]:
    """References of what crosses to what neither crosses nor is known to the partner."""
    sent = crossed(crossing)
    known = {*sent, *TLP_DEFINITIONS, *held}
    return [
        f"{object_id}{pointer} -> {target}"
        for object_id, content in sent.items()
        for pointer, target in references(content)
        if target not in known
    ]


def betrayed(crossing: Crossing) -> list[str]:
    """Source ids of what stays home, or crosses under another id, that stand anywhere in what crosses."""
    sent = written(crossing).decode()
    return [d.id for d in crossing.decisions() if d.outgoing_id != d.id and d.id in sent]


MATERIALS: dict[str, Any] = {
    "hospital": hospital,
    **{event: functools.partial(misp, event) for event in MISP_EVENTS},
    "ATT&CK": ics_attack,
}


@pytest.mark.parametrize("material", MATERIALS)
def test_nothing_dangles_nothing_is_betrayed_and_all_is_valid(material: str) -> None:
    crossing = screened(MATERIALS[material]())
    assert crossing.counts["material"] > 0
    assert dangling(crossing) == []
    assert betrayed(crossing) == []
    for content in crossing.objects():
        assert breaches(content) == (), content["id"]


@settings(max_examples=25)
@given(st.sets(st.integers(0, 200)))
def test_nothing_dangles_whatever_part_of_the_incident_is_sent(left_out: set[int]) -> None:
    part = [dict(obj.content) for n, obj in enumerate(hospital()) if n not in left_out]
    crossing = screened(part)
    assert dangling(crossing) == []
    assert betrayed(crossing) == []


def test_a_relationship_to_what_stays_home_stays_home() -> None:
    """A18: it would tell that there is something, and its id."""
    red = {**sdo("malware", "secret", name="a", is_family=True), "object_marking_refs": [
        "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]}  # fmt: skip
    tie = relationship(SUBJECT, "indicates", red)
    report = sdo("report", "r", name="Weekly", published="2026-11-01T08:00:00Z", object_refs=[SUBJECT["id"], red["id"]],
                 description=f"see {red['id']} and {SUBJECT['id']}")  # fmt: skip
    crossing = screened([SUBJECT, red, tie, report])
    assert outgoing(crossing, tie) is None
    told = outgoing(crossing, report)
    assert told is not None
    assert told["object_refs"] == [SUBJECT["id"]]
    assert red["id"] not in json.dumps(told)
    assert SUBJECT["id"] in told["description"]


def test_a_report_of_nothing_but_what_stays_home_stays_home() -> None:
    odd = sdo("x-patient-file", "odd", content="a")
    report = sdo("report", "r", name="Weekly", published="2026-11-01T08:00:00Z", object_refs=[odd["id"]])
    assert outgoing(screened([odd, report]), report) is None


def test_a_reduced_object_leaves_under_an_id_that_says_nothing() -> None:
    """Attack A51: all 2^32 ids of IPv4 addresses can be tried in half an hour."""
    home = sco("ipv4-addr", value="198.51.100.23")
    victim = sdo("identity", "v", name="Aktsiaselts Kannatanu", identity_class="organization", roles=["victim"])
    crossing = screened([home, victim, relationship(victim, "related-to", home)], open_to_all())
    told = outgoing(crossing, home)
    assert decision_on(crossing, home).detections
    assert told is not None
    assert told["id"] != home["id"]
    assert told["id"].split("--")[1][14] == "4"
    assert "198.51.100.23" not in written(crossing).decode()
