"""The endpoints of TAXII 2.1 and the query parameters that each takes (sections 3.4, 4 and 5)."""

from __future__ import annotations

from enum import Enum

ADDED_AFTER, LIMIT, NEXT = "added_after", "limit", "next"
ID, TYPE, VERSION, SPEC_VERSION = "match[id]", "match[type]", "match[version]", "match[spec_version]"

_PAGES = frozenset({ADDED_AFTER, LIMIT, NEXT})


class Endpoint(Enum):
    DISCOVERY = "discovery"
    API_ROOT = "api-root"
    STATUS = "status"
    COLLECTIONS = "collections"
    COLLECTION = "collection"
    MANIFEST = "manifest"
    OBJECTS = "objects"
    ADD_OBJECTS = "add-objects"
    OBJECT = "object"
    DELETE_OBJECT = "delete-object"
    VERSIONS = "versions"

    @property
    def parameters(self) -> frozenset[str] | None:
        """The query parameters it takes; every other is a 400. None: the query is not read, since the standard gives
        this endpoint no 400."""
        return _PARAMETERS[self]


# One object and DELETE: the prose of sections 5.6 and 5.7 names version alone, their tables spec_version too.
_PARAMETERS: dict[Endpoint, frozenset[str] | None] = {
    Endpoint.DISCOVERY: None,
    Endpoint.API_ROOT: None,
    Endpoint.STATUS: None,
    Endpoint.COLLECTIONS: frozenset(),
    Endpoint.COLLECTION: frozenset(),
    Endpoint.MANIFEST: _PAGES | {ID, TYPE, VERSION, SPEC_VERSION},
    Endpoint.OBJECTS: _PAGES | {ID, TYPE, VERSION, SPEC_VERSION},
    Endpoint.ADD_OBJECTS: frozenset(),
    Endpoint.OBJECT: _PAGES | {VERSION, SPEC_VERSION},
    Endpoint.DELETE_OBJECT: frozenset({VERSION, SPEC_VERSION}),
    Endpoint.VERSIONS: _PAGES | {SPEC_VERSION},
}
