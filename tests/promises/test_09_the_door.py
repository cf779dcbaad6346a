"""Promise 9: one door. What stands in front of it, what stands behind it, and that nothing else gives anything out.

Canaries are planted wherever material can be that a partner may not have, and every function that yields what partners
get is driven as each partner. `test_09_one_door.py` does the same for every route.
"""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
import inspect
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.node.conftest import node, seeds  # noqa: F401  (fixtures)
from tests.node.world import BR, JP, RED, Content, World, incident, indicator, sdo

from comity.canon import ComityError
from comity.messages import Withdrawal
from comity.node.border import actions as border
from comity.node.border import door
from comity.node.border.models import Collection, Release, Shelved
from comity.node.border.versions import place_of, version_key
from comity.node.exchange.client.partner import envelope_of
from comity.node.exchange.serving import objects as serving
from comity.node.treaties import actions as treaties
from comity.node.treaties.models import Flow
from comity.node.vault import actions as vault
from comity.node.vault.models import Holding

NODE = Path(__file__).resolve().parents[2] / "src" / "comity" / "node"
DAY = dt.timedelta(days=1)
ALLOWED = "canary-allowed"


# -- only the door makes what partners get


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(NODE.rglob("*.py")):
        yield path.relative_to(NODE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def makers(tree: ast.Module) -> set[str]:
    """What of the door's own a module makes, or reaches for: `Released`, `Record`, and the key to them."""
    found: set[str] = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.Call):
            name = one.func.attr if isinstance(one.func, ast.Attribute) else getattr(one.func, "id", "")
            arguments = {ast.unparse(argument).rpartition(".")[2] for argument in one.args}
            found |= {name} & {"Released", "Record"}
            if name in ("__new__", "construct", "make_dataclass", "replace"):
                found |= arguments & {"Released", "Record"}
        if isinstance(one, ast.Name | ast.Attribute) and ast.unparse(one).rpartition(".")[2] == "_KEY":
            found.add("_KEY")
    return found


def test_no_module_but_the_door_makes_a_released_object() -> None:
    assert {path for path, tree in modules() if makers(tree)} == {"border/door.py"}


@pytest.mark.parametrize(
    "planted",
    [
        "item = Released(body=b'')",
        "item = door.Released(body=b'', key=door._KEY)",
        "item = object.__new__(door.Released)",
        "from comity.node.border import door\nkey = door._KEY",
    ],
)
def test_a_module_that_would_is_found(planted: str) -> None:
    assert makers(ast.parse(planted))


def reaching(tree: ast.Module) -> set[str]:
    """Tables with content that a module names, by import or as an attribute of `models`."""
    content = {"Shelved", "Release", "Submission", "Crossing", "Quarantined", "Holding", "Arrival", "Question"}
    found: set[str] = set()
    for one in ast.walk(tree):
        if isinstance(one, ast.ImportFrom) and (one.module or "").startswith("comity.node."):
            found |= {alias.name for alias in one.names}
        if isinstance(one, ast.Attribute):
            found.add(one.attr)
    return found & content


@pytest.mark.parametrize("folder", ["exchange/serving", "exchange/client", "exchange/outgoing"])
def test_nothing_that_talks_to_partners_reads_a_table_with_content(folder: str) -> None:
    assert {path: found for path, tree in modules() if path.startswith(folder) and (found := reaching(tree))} == {}


def test_one_that_would_is_found() -> None:
    assert reaching(ast.parse("from comity.node.border.models import Collection, Shelved")) == {"Shelved"}
    assert reaching(ast.parse("from comity.node.border import models\nx = models.Release.objects")) == {"Release"}


@dataclasses.dataclass(frozen=True)
class Lookalike:
    """Everything that a `Released` has."""

    collection: UUID
    object_id: str
    type: str
    version: str
    spec_version: str
    date_added: dt.datetime
    body: bytes


def test_what_looks_like_a_released_object_is_not_sent(world: World) -> None:
    world.sent([indicator(ALLOWED)])
    item = world.page().items[-1]
    fake = Lookalike(**{f.name: getattr(item, f.name) for f in dataclasses.fields(Lookalike)})
    assert envelope_of([item])
    assert [*serving._bodies([item])] == [item.body]
    for give in (envelope_of, lambda items: [*serving._bodies(items)]):
        with pytest.raises(door.NotThroughTheDoor):
            give([fake])


YIELDS = {"read", "manifest", "versions", "for_posting"}  # what the door gives out


