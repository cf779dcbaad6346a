"""What somebody asks for who makes a node, and the `comity.toml` that says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from comity.canon import InputError
from comity.node.running import authority

PORT = 8443  # where neither the url nor --listen names one


class NotMade(InputError):
    what = "no node was made in {folder}"
    why = "{reason}"
    do = "{remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Paths are as they were named, seen from where the person stands."""

    folder: Path
    party: str
    name: str
    url: str
    listen: str | None = None  # None: this machine, and the url's port
    development: bool = False
    clock_file: Path | None = None
    database: str = "sqlite"
    keys_database: str = "sqlite"
    certificate: Path | None = None
    key: Path | None = None
    trust: Path | None = None
    authority: Path | None = None  # development: who signs the certificate; made where there is none

    @property
    def certified(self) -> bool:
        """Whether the throw-away authority makes its certificate."""
        return self.authority is not None and self.certificate is None and urlsplit(self.url).scheme == "https"

    @property
    def text(self) -> str:
        """Of `comity.toml`. Raises: NotMade."""
        return "".join(f"{line}\n" for line in self._lines())

    def refused(self, reason: str, remedy: str) -> NotMade:
        return NotMade(folder=self.folder, reason=reason, remedy=remedy)

    def _lines(self) -> Iterator[str]:
        yield "# This node. docs/node.md says what each line means; it is read when a process starts."
        yield f"party = {self._toml(self.party)}"
        yield f"name = {self._toml(self.name)}"
        yield f"url = {self._toml(self.url)}"
        yield f"listen = {self._toml(self.listen or self._here())}"
        if self.development:
            yield "development = true"
        if self.clock_file is not None:
            yield f"clock_file = {self._toml(str(self.clock_file.resolve()))}"
        if self.database != "sqlite":
            yield f"database = {self._toml(self.database)}"
        if self.keys_database != "sqlite":
            yield f"keys_database = {self._toml(self.keys_database)}"
        tls = dict(self._tls())
        if tls:
            yield "\n[tls]"
        for name, value in tls.items():
            yield f"{name} = {self._toml(value)}"

    def _tls(self) -> Iterator[tuple[str, str]]:
        if self.certificate is not None and self.key is not None:
            yield "certificate", str(self.certificate.resolve())
            yield "key", str(self.key.resolve())
        elif self.certified:
            yield "certificate", f"tls/{authority.CERTIFICATE}"
            yield "key", f"tls/{authority.KEY}"
        if self.trust is not None:
            yield "trust", str(self.trust.resolve())
        elif self.certified:
            yield "trust", f"tls/{authority.TRUST}"

    def _here(self) -> str:
        try:
            return f"127.0.0.1:{urlsplit(self.url).port or PORT}"
        except ValueError as error:
            raise self.refused("its url has no port that is one", "write it as https://comity.example:8443") from error

    def _toml(self, text: str) -> str:
        """A basic string of TOML, which is a string of JSON where all of it can be printed."""
        if not text.strip() or not text.isprintable():
            raise self.refused("something in it is empty, or cannot be printed", "write it otherwise")
        return json.dumps(text, ensure_ascii=False)
