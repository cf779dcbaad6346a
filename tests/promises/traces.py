"""Looks for what may not be there: a value in bytes, however it was written down, in every row and in every file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections

from comity.canon import digest
from comity.material import deterministic_id
from comity.node.config import current


def forms(value: str) -> dict[str, bytes]:
    """How a value can stand somewhere: as it is, as an encoding of it, or as what anybody can make of a guess of it.

    An unkeyed hash of a short value is as good as the value: all that it can be are tried (attacks A50 and A65).
    """
    plain = value.encode()
    return {
        "plain": plain,
        "json": json.dumps(value)[1:-1].encode(),
        "base64": base64.b64encode(plain).rstrip(b"=")[: max(8, len(plain) * 4 // 3 - 1)],
        "hex": plain.hex().encode(),
        "sha-256": hashlib.sha256(plain).digest(),
        "sha-256 in hex": hashlib.sha256(plain).hexdigest().encode(),
        "md5 in hex": hashlib.md5(plain, usedforsecurity=False).hexdigest().encode(),
        "digest of its json": digest(json.dumps(value, ensure_ascii=False).encode()).encode(),
        **{f"id of {kind}": identifier.encode() for kind, identifier in guessed(value)},
    }


def guessed(value: str) -> Iterator[tuple[str, str]]:
    """The id that each observable of this value has (STIX 2.1 section 2.9): made of the value without a key."""
    names = {"user-account": "user_id", "file": "name"}
    for kind in ("domain-name", "email-addr", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "url", "user-account"):
        identifier = deterministic_id({"type": kind, names.get(kind, "value"): value})
        if identifier is not None:
            yield kind, identifier


def found(values: Iterable[str], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Each value that stands in one of the places, with its form: none is the answer that a promise wants."""
    looked = [(name, data, data.lower()) for name, data in places]
    return [
        f"{value!r} as {form} in {name}"
        for value in values
        for form, needle in forms(value).items()
        for name, data, lowered in looked
        if needle in data or (form == "plain" and needle.lower() in lowered)
    ]


def tables(*apps_: str) -> list[tuple[str, bytes]]:
    """Every column of every row of these apps' tables, one table after another."""
    return [
        (
            model._meta.db_table,
            b"\n".join(_bytes(value) for row in model._default_manager.values_list() for value in row),
        )
        for app in apps_
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
    ]


def _bytes(value: Any) -> bytes:
    if isinstance(value, memoryview | bytes | bytearray):
        return bytes(value)
    return value.encode() if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False).encode()


def files() -> list[tuple[str, bytes]]:
    """Every file of the node under test: its databases with their logs, its keys; with PostgreSQL, the server's tables.

    A server whose files cannot be read from here skips the test that asks.
    """
    folders = [current().folder]
    if connections["default"].vendor == "postgresql":
        folders += _server()
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [(path.name, path.read_bytes()) for path in paths]


def _server() -> list[Path]:
    """The folders of our databases' tables, after the server wrote out what it had in memory."""
    folders = []
    for connection in connections.all():
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute(
                "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
            )
            server, oid = cursor.fetchone()
        folders.append(Path(server) / "base" / str(oid))
    try:
        return [folder for folder in folders if next(folder.iterdir())]
    except OSError:
        pytest.skip(f"the files of the PostgreSQL server in {folders} cannot be read from here: nothing is searched")
