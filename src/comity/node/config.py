"""A node's folder and what its `comity.toml` says. Read once when a process starts; nothing else names files.

comity.toml   this, strict: an unknown key is an error
keys/         see `keyring`; readable by the node's own user alone
tls/          certificate, key and, in development, the throw-away authority
node.sqlite3, keys.sqlite3    the two databases, where no PostgreSQL is named
"""

from __future__ import annotations

import functools
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from comity.canon import InputError

FILE = "comity.toml"
VARIABLE = "COMITY_NODE"
_REQUIRED = frozenset(("party", "name", "url", "listen"))
_OPTIONAL = frozenset(("development", "clock_file", "database", "keys_database", "tls", "pull_every"))
_KINDS = {"development": bool, "pull_every": int, "tls": dict}  # all others are strings
_TLS = frozenset(("certificate", "key", "trust"))


class NoNode(InputError):
    what = "there is no node here"
    why = "{reason}"
    do = "make one with `comity node init FOLDER`, or name its folder with --folder or in COMITY_NODE"


class BadConfig(InputError):
    what = "the node's configuration cannot be used"
    why = "{reason}"
    do = "mend comity.toml; docs/node.md says what each line means"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig:
    """What a node is: one party's."""

    folder: Path
    party: str  # its id in the agreements
    name: str  # as pages show it
    url: str  # as partners reach it: scheme, host and port, no path
    host: str  # where it listens
    port: int
    development: bool
    clock_file: Path | None  # development only: see `clock`
    database: str  # "sqlite", or postgresql://...
    keys_database: str
    certificate: Path | None
    key: Path | None
    trust: Path | None  # authorities that partners' certificates are checked against; the system's when absent
    pull_every: int  # seconds between visits to each partner

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def log_name(self) -> str:
        """The origin line of its log. A development node's log can never be taken for another (tlog-checkpoint)."""
        return f"{urlsplit(self.url).netloc}/{self.party}" + ("/development" if self.development else "")

    @property
    def witness_name(self) -> str:
        return f"{self.log_name}/witness"


@functools.cache
def current() -> NodeConfig:
    """The node of this process: the folder that COMITY_NODE names. Raises: NoNode, BadConfig."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        raise NoNode(reason="COMITY_NODE is not set")
    return read_config(Path(folder))


def read_config(folder: Path) -> NodeConfig:
    """Raises: NoNode, BadConfig."""
    try:
        said = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise NoNode(reason=f"{folder / FILE} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(at=FILE, reason=f"it is not TOML: {error}") from error
    return _config(folder.resolve(), said)


def _config(folder: Path, said: dict[str, Any]) -> NodeConfig:
    tls = said.get("tls", {})
    if not isinstance(tls, dict):
        raise BadConfig(at=FILE, reason="tls is a table")
    unknown = sorted({*said} - _REQUIRED - _OPTIONAL) + sorted(f"tls.{name}" for name in {*tls} - _TLS)
    missing = sorted(_REQUIRED - {*said})
    if unknown or missing:
        raise BadConfig(at=FILE, reason=f"unknown: {', '.join(unknown) or 'nothing'}; missing: {', '.join(missing)}")
    wrong = sorted(name for name, value in said.items() if type(value) is not _KINDS.get(name, str))
    wrong += sorted(f"tls.{name}" for name, value in tls.items() if type(value) is not str)
    if wrong:
        raise BadConfig(at=FILE, reason=f"of another kind than it is to be: {', '.join(wrong)}")
    development = said.get("development", False)
    url = urlsplit(said["url"])
    if url.scheme not in ("https", "http") or not url.hostname or url.path or url.query or url.fragment:
        raise BadConfig(at=FILE, reason="url is scheme, host and port, as https://comity.example:8443")
    if url.scheme == "http" and not development:
        raise BadConfig(at=FILE, reason="only a development node may be reached without TLS")
    if "clock_file" in said and not development:
        raise BadConfig(at=FILE, reason="only a development node may take its time from a file")
    host, _, port = said["listen"].rpartition(":")
    if not host or not port.isdigit():
        raise BadConfig(at=FILE, reason="listen is an address and a port, as 127.0.0.1:8443")

    def path(value: str | None) -> Path | None:
        return None if value is None else folder / value

    return NodeConfig(
        folder=folder,
        party=said["party"],
        name=said["name"],
        url=said["url"],
        host=host,
        port=int(port),
        development=development,
        clock_file=path(said.get("clock_file")),
        database=said.get("database", "sqlite"),
        keys_database=said.get("keys_database", "sqlite"),
        certificate=path(tls.get("certificate")),
        key=path(tls.get("key")),
        trust=path(tls.get("trust")),
        pull_every=said.get("pull_every", 60),
    )
