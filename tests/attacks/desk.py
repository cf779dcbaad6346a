"""An analyst's folder, the agreement and the secret; `screen` and `detect` over a file that somebody sent."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from promises.cti import AGREEMENTS, Content
from prompt import Said, prompt

from comity.cli import agreements
from comity.law import Law

BUNDLE = "bundle--4f1b6b0c-8f0e-4a6b-9d58-0a7d63f1c1aa"


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same law and agreement serve for hundreds of files; nothing else is remembered between them."""
    monkeypatch.setattr(Law, "load", _load)
    monkeypatch.setattr(agreements, "parse", _parse)
    monkeypatch.setattr(agreements, "compile_plan", _compile)


_load = functools.cache(Law.load)
_parse = functools.cache(agreements.parse)
_plans: dict[Any, Any] = {}
_compile_plan = agreements.compile_plan


def _compile(agreement: Any, law: Any, **options: Any) -> Any:
    key = (agreement.digest, law.digest, options["flow"], options["on"])
    if key not in _plans:
        _plans[key] = _compile_plan(agreement, law, **options)
    return _plans[key]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A folder in which every file is known, so that one that should not be there is seen."""

    folder: Path

    def screen(self, data: bytes, name: str = "sent.json", *more: str) -> Said:
        sent = self.folder / name
        sent.write_bytes(data)
        key = self.folder / "secret"
        key.write_bytes(bytes(range(32)))
        return prompt(
            "screen", sent, "--agreement", AGREEMENTS / "ee-br-csirt.yaml", "--from", "cert-ee", "--to", "cert-br",
            "--purpose", "incident-response", "--on", "2026-11-23", "--key-file", key,
            "--out", self.folder / "crossed.json", "--record", self.folder / "decisions.jsonl", *more,
        )  # fmt: skip

    def detect(self, data: bytes, name: str = "sent.json", *more: str) -> Said:
        sent = self.folder / name
        sent.write_bytes(data)
        return prompt("detect", sent, *more)

    def written(self) -> set[str]:
        """Files that a command made."""
        return {path.name for path in self.folder.iterdir()} - {"secret", "sent.json", "sent.json.gz"}

    def crossed(self) -> list[Content]:
        """What the last screening wrote, if it wrote anything."""
        path = self.folder / "crossed.json"
        return json.loads(path.read_bytes()).get("objects", []) if path.exists() else []

    def decisions(self) -> Iterator[dict[str, Any]]:
        for line in (self.folder / "decisions.jsonl").read_bytes().splitlines():
            yield json.loads(line)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(folder=tmp_path)


def refused(desk: Desk, said: Said) -> list[str]:
    """What is wrong with a refusal: nothing, if it is a clear one and nothing was written."""
    wrong = []
    if said.status != 2:
        wrong.append(f"status {said.status}")
    if not said.err.startswith("error: "):
        wrong.append(f"no error: {said.err[:80]!r}")
    if "sent.json" not in said.err:
        wrong.append("the file is not named")
    if "what to do: " not in said.err:
        wrong.append("no remedy")
    if "Traceback" in said.err:
        wrong.append("a traceback")
    if desk.written():
        wrong.append(f"wrote {sorted(desk.written())}")
    return wrong


def bundled(objects: list[Content]) -> bytes:
    return json.dumps({"type": "bundle", "id": BUNDLE, "objects": objects}).encode()


class Stopwatch:
    """CPU seconds since it was made."""

    def __init__(self) -> None:
        self._began = time.process_time()

    @property
    def seconds(self) -> float:
        return time.process_time() - self._began
