"""What must hold before a node does anything. Each check raises an error that says what, why and what to do."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography import x509
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from comity.canon import InputError
from comity.node import clock
from comity.node.config import NodeConfig


class NotReady(InputError):
    what = "the node cannot start"
    why = "{reason}"
    do = "{remedy}"


def may_serve(config: NodeConfig) -> None:
    """Raises: NotReady, BadClock."""
    may_work(config)
    certificate(config)
    address(config)


def may_work(config: NodeConfig) -> None:
    """Raises: NotReady, BadClock. (That the keys can be read, opening the node has shown.)"""
    production(config)
    clock.now()
    tables()


def production(config: NodeConfig) -> None:
    """A node that partners rely on is reached by a name of its own, with TLS, and goes by the machine's clock.

    That it names no clock file and no http, `config` has checked when it was read. Raises: NotReady.
    """
    if not config.development and _loopback(urlsplit(config.url).hostname or ""):
        raise NotReady(
            reason=f"{config.url} is this machine alone, and only a development node may be reached there",
            remedy="give its own name as url in comity.toml; or make it a development node",
        )


def certificate(config: NodeConfig) -> None:
    """The certificate is there, goes with its key, and is valid now (real time). Raises: NotReady."""
    if urlsplit(config.url).scheme == "http":  # development only: see `config`
        return
    if config.certificate is None or config.key is None:
        raise NotReady(
            reason="its url begins with https, and no certificate is named",
            remedy="name certificate and key under [tls] in comity.toml",
        )
    remedy = "put a certificate and its key where comity.toml says; the key is readable by the node's user alone"
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.certificate, config.key)
        public, shared = (
            config.key.stat().st_mode & 0o077,
            x509.load_pem_x509_certificate(config.certificate.read_bytes()),
        )
    except ssl.SSLError as error:
        raise NotReady(reason="the certificate does not go with its key, or is none", remedy=remedy) from error
    except (OSError, ValueError) as error:
        raise NotReady(reason=f"the certificate or its key cannot be read: {error}", remedy=remedy) from error
    if public:
        raise NotReady(reason=f"others on this machine can read {config.key.name}", remedy=remedy)
    if shared.not_valid_after_utc <= clock.real():
        ended = shared.not_valid_after_utc
        raise NotReady(reason=f"the certificate ended at {ended:%Y-%m-%d %H:%M}Z", remedy="put a new one in its place")


def address(config: NodeConfig) -> None:
    """Nobody else listens there. Raises: NotReady."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host.strip("[]"), config.port))
        except OSError as error:
            raise NotReady(
                reason=f"it cannot listen on {config.host}:{config.port}: {error.strerror}",
                remedy="end what listens there, or name another address as listen in comity.toml",
            ) from error


def tables() -> None:
    """Both databases answer, and have the tables that this program knows. Raises: NotReady."""
    for alias in connections:
        try:
            present(alias)
            _migrated(alias)
        except ImproperlyConfigured as error:
            raise NotReady(
                reason=f"the database `{alias}` needs a driver that is not installed",
                remedy="install it: pip install 'comity[postgresql]'",
            ) from error
        except DatabaseError as error:
            raise NotReady(
                reason=f"the database `{alias}` does not answer ({type(error).__name__})",
                remedy="start it, and look at `database` and `keys_database` in comity.toml",
            ) from error


def present(alias: str) -> None:
    """A database of SQLite is there: a missing one would be made, and be empty. Raises: NotReady."""
    file = sqlite_file(alias)
    if file is not None and not file.is_file():
        raise NotReady(
            reason=f"{file.name} is not there",
            remedy="put it back from where it was moved to, or from its backup; nothing was made in its place",
        )


def sqlite_file(alias: str) -> Path | None:
    """Where a database of SQLite lies; None for one of PostgreSQL."""
    name = connections[alias].settings_dict["NAME"]
    if connections[alias].vendor != "sqlite":
        return None
    return Path(unquote(urlsplit(name).path)) if name.startswith("file:") else Path(name)


def _migrated(alias: str) -> None:
    executor = MigrationExecutor(connections[alias])
    known = executor.loader.disk_migrations
    apps = {app for app, _ in known}
    newer = [
        f"{app}.{name}" for app, name in executor.loader.applied_migrations if app in apps and (app, name) not in known
    ]
    if newer:
        raise NotReady(
            reason=f"the database `{alias}` is from a newer version of this program ({min(newer)})",
            remedy="install that version again; this one would not know what it reads",
        )
    older = executor.migration_plan(executor.loader.graph.leaf_nodes())
    names = connections[alias].introspection.table_names()
    if older or (alias == "default" and settings.CACHES["default"]["LOCATION"] not in names):
        raise NotReady(
            reason=f"the database `{alias}` lacks tables that this version needs",
            remedy="keep a copy of the folder, then run `comity node migrate`",
        )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
