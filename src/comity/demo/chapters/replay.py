"""Chapter seven: the same inputs give the same bytes, and splitting the bundle changes no decision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from comity.canon import midnight
from comity.crossing import Decision, cross, record
from comity.demo.chapter import Chapter, Check
from comity.demo.packaged import INCIDENT
from comity.demo.stage import COUNTRIES, DAY, PURPOSE, Stage, release_referrals


def replay(stage: Stage) -> Chapter:
    table = Table("to", "what", "first", "again", title="sha256 of what was written")
    pairs: list[tuple[str, str, str]] = []
    for partner, country in COUNTRIES.items():
        first = stage.approved(INCIDENT, partner)
        again = stage.cross_again(
            INCIDENT, partner, PURPOSE, frozenset(release_referrals(stage.crossing(INCIDENT, partner)))
        )
        for what, one, other in (
            ("bundle", first.bundle(), again.bundle()),
            ("record", record(first), record(again)),
        ):
            pairs.append((f"{what} to {country}", _sha256(one), _sha256(other)))
            table.add_row(country, what, *(Text(f"{digest[:20]}...") for digest in pairs[-1][1:]))
    same, compared = _split(stage, next(iter(COUNTRIES)))
    return Chapter(
        title="The same again",
        intro="Everything is crossed once more from the beginning, then in two halves under the same circumstances.",
        body=(table,),
        checks=tuple(_checks(pairs, same, compared)),
        facts={"digests": {what: [one, other] for what, one, other in pairs}, "split": {"same": same, "of": compared}},
    )


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _split(stage: Stage, partner: str) -> tuple[int, int]:
    """How many objects are judged alike in a half as in the whole, and how many there are."""
    whole = stage.approved(INCIDENT, partner)
    objects = list(stage.material(INCIDENT).bundle)
    middle = len(objects) // 2
    in_halves: dict[str, Decision] = {}
    for half in (objects[:middle], objects[middle:]):
        part = cross(half, whole.plan, whole.circumstances, stage.crossing_keys(partner), midnight(DAY))
        in_halves |= {decision.id: decision for decision in part.decisions() if decision.place != "added"}
    compared = [decision for decision in whole.decisions() if decision.id in in_halves and decision.place != "added"]
    return sum(_judged(one) == _judged(in_halves[one.id]) for one in compared), len(objects)


def _judged(decision: Decision) -> tuple[object, ...]:
    """What the object itself comes to; which references resolve depends on what crosses beside it."""
    return decision.detections, decision.marking, decision.dropped


def _checks(pairs: list[tuple[str, str, str]], same: int, compared: int) -> Iterator[Check]:
    yield Check(
        shown="run twice, the bundle and the record are the same byte for byte",
        held=bool(pairs) and all(one == other for _, one, other in pairs),
        evidence=f"{len(pairs)} digests compared",
    )
    yield Check(
        shown="split in two, every object is judged as before",
        held=same == compared > 0,
        evidence=f"{same} of {compared} objects",
    )
