"""Properties: limits only tighten, grants open only what they name, and the layout of a text is no part of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.agreement.texts import ALONE, BASELINE, BR, JP, ON, TO_BR, TO_JP, example, law, plan, text

from comity.agreement import Agreement, CheckFailed, Plan, check, compile, parse
from comity.agreement.agreement import Agreement as Parsed
from comity.canon import FAMILIES, Category, Role

WORDS = [*FAMILIES, *(category.value for category in Category)]
PURPOSES = ["threat-detection", "incident-response", "victim-notification"]
FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
BEFORE = plan(BR, TO_BR)

NEVER = st.fixed_dictionaries({"data": st.sampled_from(WORDS)})
PROTECT = st.fixed_dictionaries(
    {
        "data": st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
        "role": st.lists(st.sampled_from([role.value for role in Role]), min_size=1, max_size=3, unique=True),
        "treatment": st.sampled_from(
            ["pseudonymise", "redact", "withhold", {"generalise": {"ipv4": 16, "email": "domain"}}]
        ),
    },
    optional={"for": st.sampled_from(PURPOSES), "expires": st.just("P7D"), "attribution": st.just("forbidden")},
)


def _with(name: str, **sections: object) -> Agreement:
    """An example with more in it, as JSON, which is YAML."""
    data = json.loads(json.dumps(example(name).data))
    for section, clauses in sections.items():
        data[section] = [*data.get(section, []), *clauses]  # type: ignore[misc]
    return parse(json.dumps(data, indent=1).encode(), f"{name}.yaml")


def _tighter(before: Plan, after: Plan) -> None:
    for question, answer in after.answers.items():
        was = before.answers[question]
        assert answer.treatment.at_least(was.treatment), question
        assert was.expires is None or (answer.expires is not None and answer.expires <= was.expires)
        assert answer.attribution_forbidden or not was.attribution_forbidden


@FEW
@given(NEVER)
def test_a_prohibition_never_loosens_an_answer(never: dict[str, object]):
    annex = _with(BR, never=[{"id": "X1", **never}])
    _tighter(BEFORE, compile(annex, law(), flow=TO_BR, on=ON, baseline=example(BASELINE)))


@FEW
@given(PROTECT)
def test_a_rule_where_the_annex_speaks_already_never_loosens_an_answer(rule: dict[str, object]):
    """Where the annex is silent, its first word takes the baseline's default down to the floor: that is what a floor
    is for. So the rule is added beside one of the same reach that says what the plan says already."""
    annex = _with(BR, protect=[{"id": "X1", **rule}])
    try:
        after = compile(annex, law(), flow=TO_BR, on=ON, baseline=example(BASELINE))
    except CheckFailed as error:
        assert error.fields["code"] in ("C401", "C403", "C803")  # it would have loosened, and was refused
        return
    spoken = {clause for clause in example(BR).clauses if ":P" in clause}
    for question, answer in after.answers.items():
        was = BEFORE.answers[question]
        if spoken & set(was.grounds.clauses):
            assert answer.treatment.at_least(was.treatment), question


@FEW
@given(PROTECT)
def test_no_annex_that_compiles_goes_below_the_floor(rule: dict[str, object]):
    """Whatever an annex says, the baseline's floor and the law hold."""
    annex = _with(JP, protect=[{"id": "X1", **rule}])
    try:
        after = compile(annex, law(), flow=TO_JP, on=ON, baseline=example(BASELINE))
    except CheckFailed:
        return
    for question, answer in after.answers.items():
        if question.role is Role.VICTIM:
            assert answer.treatment.at_least(JAPAN.answers[question].treatment)


JAPAN = plan(JP, TO_JP)


@FEW
@given(
    st.sampled_from(["campaigns", "malware", "incidents"]),
    st.lists(st.sampled_from(PURPOSES), min_size=1, unique=True),
    st.sampled_from(["green", "amber"]),
)
def test_a_grant_opens_only_what_it_names(what: str, purposes: list[str], ceiling: str):
    data = json.loads(json.dumps(parse(ALONE.encode(), "alone").data))
    data["purposes"] = PURPOSES
    before = compile(parse(json.dumps(data, indent=1).encode(), "a"), law(), flow=("one", "two"), on=ON)
    data["share"].append({"id": "S9", "what": what, "for": purposes, "ceiling": ceiling, "release": "approved"})
    data["retention"]["S9"] = "P30D"
    after = compile(parse(json.dumps(data, indent=1).encode(), "a"), law(), flow=("one", "two"), on=ON)
    assert after.answers == before.answers
    assert after.grants[0][: len(before.grants[0])] == before.grants[0]
    (new,) = after.grants[0][len(before.grants[0]) :]
    assert (new.classes, new.purposes, new.approved) == ({what}, frozenset(purposes), True)


def _shuffled(data: object, draw: st.DataObject) -> object:
    if isinstance(data, dict):
        names = draw.draw(st.permutations(sorted(data)))
        return {name: _shuffled(data[name], draw) for name in names}
    if isinstance(data, list):
        return [_shuffled(item, draw) for item in data]
    return data


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_key_order_and_yaml_style_change_neither_digest_nor_plan(draw: st.DataObject):
    shuffled = _shuffled(example(BR).data, draw)
    style = draw.draw(st.sampled_from([None, 1, 4]))
    source = json.dumps(shuffled, indent=style, ensure_ascii=False, separators=(",\n", ": ") if style is None else None)
    again: Parsed = parse(source.encode(), "ee-br-csirt.yaml")
    assert again.digest == example(BR).digest
    made = compile(again, law(), flow=TO_BR, on=ON, baseline=example(BASELINE))
    assert made.answers == BEFORE.answers
    assert made == BEFORE


def test_the_digest_is_over_what_is_said():
    source = text(BR)
    assert parse(source.replace("# ", "#   ").encode(), "x").digest == example(BR).digest
    assert parse(source.replace("P90D", '"P90D"').encode(), "x").digest == example(BR).digest
    assert parse(source.replace("\n", "\r\n").encode(), "x").digest == example(BR).digest
    assert parse(source.replace("P90D", "P91D").encode(), "x").digest != example(BR).digest


def test_compile_is_a_function_of_its_inputs():
    assert plan(BR, TO_BR) == plan(BR, TO_BR)
    assert hash(plan(BR, TO_BR)) == hash(plan(BR, TO_BR))


@pytest.mark.parametrize(
    ("section", "name"),
    [("purposes", "marketing"), ("legal_basis", "because"), ("transfer_tool", "handshake"), ("jurisdiction", "QQ")],
)
def test_the_unknown_is_refused_by_its_name(section: str, name: str):
    data = json.loads(json.dumps(parse(ALONE.encode(), "alone").data))
    match section:
        case "purposes":
            data["purposes"].append(name)
        case "legal_basis":
            data["authority"]["one"]["basis"] = name
        case "transfer_tool":
            data["transfers"][0]["instrument"] = name
        case "jurisdiction":
            data["parties"][1]["jurisdiction"] = name
    agreement = parse(json.dumps(data, indent=1).encode(), "alone")
    assert any(name in finding.text for finding in check(agreement, law(), ON))
    with pytest.raises(CheckFailed, match=name):
        compile(agreement, law(), flow=("one", "two"), on=ON)
