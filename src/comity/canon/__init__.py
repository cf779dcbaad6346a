"""canon: strict JSON in, canonical JSON out, digests, instants, errors, and the words and lattices all rooms share."""

from comity.canon import strict_base64
from comity.canon.digests import digest, digest_of
from comity.canon.durations import BadDuration, Duration
from comity.canon.errors import ComityError, InputError, ProofError
from comity.canon.instants import NaiveTime, format_instant, midnight, parse_instant, utc
from comity.canon.jcs import NotCanonical, dumps
from comity.canon.lattices import KEEP, PSEUDONYMISE, REDACT, WITHHOLD, Kind, Outcome, Remains, Treatment, join_all
from comity.canon.strict_json import LIMITS, Json, Limits, StrictJsonError, loads, printable
from comity.canon.terms import FAMILIES, Category, Role, Tlp

__all__ = [
    "FAMILIES",
    "KEEP",
    "LIMITS",
    "PSEUDONYMISE",
    "REDACT",
    "WITHHOLD",
    "BadDuration",
    "Category",
    "ComityError",
    "Duration",
    "InputError",
    "Json",
    "Kind",
    "Limits",
    "NaiveTime",
    "NotCanonical",
    "Outcome",
    "ProofError",
    "Remains",
    "Role",
    "StrictJsonError",
    "Tlp",
    "Treatment",
    "digest",
    "digest_of",
    "dumps",
    "format_instant",
    "join_all",
    "loads",
    "midnight",
    "parse_instant",
    "printable",
    "strict_base64",
    "utc",
]
