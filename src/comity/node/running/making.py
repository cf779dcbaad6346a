"""Making a node: its folder with configuration, keys, certificate and databases; whole, or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections

from comity.node import clock, keyring
from comity.node.config import FILE, NodeConfig, read_config
from comity.node.running import authority, checking
from comity.node.running.opening import open_node
from comity.node.running.wanted import NotMade, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What partners need to know of a new node."""

    folder: Path
    pinned: str  # ed25519:<base64>, for the agreements
    log: str  # verifier key of its log
    witness: str  # verifier key of its cosignatures
    url: str
    certified: bool  # it has a certificate already


def make_node(wanted: Wanted) -> Made:
    """Raises: NotMade, BadConfig, BadAuthority, NotReady. Nothing that was there is changed."""
    _refuse(wanted)
    with _whole(wanted.folder) as folder:
        config = _write_config(folder, wanted)
        checking.production(config)
        keyring.make_keyring(config.keys)
        if wanted.certified and wanted.authority is not None:
            authority.authority(wanted.authority)
            authority.certify(wanted.authority, urlsplit(config.url).hostname or "", folder / "tls")
        _make_databases(config, wanted)
        keys = keyring.held()
        if wanted.clock_file is not None and not wanted.clock_file.exists():
            clock.set_file(wanted.clock_file, clock.real())
    return Made(
        folder=wanted.folder,
        pinned=keys.pinned,
        log=str(keys.log.verifier),
        witness=str(keys.witness.verifier),
        url=config.url,
        certified=config.certificate is not None,
    )


def upgrade() -> None:
    """Have both databases of the node that is open hold the tables that this version needs. Raises: NotReady."""
    for alias in connections:
        checking.present(alias)
    _migrate()


def _migrate() -> None:
    for alias in connections:
        call_command("migrate", database=alias, interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def _refuse(wanted: Wanted) -> None:
    if wanted.folder.exists() and (not wanted.folder.is_dir() or any(wanted.folder.iterdir())):
        raise wanted.refused("there is something of this name, and nothing is overwritten", "name another folder")
    if wanted.database == wanted.keys_database != "sqlite":
        raise wanted.refused(
            "both databases are the same one, and what is destroyed in one would live in the other's backup",
            "name two databases; the second one's backups are kept for a short time only",
        )
    if (wanted.certificate is None) != (wanted.key is None):
        raise wanted.refused("of certificate and key only one is named", "name both, or neither")
    if wanted.authority is not None and not wanted.development:
        raise wanted.refused("only a development node has a throw-away authority's certificate", "add --development")


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder beside the one that is wanted, which gets its name when all is in it."""
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            yield beside
            connections.close_all()
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except (OSError, DatabaseError, CommandError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise NotMade(
            folder=folder,
            reason=f"it could not be written: {said}",
            remedy="look at the space left, at who may write there, and whether the databases answer; then try again",
        ) from error
    except ImproperlyConfigured as error:
        raise NotMade(
            folder=folder,
            reason="its database needs a driver that is not installed",
            remedy="install it: pip install 'comity[postgresql]'",
        ) from error


def _write_config(folder: Path, wanted: Wanted) -> NodeConfig:
    # Readable by its owner alone: a database's URL may hold a password.
    with os.fdopen(os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(wanted.text)
    return read_config(folder)


def _make_databases(config: NodeConfig, wanted: Wanted) -> None:
    open_node(config.folder)
    for alias in connections:
        file = checking.sqlite_file(alias)
        if file is not None:
            file.touch(mode=0o600, exist_ok=False)
        elif connections[alias].introspection.table_names():
            raise NotMade(
                folder=wanted.folder,
                reason=f"there are tables in the database `{alias}` already",
                remedy="make an empty database for it; nothing is overwritten",
            )
    _migrate()