def test_only_the_door_s_four_functions_give_out_what_partners_get() -> None:
    """Of everything public in the border: whatever says that it returns what partners get."""
    giving: set[str] = set()
    for owner in (door, border):
        for name, one in inspect.getmembers(owner, inspect.isfunction):
            returns = str(one.__annotations__.get("return", ""))
            if not name.startswith("_") and any(word in returns for word in ("Released", "Record", "Page", "bytes")):
                giving.add(name)
    assert giving == YIELDS


# -- canaries


@pytest.fixture
def world(node: Any) -> World:  # noqa: F811
    return World(node)


@dataclasses.dataclass
class Planted:
    """A word that a partner must not see, and why."""

    word: str
    hidden_from: tuple[str, ...]
    objects: tuple[Content, ...]


def plant(world: World) -> list[Planted]:
    """Material in every state in which a partner may not have it. Each has a word that occurs nowhere else."""
    planted: list[Planted] = []
    both = (BR, JP)

    def hide(word: str, *objects: Content, hidden_from: tuple[str, ...] = both) -> tuple[Content, ...]:
        planted.append(Planted(word, hidden_from, objects))
        return objects

    # What expires: sent long before all else.
    world.sent([*hide("canary-expired", indicator("canary-expired"))], to=both)
    expires = Holding.objects.get(object_id=indicator("canary-expired")["id"], partner=BR).expires
    world.later(expires - world.now)
    # What a rule denies, and what a person has not decided, or has refused.
    (denied,) = hide("canary-red", {**indicator("canary-red"), "object_marking_refs": [RED]})
    (waiting,) = hide("canary-waiting", incident("canary-waiting"))
    (rejected,) = hide("canary-rejected", incident("canary-rejected"))
    mail = "canary.mail@kannatanu.example"
    (told,) = hide("canary.mail", sdo("note", "told", content=f"Write to {mail}.", object_refs=[denied["id"]]))
    world.sent([denied, waiting, rejected, told], to=both, collected_by="victim-log")
    for question in world.questions():
        if question.object_id == rejected["id"]:
            border.reject(question, ground="personal-data", by=world.officer, now=world.now)
    # What was taken back, and what an officer stripped.
    (withdrawn,) = hide("canary-withdrawn", indicator("canary-withdrawn"))
    world.sent([withdrawn], to=both)
    for release in Release.objects.filter(items__object_id=withdrawn["id"]):
        border.withdraw(release, objects=[withdrawn["id"]], why=Withdrawal.ERROR, by=world.officer, now=world.now)
    stripped = sdo("malware", "stripped", name="stripped", is_family=True, description="canary-stripped")
    crossings = world.submitted([stripped], to=both)
    planted.append(Planted("canary-stripped", both, ()))
    for crossing in crossings:
        border.strip(
            crossing.submission,
            flows=[crossing.flow],
            object_id=stripped["id"],
            paths=["/description"],
            by=world.officer,
            now=world.now,
        )
    # What came from one partner, or was set apart.
    (theirs,) = hide("canary-received", indicator("canary-received"))
    # Its sender is told that it was set apart.
    (apart,) = hide("canary-apart", {**indicator("canary-apart"), "object_marking_refs": [RED]}, hidden_from=(BR,))
    world.arrives([theirs, apart], partner=JP)
    # What is one partner's alone; what both may have; what is not published yet.
    world.sent([*hide("canary-for-br", indicator("canary-for-br"), hidden_from=(JP,))], to=(BR,))
    world.sent([*hide("canary-for-jp", indicator("canary-for-jp"), hidden_from=(BR,))], to=(JP,))
    world.sent([indicator(ALLOWED)], to=both)
    world.submitted([*hide("canary-unpublished", indicator("canary-unpublished"))], to=both)
    return planted


def queries(planted: list[Planted], now: dt.datetime) -> Iterator[door.Selection]:
    """Whatever a partner may ask: everything, each object by its name, its type, its version, and from any place."""
    ids = frozenset(one["id"] for hidden in planted for one in hidden.objects)
    exact = frozenset(version_key(one["modified"]) for hidden in planted for one in hidden.objects)
    types = frozenset(("indicator", "incident", "note", "malware"))
    yield door.Selection(versions=door.EVERY)
    yield door.Selection(versions=door.EVERY, after_sequence=place_of(now - 400 * DAY), limit=10**9)
    yield door.Selection(versions=door.LAST, ids=ids)
    yield door.Selection(versions=door.Versions(first=True), types=types, added_after=now - 400 * DAY)
    yield door.Selection(versions=door.Versions(exact=exact), spec_versions=frozenset(("2.1", "2.0")))
    for one in sorted(ids):
        yield door.Selection(ids=frozenset((one,)), versions=door.EVERY, limit=1)


