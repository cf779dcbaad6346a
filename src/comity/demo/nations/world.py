"""The demo's world: three nations, their people, one clock, and what happened so far."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from comity.canon import format_instant
from comity.demo.nations.desk import Desk, sign_in
from comity.demo.nations.nation import Nation, free_ports
from comity.demo.nations.stopwatch import Stopwatch
from comity.demo.packaged import Packaged

ORIGIN = "cert-ee"
NAMES = {ORIGIN: "CERT-EE", "cert-br": "CERT.br", "cert-jp": "JPCERT/CC"}
COUNTRIES = {ORIGIN: "Estonia", "cert-br": "Brazil", "cert-jp": "Japan"}
PARTNERS = tuple(party for party in NAMES if party != ORIGIN)
BEGINS = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
PEOPLE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    # The analyst has an officer's role too, and still cannot approve what they submitted.
    ORIGIN: {
        "analyst": ("analyst", "duty-officer", "releasing-officer"),
        "officer": ("releasing-officer",),
        "admin": ("administrator",),
    },
    "cert-br": {"officer": ("releasing-officer",), "admin": ("administrator",)},
    "cert-jp": {"officer": ("releasing-officer",), "admin": ("administrator",)},
}
PATIENCE = 60.0  # seconds that anything may take that nodes do by themselves

T = TypeVar("T")
Doing = Callable[[str], None]


@dataclass
class World:
    """Made in a folder of its own. `doing` is told what is being waited for."""

    folder: Path
    packaged: Packaged
    doing: Doing
    nations: dict[str, Nation] = field(default_factory=dict)
    desks: dict[tuple[str, str], Desk] = field(default_factory=dict)
    enrolled: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    releases: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id, as last seen
    submissions: dict[str, str] = field(default_factory=dict)  # what -> id

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    @property
    def origin(self) -> Nation:
        return self.nations[ORIGIN]

    def desk(self, username: str, party: str = ORIGIN) -> Desk:
        return self.desks[party, username]

    def build(self) -> None:
        """Make the nodes, enrol the people, start the processes, sign in."""
        self.set_clock(BEGINS)
        for (party, name), port in zip(NAMES.items(), free_ports(len(NAMES)), strict=True):
            self.nations[party] = Nation(folder=self.folder / party, party=party, name=name, port=port)
        self._each("making three nodes, with keys and databases of their own", self._make)
        self._each("starting a server and a worker for each", lambda nation: nation.start())
        self._each("people sign in with password and code", self._sign_in)

    def stop(self) -> None:
        for nation in self.nations.values():
            nation.stop()

    def set_clock(self, instant: dt.datetime) -> None:
        """The clock that the three nodes share; it runs on from there."""
        beside = self.folder / "clock.new"
        beside.write_text(format_instant(instant) + "\n", encoding="ascii")
        beside.replace(self.clock)

    def until(self, doing: str, ask: Callable[[], T], enough: Callable[[T], bool] = bool) -> T:
        """Ask until the answer is enough, or patience ends: the last answer, whatever it is."""
        self.doing(doing)
        waited = Stopwatch()
        while True:
            answer = ask()
            if enough(answer) or waited.seconds > PATIENCE:
                return answer
            time.sleep(0.2)

    def releases_of(self, submission: str) -> list[dict[str, Any]]:
        """The releases of a submission, and how they stand now."""
        whole = self.desk("officer").get(f"/api/submissions/{submission}")
        ids = {release for crossing in whole["crossings"] for release in crossing["releases"]} | {
            key for key, one in self.releases.items() if one.get("submission") == submission
        }
        found = [one for one in self.desk("officer").get("/api/releases") if one["id"] in ids]
        for one in found:
            self.releases[one["id"]] = {**one, "submission": submission}
        return found

    def delivered(self, submission: str) -> list[dict[str, Any]]:
        """Wait until each partner has countersigned all that was released of it."""

        def complete(releases: list[dict[str, Any]]) -> bool:
            return bool(releases) and all(one["complete_at"] for one in releases)

        doing = "partners witness the log, read, verify and countersign"
        return self.until(doing, lambda: self.releases_of(submission), complete)

    def _make(self, nation: Nation) -> None:
        nation.make(authority=self.folder / "authority", clock=self.clock)
        for username, roles in PEOPLE[nation.party].items():
            self.enrolled[nation.party, username] = nation.enrol(username, f"The {username} of {nation.name}", *roles)

    def _sign_in(self, nation: Nation) -> None:
        for username in PEOPLE[nation.party]:
            self.desks[nation.party, username] = sign_in(nation, username, self.enrolled[nation.party, username])

    def _each(self, doing: str, what: Callable[[Nation], None]) -> None:
        self.doing(doing)
        with ThreadPoolExecutor(len(self.nations)) as pool:
            list(pool.map(what, self.nations.values()))


def status(world: World, party: str) -> Mapping[str, Any]:
    """Of a nation's log."""
    found: Mapping[str, Any] = world.desk("admin", party).get("/api/ledger/status")
    return found
