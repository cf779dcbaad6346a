"""Roles: which verbs each gives, which exclude each other, and that no way leads past that (attacks A41, A42, A44)."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st

from comity.canon import NaiveTime
from comity.node.people import actions
from comity.node.people.models import Assignment, Person, Role
from comity.node.people.roles import MATERIAL, OPERATIONAL, OVERSIGHT, VERBS, RoleFacts, clash, packaged, verbs_of

DAY = dt.timedelta(days=1)
PACKAGED = {role.code: role for role in packaged()}

# The whole table, written out a second time: whoever changes `roles.toml` changes this too, and says why.
TABLE = """
                   analyst  releasing-officer  privacy-officer  duty-officer  auditor  administrator
import                x             .                 .              x           .           .
submit                x             .                 .              x           .           .
tell                  .             .                 .              x           .           .
queue                 x             x                 x              x           .           .
read-material         x             x                 x              x           .           .
approve               .             x                 x              .           .           .
reject                .             x                 x              .           .           .
strip                 .             x                 x              .           .           .
release               .             x                 .              x           .           .
withdraw              .             x                 x              .           .           .
pull                  x             .                 .              x           .           .
consent               .             .                 x              .           .           .
suspend               .             x                 x              x           .           .
agree                 .             x                 .              .           .           .
ledger-read           .             .                 .              .           x           .
ledger-verify         .             .                 .              .           x           x
resolve               .             .                 .              .           x           .
people                .             .                 .              .           .           x
tools                 .             .                 .              .           .           x
status                x             x                 x              x           x           x
"""


def table() -> dict[tuple[str, str], bool]:
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    return {(row[0], role): mark == "x" for row in rows for role, mark in zip(head, row[1:], strict=True)}


def test_the_table_names_every_verb_and_role():
    assert {verb for verb, _ in table()} == VERBS
    assert {role for _, role in table()} == {*PACKAGED}


@pytest.mark.parametrize(("verb", "role"), table())
def test_a_role_has_the_verbs_of_the_table(node, verb: str, role: str):
    person = node.person("somebody", role)
    assert actions.may(person, verb, node.now) is table()[verb, role]


def test_the_rows_are_those_of_the_file(node):
    del node
    rows = {row.code: (row.title, frozenset(row.verbs), frozenset(row.excludes)) for row in Role.objects.all()}
    assert rows == {role.code: (role.title, role.verbs, role.excludes) for role in packaged()}


def test_there_is_no_account_by_default(node):
    """A41: OpenCTI CVE-2026-27960, medallion's user / pass."""
    del node
    assert not Person.objects.exists()


def test_an_administrator_touches_no_material():
    assert not PACKAGED["administrator"].verbs & MATERIAL


def test_an_auditor_does_nothing_that_an_auditor_looks_at():
    assert not PACKAGED["auditor"].verbs & OPERATIONAL
    assert PACKAGED["auditor"].verbs & OVERSIGHT


def test_somebody_without_a_role_may_do_nothing(node):
    assert actions.verbs(node.person("nobody"), node.now) == frozenset()


def test_a_verb_that_nobody_has_heard_of_is_nobodys(node):
    for role in PACKAGED:
        assert not actions.may(node.person(role, role), "publish-everything", node.now)


def test_requiring_a_verb_says_what_why_and_what_to_do(node):
    with pytest.raises(actions.NotAllowed) as refused:
        actions.require(node.person("analyst", "analyst"), "approve", node.now)
    assert "approve" in refused.value.sentence
    assert "administrator" in refused.value.remedy
    assert "analyst" not in refused.value.sentence