def everything_given(world: World, partner: str, planted: list[Planted]) -> str:
    """All that the door gives this partner, from any collection there is, by any function: one long text."""
    said: list[str] = []

    def drive(give: Callable[[], Any]) -> None:
        try:
            said.append(repr(give()))
        except ComityError as error:
            said.append(f"{error.sentence} {error.remedy}")

    names = [one["id"] for hidden in planted for one in hidden.objects]
    for collection, query in itertools.product(Collection.objects.all(), queries(planted, world.now)):
        drive(lambda c=collection, q=query: door.read(c, q, partner=partner, now=world.now))
        drive(lambda c=collection, q=query: door.manifest(c, q, partner=partner, now=world.now))
    for collection, name in itertools.product(Collection.objects.all(), names):
        drive(lambda c=collection, n=name: door.versions(c, n, door.Selection(), partner=partner, now=world.now).items)
    for row in Shelved.objects.filter(collection__partner=partner).select_related("collection"):
        drive(lambda r=row: door.for_posting(r, now=world.now))
    return "\n".join(said)


def test_no_canary_is_given_to_whom_it_is_hidden_from(world: World) -> None:
    planted = plant(world)
    assert len(planted) == 12
    for partner in (BR, JP):
        given = everything_given(world, partner, planted)
        assert ALLOWED in given, "the search finds what is there"
        hidden = [one for one in planted if partner in one.hidden_from]
        assert [one.word for one in hidden if one.word in given] == []
        # A bill names what it lists, so ids of what was withdrawn or has expired stand in it, where it stands; ids of
        # what never went to this partner stand nowhere.
        never = [one for one in hidden if one.word not in ("canary-withdrawn", "canary-expired")]
        assert [one.word for one in never for content in one.objects if content["id"] in given] == []


def test_each_canary_would_be_seen_if_it_were_let_out(world: World) -> None:
    """The test above can fail: what is hidden from one partner alone is found when the other asks."""
    planted = plant(world)
    given = {partner: everything_given(world, partner, planted) for partner in (BR, JP)}
    assert ("canary-for-br" in given[BR], "canary-for-br" in given[JP]) == (True, False)
    assert ("canary-for-jp" in given[JP], "canary-for-jp" in given[BR]) == (True, False)


@pytest.mark.parametrize(
    "change", ["suspended", "ended", "not begun", "stale", "deleted", "withdrawn", "consent withdrawn", "unpublished"]
)
def test_what_stands_is_gone_from_every_function_the_moment_a_condition_falls(world: World, change: str) -> None:
    world.sent([indicator(ALLOWED)], to=(BR, JP))
    planted = [Planted(ALLOWED, (), (indicator(ALLOWED),))]
    assert ALLOWED in everything_given(world, BR, planted)
    today, rows = world.now.date(), Shelved.objects.filter(object_id=indicator(ALLOWED)["id"], collection__partner=BR)
    match change:
        case "suspended":
            treaties.suspend(world.flow(), "personal-data-breach", now=world.now, by=world.officer)
        case "ended":
            Flow.objects.filter(pk=world.flow().pk).update(ends=today - DAY)
        case "not begun":
            Flow.objects.filter(pk=world.flow().pk).update(starts=today + DAY)
        case "stale":
            world.later(25 * dt.timedelta(hours=1), witnessed=False)
        case "deleted":
            vault.delete(Holding.objects.filter(shelved__in=rows), "erasure", world.now)
        case "withdrawn":
            border.withdraw(rows.get().release, why=Withdrawal.ERROR, by=world.officer, now=world.now)
        case "consent withdrawn":
            about = {"objects": [indicator(ALLOWED)["id"]], "by": world.privacy, "now": world.now}
            consent = treaties.record_consent(of="victim-organisation", reference="case-7", **about)
            rows.get().consents.add(consent)
            treaties.withdraw_consent(consent, by=world.privacy, now=world.now)
        case "unpublished":
            rows.update(date_added=None)
    assert ALLOWED not in everything_given(world, BR, planted)
    if change != "stale":
        assert ALLOWED in everything_given(world, JP, planted), "the other partner's shelf is another's"


def test_an_approval_lets_out_its_canary_and_no_other(world: World) -> None:
    one, two = incident("canary-one"), incident("canary-two")
    world.sent([one, two], collected_by="victim-log")
    planted = [Planted("canary-one", (), (one,)), Planted("canary-two", (), (two,))]
    (first,) = (question for question in world.questions() if question.object_id == one["id"])
    world.approved(first)
    world.publish()
    given = everything_given(world, BR, planted)
    assert ("canary-one" in given, "canary-two" in given) == (True, False)
