"""What the demo reads: packaged with the program, or a folder of the same layout that a test has damaged."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from comity.canon import loads

BASELINE = "csirt-baseline"
ANNEXES = {"cert-br": "ee-br-csirt", "cert-jp": "ee-jp-csirt"}
"""Partner -> the annex under which it may be told."""

INCIDENT = "hospital.json"
MATERIALS = {
    "attack-ics-slice.json": "ATT&CK for ICS 18.1 (real, a slice)",
    "misp/eset-kamino.json": "MISP: Kamino, by ESET (real)",
    "misp/circl-cerber.json": "MISP: Cerber, by CIRCL (real)",
    "misp/circl-qakbot-emotet.json": "MISP: Emotet, by CIRCL (real)",
    INCIDENT: "the hospital incident (invented)",
}
"""File -> what a reader is told it is."""


def _package() -> Traversable:
    return files("comity.demo") / "data"


@dataclass(frozen=True)
class Packaged:
    """The demo's data. `folder`: where it lies; the package when absent."""

    folder: Traversable = field(default_factory=_package)

    def read(self, name: str) -> bytes:
        return self.folder.joinpath(*name.split("/")).read_bytes()

    def agreement(self, name: str) -> bytes:
        return self.read(f"agreements/{name}.yaml")

    def planted(self, whose: str) -> list[str]:
        """Values that the incident was written to hold: those of `people`, or those of the `threat`."""
        document: Any = loads(self.read("planted.json"))
        return [str(value) for value in document[whose]]
