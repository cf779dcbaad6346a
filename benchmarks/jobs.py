"""The jobs: screening, deciding, detecting, the log; each with the limit and the alternative it is held against."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import importlib
import importlib.util
import json
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import re2
from inputs import ROOT, Input, attack, incident, misp, texts
from measuring import Contender, Job

from comity.agreement import Plan, parse
from comity.agreement import compile as compile_plan
from comity.canon import dumps
from comity.crossing import Keys, cross, observe, record
from comity.law import Law
from comity.ledger import Frontier, Tree, leaf_hash, prove_inclusion, verify_inclusion
from comity.material import read_bundle
from comity.privacy import detect_text

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
KEYS = Keys(bytes(range(32)), "ee-br-csirt")
PURPOSE = "incident-response"


def jobs() -> Iterator[Job]:
    """All jobs, made when they are asked for."""
    for make in (attack, misp, incident):
        yield screening(make())
    yield deciding()
    yield detecting()
    yield appending()
    yield proving()


@functools.cache
def plan() -> Plan:
    folder: Path = ROOT / "examples" / "agreements"
    lower, upper = (parse((folder / f"{name}.yaml").read_bytes(), name) for name in ("csirt-baseline", "ee-br-csirt"))
    return compile_plan(upper, Law.load(), flow=("cert-ee", "cert-br"), on=NOW.date(), baseline=lower)


def _installed(name: str) -> Any:
    """A peer's module, or None: peers are not dependencies."""
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def drain(chunks: Iterator[bytes]) -> None:
    deque(chunks, maxlen=0)


# -- screening ------------------------------------------------------------------------------------------------------


def screening(given: Input) -> Job:
    """The library path of `comity screen`: bytes in; bundle and record out, as bytes."""

    def ours() -> None:
        for data in given.bundles:
            material = read_bundle(data)
            seen = observe(material, KEYS, purpose=PURPOSE)
            crossing = cross(material, plan(), seen, KEYS, NOW)
            drain(crossing.bundle())
            drain(record(crossing))

    def limit() -> None:
        for data in given.bundles:
            for content in orjson.loads(data)["objects"]:
                hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).digest()

    # For these objects what orjson sorts is the canonical form (RFC 8785); for others it need not be.
    for data in given.bundles:
        for content in orjson.loads(data)["objects"]:
            if orjson.dumps(content, option=orjson.OPT_SORT_KEYS) != dumps(content):
                raise SystemExit(f"{given.name}: the limit does not write the canonical form")

    return Job(
        name="screen",
        unit="objects",
        size=given.count,
        input=given.words,
        ours=Contender(name="comity", run=ours),
        limit=Contender(name="orjson loads and sorted dumps, SHA-256", run=limit),
        peer=_stix2(given),
        skipped="" if _stix2(given) else "python-stix2 is not installed",
        does="validates, decides, detects, reduces, searches for residue and records; the other two do none of it",
    )


def _stix2(given: Input) -> Contender | None:
    stix2 = _installed("stix2")
    if stix2 is None:
        return None

    def run() -> None:
        for data in given.bundles:
            for content in json.loads(data)["objects"]:
                parsed = stix2.parse(content, allow_custom=True, version="2.1")
                # Types that the library does not know come back as plain dictionaries.
                json.dumps(parsed) if isinstance(parsed, dict) else parsed.serialize()

    return Contender(name=f"python-stix2 {stix2.version.__version__} parse, serialize", run=run)


# -- deciding -------------------------------------------------------------------------------------------------------


def deciding() -> Job:
    """One question about one detection, answered with its treatment, clauses and law."""
    questions = list(plan().answers)
    table = {tuple(question): answer for question, answer in plan().answers.items()}
    plain = [tuple(question) for question in questions]

    def ours() -> None:
        ask = plan().answer
        for category, role, purpose, inside in questions:
            ask(category, role, purpose, inside)

    def limit() -> None:
        for question in plain:
            table[question]

    return Job(
        name="decide",
        unit="decisions",
        size=len(questions),
        input=f"one plan, {len(questions)} questions",
        ours=Contender(name="comity", run=ours),
        limit=Contender(name="a dictionary", run=limit),
        peer=None,
        skipped="cedarpy is not installed",
    )


