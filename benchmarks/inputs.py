"""What is measured on: real ATT&CK, real MISP events as STIX, the invented incident, and the prose in them."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comity.canon import dumps
from comity.material import read_bundle, read_material

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"


@dataclass(frozen=True, kw_only=True)
class Input:
    """STIX 2.1 bundles as bytes, as a user has them in files."""

    name: str
    bundles: tuple[bytes, ...]

    @functools.cached_property
    def count(self) -> int:
        return sum(len(read_bundle(data)) for data in self.bundles)

    @property
    def size(self) -> int:
        return sum(map(len, self.bundles))

    @property
    def words(self) -> str:
        return f"{self.name}: {self.count} objects, {self.size / 1e6:.2f} MB, {len(self.bundles)} bundles"


def attack() -> Input:
    return Input(name="ICS ATT&CK 18.1", bundles=(_read(CORPUS / "attack" / "ics-attack-18.1.json.gz"),))


def misp() -> Input:
    """ESET's MISP events, converted beforehand by the MISP project's converter; the conversion is not measured."""
    return Input(name="MISP events as STIX", bundles=tuple(_converted()))


def incident() -> Input:
    """The invented incident: small, and full of personal data."""
    return Input(name="hospital incident", bundles=((ROOT / "examples" / "incidents" / "hospital.json").read_bytes(),))


def texts() -> list[str]:
    """The prose of all inputs: descriptions, names, notes, comments."""
    found: list[str] = []
    for one in (attack(), misp(), incident()):
        for data in one.bundles:
            for obj in read_bundle(data):
                found.extend(_prose(obj.content))
    return found


def _prose(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("description", "name", "content", "abstract", "contact_information") and isinstance(item, str):
                yield item
            else:
                yield from _prose(item)
    elif isinstance(value, list):
        for item in value:
            yield from _prose(item)


def _converted() -> Iterator[bytes]:
    for path in sorted((CORPUS / "eset-misp").iterdir()):
        material = read_material(_read(path), now=dt.datetime(2026, 11, 23, tzinfo=dt.UTC), at=path.name)
        yield _bundle(dict(obj.content) for obj in material.bundle)


def _bundle(objects: Iterable[dict[str, Any]]) -> bytes:
    unique = {dumps(content): content for content in objects}
    name = "bundle--4f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa"
    return json.dumps({"type": "bundle", "id": name, "objects": list(unique.values())}).encode()


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data
