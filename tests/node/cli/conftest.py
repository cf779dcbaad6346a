"""People who are signed in at a command line of their own."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.node.exchange.serving.live import LiveNode
from tests.node.people.signed_in import token_of
from tests.node.running.places import COMITY, clean
from tests.node.served import served, server
from tests.node.world import World

from comity.canon import format_instant
from comity.node import clock

__all__ = ["served", "server"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """Somebody's command line: its own configuration folder, and in it their token."""

    home: Path

    @property
    def token_file(self) -> Path:
        return self.home / "comity" / "token.json"

    def __call__(self, *arguments: object, typed: str = "", **environment: str) -> Said:
        done = subprocess.run(
            [*COMITY, *map(str, arguments)],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            env=clean({"XDG_CONFIG_HOME": str(self.home), **environment}),
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Said(status=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture
def prompt(server: LiveNode, tmp_path: Path) -> Callable[[Any], Prompt]:
    """Of a person: signed in, as `comity login` leaves it."""

    def of(person: Any, *, node: str = "", trust: Path | None = None) -> Prompt:
        made = Prompt(home=tmp_path / person.username)
        made.token_file.parent.mkdir(parents=True, exist_ok=True)
        said = {
            "node": node or server.url,
            "token": token_of(person),
            "trust": str(trust or server.trust),
            "expires_at": format_instant(clock.real() + dt.timedelta(hours=8)),
        }
        made.token_file.write_text(json.dumps(said), encoding="utf-8")
        made.token_file.chmod(0o600)
        return made

    return of


@pytest.fixture
def analyst(served: World, prompt: Callable[[Any], Prompt]) -> Prompt:
    return prompt(served.analyst)


@pytest.fixture
def officer(served: World, prompt: Callable[[Any], Prompt]) -> Prompt:
    return prompt(served.officer)