# -- detecting ------------------------------------------------------------------------------------------------------

# What a regular expression alone can say of fourteen kinds; no checksum, no context, no encodings.
_KINDS = (
    r"[\w.+-]+@[\w-]+\.[\w.-]+", r"\b(?:\d{1,3}\.){3}\d{1,3}\b", r"\b(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{0,4}\b",
    r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", r"\b[A-Z]{2}\d{2}[A-Z0-9]{11,30}\b", r"\b(?:\d[ -]?){13,19}\b",
    r"\+\d[\d ()-]{6,16}\d", r"\bhttps?://\S+", r"\b[13][1-9A-HJ-NP-Za-km-z]{25,34}\b", r"\bbc1[a-z0-9]{25,59}\b",
    r"\b\d{3}\.\d{3}\.\d{3}-\d{2}\b", r"\b\d{11}\b", r"@[A-Za-z0-9_]{3,30}\b", r"\bCVE-\d{4}-\d{4,7}\b",
)  # fmt: skip


def detecting() -> Job:
    prose = texts()
    size = sum(map(len, prose))

    def ours() -> None:
        for text in prose:
            detect_text(text)

    return Job(
        name="detect",
        unit="characters",
        size=size,
        input=f"{len(prose)} texts of the inputs above, {size / 1e3:.0f} thousand characters",
        ours=Contender(name="comity", run=ours),
        limit=Contender(name="google-re2, 14 kinds in one alternation", run=_re2(prose)),
        peer=_presidio(prose),
        skipped="" if _presidio(prose) else "Presidio is not installed",
        does="validates checksums and number plans, reads encodings and disguises, says whose it is",
    )


def _re2(prose: list[str]) -> Callable[[], None]:
    pattern = re2.compile("|".join(f"(?:{kind})" for kind in _KINDS))

    def run() -> None:
        for text in prose:
            for match in pattern.finditer(text):
                match.span()

    return run


def _presidio(prose: list[str]) -> Contender | None:
    presidio = _installed("presidio_analyzer")
    if presidio is None:
        return None
    analyzer = presidio.AnalyzerEngine()
    return Contender(
        name="Presidio analyzer", run=lambda: [analyzer.analyze(text=text, language="en") for text in prose]
    )


# -- the log --------------------------------------------------------------------------------------------------------

LEAVES = 20_000


def _entries() -> list[bytes]:
    return [
        dumps({"n": n, "nonce": hashlib.sha256(b"%d" % n).hexdigest()[:32], "event": "release"}) for n in range(LEAVES)
    ]


def appending() -> Job:
    entries = _entries()

    def ours() -> None:
        frontier = Frontier()
        for entry in entries:
            frontier.append(leaf_hash(entry))
        frontier.root()

    def limit() -> None:
        for entry in entries:
            hashlib.sha256(entry).digest()

    return Job(
        name="append",
        unit="leaves",
        size=LEAVES,
        input=f"{LEAVES} log entries of about {len(entries[0])} bytes, in memory",
        ours=Contender(name="comity", run=ours),
        limit=Contender(name="SHA-256 of the same leaves", run=limit),
        peer=None,
        skipped="pymerkle is not installed",
        does="hashes a node for each leaf, as a tree must",
    )


def proving() -> Job:
    leaves = [leaf_hash(entry) for entry in _entries()]
    tree = Tree(leaves)
    root, asked = tree.root(), range(0, LEAVES, 40)

    def ours() -> None:
        for index in asked:
            verify_inclusion(leaves[index], index, LEAVES, prove_inclusion(tree.node, index, LEAVES), root)

    def limit() -> None:
        for index in asked:
            value = leaves[index]
            for _ in range(LEAVES.bit_length()):
                value = hashlib.sha256(value).digest()

    return Job(
        name="prove",
        unit="proofs",
        size=len(asked),
        input=f"inclusion in a tree of {LEAVES} leaves, in memory: made and verified",
        ours=Contender(name="comity", run=ours),
        limit=Contender(name="SHA-256, once a level", run=limit),
        peer=None,
        skipped="pymerkle is not installed",
    )
