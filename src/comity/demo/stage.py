"""The stage the demo plays on: one day, one law pack, three parties with throw-away keys, and every crossing once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.agreement import Agreement, Plan, parse
from comity.agreement import compile as compile_plan
from comity.canon import midnight
from comity.crossing import Circumstances, Crossing, Keys, Reason, cross, observe
from comity.demo.packaged import ANNEXES, BASELINE, Packaged
from comity.law import Law
from comity.ledger import TileStore, public_key_text
from comity.material import Material, read_material

DAY = dt.date(2026, 11, 23)  # the demo's business day; the incident was written up the day before
ORIGIN = "cert-ee"
PURPOSE = "incident-response"
COLLECTED_BY = "victim-log"
COUNTRIES = {"cert-br": "Brazil", "cert-jp": "Japan"}
PARTIES = (ORIGIN, *COUNTRIES)

T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # what is being done, how many objects are done, of how many


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Facts in. `keys` are the parties' signing keys, `secret` the 32 bytes that crossings are keyed with."""

    packaged: Packaged
    law: Law
    keys: Mapping[str, Ed25519PrivateKey]
    secret: bytes
    store: TileStore  # where the log of bills is kept
    progress: Progress
    _kept: dict[tuple[object, ...], Any] = field(default_factory=dict, repr=False)

    def baseline(self) -> Agreement:
        return self._once(("agreement", BASELINE), lambda: parse(self._with_keys(BASELINE), f"{BASELINE}.yaml"))

    def annex(self, partner: str) -> Agreement:
        """The annex with a partner, over the baseline as the demo's parties signed it."""
        name = ANNEXES[partner]

        def read() -> Agreement:
            text = re.sub(rb"sha256:[0-9a-f]{64}", self.baseline().digest.encode(), self._with_keys(name), count=1)
            return parse(text, f"{name}.yaml")

        return self._once(("agreement", name), read)

    def _with_keys(self, name: str) -> bytes:
        """The text with the demo's keys in place of the pinned ones: nobody here has the keys the examples pin."""
        text = self.packaged.agreement(name).decode()
        for party, key in self.keys.items():
            pinned = rf'(- id: {party}\n(?:    .*\n)*?    key: )"[^"]*"'
            text = re.sub(pinned, rf'\g<1>"{public_key_text(key.public_key())}"', text)
        return text.encode()

    def plan(self, partner: str, on: dt.date = DAY) -> Plan:
        def compiled() -> Plan:
            annex = self.annex(partner)
            return compile_plan(annex, self.law, flow=(ORIGIN, partner), on=on, baseline=self.baseline())

        return self._once(("plan", partner, on), compiled)

    def crossing_keys(self, partner: str) -> Keys:
        return self._once(("keys", partner), lambda: Keys(self.secret, ANNEXES[partner]))

    def material(self, name: str) -> Material:
        return self._once(
            ("material", name), lambda: read_material(self.packaged.read(name), now=midnight(DAY), at=name)
        )

    def circumstances(self, name: str, partner: str, purpose: str, approved: frozenset[str]) -> Circumstances:
        return self._once(
            ("circumstances", name, partner, purpose, approved),
            lambda: observe(
                self.material(name).bundle,
                self.crossing_keys(partner),
                purpose=purpose,
                collected_by=COLLECTED_BY,
                approved=approved,
            ),
        )

    def crossing(
        self, name: str, partner: str, purpose: str = PURPOSE, approved: frozenset[str] = frozenset()
    ) -> Crossing:
        """A crossing of one file, done once and kept."""
        return self._once(
            ("crossing", name, partner, purpose, approved), lambda: self.cross_again(name, partner, purpose, approved)
        )

    def cross_again(
        self, name: str, partner: str, purpose: str = PURPOSE, approved: frozenset[str] = frozenset()
    ) -> Crossing:
        """The same crossing from the beginning, however often it was done before."""
        bundle = self.material(name).bundle
        return cross(
            bundle,
            self.plan(partner),
            self.circumstances(name, partner, purpose, approved),
            self.crossing_keys(partner),
            midnight(DAY),
            progress=lambda done: self.progress(f"{name} to {COUNTRIES[partner]}", done, len(bundle)),
        )

    def approved(self, name: str, partner: str, purpose: str = PURPOSE) -> Crossing:
        """The crossing after a second person approved the release of what waited, without its doubtful spans."""
        first = self.crossing(name, partner, purpose)
        return self.crossing(name, partner, purpose, frozenset(release_referrals(first)))

    def _once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        if key not in self._kept:
            self._kept[key] = make()
        kept: T = self._kept[key]
        return kept


def release_referrals(crossing: Crossing) -> list[str]:
    """The questions whether an object may be released at all; whether a doubtful span may go is asked apart."""
    return [d.referral for d in crossing.decisions() if d.referral and Reason.RELEASE_APPROVED.value in d.reasons]
