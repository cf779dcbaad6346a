"""Material in, however it came: the format is told from the content, and all of it becomes a STIX 2.1 bundle."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import msgspec

from comity.canon import InputError
from comity.material.bundles import Bundle, read_bundle
from comity.material.compressed import decompressed
from comity.material.kinds import kind
from comity.material.limits import LIMITS, Limits
from comity.material.losses import Loss
from comity.material.misp import from_misp
from comity.material.tables import from_csv, from_list
from comity.material.tables.rows import is_csv

Format = Literal["stix-2.1", "stix-2.0", "misp", "csv", "list"]


class UnknownFormat(InputError):
    what = "the format of this file is not known"
    why = "{reason}"
    do = "give a STIX 2.1 bundle, a MISP event, a CSV file or a list with one indicator a line"


_ABSENT = msgspec.Raw(b"")


class _Top(msgspec.Struct):
    """The few members by which formats differ; msgspec skips the rest."""

    type: msgspec.Raw = _ABSENT
    spec_version: msgspec.Raw = _ABSENT
    Event: msgspec.Raw = _ABSENT
    response: msgspec.Raw = _ABSENT
    info: msgspec.Raw = _ABSENT

    @property
    def is_misp(self) -> bool:
        """An event, or a response with events; STIX has none of these names, and MISP events have no type."""
        return bool(bytes(self.Event) or bytes(self.response) or (bytes(self.info) and not bytes(self.type)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What was read: objects to iterate as often as needed, and what the conversion lost."""

    format: Format
    bundle: Bundle
    losses: tuple[Loss, ...]


def sniff(data: bytes, *, at: str | None = None) -> Format:
    """The format of a document, by its content. A malformed one is named by what it looks most like.

    Raises: UnknownFormat.
    """
    start = data.lstrip()[:1]
    if start not in {b"{", b"["}:
        return "csv" if is_csv(data) else "list"
    try:
        top = msgspec.json.decode(data, type=_Top | list[msgspec.Raw])
        if isinstance(top, list):
            top = msgspec.json.decode(top[0], type=_Top) if top else _Top()
            if not top.is_misp:
                raise UnknownFormat(at=at, reason="it is a list of something else than MISP events")
    except msgspec.ValidationError:
        raise UnknownFormat(at=at, reason="it is JSON of another kind") from None
    except (msgspec.DecodeError, RecursionError):
        return "stix-2.1"  # its strict reader says what is wrong and where
    if top.is_misp:
        return "misp"
    stix_type, version = _text(top.type), _text(top.spec_version)
    if not stix_type:
        raise UnknownFormat(at=at, reason="it is JSON with neither a STIX type nor a MISP event")
    if version == "2.0" or (not version and _is_old_object(stix_type)):
        return "stix-2.0"
    return "stix-2.1"


def read_material(
    data: bytes, *, now: dt.datetime, limits: Limits = LIMITS, at: str | None = None, created_by: str | None = None
) -> Material:
    """Read a document of any known format, gzip-compressed or not.

    Args:    now: business time, for formats that have no times of their own.
             created_by: identity to name as creator of indicators that come from a table or list.
    Raises:  InputError: the one of the format's own reader.
    """
    plain = decompressed(data, limits=limits, at=at)
    found = sniff(plain, at=at)
    if found in {"stix-2.1", "stix-2.0"}:
        return Material(format=found, bundle=read_bundle(plain, limits=limits, at=at), losses=())
    if found == "misp":
        converted = from_misp(plain, now=now, limits=limits, at=at)
    elif found == "csv":
        converted = from_csv(plain, now=now, created_by=created_by, limits=limits, at=at)
    else:
        converted = from_list(plain, now=now, created_by=created_by, limits=limits, at=at)
    return Material(format=found, bundle=read_bundle(converted.bundle, at=at), losses=converted.losses)


def _text(raw: msgspec.Raw) -> str:
    return bytes(raw).decode("utf-8", "replace").strip().strip('"')


def _is_old_object(stix_type: str) -> bool:
    """A domain object without spec_version is STIX 2.0's; a bundle or an observable may well be 2.1's."""
    return kind(stix_type) in {"sdo", "sro"}
