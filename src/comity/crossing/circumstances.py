"""Circumstances: the frozen facts a crossing depends on beside the material and the plan (promise 8).

Read in one step before the crossing, never during it. The digest is in every record, so a crossing can be done again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

from comity.canon import InputError, Tlp, digest_of, format_instant, parse_instant
from comity.privacy import Neighbourhood

_NONE: Mapping[str, Any] = MappingProxyType({})


class BadCircumstances(InputError):
    what = "these are not circumstances of a crossing"
    why = "{reason}"
    do = "give the file that `comity screen --circumstances-out` wrote, unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A recorded permission of one of the three kinds a share clause can ask for (ISO/IEC TS 27560)."""

    of: str  # originator, victim-organisation or data-subject
    objects: frozenset[str]  # STIX ids it is about; empty: all of this submission
    until: dt.datetime | None
    reference: str  # where the consent itself is kept

    def covers(self, object_id: str, now: dt.datetime) -> bool:
        return (not self.objects or object_id in self.objects) and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The terms an object was received under from someone else; its originator's caveats travel with it."""

    originator: str
    ceiling: Tlp
    purposes: frozenset[str]
    onward_to: frozenset[str]  # parties the originator lets it go on to; empty: nobody without being asked


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """See the module. `held` maps a source id to the id the partner already holds it under."""

    purpose: str
    neighbourhood: Neighbourhood
    definitions: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _NONE)  # of markings, by id
    # Tags of the objects these were observed on: of another one nothing is known, so it stays. None: not said.
    observed: frozenset[str] | None = None
    newest: Mapping[str, str] = field(default_factory=lambda: _NONE)  # of ids seen in several versions
    submitter: str | None = None  # a pseudonym; who it is stands in the overseer's register alone
    collected_by: str | None = None  # how the submitter says it was collected: victim-log, sinkhole, ...
    consents: tuple[Consent, ...] = ()
    crisis: str | None = None  # the id of a declared crisis
    received: Mapping[str, Received] = field(default_factory=lambda: _NONE)
    first_receipt: Mapping[str, dt.datetime] = field(default_factory=lambda: _NONE)
    held: Mapping[str, str] = field(default_factory=lambda: _NONE)
    approved: frozenset[str] = frozenset()  # referrals that an officer who did not submit them has approved
    # What treatment removed anywhere in the whole, sealed under the agreement's secret: a part is searched for it too.
    # None: not said. `Crossing.circumstances` says it.
    treated: str | None = None
    releasing: bool = False  # False: on paper; nothing leaves by it, so no proof is asked
    witnessed_at: dt.datetime | None = None  # of the newest checkpoint that the partners cosigned

    def to_json(self) -> dict[str, Any]:
        """A JSON object that `from_json` reads back to an equal value."""
        return {
            "approved": sorted(self.approved),
            "collected_by": self.collected_by,
            "consents": [
                {
                    "of": consent.of,
                    "objects": sorted(consent.objects),
                    "until": consent.until and format_instant(consent.until),
                    "reference": consent.reference,
                }
                for consent in self.consents
            ],
            "crisis": self.crisis,
            "definitions": {key: dict(content) for key, content in self.definitions.items()},
            "first_receipt": {key: format_instant(at) for key, at in self.first_receipt.items()},
            "held": dict(self.held),
            "neighbourhood": self.neighbourhood.to_json(),
            "newest": dict(self.newest),
            "observed": None if self.observed is None else sorted(self.observed),
            "purpose": self.purpose,
            "received": {
                key: {
                    "originator": terms.originator,
                    "ceiling": terms.ceiling.word,
                    "purposes": sorted(terms.purposes),
                    "onward_to": sorted(terms.onward_to),
                }
                for key, terms in self.received.items()
            },
            "releasing": self.releasing,
            "submitter": self.submitter,
            "treated": self.treated,
            "witnessed_at": self.witnessed_at and format_instant(self.witnessed_at),
        }

    @classmethod
    def from_json(cls, value: Any, tag: Callable[[str], str]) -> Circumstances:
        """`tag` names values as it did when they were observed: `Keys.tag`. Raises: BadCircumstances."""
        try:
            names = set(value)
            if names != _NAMES:
                odd = sorted(names ^ _NAMES)
                raise BadCircumstances(reason=f"the members {', '.join(map(ascii, odd[:5]))} are missing or unknown")
            return cls(
                approved=frozenset(value["approved"]),
                collected_by=value["collected_by"],
                consents=tuple(
                    Consent(
                        of=item["of"],
                        objects=frozenset(item["objects"]),
                        until=item["until"] and parse_instant(item["until"]),
                        reference=item["reference"],
                    )
                    for item in value["consents"]
                ),
                crisis=value["crisis"],
                definitions=dict(value["definitions"]),
                first_receipt={key: parse_instant(at) for key, at in value["first_receipt"].items()},
                held=dict(value["held"]),
                neighbourhood=Neighbourhood.from_json(value["neighbourhood"], tag),
                newest=dict(value["newest"]),
                observed=None if value["observed"] is None else frozenset(value["observed"]),
                purpose=value["purpose"],
                received={
                    key: Received(
                        originator=terms["originator"],
                        ceiling=Tlp.of(terms["ceiling"]),
                        purposes=frozenset(terms["purposes"]),
                        onward_to=frozenset(terms["onward_to"]),
                    )
                    for key, terms in value["received"].items()
                },
                releasing=value["releasing"],
                submitter=value["submitter"],
                treated=value["treated"],
                witnessed_at=value["witnessed_at"] and parse_instant(value["witnessed_at"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadCircumstances(reason=f"{type(error).__name__} while reading them") from error

    @cached_property
    def digest(self) -> str:
        """sha256 of the canonical form."""
        return digest_of(self.to_json())


_NAMES = frozenset(field.name for field in fields(Circumstances))
