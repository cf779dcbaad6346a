"""The grammar: strict, complete, published, and each of its terms accounted for."""

from __future__ import annotations

import builtins
import json
import re
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import jsonschema_rs
import msgspec
import pytest
from tests.agreement.texts import BASELINE, BR, JP, ON, ROOT, WHOLE, changed, example, law, read, text

from comity.agreement import COVERAGE, NoEvaluator, catalogue, compile, json_schema
from comity.agreement.coverage import uses
from comity.agreement.grammar.text import AgreementText
from comity.agreement.reading import BadTerm, ClauseTwice, MissingTerm, UnknownTerm
from comity.agreement.shape import alternatives, members
from comity.canon import InputError

WRONG = {
    "an unknown term, with the near one": ("ceiling: green", "celing: green", UnknownTerm, "26:133", "`ceiling`"),
    "a term of another place": ("title: Every", "party: x\ntitle: Every", UnknownTerm, "5:1", "`parties`"),
    "an unknown word, with the near one": ("ceiling: green", "ceiling: gren", BadTerm, None, "`green`"),
    "an unknown role": ("role: [abused-host]", "role: [abusedhost]", BadTerm, None, "`abused-host`"),
    "an unknown kind of data": ("data: ipv4-address", "data: ip-address", BadTerm, None, "-address`"),
    "an unknown class of material": ("what: indicators", "what: indicator", BadTerm, None, "`indicators`"),
    "a number for a word": ("ceiling: green", "ceiling: 1", BadTerm, None, "one of"),
    "a word for a number": ("refer-below: 0.8", "refer-below: high", BadTerm, None, "number"),
    "a number out of range": ("refer-below: 0.8", "refer-below: 1.8", BadTerm, None, "number"),
    "too many bits": ("ipv4: 24", "ipv4: 33", BadTerm, None, "whole number"),
    "a truth value that YAML 1.1 would take": ("challenge: true", "challenge: yes", BadTerm, None, "true or false"),
    "no such day": ("sunset: 2027-12-31", "sunset: 2027-02-30", BadTerm, None, "date"),
    "no duration": ("epoch: P1Y", "epoch: 1 year", BadTerm, None, "duration"),
    "no duration for a share clause": ("S1: P180D", "S1: 180", BadTerm, None, "text"),
    "a wrong duration for a share clause": ("S1: P180D", "S1: P180X", BadTerm, None, "duration"),
    "a wrong word at sunset": ("on-sunset: delete", "on-sunset: keep", BadTerm, None, "duration"),
    "a country in small letters": ("jurisdiction: NO", "jurisdiction: no", BadTerm, None, "3166"),
    "a country that YAML 1.1 takes for false": ("jurisdiction: NO", "jurisdiction: false", BadTerm, None, "3166"),
    "an id with a Cyrillic letter": ("id: whole-grammar", "id: wh\u043ele-grammar", BadTerm, None, "letters"),
    "an id with a line break": ("id: whole-grammar", 'id: "whole-grammar\\n"', BadTerm, None, "letters"),
    "a party's id with a capital": ("cert-ee: {duty", "CERT-EE: {duty", BadTerm, None, "lower-case"),
    "a key that is no key": ("ed25519:Hc+", "ed25519:!!!", BadTerm, None, "base64"),
    "a digest that is no digest": ("sha256:1111", "sha256:111", BadTerm, None, "sha256"),
    "a version of tomorrow": ("comity: 1", "comity: 2", BadTerm, None, "1"),
    "no term": ("\nterm: {from", "\nspan: {from", UnknownTerm, None, ""),
    "no legal form": ("form: private-nonprofit, ", "", MissingTerm, None, "private-nonprofit"),
    "two clauses of one id": ("id: N2", "id: N1", ClauseTwice, None, "another id"),
    "two clauses of one id in two sections": ("id: N2", "id: P1", ClauseTwice, None, "another id"),
    "two parties of one id": ("id: cert-no", "id: cert-ee", ClauseTwice, None, "another id"),
}


@pytest.mark.parametrize(("old", "new", "error", "place", "remedy"), WRONG.values(), ids=WRONG.keys())
def test_what_the_grammar_does_not_know_is_refused(
    old: str, new: str, error: type[InputError], place: str | None, remedy: str
):
    source = changed(WHOLE.read_text(encoding="utf-8"), (old, new))
    with pytest.raises(error) as caught:
        read(source, "x.yaml")
    line, column = map(int, str(caught.value.at).removeprefix("x.yaml:").split(":"))
    assert 1 <= line <= source.count("\n") + 1
    assert column >= 1
    if place:
        assert f"{line}:{column}" == place
    assert remedy in caught.value.remedy


def test_the_place_is_that_of_the_value():
    source = changed(WHOLE.read_text(encoding="utf-8"), ("S2: P90D", "S2: P90Q"))
    with pytest.raises(BadTerm) as caught:
        read(source, "x.yaml")
    line = source.splitlines().index(next(row for row in source.splitlines() if "P90Q" in row))
    assert caught.value.at == f"x.yaml:{line + 1}:{source.splitlines()[line].index('P90Q') + 1}"


