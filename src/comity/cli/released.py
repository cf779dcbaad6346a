"""What was released: the bundle that crossed, matched line by line with the record of why it may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.canon import InputError, Json, digest_of, loads, parse_instant, printable
from comity.cli.files import read_bytes
from comity.material import read_bundle
from comity.messages import Listed, Release

_SHARED = (  # what every line of a record says of the whole crossing
    "agreement",
    "agreement_digest",
    "baseline_digest",
    "circumstances_digest",
    "detectors",
    "from",
    "law_digest",
    "law_version",
    "now",
    "program",
    "purpose",
    "to",
)


class BadRecord(InputError):
    what = "the record {path} does not fit"
    why = "{reason}"
    do = "give the bundle and the record that one run of `comity screen` wrote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release as its files tell it."""

    release: Release
    objects: tuple[Listed, ...]


def read_released(bundle: Path, record: Path, *, made_at: dt.datetime | None = None) -> Released:
    """Match each object of a bundle with the decision that let it leave.

    Args:   made_at: when the bill is made; the time of the crossing when absent.
    Raises: CannotRead; StrictJsonError and what reading a bundle raises; BadRecord for an object without a permit, one
            that is not as it was decided, one that was decided and is not there, or lines of more than one crossing.
    """

    def refuse(reason: str) -> BadRecord:
        return BadRecord(path=record, reason=reason)

    lines = list(_lines(record))
    if not lines:
        raise refuse("it is empty")
    try:
        shared = {name: lines[0][name] for name in _SHARED}
        if any(line[name] != value for line in lines for name, value in shared.items()):
            raise refuse("its lines are not of one crossing")
        permits = {
            (line["outgoing_id"], line["outgoing_version"]): line
            for line in lines
            if line["outcome"] == "permit" and line["outgoing_id"] is not None
        }
        release = _release(shared, made_at)
        if release.made_at < parse_instant(shared["now"]):
            raise refuse("the bill would be older than the crossing")
        listed = []
        for obj in read_bundle(read_bytes(bundle), at=bundle.name):
            line = permits.pop((obj.id, obj.version), None)
            if line is None:
                raise refuse(f"no line permits the object {printable(obj.id)}")
            listed.append(_listed(line))
            if digest_of(dict(obj.content)) != listed[-1].digest:
                raise refuse(f"the object {printable(obj.id)} is not as it was decided")
    except (KeyError, TypeError, ValueError) as error:
        raise refuse(f"{type(error).__name__} while reading it") from error
    if permits:
        raise refuse(f"the object {printable(next(iter(permits))[0])} was permitted and is not in the bundle")
    return Released(release=release, objects=tuple(listed))


def _lines(record: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(read_bytes(record).splitlines(), start=1):
        value = loads(line, at=f"{record.name}:{number}")
        if not isinstance(value, dict):
            raise BadRecord(path=record, reason=f"line {number} is not an object")
        yield value


def _release(shared: dict[str, Json], made_at: dt.datetime | None) -> Release:
    agreement, _, version = shared["agreement"].rpartition("/")
    return Release(
        agreement=agreement,
        agreement_version=int(version),
        agreement_digest=shared["agreement_digest"],
        baseline_digest=shared["baseline_digest"],
        origin=shared["from"],
        destination=shared["to"],
        purpose=shared["purpose"],
        circumstances_digest=shared["circumstances_digest"],
        law_version=shared["law_version"],
        law_digest=shared["law_digest"],
        program=shared["program"],
        detectors=shared["detectors"],
        made_at=made_at or parse_instant(shared["now"]),
    )


def _listed(line: dict[str, Json]) -> Listed:
    return Listed(
        id=line["outgoing_id"],
        version=line["outgoing_version"],
        digest=line["digest"],
        clauses=tuple(line["clauses"]),
        law=tuple(line["law"]),
        expires=line["expires"],
    )
