"""The readable account of a crossing: what crossed, what stayed and why, and what was done to what was found."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from rich.box import SIMPLE_HEAD
from rich.table import Table

from comity.agreement import Grounds, Plan
from comity.cli.terminal import out, safe
from comity.crossing import Crossing, Decision, DetectionDecision
from comity.material import Loss

LONGEST = 30  # rows of a table; the record has everything


def show(crossing: Crossing, losses: Iterable[Loss] = ()) -> None:
    """Print it. Clauses and law that every line would repeat are said once, above."""
    plan, counts = crossing.plan, crossing.counts
    rests = _common(plan, crossing.circumstances.purpose)
    out.print(
        f"[bold]{safe(plan.origin.name)}[/] to [bold]{safe(plan.destination.name)}[/] under {plan.agreement.id} "
        f"version {plan.agreement.version}, for {crossing.circumstances.purpose}, on {plan.on}"
    )
    out.print(f"  by clauses {', '.join(rests.clauses)}", style="dim", highlight=False)
    out.print(f"  by law {', '.join(rests.law)}", style="dim", highlight=False)
    out.print(
        f"  [green]{counts['permit']} cross[/] ({counts['changed']} of them reduced), "
        f"[yellow]{counts['refer']} wait for an officer[/], [red]{counts['deny']} stay home[/]",
        highlight=False,
    )
    lost = list(losses)
    if lost:
        out.print(f"  [yellow]the conversion left out {len(lost)} things[/]; --json lists them", highlight=False)
    stayed: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for decision in crossing.decisions():
        if not decision.crossed:
            stayed[_stayed(decision, rests)][decision.type] += 1
    _say(stayed)
    found = Counter(
        _treated(detection, rests)
        for decision in crossing.decisions()
        if decision.crossed
        for detection in decision.detections
    )
    out.print()
    _print("Personal data in what crosses", ("times", "what", "whose", "treatment", "clauses and law"), found)


def _common(plan: Plan, purpose: str) -> Grounds:
    return plan.purposes.get(purpose, Grounds()).join(plan.personal_grounds)


def _stayed(decision: Decision, rests: Grounds) -> tuple[str, ...]:
    why = "; ".join(dict.fromkeys(decision.explanations))
    # What the clauses make of each detection is not what makes the object wait.
    other = {c for d in decision.detections for c in d.clauses} if decision.outcome == "refer" else ()
    clauses = _beyond((c for c in decision.clauses if ":retention" not in c), {*rests.clauses, *other})
    return (decision.outcome, why, clauses, _beyond(decision.law, rests.law))


def _treated(detection: DetectionDecision, rests: Grounds) -> tuple[str, ...]:
    treatment = detection.treatment + (", awaits an officer" if detection.outcome == "refer" else "")
    cited = "\n".join(filter(None, (_beyond(detection.clauses, rests.clauses), _beyond(detection.law, rests.law))))
    return (detection.category, detection.role, treatment, cited)


def _beyond(citations: Iterable[str], common: Iterable[str]) -> str:
    """The citations that are not said once for all."""
    said = set(common)
    return "\n".join(citation for citation in citations if citation not in said)


def _say(stayed: Mapping[tuple[str, ...], Counter[str]]) -> None:
    """Each sort of refusal on lines of its own: sentences do not fit into columns."""
    if not stayed:
        return
    out.print("\n[bold]What stayed, and why[/]")
    for (outcome, why, clauses, law), types in sorted(stayed.items(), key=lambda row: -row[1].total())[:LONGEST]:
        colour = "yellow" if outcome == "refer" else "red"
        what = ", ".join(f"{times} {safe(stix_type)}" for stix_type, times in types.most_common())
        out.print(f"  [{colour}]{outcome}[/] {what}", highlight=False)
        out.print(f"    {safe(why)}", highlight=False)
        cited = ", ".join(filter(None, (clauses.replace("\n", ", "), law.replace("\n", ", "))))
        if cited:
            out.print(f"    {cited}", style="dim", highlight=False)
    if len(stayed) > LONGEST:
        out.print(f"    and {len(stayed) - LONGEST} more sorts: see the record")


def _print(title: str, columns: tuple[str, ...], rows: Counter[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(*columns, title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    table.columns[0].justify = "right"
    table.columns[-1].no_wrap = True
    for row, times in rows.most_common(LONGEST):
        table.add_row(str(times), *(_lines(cell) for cell in row))
    if len(rows) > LONGEST:
        table.caption = f"and {len(rows) - LONGEST} more sorts: see the record"
    out.print(table)


def _lines(text: str) -> str:
    """Untrusted text of several lines, each made harmless."""
    return "\n".join(safe(line) for line in text.split("\n"))