def test_a_list_or_a_word_is_no_agreement():
    for source in ("- a", "a"):
        with pytest.raises(BadTerm):
            read(source)


def _terms() -> set[str]:
    """Every term of the grammar, two levels deep, as the coverage table names them."""
    found: set[str] = set()
    for section, kind in members(AgreementText).items():
        found.add(section)
        for struct in _structs(kind):
            found.update(f"{section}.{name}" for name in members(struct))
    return found


def _structs(kind: Any) -> list[type[msgspec.Struct]]:
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if get_origin(kind) in (Union, UnionType):
        return [struct for part in alternatives(kind) for struct in _structs(part)]
    if get_origin(kind) is tuple:
        return _structs(get_args(kind)[0])
    if get_origin(kind) is dict:
        return _structs(get_args(kind)[1])
    return [kind] if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else []


def test_every_term_of_the_grammar_is_in_the_coverage_table():
    """What is to come as a whole has one line; every other term has its own."""
    terms = {term for term in _terms() if not COVERAGE[term.partition(".")[0]].to_come or "." not in term}
    assert terms == set(COVERAGE)


@pytest.mark.parametrize("term", COVERAGE)
def test_every_evaluator_is_a_file_and_every_absence_has_a_reason(term: str):
    coverage = COVERAGE[term]
    assert bool(coverage.by) != bool(coverage.reason)
    for name in coverage.by:
        assert (ROOT / "src" / "comity" / "agreement" / f"{name}.py").is_file(), name


def test_the_whole_grammar_is_in_the_test_text():
    used = {term for term, _ in uses(read(WHOLE.read_text(encoding="utf-8")))}
    assert used == set(COVERAGE)


def test_terms_to_come_refuse_to_compile_by_name():
    """Promise 1: an agreement in which any term has no evaluator does not compile."""
    with pytest.raises(NoEvaluator) as caught:
        compile(read(WHOLE.read_text(encoding="utf-8")), law(), flow=("cert-ee", "cert-no"), on=ON)
    to_come = [term for term, coverage in COVERAGE.items() if coverage.to_come]
    assert to_come
    for term in to_come:
        assert f"whole-grammar:{term}" in str(caught.value)


@pytest.mark.parametrize("name", [BASELINE, BR, JP])
def test_the_examples_use_only_terms_that_are_evaluated(name: str):
    assert [term for term, _ in uses(example(name)) if COVERAGE[term].to_come] == []


@pytest.mark.parametrize("name", [BASELINE, BR, JP])
def test_an_example_says_first_that_it_is_an_illustration(name: str):
    first = text(name).splitlines()[0]
    assert first.startswith("#")
    assert "no such agreement exists" in first


@cache
def _schema() -> Any:
    return jsonschema_rs.validator_for(json_schema())


@pytest.mark.parametrize("source", [text(BASELINE), text(BR), text(JP), WHOLE.read_text(encoding="utf-8")])
def test_the_schema_accepts_what_parses(source: str):
    assert _schema().is_valid(read(source).data)


def test_the_schema_refuses_an_unknown_term():
    data = read(text(BR)).data
    assert not _schema().is_valid({**data, "tytle": "x"})
    assert not _schema().is_valid({**data, "term": {**data["term"], "sunst": "2027-12-31"}})


def test_the_published_schema_is_current():
    """Written by `comity agreement schema > docs/schemas/agreement.schema.json`."""
    published = ROOT / "docs" / "schemas" / "agreement.schema.json"
    assert json.loads(published.read_text(encoding="utf-8")) == json.loads(json.dumps(json_schema()))


def test_the_published_catalogue_is_current():
    """Written by `comity agreement codes --markdown > docs/checks.md`."""
    assert (ROOT / "docs" / "checks.md").read_text(encoding="utf-8") == catalogue()


def _unions(kind: Any) -> list[list[Any]]:
    found: list[list[Any]] = []
    if get_origin(kind) in (Union, UnionType):
        found.append(alternatives(kind))
    for part in get_args(kind) if get_origin(kind) is not None else ():
        found += _unions(part)
    return found


def test_no_text_with_a_pattern_is_one_of_several_alternatives():
    """msgspec 0.22 frees such a type twice; see `grammar.words.Words`."""
    seen: set[type[msgspec.Struct]] = set()
    queue: list[type[msgspec.Struct]] = [AgreementText]
    while queue:
        struct = queue.pop()
        if struct in seen:
            continue
        seen.add(struct)
        for kind in members(struct).values():
            queue += _structs(kind)
            for parts in _unions(kind):
                patterned = [part for part in parts if any(getattr(m, "pattern", None) for m in get_args(part)[1:])]
                assert not patterned or len(parts) == 1, (struct, parts)
    assert len(seen) > 30


def test_the_example_in_the_language_page_runs(monkeypatch: pytest.MonkeyPatch):
    page = (ROOT / "docs" / "agreement-language.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(builtins.compile(code, "agreement-language.md", "exec"), {})  # noqa: S102 -- our own page
