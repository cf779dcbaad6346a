"""The room's packaged data: the one file that reads it, and the version and digest a record cites."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

FILES = ("catalogue.toml", "detectors/data/cues.toml", "detectors/data/labels.toml", "detectors/data/names.toml",
         "detectors/data/terms.toml", "catalogue_misp.toml")  # fmt: skip


@cache
def packaged(name: str) -> dict[str, Any]:
    """The content of one data file of the room, by its path within it."""
    return tomllib.loads(_bytes(name).decode("utf-8"))


@cache
def data_digest() -> str:
    """`sha256:` of all data files, in their listed order: the same digest, the same words."""
    joined = hashlib.sha256()
    for name in FILES:
        joined.update(name.encode() + b"\0" + hashlib.sha256(_bytes(name)).digest())
    return "sha256:" + joined.hexdigest()


def _bytes(name: str) -> bytes:
    resource = files("comity.privacy")
    for step in name.split("/"):
        resource = resource / step
    return resource.read_bytes()
