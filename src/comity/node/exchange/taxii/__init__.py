"""taxii: the TAXII 2.1 protocol without a server, a client or a database; both stand on it."""

from comity.node.exchange.taxii.cursors import CURSOR_LIFETIME, KEY_BYTES, BadCursor, Walk, open_cursor, seal_cursor
from comity.node.exchange.taxii.endpoints import Endpoint
from comity.node.exchange.taxii.envelopes import Envelope, read_added, read_envelope, write_envelope
from comity.node.exchange.taxii.errors import (
    STATUSES,
    BadRequest,
    Forbidden,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    TaxiiError,
    TooLarge,
    Unauthenticated,
    Unprocessable,
    UnsupportedMediaType,
    status_of,
)
from comity.node.exchange.taxii.headers import DATE_ADDED_FIRST, DATE_ADDED_LAST, date_added_headers
from comity.node.exchange.taxii.media import MEDIA_TYPE, STIX_MEDIA_TYPE, check_content_type, is_taxii, negotiate
from comity.node.exchange.taxii.query import DEFAULT_PAGE, MAX_PAGE, MalformedQuery, Query, VersionChoice, parse_query
from comity.node.exchange.taxii.reading import InvalidResource, read
from comity.node.exchange.taxii.refusals import error_body
from comity.node.exchange.taxii.resources import (
    ApiRoot,
    Collection,
    Collections,
    Discovery,
    ErrorMessage,
    Manifest,
    ManifestRecord,
    Resource,
    Status,
    StatusDetails,
    Versions,
)
from comity.node.exchange.taxii.selecting import Page, Row, page_of, select
from comity.node.exchange.taxii.timestamps import (
    BadTimestamp,
    format_timestamp,
    parse_timestamp,
    version_key,
)
from comity.node.exchange.taxii.writing import write

__all__ = [
    "CURSOR_LIFETIME",
    "DATE_ADDED_FIRST",
    "DATE_ADDED_LAST",
    "DEFAULT_PAGE",
    "KEY_BYTES",
    "MAX_PAGE",
    "MEDIA_TYPE",
    "STATUSES",
    "STIX_MEDIA_TYPE",
    "ApiRoot",
    "BadCursor",
    "BadRequest",
    "BadTimestamp",
    "Collection",
    "Collections",
    "Discovery",
    "Endpoint",
    "Envelope",
    "ErrorMessage",
    "Forbidden",
    "InvalidResource",
    "MalformedQuery",
    "Manifest",
    "ManifestRecord",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "Page",
    "Query",
    "Resource",
    "Row",
    "Status",
    "StatusDetails",
    "TaxiiError",
    "TooLarge",
    "Unauthenticated",
    "Unprocessable",
    "UnsupportedMediaType",
    "VersionChoice",
    "Versions",
    "Walk",
    "check_content_type",
    "date_added_headers",
    "error_body",
    "format_timestamp",
    "is_taxii",
    "negotiate",
    "open_cursor",
    "page_of",
    "parse_query",
    "parse_timestamp",
    "read",
    "read_added",
    "read_envelope",
    "seal_cursor",
    "select",
    "status_of",
    "version_key",
    "write",
    "write_envelope",
]
