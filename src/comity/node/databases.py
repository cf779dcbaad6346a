"""Two databases that share no transaction: what is kept, and the keys, salts and escrow that can destroy it.

The second one (DESIGN section 10) has a short backup life of its own; `KEYS_TABLES` says what lives there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db.models import Model

from comity.node.config import BadConfig, NodeConfig

KEYS = "keys"
KEYS_TABLES = frozenset((
    ("journal", "salt"),
    ("vault", "boxkey"),
    ("vault", "tombstone"),
    ("people", "pseudonym"),
))  # fmt: skip


def databases(config: NodeConfig) -> dict[str, dict[str, Any]]:
    """Django's DATABASES. Raises: BadConfig."""
    return {
        "default": _database(config.database, config.folder / "node.sqlite3"),
        KEYS: _database(config.keys_database, config.folder / "keys.sqlite3"),
    }


def _database(url: str, file: Path) -> dict[str, Any]:
    if url == "sqlite":
        # INVARIANT: what is deleted is overwritten (secure_delete), and a commit is on the disk (synchronous=FULL).
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            # INVARIANT: none is made where the node's own was moved away; SQLite would empty the old one's log into it.
            "NAME": f"{file.as_uri()}?mode=rw" if file.exists() else str(file),
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
            "CONN_MAX_AGE": None,
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise BadConfig(reason="a database is sqlite, or postgresql://user@host:port/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


class KeysApart:
    """Django's router: each model lives in one database, and only that one has its table."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        return _home(model._meta.app_label, model._meta.model_name)

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **_hints: Any) -> bool:
        # Of the objects and not of their types: a request's user is a lazy stand-in for a Person.
        return _home(one._meta.app_label, one._meta.model_name) == _home(other._meta.app_label, other._meta.model_name)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_hints: Any) -> bool:
        # Without a model it is a migration of data, and data is in the first database.
        return db == ("default" if model_name is None else _home(app_label, model_name))


def _home(app_label: str, model_name: str | None) -> str:
    return KEYS if (app_label, model_name) in KEYS_TABLES else "default"