class TestTime:
    """Assignments lapse by business time."""

    @pytest.mark.parametrize(
        ("after", "held"),
        [
            (dt.timedelta(seconds=-1), False),
            (dt.timedelta(0), True),
            (DAY - dt.timedelta(microseconds=1), True),
            (DAY, False),
        ],
    )
    def test_from_its_beginning_until_before_its_end(self, node, after: dt.timedelta, held: bool):
        person, starts = node.person("a"), node.now + DAY
        actions.assign(person, "analyst", starts=starts, ends=starts + DAY, by=None, now=node.now)
        assert actions.may(person, "submit", starts + after) is held

    def test_an_ended_assignment_gives_nothing_from_that_moment(self, node):
        person = node.person("a", "analyst")
        assignment = Assignment.objects.get(person=person)
        actions.end_assignment(assignment, by=None, now=node.now + DAY)
        assert actions.may(person, "submit", node.now + DAY - dt.timedelta(seconds=1))
        assert not actions.may(person, "submit", node.now + DAY)
        actions.end_assignment(assignment, by=None, now=node.now + 2 * DAY)
        assert Assignment.objects.get(person=person).ends == node.now + DAY

    def test_one_that_has_not_begun_never_does(self, node):
        person = node.person("a")
        later = actions.assign(person, "analyst", starts=node.now + DAY, ends=node.now + 9 * DAY, by=None, now=node.now)
        actions.end_assignment(later, by=None, now=node.now)
        assert not any(actions.may(person, "submit", node.now + n * DAY) for n in range(10))

    def test_times_without_a_zone_are_refused(self, node):
        naive = dt.datetime(2026, 11, 23)
        with pytest.raises(NaiveTime):
            actions.assign(node.person("a"), "analyst", starts=naive, ends=node.now + DAY, by=None, now=node.now)

    @pytest.mark.parametrize(("starts", "ends"), [(1, 1), (2, 1), (-2, -1), (-1, 0)])
    def test_a_time_that_is_none_is_refused(self, node, starts: int, ends: int):
        with pytest.raises(actions.BadAssignment):
            actions.assign(
                node.person("a"),
                "analyst",
                starts=node.now + starts * DAY,
                ends=node.now + ends * DAY,
                by=None,
                now=node.now,
            )


class TestGranting:
    """A42: OpenCTI CVE-2026-44730. Whoever gives a role is an administrator, and not the one who gets it."""

    @pytest.mark.parametrize("role", sorted(PACKAGED))
    @pytest.mark.parametrize("giver", sorted(PACKAGED))
    def test_only_an_administrator_gives_a_role(self, node, giver: str, role: str):
        by, person = node.person("giver", giver), node.person("taker")
        give = {"starts": node.now, "ends": node.now + DAY, "by": by, "now": node.now}
        if giver == "administrator":
            actions.assign(person, role, **give)
            assert actions.verbs(person, node.now) == PACKAGED[role].verbs
        else:
            with pytest.raises(actions.NotAllowed):
                actions.assign(person, role, **give)
            assert not Assignment.objects.filter(person=person).exists()

    @pytest.mark.parametrize("role", sorted(PACKAGED))
    def test_nobody_gives_themselves_a_role(self, node, role: str):
        by = node.person("boss", "administrator")
        before = actions.verbs(by, node.now)
        with pytest.raises(actions.OwnAccount):
            actions.assign(by, role, starts=node.now, ends=node.now + DAY, by=by, now=node.now)
        assert actions.verbs(by, node.now) == before

    def test_an_administrator_whose_time_is_over_gives_nothing(self, node):
        by, person = node.person("boss", "administrator"), node.person("taker")
        later = node.now + 366 * DAY
        with pytest.raises(actions.NotAllowed):
            actions.assign(person, "analyst", starts=later, ends=later + DAY, by=by, now=later)

    def test_an_administrator_does_not_lengthen_or_end_their_own_role(self, node):
        by = node.person("boss", "administrator")
        with pytest.raises(actions.OwnAccount):
            actions.end_assignment(Assignment.objects.get(person=by), by=by, now=node.now)
        with pytest.raises(actions.OwnAccount):
            actions.deactivate(by, by=by, now=node.now)
        with pytest.raises(actions.OwnAccount):
            actions.reopen(by, by=by, now=node.now)

    def test_who_may_not_manage_people_closes_and_reopens_nothing(self, node):
        by, person = node.person("a", "analyst"), node.person("b", "analyst")
        with pytest.raises(actions.NotAllowed):
            actions.end_assignment(Assignment.objects.get(person=person), by=by, now=node.now)
        with pytest.raises(actions.NotAllowed):
            actions.deactivate(person, by=by, now=node.now)
        with pytest.raises(actions.NotAllowed):
            actions.reopen(person, by=by, now=node.now)

    def test_there_is_no_such_role(self, node):
        with pytest.raises(actions.UnknownRole) as refused:
            actions.assign(node.person("a"), "root", starts=node.now, ends=node.now + DAY, by=None, now=node.now)
        assert "releasing-officer" in refused.value.remedy

    def test_a_closed_account_gets_no_role_and_has_none(self, node):
        boss, person = node.person("boss", "administrator"), node.person("gone", "analyst")
        actions.deactivate(person, by=boss, now=node.now)
        assert actions.verbs(person, node.now) == frozenset()
        with pytest.raises(actions.BadAssignment):
            actions.assign(person, "analyst", starts=node.now, ends=node.now + DAY, by=boss, now=node.now)

    def test_a_closed_account_may_do_nothing_whatever_its_rows_say(self, node):
        person = node.person("gone", "analyst")
        Person.objects.filter(pk=person.pk).update(is_active=False)
        assert actions.verbs(person, node.now) == frozenset()


