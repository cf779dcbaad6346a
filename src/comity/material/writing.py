"""Bundles out: canonical (RFC 8785) and streamed, byte for byte what `canon.dumps` of the whole bundle would give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from comity.canon import dumps


def write_bundle(objects: Iterable[Mapping[str, Any]], bundle_id: str) -> Iterator[bytes]:
    """The bundle as a stream of chunks; `id`, `objects`, `type` is the canonical order of its names.

    Without objects the list is left out, for STIX knows no empty lists (section 2.12).
    Raises: NotCanonical for an object that has no canonical form; what was written until then is to be thrown away.
    """
    yield b'{"id":' + dumps(bundle_id)
    started = False
    for content in objects:
        yield (b"," if started else b',"objects":[') + dumps(content)
        started = True
    yield b'],"type":"bundle"}' if started else b',"type":"bundle"}'
