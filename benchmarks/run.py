"""Benchmarks: units per CPU second, beside the least work there is and the usual alternative, measured in one run.

    python benchmarks/run.py [--json] [--repetitions N] [--profile] [JOB ...]

Only the ratios carry over to another machine. A peer that is not installed is skipped, and the table says so.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import platform
import pstats
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jobs import jobs
from measuring import Job, Measured, Rates, measure
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

PACKAGES = (
    "comity",
    "orjson",
    "msgspec",
    "rfc8785",
    "google-re2",
    "jsonschema-rs",
    "cryptography",
    "stix2",
    "misp-stix",
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Benchmarks against a limit and a peer, in one run.")
    parser.add_argument("job", nargs="*", help="only jobs whose name or input contains one of these words")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--repetitions", type=int, default=5, help="counted runs of each contender (5)")
    parser.add_argument("--profile", action="store_true", help="instead say where our own time goes")
    asked = parser.parse_args(arguments)
    chosen = [job for job in jobs() if not asked.job or any(word in f"{job.name} {job.input}" for word in asked.job)]
    if not chosen:
        parser.error("no job has such a name")
    if asked.profile:
        profile(chosen)
        return 0
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        done = [measure(job, asked.repetitions, lambda what: progress.update(task, description=what)) for job in chosen]
    if asked.json:
        print(
            json.dumps({"conditions": conditions(asked.repetitions), "jobs": [in_json(one) for one in done]}, indent=2)
        )
    else:
        show(done, asked.repetitions)
    return 0


def conditions(repetitions: int) -> dict[str, object]:
    """What the figures depend on beside the program."""
    return {
        "machine": f"{_processor()}, {platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "repetitions": repetitions,
        "clock": "CPU seconds of one process (user and system), contenders in turn, one warm-up each",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor() or "unknown processor"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def in_json(measured: Measured) -> dict[str, object]:
    job = measured.job
    peer = measured.against_peer
    return {
        "job": job.name,
        "unit": f"{job.unit} per CPU second",
        "input": job.input,
        "comity": measured.ours.to_json(),
        "limit": measured.limit.to_json(),
        "peer": measured.peer.to_json() if measured.peer else None,
        "peer_skipped": job.skipped or None,
        "comity_to_limit": round(measured.against_limit, 4),
        "comity_to_peer": round(peer, 3) if peer is not None else None,
    }


def show(done: Iterable[Measured], repetitions: int) -> None:
    console = Console(width=max(Console().width, 110))
    table = Table(
        "job", "on", "comity", "limit", "peer", "to limit", "to peer", title="units per CPU second: median \\[min..max]"
    )
    notes = []
    for one in done:
        job, peer = one.job, one.against_peer
        table.add_row(
            f"{job.name} ({job.unit})",
            job.input.split(":")[0],
            _figures(one.ours),
            _figures(one.limit),
            _figures(one.peer) if one.peer else "[yellow]skipped[/]",
            f"{one.against_limit:.3g}",
            f"{peer:.3g}" if peer is not None else "",
        )
        beside = f"peer: {one.peer.name}" if one.peer else f"[yellow]peer skipped: {job.skipped}[/]"
        notes.append(f"[bold]{job.name}[/] on {job.input}; limit: {one.limit.name}; {beside}")
        if job.does:
            notes.append(f"[bold]{job.name}[/] also {job.does}")
    console.print(table)
    for note in dict.fromkeys(notes):
        console.print(note, highlight=False)
    for name, value in conditions(repetitions).items():
        words = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
        console.print(f"[bold]{name}:[/] {words}", highlight=False)


def _figures(rates: Rates) -> str:
    return f"{_short(rates.median)} \\[{_short(min(rates.each))}..{_short(max(rates.each))}]"


def _short(rate: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if rate >= size:
            return f"{rate / size:.3g}{letter}"
    return f"{rate:.3g}"


def profile(chosen: Iterable[Job]) -> None:
    """The fifteen functions that most of our own time is spent in, by job."""
    for job in chosen:
        job.ours.run()
        profiler = cProfile.Profile()
        profiler.runcall(job.ours.run)
        print(f"== {job.name}: {job.input}")
        pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(15)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