class TestExclusion:
    """The auditor excludes every operational role, both ways and over any common time."""

    @pytest.mark.parametrize("other", sorted({*PACKAGED} - {"auditor"}))
    @pytest.mark.parametrize("auditor_first", [True, False])
    def test_both_ways(self, node, other: str, auditor_first: bool):
        first, second = ("auditor", other) if auditor_first else (other, "auditor")
        person = node.person("a", first)
        with pytest.raises(actions.RolesClash):
            actions.assign(person, second, starts=node.now, ends=node.now + DAY, by=None, now=node.now)

    @pytest.mark.parametrize(
        ("starts", "ends", "clashes"),
        [(0, 10, False), (0, 11, True), (12, 13, True), (19, 30, True), (20, 30, False), (5, 25, True)],
    )
    def test_over_any_common_time(self, node, starts: int, ends: int, clashes: bool):
        person = node.person("a")
        give = {"by": None, "now": node.now}
        actions.assign(person, "auditor", starts=node.now + 10 * DAY, ends=node.now + 20 * DAY, **give)
        other = {"starts": node.now + starts * DAY, "ends": node.now + ends * DAY}
        if clashes:
            with pytest.raises(actions.RolesClash):
                actions.assign(person, "analyst", **other, **give)
        else:
            actions.assign(person, "analyst", **other, **give)

    @pytest.mark.parametrize("first", ["auditor", "administrator"])
    def test_rows_written_by_hand_give_nothing(self, node, first: str):
        """Fail closed: whoever can write to the database makes nobody an analyst who audits, or who gives out roles."""
        person = node.person("a", first)
        Assignment.objects.create(
            person=person, role_id="analyst", starts=node.now, ends=node.now + DAY, granted_by=None
        )
        assert actions.verbs(person, node.now) == frozenset()

    def test_two_roles_that_exclude_each_other_at_the_same_instant(self, node_live):
        """Two administrators, two connections: exactly one of the two roles is given."""
        node, outcomes = node_live, []
        person = node.person("a")
        ready = threading.Barrier(2)

        def give(role: str) -> None:
            ready.wait()
            try:
                actions.assign(person, role, starts=node.now, ends=node.now + DAY, by=None, now=node.now)
                outcomes.append(role)
            except actions.RolesClash:
                outcomes.append(None)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=give, args=(role,)) for role in ("auditor", "analyst")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(map(str, outcomes)) in (["None", "analyst"], ["None", "auditor"])


ROLES = st.builds(
    lambda code, verbs, excludes: RoleFacts(code=code, title=code, verbs=verbs, excludes=excludes),
    st.text("abc", min_size=1, max_size=2),
    st.frozensets(st.sampled_from(sorted(VERBS))),
    st.frozensets(st.text("abc", min_size=1, max_size=2)),
)


@given(st.lists(ROLES | st.sampled_from(list(PACKAGED.values())), max_size=5))
def test_no_hand_of_roles_gives_oversight_and_an_operational_verb(held: list[RoleFacts]):
    """Whatever roles an organisation names of its own."""
    verbs = verbs_of(held)
    assert not (verbs & OVERSIGHT and verbs & OPERATIONAL)
    assert verbs <= VERBS


@given(ROLES, ROLES)
def test_exclusion_is_symmetric(one: RoleFacts, other: RoleFacts):
    assert clash(one, other) == clash(other, one)
    assert not clash(one, one)


MOVES = st.lists(
    st.tuples(st.sampled_from(sorted(PACKAGED)), st.integers(0, 6), st.integers(1, 4)), min_size=1, max_size=6
)


@given(moves=MOVES)
def test_no_sequence_of_assignments_gives_an_auditor_an_operational_verb(moves: list[tuple[str, int, int]]):
    """The model of `assign`: what it lets stand, looked at on every day."""
    held: list[tuple[RoleFacts, int, int]] = []
    for code, starts, length in moves:
        role = PACKAGED[code]
        if not any(clash(role, other) and starts < end and start < starts + length for other, start, end in held):
            held.append((role, starts, starts + length))
    for day in range(11):
        today = [role for role, start, end in held if start <= day < end]
        verbs = verbs_of(today)
        assert not (any(role.code == "auditor" for role in today) and verbs & OPERATIONAL)
        assert verbs == frozenset().union(*(role.verbs for role in today))
