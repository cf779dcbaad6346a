"""`comity detect`: what personal data a file holds, where, whose, and why it thinks so."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from comity.canon import InputError, loads
from comity.cli.files import read_bytes
from comity.cli.terminal import out, print_json, safe
from comity.material import decompressed, read_bundle, sniff
from comity.privacy import Detection, detect_event, detect_table, detect_text, rows, survey
from comity.privacy import detect as detect_object

SHOWN = 200  # detections listed on a terminal; the summary and --json have all


class NotItems(InputError):
    what = "{path} is not a file of items"
    why = "line {line} {reason}"
    do = "give one JSON object per line with id, format and content"


class NotText(InputError):
    what = "{path} cannot be searched"
    why = "it is neither JSON nor UTF-8 text"
    do = "give STIX 2.1, MISP, CSV, a list or plain text"


def detect(
    file: Annotated[
        Path | None, typer.Argument(help="STIX 2.1, MISP, CSV, a list or any text; may be gzipped.")
    ] = None,
    items: Annotated[Path | None, typer.Option(help="Annotated items, one a line: predictions are printed.")] = None,
    show_values: Annotated[bool, typer.Option(help="Show what was found unmasked: for your own screen.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """List what personal data a file holds, and why it thinks so. Nothing is changed and nothing is kept."""
    if items is not None:
        _predict(items)
        return
    if file is None:
        raise typer.BadParameter("give a FILE, or --items")
    found = [(place, detection) for place, detection in _detections(decompressed(read_bytes(file), at=file.name), file)]
    if as_json:
        print_json([_plain(place, detection, show_values) for place, detection in found])
        return
    _listed(found, show_values)


def _detections(data: bytes, file: Path) -> Iterator[tuple[str, Detection]]:
    form = "text" if file.suffix in {".txt", ".log", ".eml", ".md"} else _form(data, file)
    if form.startswith("stix"):
        bundle = read_bundle(data, at=file.name)
        key = secrets.token_bytes(32)
        neighbourhood = survey(bundle, lambda value: hmac.digest(key, value.encode(), hashlib.sha256).hex())
        for obj in bundle:
            yield from ((f"{obj.place}{d.path}", d) for d in detect_object(obj, neighbourhood))
        return
    if form == "misp":
        events: Any = loads(data, at=file.name)
        for event in events.get("response", [events]) if isinstance(events, dict) else events:
            yield from ((d.path, d) for d in detect_event(event))
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(path=file.name) from error
    if form == "csv":
        yield from ((f"row {d.path}", d) for d in detect_table(rows(text)))
    else:
        yield from ((f"line {text.count(chr(10), 0, d.start) + 1}", d) for d in detect_text(text))


def _form(data: bytes, file: Path) -> str:
    try:
        form = str(sniff(data))
    except InputError:
        return "csv" if file.suffix in {".csv", ".tsv"} else "text"
    return "text" if form == "list" else form


def _predict(items: Path) -> None:
    from comity.cli.detect_items import predictions

    for line in predictions(_items(items)):
        print(json.dumps(line, ensure_ascii=False))


def _items(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(read_bytes(path).splitlines(), start=1):
        if not line.strip():
            continue
        item = loads(line, at=f"{path.name}:{number}")
        if not isinstance(item, dict) or not {"id", "format", "content"} <= set(item):
            raise NotItems(path=path.name, line=number, reason="has no id, format and content")
        yield item


def _listed(found: list[tuple[str, Detection]], show_values: bool) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("where", "what", "whose", "sure", "value", "why"):
        table.add_column(column, overflow="fold")
    for place, d in found[:SHOWN]:
        value = d.text if show_values else masked(d)
        table.add_row(safe(place), d.category.value, d.role.value, f"{d.confidence:.2f}", safe(value), safe(d.why))
    if found:
        out.print(table)
    if len(found) > SHOWN:
        out.print(f"and {len(found) - SHOWN} more (see --json)")
    counts = Counter((d.category.value, d.role.value) for _, d in found)
    summary = Table(title="summary", box=None, pad_edge=False, title_justify="left")
    for column in ("category", "role", "times"):
        summary.add_column(column)
    for (category, role), times in sorted(counts.items()):
        summary.add_row(category, role, str(times))
    out.print(summary if found else "No personal data found. What the detectors cannot know, they do not find.")


def masked(detection: Detection) -> str:
    """Enough to recognise a value one knows, too little to learn one: `j***@…`, `198.***`."""
    text = detection.text
    if detection.category.value == "email-address":
        return text[:1] + "***@…"
    keep = 4 if detection.category.family == "network-address" else 1
    return text[:keep] + "***" if len(text) > keep + 2 else "***"


def _plain(place: str, d: Detection, show_values: bool) -> dict[str, Any]:
    return {
        "where": place,
        "start": d.start,
        "end": d.end,
        "category": d.category.value,
        "role": d.role.value,
        "confidence": d.confidence,
        "detector": d.detector,
        "why": d.why,
        "value": d.text if show_values else masked(d),
    }
