"""The table of answers: for every kind of data, role, purpose and place, what becomes of it and why.

Per question: the texts' rules are joined and layered, then what the law of either side adds is joined in.
No rule of the root text for a question: withheld, and marked as not ruled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from comity.agreement.compiling.limits import LEGAL_PERSONS
from comity.agreement.compiling.rules import Cell, Rule, cells, rules_of
from comity.agreement.gates import gates
from comity.agreement.grammar.sharing import Unless
from comity.agreement.layering import Layer, lay_all
from comity.agreement.plan import Answer, Grounds, Question
from comity.agreement.setting import Flow, Setting
from comity.canon import REDACT, WITHHOLD, Category, Role

# Where the law protects legal persons, an organisation's data are ruled like a bystander's.
_STANDS_FOR_ORGANISATION = Role.BYSTANDER


@dataclass(frozen=True, slots=True, kw_only=True)
class LawFloor:
    """What the law of either side redacts whatever the clauses say, and the facts that say so."""

    special: Mapping[Category, tuple[str, ...]]
    gated: Mapping[Category, tuple[str, ...]]
    victims: tuple[str, ...]  # not empty: being a crime victim is special, so a victim's data identify one
    persons: tuple[str, ...]  # the facts on legal persons
    legal_persons: bool

    def facts(self, category: Category, role: Role) -> tuple[str, ...]:
        return (
            *self.special.get(category, ()),
            *(self.victims if role is Role.VICTIM else ()),
        )


def law_floor(setting: Setting, flow: Flow) -> LawFloor:
    special: defaultdict[Category, list[str]] = defaultdict(list)
    victims: list[str] = []
    persons: list[str] = []
    protected = False
    for code in dict.fromkeys((flow.origin.jurisdiction, flow.destination.jurisdiction)):
        home = setting.law[code]
        row = setting.law.special_categories(code)
        for category in row.categories:
            special[category].extend(row.facts[:1])
        if Category.CRIME_VICTIM in row.categories:
            victims.extend(row.facts[:1])
        persons.append(home.cite_section("personal_data", "legal_persons"))
        protected = protected or home.facts.personal_data.legal_persons != "no"
    gated: defaultdict[Category, list[str]] = defaultdict(list)
    for gate in gates(setting, flow):
        for category in gate.categories if gate.stands else ():
            gated[category].append(gate.fact)
    as_law = LEGAL_PERSONS.of(setting)[0] == "as-law"
    return LawFloor(
        special={category: tuple(facts) for category, facts in special.items()},
        gated={category: tuple(facts) for category, facts in gated.items()},
        victims=tuple(victims),
        persons=tuple(dict.fromkeys(persons)) if as_law else (),
        legal_persons=protected or not as_law,
    )


def answers(setting: Setting, flow: Flow) -> dict[Question, Answer]:
    """Total over kinds of data x roles x the agreement's purposes x in the recipient's constituency or not."""
    tables = [_by_category(setting, flow, index) for index in range(len(setting.texts))]
    floor = law_floor(setting, flow)
    minors = _minors(setting)
    joined: dict[tuple[tuple[str, ...], ...], Cell | None] = {}
    made: dict[tuple[object, ...], Answer] = {}
    table: dict[Question, Answer] = {}
    for question in cells(setting.purposes):
        cell = _layered(tables, question, joined)
        law: tuple[str, ...] = ()
        if cell is not None:
            if question.role is Role.ORGANISATION:
                person = _layered(tables, question._replace(role=_STANDS_FOR_ORGANISATION), joined)
                cell, law = _organisation(cell, person, floor)
            if question.category is Category.DATE_OF_BIRTH:
                cell = cell.join(minors)
            cell, law = _under_law(cell, law, floor, question)
        key = (cell, law)
        if key not in made:
            made[key] = _answer(cell, law)
        table[question] = made[key]
    return table


def _by_category(setting: Setting, flow: Flow, index: int) -> Mapping[Category, list[Rule]]:
    """The rules of one text, less the prohibitions that provably give way in this flow."""
    table: defaultdict[Category, list[Rule]] = defaultdict(list)
    for rule in rules_of(setting.texts[index]):
        if rule.never and rule.unless is not None and gives_way(setting, flow, rule.unless):
            continue
        for category in rule.categories:
            table[category].append(rule)
    return table


def gives_way(setting: Setting, flow: Flow, unless: Unless) -> bool:
    """INVARIANT: an exception holds only if it is provably true of both parties, under every text that speaks."""
    if unless.capacity is None and unless.regime is None:
        return False
    for party in flow:
        if unless.capacity is not None and party.capacity != unless.capacity:
            return False
        stated = setting.authority(party.id)
        if unless.regime is not None and not (
            stated and all(any(one.regime == unless.regime for one in options) for _, options in stated)
        ):
            return False
    return True


def _layered(
    tables: list[Mapping[Category, list[Rule]]],
    question: Question,
    joined: dict[tuple[tuple[str, ...], ...], Cell | None],
) -> Cell | None:
    """The layered cell; None where the root text does not speak. Few sets of rules ever meet: `joined` keeps them."""
    speaking = [[rule for rule in table.get(question.category, ()) if rule.speaks(*question)] for table in tables]
    key = tuple(tuple(rule.clause for rule in rules) for rules in speaking)
    if key not in joined:
        layers = [_layer(rules) for rules in speaking]
        layered = lay_all(layers, Cell.join) if layers[0] else None
        joined[key] = layered.default if layered else None
    return joined[key]


def _layer(speaking: list[Rule]) -> Layer[Cell] | None:
    if not speaking:
        return None
    return Layer(
        reduce(Cell.join, (rule.default for rule in speaking)), reduce(Cell.join, (rule.floor for rule in speaking))
    )


def _organisation(cell: Cell, person: Cell | None, floor: LawFloor) -> tuple[Cell, tuple[str, ...]]:
    """Organisations are not people, unless the law or the agreement says that they are protected like them."""
    like_people = cell.join(person) if person else Cell(treatment=WITHHOLD, clauses=cell.clauses)
    # The facts are load-bearing only where the answer depends on them.
    law = () if like_people.same_answer(cell) else floor.persons
    return (like_people if floor.legal_persons else cell), law


def _minors(setting: Setting) -> Cell:
    """`minors: strictest`: whether somebody is a minor is read from a date of birth, so none crosses."""
    clauses = tuple(text.cite("subjects") for text in setting.texts if text.text.subjects)
    return Cell(treatment=REDACT, clauses=clauses)


def _under_law(cell: Cell, law: tuple[str, ...], floor: LawFloor, question: Question) -> tuple[Cell, tuple[str, ...]]:
    facts = floor.facts(question.category, question.role)
    redacted = cell.join(Cell(treatment=REDACT))
    if facts:
        cell, law = redacted, (*law, *facts)
    gated = floor.gated.get(question.category, ())
    if gated and not redacted.same_answer(cell):
        # A gate is cited where it changes the answer: what the clauses redact anyway does not rest on it.
        cell, law = redacted, (*law, *gated)
    return cell, tuple(dict.fromkeys(law))


def _answer(cell: Cell | None, law: tuple[str, ...]) -> Answer:
    if cell is None:
        return Answer(treatment=WITHHOLD, grounds=Grounds(), ruled=False)
    return Answer(
        treatment=cell.treatment,
        grounds=Grounds(clauses=cell.clauses, law=law),
        expires=cell.expires,
        attribution_forbidden=cell.attribution_forbidden,
    )
